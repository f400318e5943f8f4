// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.traffic.CallHistory;
import io.mtlsmigration.traffic.Caller;
import io.mtlsmigration.traffic.DirectCall;
import io.mtlsmigration.traffic.Edge;
import io.mtlsmigration.traffic.Edge.Security;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import io.mtlsmigration.traffic.PlaintextCalls;
import io.mtlsmigration.traffic.Refusal;
import io.mtlsmigration.traffic.Refusals;
import io.mtlsmigration.traffic.SecuredCalls;
import io.mtlsmigration.traffic.ShadowDenial;
import io.mtlsmigration.traffic.ShadowRecord;
import io.mtlsmigration.traffic.StepGap;
import io.mtlsmigration.traffic.StepSet;
import io.mtlsmigration.traffic.TrafficHistory;
import io.mtlsmigration.traffic.TrafficReading;
import io.mtlsmigration.traffic.TrafficRecord;
import io.mtlsmigration.traffic.Watch;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * The counters of the stand-in proxies. They count what they serve and refuse; nothing else counts,
 * so a server without a proxy leaves no trace here, as it leaves none in Prometheus.
 */
final class TrafficCounters implements TrafficRecord, TrafficHistory, CallHistory, ShadowRecord {

  private static final String SOURCE = "sandbox";

  /** The number of refusals kept for each namespace; the oldest are dropped first. */
  private static final int MAX_REFUSALS = 5_000;

  /** The time for which a history has steps by the second; it has few of them. */
  private static final Duration FINE_HISTORY = Duration.ofHours(1);

  private final Clock clock;
  private final Faults faults;
  private final Function<String, List<Pod>> pods;
  private final Duration retention;
  private final Instant watchingSince;
  private final Map<Security, Samples> inAll = new EnumMap<>(Security.class);
  private final Map<String, Ledger> byNamespace = new ConcurrentHashMap<>();
  private final Map<Direct, Samples> direct = new ConcurrentHashMap<>();

  /**
   * Creates empty counters.
   *
   * @param pods returns the current pods of a namespace
   */
  TrafficCounters(
      Clock clock, Faults faults, Duration retention, Function<String, List<Pod>> pods) {
    this.clock = clock;
    this.faults = faults;
    this.pods = pods;
    this.retention = retention;
    this.watchingSince = clock.instant();
    for (Security security : Security.values()) {
      inAll.put(security, new Samples(retention, FINE_HISTORY));
    }
  }

  private record EdgeKey(
      Caller client, WorkloadRef server, int port, String protocol, Security security) {}

  private record Direct(WorkloadRef client, String destination) {}

  private record ShadowKey(WorkloadRef server, int port) {}

  /** The counters of one server namespace. */
  private static final class Ledger {
    private final Map<EdgeKey, Samples> edges = new ConcurrentHashMap<>();
    private final Map<ShadowKey, Samples> denials = new ConcurrentHashMap<>();
    private final Map<ShadowKey, Samples> judgements = new ConcurrentHashMap<>();
    private final Samples clientCalls;
    private final Deque<Refusal> refusals = new ArrayDeque<>();

    Ledger(Duration retention) {
      this.clientCalls = new Samples(retention);
    }
  }

  private Ledger ledger(String namespace) {
    return byNamespace.computeIfAbsent(namespace, name -> new Ledger(retention));
  }

  /** Counts a request (a connection, for TCP) that a server's proxy accepted. */
  void served(
      WorkloadRef server, int port, PortProtocol protocol, Security security, CallSource source) {
    EdgeKey key = new EdgeKey(source.caller(), server, port, protocol.label(), security);
    ledger(server.namespace())
        .edges
        .computeIfAbsent(key, k -> new Samples(retention))
        .add(clock.instant(), source.ownProbe() ? 0 : 1, source.ownProbe() ? 1 : 0);
    if (!source.ownProbe() && !hidden(server.namespace())) {
      inAll(security).add(clock.instant(), 1, 0);
    }
  }

  /**
   * Returns whether the source is down for all namespaces; where it is down for some, it still
   * reports the others.
   */
  private boolean sourceIsDown() {
    return faults.strikes(Fault.Kind.EVIDENCE_DOWN, "");
  }

  /**
   * Returns whether the source is down for one namespace, whose calls are then missing in the sum
   * over all, as if it was not scraped.
   */
  private boolean hidden(String namespace) {
    return faults.strikes(Fault.Kind.EVIDENCE_DOWN, namespace) && !sourceIsDown();
  }

  private Samples inAll(Security security) {
    return Objects.requireNonNull(inAll.get(security)); // every value has one
  }

  /** Counts a request that a dry run has judged, and would have refused or not. */
  void judged(WorkloadRef server, int port, boolean denied, CallSource source) {
    Ledger ledger = ledger(server.namespace());
    Map<ShadowKey, Samples> counted = denied ? ledger.denials : ledger.judgements;
    counted
        .computeIfAbsent(new ShadowKey(server, port), k -> new Samples(retention))
        .add(clock.instant(), source.ownProbe() ? 0 : 1, source.ownProbe() ? 1 : 0);
  }

  @Override
  public Evidence<List<ShadowDenial>> denials(String namespace, Instant from, Instant now) {
    if (faults.strikes(Fault.Kind.EVIDENCE_DOWN, namespace)) {
      return new Evidence.Unavailable<>(
          Evidence.Reason.SOURCE_DOWN, "the sandbox's counters do not answer");
    }
    if (Duration.between(from, now).compareTo(retention) > 0) {
      return new Evidence.Unavailable<>(
          Evidence.Reason.RETENTION_TOO_SHORT, "traffic is remembered for " + retention);
    }
    Ledger ledger = ledger(namespace);
    List<ShadowDenial> denials = new ArrayList<>();
    boolean judged =
        ledger.judgements.values().stream().anyMatch(s -> s.sum(from, now).count() > 0);
    for (Map.Entry<ShadowKey, Samples> entry : ledger.denials.entrySet()) {
      Samples.Sum sum = entry.getValue().sum(from, now);
      judged |= sum.count() > 0;
      if (!sum.isEmpty()) {
        denials.add(
            new ShadowDenial(
                entry.getKey().server(), entry.getKey().port(), sum.count(), sum.other()));
      }
    }
    // Own probes reach all servers, idle or not: they do not count as calls.
    return judged
        ? new Evidence.Measured<>(denials, now)
        : new Evidence.NoSamples<>(now, "nobody called since " + from);
  }

  /** Records a connection that a server's proxy refused because of its mode. */
  void refused(WorkloadRef server, int port, CallSource source) {
    Refusal refusal =
        new Refusal(clock.instant(), source.caller(), server, port, source.ownProbe());
    Deque<Refusal> refusals = ledger(server.namespace()).refusals;
    synchronized (refusals) {
      refusals.addLast(refusal);
      if (refusals.size() > MAX_REFUSALS) {
        refusals.removeFirst();
      }
    }
  }

  /**
   * Counts a call that bypasses Services, as reported by its client's sidecar, which knows no
   * address for TCP.
   */
  void passedThrough(WorkloadRef client, String host, PortProtocol protocol) {
    direct
        .computeIfAbsent(
            new Direct(client, protocol.speaksHttp() ? host : ""), k -> new Samples(retention))
        .add(clock.instant(), 1, 0);
  }

  /** Counts the end of a call to a namespace, as seen by its client's proxy. */
  void called(String serverNamespace, boolean failed) {
    ledger(serverNamespace).clientCalls.add(clock.instant(), 1, failed ? 1 : 0);
  }

  /** Drops edges older than the retention. */
  void forgetOld() {
    Instant limit = clock.instant().minus(retention);
    direct.values().removeIf(s -> s.silentSince(limit));
    byNamespace.values().forEach(l -> l.edges.values().removeIf(s -> s.silentSince(limit)));
  }

  @Override
  public TrafficReading read(Instant now, Duration window) {
    return new Reading(now, window);
  }

  @Override
  public Duration finest() {
    return Duration.ofSeconds(1);
  }

  @Override
  public List<Evidence<SecuredCalls>> read(Instant from, Duration step, int steps) {
    if (sourceIsDown()) {
      return Collections.nCopies(
          steps,
          new Evidence.Unavailable<>(
              Evidence.Reason.SOURCE_DOWN, "the sandbox's counters do not answer"));
    }
    long[] secure = inAll(Security.MUTUAL_TLS).counts(from, step, steps);
    long[] plaintext = inAll(Security.PLAINTEXT).counts(from, step, steps);
    Instant kept = clock.instant().minus(retention);
    List<Evidence<SecuredCalls>> history = new ArrayList<>();
    for (int i = 0; i < steps; i++) {
      Instant begin = from.plus(step.multipliedBy(i));
      history.add(
          begin.isBefore(kept)
              ? new Evidence.Unavailable<>(
                  Evidence.Reason.RETENTION_TOO_SHORT, "traffic is remembered for " + retention)
              : told(begin, begin.plus(step), new SecuredCalls(secure[i], plaintext[i], 0)));
    }
    return history;
  }

  @Override
  public Evidence<PlaintextCalls> read(String namespace, Instant from, int steps) {
    if (faults.strikes(Fault.Kind.EVIDENCE_DOWN, namespace)) {
      return new Evidence.Unavailable<>(
          Evidence.Reason.SOURCE_DOWN, "the sandbox's counters do not answer");
    }
    Instant now = clock.instant();
    Instant kept = now.minus(retention);
    Instant known = kept.isAfter(watchingSince) ? kept : watchingSince;
    List<Boolean> watched = new ArrayList<>();
    for (int i = 0; i < steps; i++) {
      watched.add(!from.plus(STEP.multipliedBy(i)).isBefore(known));
    }
    List<PlaintextCalls.Row> rows = new ArrayList<>();
    Map<WorkloadRef, BitSet> sampled = new HashMap<>();
    ledger(namespace)
        .edges
        .forEach(
            (key, samples) -> {
              long[] calls = samples.counts(from, STEP, steps);
              // A counter stays once it is there.
              for (int i = 0; i < steps; i++) {
                if (calls[i] > 0) {
                  sampled.computeIfAbsent(key.server(), s -> new BitSet()).set(i, steps);
                  break;
                }
              }
              if (key.security() == Security.PLAINTEXT && Arrays.stream(calls).sum() > 0) {
                rows.add(
                    new PlaintextCalls.Row(
                        key.client(), key.server(), Arrays.stream(calls).boxed().toList(), null));
              }
            });
    Map<Integer, StepGap> gaps = new HashMap<>();
    for (int i = 0; i < steps; i++) {
      if (!watched.get(i)) {
        gaps.put(i, StepGap.NOTHING_SCRAPED);
      }
    }
    Map<WorkloadRef, StepSet> samples = new HashMap<>();
    sampled.forEach((server, hours) -> samples.put(server, StepSet.of(hours)));
    return new Evidence.Measured<>(
        new PlaintextCalls(from, STEP, watched, rows, gaps, samples), now);
  }

  private Evidence<SecuredCalls> told(Instant begin, Instant end, SecuredCalls calls) {
    if (begin.isBefore(watchingSince)) {
      return new Evidence.Unavailable<>(
          Evidence.Reason.WINDOW_NOT_COVERED, "watching only since " + watchingSince);
    }
    return calls.all() > 0
        ? new Evidence.Measured<>(calls, end)
        : new Evidence.NoSamples<>(end, "nobody called");
  }

  private static Watch older(Watch one, Watch other) {
    Instant since = other.since();
    return since == null || one.covers(since) ? one : other;
  }

  private final class Reading implements TrafficReading {
    private final Instant asOf;
    private final Duration window;
    private final Map<String, Evidence<NamespaceTraffic>> told = new ConcurrentHashMap<>();

    Reading(Instant asOf, Duration window) {
      this.asOf = asOf;
      this.window = window;
    }

    @Override
    public Instant asOf() {
      return asOf;
    }

    @Override
    public Duration window() {
      return window;
    }

    /** Returns the evidence; the same for each call. */
    @Override
    public Evidence<NamespaceTraffic> of(String namespace) {
      return told.computeIfAbsent(namespace, this::evidence);
    }

    @Override
    public Evidence<List<DirectCall>> direct() {
      if (faults.inForce(Fault.Kind.EVIDENCE_DOWN)) {
        return down();
      }
      Instant from = asOf.minus(window);
      List<DirectCall> calls = new ArrayList<>();
      direct.forEach(
          (key, samples) -> {
            long count = samples.sum(from, asOf).count();
            if (count > 0) {
              calls.add(new DirectCall(key.client(), key.destination(), count));
            }
          });
      return new Evidence.Measured<>(List.copyOf(calls), asOf);
    }

    private static <T> Evidence.Unavailable<T> down() {
      return new Evidence.Unavailable<>(
          Evidence.Reason.SOURCE_DOWN, "the sandbox's counters do not answer");
    }

    private Evidence<NamespaceTraffic> evidence(String namespace) {
      if (faults.strikes(Fault.Kind.EVIDENCE_DOWN, namespace)) {
        return down();
      }
      Instant from = asOf.minus(window);
      NamespaceTraffic traffic = traffic(namespace, from);
      boolean called =
          traffic.edges().stream().anyMatch(e -> e.count() > 0)
              || traffic.clientRequests() > 0
              || hasForeign(refused(namespace));
      Map<WorkloadRef, Watch> watched = watched(namespace, called);
      // Own probes reach all servers, idle or not: they do not count as calls.
      return called || !watched.values().stream().allMatch(watch -> watch.covers(from))
          ? new Evidence.Measured<>(
              new NamespaceTraffic(
                  traffic.edges(), traffic.clientRequests(), traffic.clientFailures(), watched),
              asOf)
          : new Evidence.NoSamples<>(asOf, "nobody called within " + window);
    }

    /**
     * Returns the watches of workloads: a stand-in proxy counts as long as both it and this service
     * exist.
     */
    private Map<WorkloadRef, Watch> watched(String namespace, boolean called) {
      Map<WorkloadRef, Watch> watched = new HashMap<>();
      Set<WorkloadRef> bare = new HashSet<>();
      for (Pod pod : pods.apply(namespace)) {
        if (pod.terminated() || pod.dataPlane() == DataPlane.GATEWAY) {
          continue;
        }
        if (!pod.dataPlane().captured()) {
          bare.add(pod.workload());
          continue;
        }
        Instant since = pod.createdAt().isAfter(watchingSince) ? pod.createdAt() : watchingSince;
        watched.merge(
            pod.workload(),
            watch(since, called && sampled(pod.workload())),
            TrafficCounters::older);
      }
      // Calls to pods without a proxy leave no trace, whatever their siblings count.
      bare.forEach(watched::remove);
      return watched;
    }

    private Watch watch(Instant since, boolean sampled) {
      Instant kept = asOf.minus(retention);
      return window.compareTo(retention) > 0 && since.isBefore(kept)
          ? new Watch(
              kept,
              sampled,
              Evidence.Reason.RETENTION_TOO_SHORT,
              "traffic is remembered for " + retention)
          : new Watch(since, sampled, null, "the sandbox or its pods are not older");
    }

    private boolean sampled(WorkloadRef server) {
      Ledger ledger = byNamespace.get(server.namespace());
      return ledger != null
          && ledger.edges.keySet().stream().anyMatch(key -> key.server().equals(server));
    }

    private static boolean hasForeign(List<Refusal> refusals) {
      return refusals.stream().anyMatch(r -> !r.ownProbe());
    }

    private NamespaceTraffic traffic(String namespace, Instant from) {
      Ledger ledger = byNamespace.get(namespace);
      if (ledger == null) {
        return new NamespaceTraffic(List.of(), 0, 0);
      }
      List<Edge> edges = new ArrayList<>();
      ledger.edges.forEach(
          (key, samples) -> {
            Samples.Sum sum = samples.sum(from, asOf);
            if (!sum.isEmpty()) {
              edges.add(edge(key, sum));
            }
          });
      edges.sort(
          Comparator.comparing(Edge::server)
              .thenComparingInt(Edge::port)
              .thenComparing(e -> e.client().id())
              .thenComparing(Edge::security));
      Samples.Sum calls = ledger.clientCalls.sum(from, asOf);
      return new NamespaceTraffic(edges, calls.count(), calls.other());
    }

    /** Returns the refusals; stand-in proxies report each one, as long as their counters answer. */
    @Override
    public Refusals refusals(String namespace) {
      return faults.strikes(Fault.Kind.EVIDENCE_DOWN, namespace)
          ? new Refusals.Unreadable(
              List.of(), Refusals.Reason.SOURCE_DOWN, "the sandbox's counters do not answer")
          : new Refusals.Read(refused(namespace), watchingSince, asOf);
    }

    private List<Refusal> refused(String namespace) {
      Ledger ledger = byNamespace.get(namespace);
      if (ledger == null) {
        return List.of();
      }
      Instant from = asOf.minus(window);
      synchronized (ledger.refusals) {
        return ledger.refusals.stream()
            .filter(r -> !r.at().isBefore(from) && !r.at().isAfter(asOf))
            .toList();
      }
    }

    private static Edge edge(EdgeKey key, Samples.Sum sum) {
      return new Edge(
          key.client(),
          key.server(),
          key.port(),
          key.protocol(),
          key.security(),
          sum.count(),
          sum.other(),
          sum.first(),
          sum.last(),
          SOURCE);
    }
  }
}
