// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkloadRef;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The pods that had each address over time, so that a job that has ended, or is gone, is still
 * named when its call is read in a log. A pod on the host's network has no address of its own, and
 * is not included.
 */
public final class AddressHistory {

  /**
   * The maximum number of ended pods, of some 200 bytes each. Of a namespace with more than its
   * share ({@link Shares}), the pod that ended first is dropped first.
   */
  static final int MOST = 50_000;

  /** The tolerance between the clocks of nodes and of the API server. */
  static final Duration SKEW = Duration.ofSeconds(2);

  /** The delay until a proxy has written its line, and a kubelet has read it. */
  static final Duration LATE = Duration.ofSeconds(5);

  /** The delay until a kubelet has reported the address that it gave to a pod. */
  private static final Duration UNTOLD = Duration.ofSeconds(10);

  /**
   * The pause without a complete view of the mesh within which no pod is taken to have come and
   * gone. Decisions are made on facts that are not older.
   */
  private static final Duration UNSEEN = Duration.ofMinutes(1);

  /** The last view is later than now by more only where this process's clock was set back since. */
  private static final Duration SET_BACK = Duration.ofSeconds(10);

  /** The age at which a pod that existed before the first observation certainly has its address. */
  private static final Duration SETTLED = Duration.ofMinutes(1);

  private final Duration retained;
  private final Duration unseen;
  private final Map<String, List<Tenure>> byAddress = new HashMap<>();

  /** By namespace, in the order in which the ends were noticed. */
  private final Map<String, Deque<Tenure>> ended = new HashMap<>();

  private final Shares shares = new Shares(MOST);

  /** By namespace, until when pods have ended that were dropped before their time. */
  private final Map<String, Instant> dropped = new HashMap<>();

  /** The facts of the last observation; an identical object needs no second look. */
  private final Map<String, NamespaceFacts> observed = new HashMap<>();

  private Instant last = Instant.EPOCH;

  /** Since when no pod has ended unnoticed, as far as is remembered. */
  private Instant since = Instant.MAX;

  /** The number of ends that were ever noticed. */
  private long ends;

  /**
   * Creates an empty history.
   *
   * @param retained how long the owner of an address is remembered
   */
  public AddressHistory(Duration retained) {
    this(retained, UNSEEN);
  }

  /**
   * Creates an empty history that is not asked for often.
   *
   * @param unseen the pause within which no pod is taken to have come and gone
   */
  public AddressHistory(Duration retained, Duration unseen) {
    this.retained = retained;
    this.unseen = unseen;
  }

  /** A pod's possession of an address: at least while it was seen, at most as long as possible. */
  private static final class Tenure {
    private Pod pod;
    private final String address;
    private final Instant from;
    private @Nullable Instant until;
    private final @Nullable Instant seenFrom;
    private Instant seenUntil;

    /** How many ends were noticed before and with this one; 0 while it has not ended. */
    private long number;

    Tenure(Pod pod, String address, Instant from, @Nullable Instant seenFrom, Instant seenUntil) {
      this.pod = pod;
      this.address = address;
      this.from = from;
      this.seenFrom = seenFrom;
      this.seenUntil = seenUntil;
    }

    boolean maySpan(Instant begin, Instant end) {
      return !from.isAfter(end) && (until == null || !until.isBefore(begin));
    }

    boolean surelySpans(Instant begin, Instant end, Instant lastLook) {
      return seenFrom != null
          && !seenFrom.isAfter(begin)
          && !(until == null ? lastLook : seenUntil).isBefore(end);
    }
  }

  /**
   * The pod that had an address.
   *
   * @param pod null when no pod is known to have had it, or not for certain
   * @param ambiguous whether it may have been one of several workloads
   */
  record Holder(@Nullable Pod pod, boolean ambiguous) {
    static final Holder NOBODY = new Holder(null, false);
  }

  /**
   * Records which pods have which addresses now.
   *
   * @param now pods that have ended did so by then
   */
  public synchronized void observe(MeshSnapshot snapshot, Instant now) {
    boolean setBack = now.isBefore(last.minus(SET_BACK));
    if (snapshot.observedAt().isBefore(last) && !setBack) {
      return; // another thread has seen a newer one
    }
    Instant before = setBack ? Instant.EPOCH : last;
    last = snapshot.observedAt();
    if (last.isAfter(before.plus(unseen))) {
      since = now; // also at the first view
    }
    snapshot
        .namespaces()
        .forEach((name, facts) -> observe(observed.put(name, facts), facts, before, now));
    Set<String> gone = new HashSet<>(observed.keySet());
    gone.removeAll(snapshot.namespaces().keySet());
    for (String name : gone) {
      observe(observed.remove(name), NamespaceFacts.empty(name), before, now);
    }
    forget(now);
  }

  @SuppressWarnings("ReferenceEquality") // identical when nothing has changed
  private void observe(
      @Nullable NamespaceFacts past, NamespaceFacts facts, Instant before, Instant now) {
    if (past == facts) {
      return;
    }
    Set<String> over = new HashSet<>();
    for (Pod pod : past == null ? List.<Pod>of() : past.pods()) {
      if (pod.terminated()) {
        over.add(pod.uid());
      }
    }
    Set<Held> held = new HashSet<>();
    for (Pod pod : facts.pods()) {
      // An end that was noted is not noted anew once it is forgotten, though the pod is still
      // listed.
      if (!pod.hostNetwork() && !(pod.terminated() && over.contains(pod.uid()))) {
        for (String address : pod.addresses()) {
          begin(pod, address, past == null ? null : before, now);
          if (!pod.terminated()) {
            held.add(new Held(pod.uid(), address));
          }
        }
      }
    }
    for (Pod pod : past == null ? List.<Pod>of() : past.pods()) {
      for (String address : pod.addresses()) {
        // Also of a pod that has another one now, as after its node has started anew.
        if (!held.contains(new Held(pod.uid(), address))) {
          end(pod, address, before, now);
        }
      }
    }
  }

  /** A pod, by its UID, that has an address. */
  private record Held(String uid, String address) {}

  /**
   * Records that a pod has an address.
   *
   * @param before when the namespace was last observed without the pod; null when it never was
   */
  private void begin(Pod pod, String address, @Nullable Instant before, Instant now) {
    Tenure known = tenure(pod, address);
    if (known != null) {
      if (!pod.terminated()) {
        known.until = null;
      }
      return;
    }
    Instant made = pod.createdAt();
    Instant from = before == null ? made : latest(made, before.minus(UNTOLD));
    Instant settled = made.plus(SETTLED);
    Instant seenFrom =
        pod.terminated() ? null : before == null && settled.isBefore(last) ? settled : last;
    Tenure begun = new Tenure(pod, address, from, seenFrom, last);
    byAddress.computeIfAbsent(address, a -> new ArrayList<>(1)).add(begun);
    if (pod.terminated()) {
      begun.until = now;
      ended(begun);
    }
  }

  private void ended(Tenure tenure) {
    String namespace = tenure.pod.namespace();
    tenure.number = ++ends;
    ended.computeIfAbsent(namespace, n -> new ArrayDeque<>()).add(tenure);
    shares.add(namespace);
  }

  private void end(Pod pod, String address, Instant before, Instant now) {
    Tenure known = tenure(pod, address);
    if (known != null && known.until == null) {
      known.pod = pod;
      known.until = now;
      known.seenUntil = before;
      ended(known);
    }
  }

  private @Nullable Tenure tenure(Pod pod, String address) {
    for (Tenure tenure : byAddress.getOrDefault(address, List.of())) {
      if (tenure.pod.uid().equals(pod.uid())) {
        return tenure;
      }
    }
    return null;
  }

  private void forget(Instant now) {
    Instant oldest = now.minus(retained);
    for (String namespace : List.copyOf(ended.keySet())) {
      for (Tenure first = first(namespace); first != null; first = first(namespace)) {
        if (first.until != null && !first.until.isBefore(oldest)) {
          break;
        }
        Instant until = forgetFirst(namespace);
        since = until == null ? since : latest(since, until);
      }
    }
    dropped
        .values()
        .removeIf(
            until -> {
              boolean old = until.isBefore(oldest);
              since = old ? latest(since, until) : since;
              return old;
            });
    for (String over = shares.over(Set.of()); over != null; over = shares.over(Set.of())) {
      Instant until = forgetFirst(over);
      if (until != null) {
        dropped.merge(over, until, AddressHistory::latest);
      }
    }
  }

  private @Nullable Tenure first(String namespace) {
    Deque<Tenure> own = ended.get(namespace);
    return own == null ? null : own.peek();
  }

  /** Returns when the pod ended that was forgotten; null when it had not. */
  private @Nullable Instant forgetFirst(String namespace) {
    Deque<Tenure> own = ended.getOrDefault(namespace, new ArrayDeque<>());
    Tenure first = own.remove();
    shares.remove(namespace);
    if (own.isEmpty()) {
      ended.remove(namespace);
    }
    if (first.until != null) {
      remove(first);
    }
    return first.until;
  }

  private void remove(Tenure tenure) {
    byAddress.computeIfPresent(
        tenure.address,
        (address, tenures) -> {
          tenures.remove(tenure);
          return tenures.isEmpty() ? null : tenures;
        });
  }

  /** Returns the number of ends that were noticed so far, see {@link #lastEnd}. */
  synchronized long ends() {
    return ends;
  }

  /** Returns since when every pod of a namespace is known that has ended; the future: none is. */
  synchronized Instant since(String namespace) {
    return latest(since, dropped.getOrDefault(namespace, Instant.MIN));
  }

  /** The end of a pod, and when it was noticed. */
  record End(Pod pod, Instant at) {}

  /**
   * Returns the last end of a pod that matters, if it is remembered.
   *
   * @param namespaces of the pods that may matter
   * @param after how many ends are not asked about: the first ones
   */
  synchronized Optional<End> lastEnd(
      Collection<String> namespaces, long after, Predicate<Pod> matters) {
    long latest = after;
    End last = null;
    for (String namespace : namespaces) {
      Deque<Tenure> own = ended.getOrDefault(namespace, new ArrayDeque<>());
      for (var it = own.descendingIterator(); it.hasNext(); ) {
        Tenure tenure = it.next();
        if (tenure.number <= latest) {
          break;
        }
        if (tenure.until != null && matters.test(tenure.pod)) {
          latest = tenure.number;
          last = new End(tenure.pod, tenure.until);
        }
      }
    }
    return Optional.ofNullable(last);
  }

  /**
   * Returns the pod that had an address when a line was written.
   *
   * @param at when the line was written, up to {@link #LATE} after the call
   * @param guesses whether to name a pod that was never seen running, because it had ended before
   */
  synchronized Holder holder(String address, Instant at, boolean guesses) {
    Instant begin = at.minus(LATE);
    List<Tenure> known = byAddress.getOrDefault(address, List.of());
    List<Tenure> possible =
        known.stream().filter(tenure -> tenure.maySpan(begin, at.plus(SKEW))).toList();
    Set<WorkloadRef> workloads = new HashSet<>();
    possible.forEach(tenure -> workloads.add(tenure.pod.workload()));
    if (workloads.size() == 1) {
      Tenure only = possible.getLast();
      return only.seenFrom == null && !guesses ? Holder.NOBODY : new Holder(only.pod, false);
    }
    List<Tenure> sure =
        possible.stream().filter(tenure -> tenure.surelySpans(begin, at, last)).toList();
    if (sure.size() == 1) {
      return new Holder(sure.getFirst().pod, false);
    }
    return new Holder(null, !possible.isEmpty());
  }

  private static Instant latest(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }
}
