// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import java.util.List;

/**
 * A {@code networking.k8s.io} NetworkPolicy that restricts ingress.
 *
 * @param ingressPorts TCP ports that it opens for at least some clients; all others are closed
 */
public record NetworkPolicy(ObjectRef ref, LabelSelector pods, List<PortRange> ingressPorts)
    implements OtherObject {

  public NetworkPolicy {
    ingressPorts = List.copyOf(ingressPorts);
  }

  /** A range of ports, both ends included. */
  public record PortRange(int from, int to) {

    public static final PortRange ALL = new PortRange(0, 65_535);

    public boolean contains(int port) {
      return from <= port && port <= to;
    }
  }

  public boolean letsIn(int port) {
    return ingressPorts.stream().anyMatch(range -> range.contains(port));
  }
}
