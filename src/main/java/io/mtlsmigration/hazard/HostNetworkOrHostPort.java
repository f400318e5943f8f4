// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.ContainerPort;
import io.mtlsmigration.mesh.Pod;
import java.util.List;

/** Pods on the node's network, and ports published on the node. */
final class HostNetworkOrHostPort implements Rule {

  private static final Hazard HAZARD =
      new Hazard(
          HazardCode.HOST_NETWORK_OR_HOST_PORT,
          Severity.WARNING,
          "Pods on the node's network, ports published on the node",
          "A pod with hostNetwork never gets a proxy: STRICT does not protect it, and as a client"
              + " it sends plaintext, which STRICT servers refuse. A hostPort of a captured pod is"
              + " called through the node's address, where no client's proxy knows that the pod"
              + " takes mutual TLS: those calls arrive as plaintext and are refused.",
          "Give up hostNetwork or keep the servers that such pods call open by an exception. Call"
              + " the pod through its Service instead of the hostPort, or name the port in an"
              + " exception.",
          "The namespace has no captured pod; the published port is not captured or is kept open by"
              + " a port exception already.",
          List.of(42508));

  @Override
  public Hazard hazard() {
    return HAZARD;
  }

  @Override
  public void check(Inspection namespace) {
    if (namespace.captured().isEmpty()) {
      return;
    }
    for (Pod pod : namespace.running()) {
      if (pod.hostNetwork()) {
        namespace.report(
            HAZARD,
            Severity.WARNING,
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
            HAZARD,
            Severity.WARNING,
            pod.workload().ref(),
            port.port(),
            "Port "
                + port.port()
                + " of "
                + pod.workload()
                + " is published as port "
                + port.hostPort()
                + " of its node; calls through the node are plaintext and STRICT refuses them.",
            "Call it through a Service, or name port " + port.port() + " in an exception.");
      }
    }
  }
}
