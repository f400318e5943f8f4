// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.LabelSelector;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Telemetry;
import io.mtlsmigration.mesh.WorkloadRef;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Telemetry resources that keep sidecars from reporting plaintext. Source: {@code mergeMetrics} and
 * {@code applicableTelemetries} in istio pilot/pkg/model/telemetry.go.
 */
final class NoUsableTelemetry implements Rule {

  private static final Hazard HAZARD =
      new Hazard(
          HazardCode.NO_USABLE_TELEMETRY,
          Severity.WARNING,
          "Sidecars do not tell who sends plaintext",
          "Only the server's metrics say who still sends plaintext. A Telemetry resource that"
              + " turns them off for servers, or takes connection_security_policy from them, leaves"
              + " no evidence: the gate plaintext stays inconclusive, and whoever overrides it"
              + " locks without knowing whom.",
          "Leave REQUEST_COUNT and the TCP metrics on for servers, with their tag"
              + " connection_security_policy, until the namespace is locked.",
          "Only clients' metrics are changed, another resource turns them on again, the metrics of"
              + " other providers are meant, or no sidecar is concerned: ztunnel's metrics are its"
              + " own.",
          List.of(12452, 60667));

  private static final Comparator<Telemetry> OLDEST_FIRST =
      Comparator.comparing(Telemetry::createdAt).thenComparing(each -> each.ref().name());

  private static final List<String> TCP =
      List.of("TCP_OPENED_CONNECTIONS", "TCP_RECEIVED_BYTES", "TCP_SENT_BYTES");

  @Override
  public Hazard hazard() {
    return HAZARD;
  }

  @Override
  public void check(Inspection namespace) {
    if (namespace.mesh().others(Telemetry.class).isEmpty()) {
      return;
    }
    List<Telemetry> root = sorted(namespace.snapshot().root().others(Telemetry.class));
    List<Telemetry> own = sorted(namespace.facts().others(Telemetry.class));
    Set<WorkloadRef> told = new HashSet<>();
    for (Pod pod : namespace.sidecars()) {
      if (told.add(pod.workload())) {
        check(namespace, pod, inForce(namespace, root, own, pod));
      }
    }
  }

  private static List<Telemetry> sorted(List<Telemetry> all) {
    return all.stream().filter(each -> !each.attached()).sorted(OLDEST_FIRST).toList();
  }

  /** Returns the oldest Telemetry for each of the mesh, the namespace, and the workload. */
  private static List<Telemetry> inForce(
      Inspection namespace, List<Telemetry> root, List<Telemetry> own, Pod pod) {
    List<Telemetry> inForce = new ArrayList<>(3);
    root.stream().filter(t -> t.selector().isEmpty()).findFirst().ifPresent(inForce::add);
    if (!namespace.isRoot()) {
      own.stream().filter(t -> t.selector().isEmpty()).findFirst().ifPresent(inForce::add);
    }
    own.stream()
        .filter(t -> !t.selector().isEmpty())
        .filter(t -> LabelSelector.containsAll(pod.labels(), t.selector()))
        .findFirst()
        .ifPresent(inForce::add);
    return inForce;
  }

  private static void check(Inspection namespace, Pod pod, List<Telemetry> inForce) {
    Metrics metrics = new Metrics();
    Telemetry last = null;
    for (Telemetry telemetry : inForce) {
      if (!telemetry.changes().isEmpty()) {
        telemetry.changes().forEach(metrics::apply);
        last = telemetry;
      }
    }
    if (last != null && metrics.silent()) {
      namespace.report(
          HAZARD,
          Severity.WARNING,
          last.ref(),
          0,
          "By "
              + last.ref()
              + " the sidecars of "
              + pod.workload()
              + " do not tell which requests or connections are plaintext.",
          "Leave the metrics of servers as they are until the namespace is locked.");
    }
  }

  /** The remaining metrics after some changes. */
  private static final class Metrics {
    private boolean none;
    private final Map<String, Boolean> disabled = new HashMap<>();
    private final Map<String, Boolean> untold = new HashMap<>();

    void apply(Telemetry.Change change) {
      boolean all = change.metric().equals(Telemetry.Change.ALL);
      if (all && Boolean.TRUE.equals(change.disabled())) {
        none = true;
        return;
      }
      none = false; // any later change recreates the filter
      List<String> names = new ArrayList<>(List.of(change.metric()));
      if (all) {
        names.addAll(TCP);
        names.add("REQUEST_COUNT");
      }
      for (String name : names) {
        if (change.disabled() != null) {
          disabled.put(name, change.disabled());
        }
        if (change.untold() != null) {
          untold.put(name, change.untold());
        }
      }
    }

    boolean silent() {
      return none || silent("REQUEST_COUNT") || TCP.stream().allMatch(this::silent);
    }

    private boolean silent(String metric) {
      return disabled.getOrDefault(metric, false) || untold.getOrDefault(metric, false);
    }
  }
}
