// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.Pod;
import java.util.List;

/** Ports on which the application speaks its own TLS with clients outside the mesh. */
final class ApplicationTlsFromOutside implements Rule {

  private static final Hazard HAZARD =
      new Hazard(
          HazardCode.APPLICATION_TLS_FROM_OUTSIDE,
          Severity.WARNING,
          "The application's own TLS, reached from outside",
          "TLS that the application ends itself is not Istio's mutual TLS. Under PERMISSIVE the"
              + " sidecar passes it on as it is; STRICT asks for a certificate of the mesh, which"
              + " nobody outside has. That the traffic is encrypted already does not help.",
          "Let an Istio gateway take the traffic, with TLS mode PASSTHROUGH if the application is"
              + " to go on ending it, or keep the port open by an exception.",
          "The port is not declared as https or tls, is reached from within the mesh only, is not"
              + " captured, or is kept open by a port exception already.",
          List.of(9837, 29538));

  @Override
  public Hazard hazard() {
    return HAZARD;
  }

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
        HAZARD,
        Severity.WARNING,
        pod.workload().ref(),
        port,
        way
            + " leads from outside the mesh to port "
            + port
            + " of "
            + pod.workload()
            + ", where the application speaks TLS of its own; under STRICT "
            + proxy
            + " refuses everything but Istio's mutual TLS.",
        "Use an Istio gateway with TLS mode PASSTHROUGH, or name port "
            + port
            + " in an exception.");
  }
}
