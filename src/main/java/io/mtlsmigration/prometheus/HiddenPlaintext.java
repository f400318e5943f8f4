// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.ServerTelemetry;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.Watch;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Remembers until when Telemetry resources and EnvoyFilters kept servers from counting plaintext as
 * such. Their series look as if nobody had sent any, or as if nobody had called.
 */
final class HiddenPlaintext {

  private final Duration followed;

  /** What is hidden as of the last look. */
  private Map<WorkloadRef, Hidden> current = Map.of();

  private final Remembered<Hidden> past = new Remembered<>(Hidden::until);

  /**
   * Creates the memory.
   *
   * @param followed the time within which proxies follow a change, and were scraped since
   */
  HiddenPlaintext(Duration followed) {
    this.followed = followed;
  }

  /**
   * The time in which plaintext was hidden.
   *
   * @param until before this, silence says nothing
   * @param now whether it still is
   * @param by the resource that hides it
   */
  record Hidden(Instant until, boolean now, ObjectRef by) {

    Watch bound(Watch watch) {
      if (now) {
        return bounded(watch, null);
      }
      Instant since = watch.since();
      return since == null || !until.isAfter(since) ? watch : bounded(watch, until);
    }

    /**
     * Current calls are counted all the same, and clients' failures: a lock is verified by them.
     */
    private Watch bounded(Watch watch, @Nullable Instant since) {
      return new Watch(
          since,
          watch.sampled(),
          Evidence.Reason.LABEL_MISSING,
          words(),
          watch.ends(),
          watch.counted(),
          watch.until(),
          watch.lost());
    }

    private String words() {
      if (by.kind().equals("EnvoyFilter")) {
        return by
            + " may keep its plaintext from being counted: it removes or changes istio.stats, or"
            + " which statistics there are. Take that out of it, and restart its pods where it is a"
            + " patch of BOOTSTRAP: silence counts from then on";
      }
      return by
          + " keeps its plaintext from being counted: it turns off metrics of servers (REQUEST_COUNT,"
          + " TCP), or removes or sets connection_security_policy, reporter, the labels of the"
          + " destination's workload, or those by which a scrape names a pod, or reports TCP"
          + " connections later than after 30s (reportingInterval), or sends metrics"
          + " elsewhere than to prometheus. Take that out of it: silence counts from then on";
    }
  }

  /**
   * The hidden times of servers.
   *
   * @param others by namespace, of servers that are not remembered each
   */
  record Known(Map<WorkloadRef, Hidden> own, Map<String, Hidden> others) {

    /** Returns null when nothing of a server was hidden. */
    @Nullable Hidden of(WorkloadRef server) {
      Hidden known = own.get(server);
      Hidden other = others.get(server.namespace());
      boolean later = known == null || (other != null && other.until.isAfter(known.until));
      return later ? other : known;
    }
  }

  /**
   * Looks at the resources in force, and returns what is known by server.
   *
   * @param measured servers of which there are samples: where metrics go to another provider than
   *     Prometheus, there are none of any pod that the resource is for
   */
  synchronized Known look(
      MeshSnapshot facts, SampledServers measured, Instant now, Duration remembered) {
    Map<WorkloadRef, Hidden> next = new HashMap<>();
    ServerTelemetry telemetry = new ServerTelemetry(facts);
    for (NamespaceFacts namespace : telemetry.namespaces()) {
      Set<Sent> toPrometheus = toPrometheus(telemetry, namespace, measured);
      for (Pod pod : namespace.pods()) {
        ObjectRef by = telemetry.hidesPlaintext(pod);
        ObjectRef elsewhere = by == null ? telemetry.measuresElsewhere(pod) : null;
        if (elsewhere != null && !toPrometheus.contains(new Sent(pod.workload(), elsewhere))) {
          by = elsewhere;
        }
        if (by != null) {
          next.put(pod.workload(), new Hidden(now.plus(followed), true, by));
        }
      }
    }
    current.forEach(
        (server, hidden) -> {
          if (!next.containsKey(server)) {
            past.add(server, new Hidden(hidden.until(), false, hidden.by()));
          }
        });
    past.forgetBefore(now.minus(remembered));
    current = next;
    return known();
  }

  private Known known() {
    Map<WorkloadRef, Hidden> own = new HashMap<>();
    Map<String, Hidden> others = new HashMap<>();
    past.each(own::put, others::put);
    own.putAll(current);
    return new Known(Map.copyOf(own), Map.copyOf(others));
  }

  /** A workload whose metrics a resource sends elsewhere. */
  private record Sent(WorkloadRef workload, ObjectRef by) {}

  /**
   * Returns what goes to a Prometheus, whatever its provider's name: there are samples of a pod.
   * They may be of before the resource, so they do not vouch for other workloads.
   */
  private static Set<Sent> toPrometheus(
      ServerTelemetry telemetry, NamespaceFacts namespace, SampledServers measured) {
    Set<Sent> found = new HashSet<>();
    for (Pod pod : namespace.pods()) {
      ObjectRef elsewhere = measured.has(pod) ? telemetry.measuresElsewhere(pod) : null;
      if (elsewhere != null) {
        found.add(new Sent(pod.workload(), elsewhere));
      }
    }
    return found;
  }
}
