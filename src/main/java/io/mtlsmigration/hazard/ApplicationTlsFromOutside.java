// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.Pod;

/** Ports on which the application speaks its own TLS with clients outside the mesh. */
final class ApplicationTlsFromOutside implements Rule {

  @Override
  public void check(Inspection namespace) {
    for (Exposure way : Exposure.of(namespace)) {
      if (Protocols.tls(way.port())) {
        way.guarded(namespace, (found, pod, port) -> report(namespace, found, pod, port));
      }
    }
  }

  private static void report(Inspection namespace, Exposure way, Pod pod, int port) {
    String proxy = pod.dataPlane() == DataPlane.AMBIENT ? "ztunnel" : "its sidecar";
    namespace.report(
        HazardCode.APPLICATION_TLS_FROM_OUTSIDE,
        pod.workload().ref(),
        port,
        ("%s leads from outside the mesh to port %s of %s, where the application speaks TLS of its"
                + " own; under STRICT %s refuses everything but Istio's mutual TLS.")
            .formatted(way, port, pod.workload(), proxy),
        "Use an Istio gateway with TLS mode PASSTHROUGH, or name port "
            + port
            + " in an exception.");
  }
}
