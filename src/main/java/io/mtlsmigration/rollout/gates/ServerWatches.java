// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.gates;

import static java.util.stream.Collectors.toSet;

import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.ServerWatch;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.LineLoss;
import io.mtlsmigration.traffic.NamespaceTraffic;
import io.mtlsmigration.traffic.Watch;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Stream;

/** Determines the servers that STRICT would govern, and since when their silence counts. */
public final class ServerWatches {

  private final GateContext context;
  private final Map<WorkloadRef, Watch> watched;
  private final Instant asOf;

  private ServerWatches(GateContext context, Map<WorkloadRef, Watch> watched, Instant asOf) {
    this.context = context;
    this.watched = watched;
    this.asOf = asOf;
  }

  /** Returns them in the order of workloads; empty while the source says nothing of them. */
  public static List<ServerWatch> of(GateContext context, Evidence<NamespaceTraffic> evidence) {
    return switch (evidence) {
      case Evidence.Measured<NamespaceTraffic>(var traffic, var asOf) ->
          new ServerWatches(context, traffic.watched(), asOf).all();
      case Evidence.NoSamples<NamespaceTraffic> none -> List.of();
      case Evidence.Unavailable<NamespaceTraffic> unavailable -> List.of();
    };
  }

  /** Returns whether some server is not watched now. */
  public static boolean unwatched(
      GateContext context, Evidence.Measured<NamespaceTraffic> evidence) {
    ServerWatches watches = new ServerWatches(context, evidence.value().watched(), evidence.asOf());
    return watches.ends().anyMatch(end -> end.isAfter(context.now()))
        || watches.all().stream()
            .anyMatch(
                server ->
                    server.reason() == Reason.NOT_WATCHED
                        || server.reason() == Reason.PODS_UNCAPTURED);
  }

  /**
   * Returns the latest end of a time without a watch that only this process knows of ({@link
   * Watch#traceless}); {@code EPOCH} when there is none. The step's record has to keep it.
   */
  public static Instant traceless(GateContext context, Evidence<NamespaceTraffic> evidence) {
    return evidence instanceof Evidence.Measured<NamespaceTraffic>(var traffic, var asOf)
        ? new ServerWatches(context, traffic.watched(), asOf).traceless()
        : Instant.EPOCH;
  }

  private Instant traceless() {
    if (watched.values().stream().allMatch(watch -> watch.traceless() == null)) {
      return Instant.EPOCH;
    }
    return ends()
        .filter(end -> !end.isAfter(context.now()))
        .max(Comparator.naturalOrder())
        .orElse(Instant.EPOCH);
  }

  /** Returns the ends of such times; what goes on ends in the future. */
  private Stream<Instant> ends() {
    return servers().keySet().stream()
        .map(watched::get)
        .filter(Objects::nonNull)
        .map(Watch::traceless)
        .filter(Objects::nonNull);
  }

  private List<ServerWatch> all() {
    List<ServerWatch> all = new ArrayList<>();
    // Kept of one server, which still tells it itself.
    Instant kept = context.step().openSince();
    Instant open = kept.equals(traceless()) ? Instant.EPOCH : kept;
    servers()
        .forEach(
            (workload, server) ->
                all.add(judge(workload, server.captured(), server.listening(), open)));
    return all;
  }

  private SortedMap<WorkloadRef, GovernedServers.Server> servers() {
    SortedMap<WorkloadRef, GovernedServers.Server> servers =
        GovernedServers.of(context.facts(), context.spec().exceptions());
    if (context.isMesh()) {
      // istiod has no proxy, nor does anything else where it is installed have to have one.
      servers.values().removeIf(server -> !server.captured());
    }
    List<WorkloadRef> others = new ArrayList<>(0);
    for (WorkloadRef workload : watched.keySet()) {
      if (!servers.containsKey(workload)) {
        others.add(workload);
      }
    }
    if (others.isEmpty()) {
      return servers;
    }
    Set<WorkloadRef> pods =
        context.facts().pods().stream()
            .filter(pod -> !pod.terminated())
            .map(Pod::workload)
            .collect(toSet());
    for (WorkloadRef workload : others) {
      if (!pods.contains(workload)) {
        // It has served within the window, and may do so again.
        servers.put(workload, new GovernedServers.Server(true, false));
      }
    }
    return servers;
  }

  /**
   * Judges one server.
   *
   * @param listening whether it declares a port: a server that does not may be behind a Service
   *     without a listener, as Istio's sample {@code curl} is, and never has a sample
   * @param open the time since when STRICT did not refuse plaintext
   */
  private ServerWatch judge(
      WorkloadRef workload, boolean captured, boolean listening, Instant open) {
    if (!captured) {
      return unwatched(workload, Reason.PODS_UNCAPTURED, "it has pods without a proxy");
    }
    Watch watch = watched.get(workload);
    Instant watchedSince = watch == null ? null : watch.since();
    if (watch == null || watchedSince == null) {
      return unwatched(
          workload,
          Reason.NOT_WATCHED,
          watch == null ? "the source of evidence does not know it" : watch.detail());
    }
    Instant until = watch.until() != null && watch.until().isBefore(asOf) ? watch.until() : asOf;
    if (context.isOld(until)) {
      return unwatched(
          workload,
          Reason.EVIDENCE_UNAVAILABLE,
          "access logs of its pods are read until "
              + until
              + " only: wait, or raise mtls-migration.access-logs.max-rate");
    }
    Instant since = open.isAfter(watchedSince) ? open : watchedSince;
    LineLoss lost = watch.lost();
    boolean waiting = lost == null && watch.reason() != Evidence.Reason.RETENTION_TOO_SHORT;
    PlanSpec.Gates gates = context.spec().gates();
    Instant enough = since.plus(gates.plaintextWindow());
    if (enough.isAfter(until)) {
      boolean strict = since.equals(open);
      return new ServerWatch(
          workload,
          strict
              ? Reason.STRICT_WITHIN_WINDOW
              : waiting
                  ? Reason.WATCH_TOO_SHORT
                  : lost == null ? Reason.EVIDENCE_UNAVAILABLE : reason(lost),
          since,
          waiting ? enough : null,
          strict
              ? "until then STRICT refused plaintext, or may have, or pods took it that nobody"
                  + " watched"
              : watch.detail());
    }
    return listening && !watch.sampled() && gates.noSamples() != PlanSpec.NoSamples.PASS
        ? new ServerWatch(
            workload,
            Reason.NO_SAMPLES,
            since,
            null,
            "it has not one sample: nobody has called, or its telemetry is off")
        : new ServerWatch(workload, Reason.HOLDS, since, enough, "");
  }

  private static Reason reason(LineLoss lost) {
    return switch (lost) {
      case NOT_KEPT -> Reason.LOGS_NOT_KEPT;
      case FORMAT, LEFT_OUT -> Reason.LOG_FORMAT_INCOMPLETE;
      case POD_ENDED -> Reason.PODS_END_EARLY;
      case HIDDEN, NAME_ALONE, FLOODED, TOO_MANY_CLIENTS -> Reason.CALLERS_UNTOLD;
    };
  }

  private static ServerWatch unwatched(WorkloadRef workload, Reason reason, String detail) {
    return new ServerWatch(workload, reason, null, null, detail);
  }
}
