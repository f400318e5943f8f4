// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

import io.mtlsmigration.mesh.Cidr;
import io.mtlsmigration.mesh.WorkloadRef;

/**
 * Calls that bypass all Services, as reported by the clients' sidecars: Istio's {@code
 * PassthroughCluster}, which sends plaintext whatever the server is. Most of them leave the cluster
 * and concern no lock.
 *
 * @param destination {@code ip} or {@code ip:port} when the source has it, which is for HTTP alone;
 *     else empty
 * @param count requests, or connections, in the window
 */
public record DirectCall(WorkloadRef client, String destination, long count) {

  /**
   * Returns the address without a port, and without the brackets of IPv6; empty when unknown. The
   * client wrote it: it is returned as the API server writes that of a pod.
   */
  public String address() {
    return Cidr.canonical(written());
  }

  private String written() {
    if (destination.startsWith("[")) {
      int end = destination.indexOf(']');
      return end < 0 ? "" : destination.substring(1, end);
    }
    int colon = destination.indexOf(':');
    boolean alone = colon < 0 || destination.indexOf(':', colon + 1) >= 0;
    return alone ? destination : destination.substring(0, colon);
  }

  /** Returns the port; 0 when unknown. */
  public int port() {
    String address = written();
    String port =
        destination.startsWith("[")
            ? destination.substring(Math.min(destination.length(), address.length() + 2))
            : destination.substring(address.length());
    return port.matches(":[0-9]{1,5}") ? Integer.parseInt(port.substring(1)) : 0;
  }
}
