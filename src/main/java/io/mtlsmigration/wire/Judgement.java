// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.wire;

import java.util.List;

/**
 * The classification of a connection by its first bytes.
 *
 * @param firstBytes for people to read; empty unless it is plaintext
 * @param serverName SNI of a TLS client; empty when none was seen
 * @param protocols ALPN names that a TLS client offers
 */
public record Judgement(
    WireSecurity security,
    WireBasis basis,
    String firstBytes,
    String serverName,
    List<String> protocols) {

  public Judgement {
    protocols = List.copyOf(protocols);
  }

  static Judgement of(WireSecurity security, WireBasis basis) {
    return new Judgement(security, basis, "", "", List.of());
  }

  static Judgement plaintext(WireBasis basis, byte[] bytes) {
    return new Judgement(WireSecurity.PLAINTEXT, basis, Printable.beginning(bytes), "", List.of());
  }

  static Judgement tls(WireSecurity security, WireBasis basis, ClientHello hello) {
    return new Judgement(security, basis, "", hello.serverName(), hello.protocols());
  }
}
