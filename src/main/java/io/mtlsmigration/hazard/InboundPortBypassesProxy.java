// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.InboundCapture;
import io.mtlsmigration.mesh.Pod;
import java.util.List;
import java.util.SortedSet;

/** Ports that a sidecar's iptables rules do not redirect. */
final class InboundPortBypassesProxy implements Rule {

  private static final Hazard HAZARD =
      new Hazard(
          HazardCode.INBOUND_PORT_BYPASSES_PROXY,
          Severity.WARNING,
          "Inbound ports that bypass the sidecar",
          "STRICT does not protect a port in excludeInboundPorts, or one missing from"
              + " includeInboundPorts: everybody gets through in plaintext. Mesh clients send"
              + " mutual TLS to it all the same, and the application does not understand them.",
          "Capture the port. If it must stay outside, give mesh clients a DestinationRule with tls"
              + " mode DISABLE for it.",
          "The pod has no sidecar; the port is one of the sidecar's own.",
          List.of(30311));

  @Override
  public Hazard hazard() {
    return HAZARD;
  }

  @Override
  public void check(Inspection namespace) {
    for (Pod pod : namespace.captured()) {
      if (pod.dataPlane() != DataPlane.SIDECAR || pod.inbound().equals(InboundCapture.EVERYTHING)) {
        continue;
      }
      SortedSet<Integer> candidates = Ports.known(namespace.facts().services(), pod);
      if (pod.inbound().includesAll()) {
        // An excluded port is taken to have a listener; container ports need not be declared.
        candidates.addAll(pod.inbound().excluded());
      }
      for (int port : candidates) {
        if (pod.inbound().bypasses(port) && !InboundCapture.ofTheProxy(port)) {
          report(namespace, pod, port);
        }
      }
    }
  }

  private static void report(Inspection namespace, Pod pod, int port) {
    namespace.report(
        HAZARD,
        Severity.WARNING,
        pod.workload().ref(),
        port,
        "Port "
            + port
            + " of "
            + pod.workload()
            + " bypasses the sidecar: STRICT does not protect it, and mutual TLS from mesh clients"
            + " fails there.",
        "Capture port "
            + port
            + ", or set tls mode DISABLE for it in a DestinationRule and accept that it stays"
            + " open.");
  }
}
