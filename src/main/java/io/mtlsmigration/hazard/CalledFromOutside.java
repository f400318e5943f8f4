// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.Pod;
import java.util.List;

/** Ports of captured pods that are reached from outside the mesh, but not by an Istio gateway. */
final class CalledFromOutside implements Rule {

  private static final Hazard HAZARD =
      new Hazard(
          HazardCode.CALLED_FROM_OUTSIDE,
          Severity.WARNING,
          "Called from outside, but not through an Istio gateway",
          "Cloud load balancers, node ports and other people's ingress controllers and gateways"
              + " have no proxy of the mesh: what they send is plaintext, and STRICT refuses it."
              + " From outside the service is gone at once, while everything inside goes on.",
          "Lead that traffic through an Istio gateway, or keep the port open by an exception.",
          "What stands behind is an Istio gateway, is not captured, or is kept open by a port"
              + " exception already. A port of the application's own TLS is"
              + " APPLICATION_TLS_FROM_OUTSIDE instead.",
          List.of(24668, 41033, 51482));

  @Override
  public Hazard hazard() {
    return HAZARD;
  }

  @Override
  public void check(Inspection namespace) {
    for (Exposure way : Exposure.of(namespace)) {
      if (!Protocols.tls(way.port())) {
        way.guarded(namespace, (found, pod, port) -> report(namespace, found, pod, port));
      }
    }
  }

  private static void report(Inspection namespace, Exposure way, Pod pod, int port) {
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
            + "; what comes by it is plaintext, and STRICT refuses it.",
        remedy(pod) + ", or name port " + port + " in an exception.");
  }

  /** A gateway that ztunnel captures refuses for its own Envoy. */
  private static String remedy(Pod pod) {
    return pod.gateway()
        ? "Keep ztunnel from this gateway, by istio.io/dataplane-mode: none in its Gateway's"
            + " spec.infrastructure.labels"
        : "Use an Istio gateway";
  }
}
