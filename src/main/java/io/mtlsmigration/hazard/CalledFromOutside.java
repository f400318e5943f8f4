// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.Pod;

/** Ports of captured pods that are reached from outside the mesh, but not by an Istio gateway. */
final class CalledFromOutside implements Rule {

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
        HazardCode.CALLED_FROM_OUTSIDE,
        pod.workload().ref(),
        port,
        ("%s leads from outside the mesh to port %s of %s; what comes by it is plaintext, and"
                + " STRICT refuses it.")
            .formatted(way, port, pod.workload()),
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
