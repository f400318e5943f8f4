// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import io.mtlsmigration.kubernetes.probe.ConnectionLister.Listing;
import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.traffic.Caller;
import io.mtlsmigration.traffic.ConnectionRecord;
import io.mtlsmigration.traffic.SeenCaller;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Connections that clients without a proxy hold open at the sidecars of namespaces whose gates
 * decide. Each pod is asked for its kernel's list ({@link ConnectionTable}); a connection counts
 * when two lists show it, {@link #SETTLED} apart or more: calls, and the service's own probes, are
 * shorter. Clients outside the cluster do not count, because a proxy of another cluster may be
 * among them.
 */
public final class HeldConnectionReader implements ConnectionRecord {

  private static final Logger LOG = Logger.getLogger(HeldConnectionReader.class);

  /** The least time between two lists that shows a connection to be held open. */
  static final Duration SETTLED = Duration.ofSeconds(30);

  /** The pause between two lists of a pod. */
  private static final Duration EVERY = Duration.ofSeconds(30);

  /** The pause after a failure that would repeat itself. */
  private static final Duration RETRY = Duration.ofMinutes(5);

  /** The age up to which a list counts; a slow cluster may need several turns for all pods. */
  static final Duration FRESH = Duration.ofMinutes(3);

  /** How long a turn begins to read pods. */
  private static final Duration ENOUGH = Duration.ofSeconds(20);

  /** The most connections that are followed at one pod; more of them change nothing. */
  private static final int MOST = 500;

  private final LogSource source;
  private final Function<Pod, Listing> lister;
  private final Supplier<Set<String>> deciding;
  private final Clock clock;

  /** By the UID of the pod. */
  private final Map<String, Look> looks = new ConcurrentHashMap<>();

  /**
   * What is known of a pod.
   *
   * @param first when its list was first read; null while it has not been
   * @param last when its list was last read
   * @param tried when it was last tried
   * @param failure the reason why the last try failed; empty when it did not
   * @param lasting whether that would repeat itself
   */
  private record Look(
      @Nullable Instant first,
      Instant last,
      Map<Address, Held> held,
      Instant tried,
      String failure,
      boolean lasting) {

    static final Look NONE = new Look(null, Instant.MIN, Map.of(), Instant.MIN, "", false);

    Instant due() {
      return tried.equals(Instant.MIN) ? tried : tried.plus(lasting ? RETRY : EVERY);
    }
  }

  /** A connection of a client without a proxy. */
  private record Held(Caller client, int port, Instant since) {}

  /**
   * Creates a reader.
   *
   * @param lister asks one pod; several at a time
   * @param deciding the namespaces whose gates decide now
   */
  public HeldConnectionReader(
      LogSource source,
      Function<Pod, Listing> lister,
      Supplier<Set<String>> deciding,
      Clock clock) {
    this.source = source;
    this.lister = lister;
    this.deciding = deciding;
    this.clock = clock;
  }

  @Override
  public Reading read() {
    MeshSnapshot snapshot = source.inventory().snapshot();
    Instant now = clock.instant();
    return namespace -> connections(snapshot.namespace(namespace), now);
  }

  private Connections connections(@Nullable NamespaceFacts facts, Instant now) {
    Map<WorkloadRef, List<SeenCaller>> held = new HashMap<>();
    Map<WorkloadRef, String> unread = new HashMap<>();
    Map<WorkloadRef, String> failing = new HashMap<>();
    Map<WorkloadRef, String> unreadable = new HashMap<>();
    for (Pod pod : servers(facts)) {
      Look look = look(pod);
      List<SeenCaller> clients = held(look, now);
      if (!clients.isEmpty()) {
        held.computeIfAbsent(pod.workload(), server -> new ArrayList<>()).addAll(clients);
      }
      if (look.lasting()) {
        unreadable.put(pod.workload(), look.failure());
      } else if (pod.ready() && !settled(look, now)) {
        String connections = "open connections of pod " + pod.name();
        if (look.failure().isEmpty()) {
          unread.put(pod.workload(), connections + " have not been read for 30 s yet");
        } else {
          failing.put(pod.workload(), connections + " cannot be read: " + look.failure());
        }
      }
    }
    return new Connections(held, unread, failing, unreadable);
  }

  private static boolean settled(Look look, Instant now) {
    return look.first() != null
        && !look.first().isAfter(look.last().minus(SETTLED))
        && !look.last().isBefore(now.minus(FRESH));
  }

  private static List<SeenCaller> held(Look look, Instant now) {
    if (look.last().isBefore(now.minus(FRESH))) {
      return List.of();
    }
    Map<List<Object>, SeenCaller> clients = new LinkedHashMap<>();
    for (Held one : look.held().values()) {
      if (!one.since().isAfter(look.last().minus(SETTLED))) {
        clients.merge(
            List.of(one.client(), one.port()),
            new SeenCaller(one.client(), one.port(), false, false, 1, one.since(), look.last()),
            SeenCaller::and);
      }
    }
    return List.copyOf(clients.values());
  }

  /** Returns the pods whose sidecar takes connections. */
  private static List<Pod> servers(@Nullable NamespaceFacts facts) {
    return facts == null
        ? List.of()
        : facts.pods().stream()
            .filter(
                pod ->
                    pod.dataPlane() == DataPlane.SIDECAR
                        && !pod.terminated()
                        && !pod.ip().isEmpty()
                        && (facts.serves(pod) || !pod.ports().isEmpty()))
            .toList();
  }

  /** Asks the pods whose turn it is. Blocks; called by one thread at a time. */
  public void look() {
    Instant begin = clock.instant();
    MeshSnapshot snapshot = source.inventory().snapshot();
    source.history().observe(snapshot, begin);
    List<Pod> pods = new ArrayList<>();
    deciding.get().forEach(namespace -> pods.addAll(servers(snapshot.namespace(namespace))));
    Set<String> uids = new HashSet<>();
    pods.forEach(pod -> uids.add(pod.uid()));
    looks.keySet().retainAll(uids);
    List<Pod> due =
        pods.stream()
            .filter(pod -> !look(pod).due().isAfter(begin))
            .sorted(Comparator.comparing(pod -> look(pod).tried()))
            .toList();
    Addresses addresses = new Addresses(snapshot, source.history(), true, source.nodes()::read);
    for (int next = 0;
        next < due.size() && clock.instant().isBefore(begin.plus(ENOUGH));
        next += LogReaders.AT_ONCE) {
      ask(due.subList(next, Math.min(due.size(), next + LogReaders.AT_ONCE)), addresses);
    }
  }

  private Look look(Pod pod) {
    return looks.getOrDefault(pod.uid(), Look.NONE);
  }

  private void ask(List<Pod> pods, Addresses addresses) {
    if (pods.isEmpty()) {
      return;
    }
    List<Callable<Listing>> calls = new ArrayList<>();
    pods.forEach(pod -> calls.add(() -> lister.apply(pod)));
    Instant asked = clock.instant();
    try (ExecutorService readers = source.readers().get()) {
      List<Future<Listing>> answers = readers.invokeAll(calls);
      for (int i = 0; i < answers.size(); i++) {
        take(pods.get(i), answer(answers.get(i)), asked, addresses);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Listing answer(Future<Listing> answer) throws InterruptedException {
    try {
      return answer.get();
    } catch (ExecutionException e) {
      LOG.errorf(e.getCause(), "Open connections of a pod were not read");
      return new Listing.None("it failed: " + e.getCause(), false);
    }
  }

  /**
   * Takes an answer.
   *
   * @param asked before the answer was made: what it shows was open then or later
   */
  private void take(Pod pod, Listing answer, Instant asked, Addresses addresses) {
    Look before = look(pod);
    switch (answer) {
      case Listing.Tables(String text) ->
          ConnectionTable.read(text, pod)
              .ifPresentOrElse(
                  table -> looks.put(pod.uid(), listed(before, table, asked, addresses)),
                  () ->
                      failed(
                          pod, before, asked, new Listing.None("its answer is no table", false)));
      case Listing.None none -> failed(pod, before, asked, none);
    }
  }

  private static Look listed(
      Look before, ConnectionTable table, Instant asked, Addresses addresses) {
    // An HTTP stream is open at the application as well: one port there is the stream's.
    int port = table.ports().size() == 1 ? table.ports().iterator().next() : 0;
    Map<Address, Held> held = new HashMap<>();
    for (Address client : table.clients()) {
      Caller caller = addresses.plain(client.ip(), asked);
      if (caller != null && held.size() < MOST) {
        Held known = before.held().get(client);
        held.put(client, new Held(caller, port, known == null ? asked : known.since()));
      }
    }
    Instant first = before.first();
    return new Look(first == null ? asked : first, asked, Map.copyOf(held), asked, "", false);
  }

  private void failed(Pod pod, Look before, Instant asked, Listing.None none) {
    if (before.failure().isEmpty()) {
      LOG.infof(
          "Open connections of a pod cannot be read pod=%s cause=%s", pod.ref(), none.reason());
    }
    looks.put(
        pod.uid(),
        new Look(
            before.first(), before.last(), before.held(), asked, none.reason(), none.lasting()));
  }
}
