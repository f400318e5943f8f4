// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.InboundCapture;
import io.mtlsmigration.mesh.Pod;
import java.util.SortedSet;

/** Ports and interfaces that a sidecar's iptables rules do not redirect. */
final class InboundPortBypassesProxy implements Rule {

  @Override
  public void check(Inspection namespace) {
    for (Pod pod : namespace.captured()) {
      if (pod.dataPlane() != DataPlane.SIDECAR) {
        continue;
      }
      interfaces(namespace, pod);
      if (pod.inbound().equals(InboundCapture.EVERYTHING)) {
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

  private static void interfaces(Inspection namespace, Pod pod) {
    String excluded =
        pod.annotations().getOrDefault(InboundCapture.EXCLUDED_INTERFACES, "").strip();
    if (!excluded.isEmpty()) {
      namespace.report(
          HazardCode.INBOUND_PORT_BYPASSES_PROXY,
          pod.workload().ref(),
          0,
          ("Calls that arrive at the interfaces %s of %s bypass the sidecar (%s): STRICT does not"
                  + " protect them.")
              .formatted(excluded, pod.workload(), InboundCapture.EXCLUDED_INTERFACES),
          "Take the interfaces out of the annotation and restart the pods, or accept that whoever"
              + " reaches them there stays in plaintext.");
    }
  }

  private static void report(Inspection namespace, Pod pod, int port) {
    namespace.report(
        HazardCode.INBOUND_PORT_BYPASSES_PROXY,
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
