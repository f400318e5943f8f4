// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.ContainerPort;
import io.mtlsmigration.mesh.Pod;

/** Pods on the node's network, and ports published on the node. */
final class HostNetworkOrHostPort implements Rule {

  @Override
  public void check(Inspection namespace) {
    if (namespace.captured().isEmpty()) {
      return;
    }
    for (Pod pod : namespace.running()) {
      if (pod.hostNetwork()) {
        namespace.report(
            HazardCode.HOST_NETWORK_OR_HOST_PORT,
            pod.workload().ref(),
            0,
            pod.workload()
                + " runs on the node's network: it has no proxy, STRICT does not protect it, and"
                + " what it sends is plaintext.",
            "Give up hostNetwork, or name the servers that it calls in exceptions.");
      } else if (pod.dataPlane().captured()) {
        hostPorts(namespace, pod);
      }
    }
  }

  private static void hostPorts(Inspection namespace, Pod pod) {
    for (ContainerPort port : pod.ports()) {
      if (port.hostPort() != 0
          && port.protocol().equals("TCP")
          && namespace.wouldClose(pod, port.port())) {
        namespace.report(
            HazardCode.HOST_NETWORK_OR_HOST_PORT,
            pod.workload().ref(),
            port.port(),
            ("Port %s of %s is published as port %s of its node; calls through the node are"
                    + " plaintext and STRICT refuses them.")
                .formatted(port.port(), pod.workload(), port.hostPort()),
            "Call it through a Service, or name port " + port.port() + " in an exception.");
      }
    }
  }
}
