// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.EnvoyFilter;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.ServerTelemetry;
import io.mtlsmigration.mesh.Telemetry;
import io.mtlsmigration.mesh.WorkloadRef;
import java.util.HashSet;
import java.util.Set;

/** Telemetry resources and EnvoyFilters that keep sidecars from reporting plaintext. */
final class NoUsableTelemetry implements Rule {

  @Override
  public void check(Inspection namespace) {
    if (namespace.mesh().others(Telemetry.class).isEmpty()
        && namespace.mesh().others(EnvoyFilter.class).isEmpty()) {
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
          HazardCode.NO_USABLE_TELEMETRY,
          by,
          0,
          "By %s the sidecars of %s do not tell which requests or connections are plaintext."
              .formatted(by, pod.workload()),
          "Leave the metrics of servers as they are until the namespace is locked.");
    }
  }
}
