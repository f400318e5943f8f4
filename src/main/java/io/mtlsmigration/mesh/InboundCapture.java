// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import java.util.Set;

/**
 * The inbound ports that pass through the sidecar, from the annotations {@code
 * traffic.sidecar.istio.io/includeInboundPorts} and {@code excludeInboundPorts}. A port that
 * bypasses the proxy is not protected by STRICT.
 *
 * @param includesAll true when {@code includeInboundPorts} is absent or {@code *}
 * @param included read only when {@code includesAll} is false
 */
public record InboundCapture(boolean includesAll, Set<Integer> included, Set<Integer> excluded) {

  /** The annotation of the interfaces whose calls, in both directions, are not captured. */
  public static final String EXCLUDED_INTERFACES = "traffic.sidecar.istio.io/excludeInterfaces";

  public static final InboundCapture EVERYTHING = new InboundCapture(true, Set.of(), Set.of());

  public InboundCapture {
    included = Set.copyOf(included);
    excluded = Set.copyOf(excluded);
  }

  /**
   * Ports on which a sidecar itself listens (Istio's "Ports used by Istio"); they never lead to the
   * application, so it does not matter whether they are captured.
   */
  private static final Set<Integer> PROXY_PORTS =
      Set.of(15000, 15001, 15004, 15006, 15008, 15020, 15021, 15053, 15090);

  /** Returns true for a port that belongs to the sidecar itself. */
  public static boolean ofTheProxy(int port) {
    return PROXY_PORTS.contains(port);
  }

  /** Returns true when traffic to this container port never reaches the proxy. */
  public boolean bypasses(int port) {
    // An explicit include list makes Istio's iptables ignore the exclude list
    // (tools/istio-iptables/pkg/capture/run.go, handleInboundPortsInclude).
    return includesAll ? excluded.contains(port) : !included.contains(port);
  }
}
