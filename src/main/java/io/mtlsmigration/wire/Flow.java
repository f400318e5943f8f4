// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.wire;

/**
 * A client's end of a TCP connection and the server port.
 *
 * @param ip as text without a zone: {@code 10.0.0.1}, or IPv6 as {@link
 *     java.net.Inet6Address#getHostAddress} writes it
 */
public record Flow(String ip, int clientPort, int serverPort) {

  /** Returns {@code 10.0.0.1:34567} or {@code [fd00:0:0:0:0:0:0:1]:34567}. */
  public String peer() {
    return (ip.indexOf(':') < 0 ? ip : "[" + ip + "]") + ":" + clientPort;
  }
}
