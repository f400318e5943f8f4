// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.ServerTelemetry;
import io.mtlsmigration.mesh.Telemetry;
import io.mtlsmigration.mesh.WorkloadRef;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Telemetry resources that keep sidecars from reporting plaintext. */
final class NoUsableTelemetry implements Rule {

  private static final Hazard HAZARD =
      new Hazard(
          HazardCode.NO_USABLE_TELEMETRY,
          Severity.WARNING,
          "Sidecars do not tell who sends plaintext",
          "Only the server's metrics say who still sends plaintext. A Telemetry resource that"
              + " turns some of them off for servers, or removes or sets connection_security_policy,"
              + " reporter or the labels of the destination's workload, or reports TCP connections"
              + " late (reportingInterval), leaves no evidence: the gate"
              + " plaintext stays inconclusive, and whoever overrides it locks without knowing"
              + " whom.",
          "Leave REQUEST_COUNT and the TCP metrics on for servers, with these labels as they are,"
              + " until the namespace is locked.",
          "Only clients' metrics are changed, another resource turns them on again, the metrics of"
              + " other providers are meant, or no sidecar is concerned: ztunnel's metrics are its"
              + " own.",
          List.of(12452, 60667));

  @Override
  public Hazard hazard() {
    return HAZARD;
  }

  @Override
  public void check(Inspection namespace) {
    if (namespace.mesh().others(Telemetry.class).isEmpty()) {
      return;
    }
    ServerTelemetry telemetry = new ServerTelemetry(namespace.snapshot());
    Set<WorkloadRef> told = new HashSet<>();
    for (Pod pod : namespace.sidecars()) {
      if (told.add(pod.workload())) {
        check(namespace, pod, telemetry);
      }
    }
  }

  private static void check(Inspection namespace, Pod pod, ServerTelemetry telemetry) {
    ObjectRef hiding = telemetry.hidesPlaintext(pod);
    ObjectRef by = hiding != null ? hiding : telemetry.measuresElsewhere(pod);
    if (by != null) {
      namespace.report(
          HAZARD,
          Severity.WARNING,
          by,
          0,
          "By "
              + by
              + " the sidecars of "
              + pod.workload()
              + " do not tell which requests or connections are plaintext.",
          "Leave the metrics of servers as they are until the namespace is locked.");
    }
  }
}
