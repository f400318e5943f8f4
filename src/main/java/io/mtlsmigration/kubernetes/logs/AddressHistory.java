package io.mtlsmigration.kubernetes.logs;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkloadRef;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which pod had which address when, so that a job is named that has ended, or is gone, when its
 * call is read of. A pod on the host's network has no address of its own, and is not in here.
 */
public final class AddressHistory {

  /** Pods that have ended; some 200 bytes each. Who ended first is forgotten first. */
  static final int MOST = 50_000;

  /** Between the clocks of nodes and of the API server. */
  static final Duration SKEW = Duration.ofSeconds(2);

  /** Until a proxy has written what it logs, and a kubelet has read it. */
  static final Duration LATE = Duration.ofSeconds(5);

  /** Until a kubelet has told of the address that it gave to a pod. */
  private static final Duration UNTOLD = Duration.ofSeconds(10);

  /** From when on a pod has its address that was made before anybody looked. */
  private static final Duration SETTLED = Duration.ofMinutes(1);

  private final Duration retained;
  private final Map<String, List<Tenure>> byAddress = new HashMap<>();
  private final Deque<Tenure> ended = new ArrayDeque<>();

  /** As they were observed last: what is the very same needs no second look. */
  private final Map<String, NamespaceFacts> observed = new HashMap<>();

  private Instant last = Instant.MIN;

  /**
   * @param retained for so long it is remembered who had an address
   */
  public AddressHistory(Duration retained) {
    this.retained = retained;
  }

  /** That a pod had an address: at least while it was seen, at most as long as it may have. */
  private static final class Tenure {
    private final Pod pod;
    private final String address;
    private final Instant from;
    private @Nullable Instant until;
    private final @Nullable Instant seenFrom;
    private Instant seenUntil;

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
   * Who had an address.
   *
   * @param pod null when nobody is known to have had it, or not for sure
   * @param ambiguous whether it may have been one of several workloads
   */
  record Holder(@Nullable Pod pod, boolean ambiguous) {
    static final Holder NOBODY = new Holder(null, false);
  }

  /**
   * Takes in who has which address now.
   *
   * @param now what has ended has done so by then
   */
  public synchronized void observe(MeshSnapshot snapshot, Instant now) {
    if (snapshot.observedAt().isBefore(last)) {
      return; // another thread has seen a younger one
    }
    Instant before = last;
    last = snapshot.observedAt();
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

  @SuppressWarnings("ReferenceEquality") // of what has changed in nothing
  private void observe(
      @Nullable NamespaceFacts past, NamespaceFacts facts, Instant before, Instant now) {
    if (past == facts) {
      return;
    }
    Set<String> running = new HashSet<>();
    for (Pod pod : facts.pods()) {
      if (!pod.hostNetwork()) {
        for (String address : pod.addresses()) {
          begin(pod, address, past == null ? null : before, now);
        }
        if (!pod.terminated()) {
          running.add(pod.uid());
        }
      }
    }
    for (Pod pod : past == null ? List.<Pod>of() : past.pods()) {
      if (!running.contains(pod.uid())) {
        pod.addresses().forEach(address -> end(pod, address, before, now));
      }
    }
  }

  /**
   * @param before when the namespace was looked at the last time and the pod was not there; null
   *     when it never was
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
      ended.add(begun);
    }
  }

  private void end(Pod pod, String address, Instant before, Instant now) {
    Tenure known = tenure(pod, address);
    if (known != null && known.until == null) {
      known.until = now;
      known.seenUntil = before;
      ended.add(known);
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
    for (Tenure first = ended.peek(); first != null; first = ended.peek()) {
      boolean old = first.until == null || first.until.isBefore(oldest);
      if (!old && ended.size() <= MOST) {
        return;
      }
      ended.remove();
      if (first.until != null) {
        remove(first);
      }
    }
  }

  private void remove(Tenure tenure) {
    byAddress.computeIfPresent(
        tenure.address,
        (address, tenures) -> {
          tenures.remove(tenure);
          return tenures.isEmpty() ? null : tenures;
        });
  }

  /**
   * Who had an address when a line was written.
   *
   * @param at when the line was written, up to {@link #LATE} after the call
   * @param guesses whether to name a pod that nobody has seen running, for it had ended before
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
