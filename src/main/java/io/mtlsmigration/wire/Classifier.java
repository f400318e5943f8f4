// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.wire;

import java.util.Arrays;
import java.util.Set;

/**
 * Classifies connections by the first bytes of their clients.
 *
 * <p>Istio mutual TLS is recognised by ALPN: server proxies in PERMISSIVE choose their filter chain
 * by the names in {@link #ISTIO_PROTOCOLS} ({@code allIstioMtlsALPNs} in Istio's
 * pilot/pkg/networking/core/listener.go), and no other client offers them. SNI is shown and does
 * not decide: any client may ask for {@code outbound_.80_._.host}.
 */
public final class Classifier {

  /** The port of a mesh's tunnels (HBONE): mutual TLS whose ALPN is plain {@code h2}. */
  public static final int TUNNEL_PORT = 15008;

  private static final Set<String> ISTIO_PROTOCOLS =
      Set.of("istio", "istio-peer-exchange", "istio-http/1.0", "istio-http/1.1", "istio-h2");

  private static final int FIRST_RECORD_TYPE = 20; // change_cipher_spec
  private static final int LAST_RECORD_TYPE = 23; // application_data
  private static final int LONGEST_RECORD = (1 << 14) + 2048; // RFC 5246, 6.2.3

  private Classifier() {}

  /**
   * Classifies a connection.
   *
   * @param bytes the first bytes that the client sent, in order and without gaps; 128 are enough
   *     for plaintext, a ClientHello may take 2,000
   * @param fromStart false when the connection was open before the capture
   * @param port the port that the client connected to
   */
  public static Judgement judge(byte[] bytes, boolean fromStart, int port) {
    if (bytes.length == 0) {
      return Judgement.of(WireSecurity.UNKNOWN, WireBasis.NOTHING_SENT);
    }
    // A ClientHello is the beginning, even when the TCP handshake before it was missed.
    if (ClientHello.begins(bytes) && (fromStart || bytes.length > ClientHello.RECORD_HEADER)) {
      return hello(ClientHello.parse(bytes).orElseThrow(), port);
    }
    if (fromStart) {
      return Judgement.plaintext(WireBasis.BEGINNING, bytes);
    }
    if (isRecord(bytes)) {
      return Judgement.of(WireSecurity.TLS, WireBasis.MIDSTREAM);
    }
    return Printable.isText(bytes)
        ? Judgement.plaintext(WireBasis.MIDSTREAM, bytes)
        : Judgement.of(WireSecurity.UNKNOWN, WireBasis.MIDSTREAM);
  }

  private static Judgement hello(ClientHello hello, int port) {
    WireBasis basis = hello.complete() ? WireBasis.BEGINNING : WireBasis.PARTIAL_HELLO;
    return Judgement.tls(
        isIstio(hello, port) ? WireSecurity.ISTIO_MTLS : WireSecurity.TLS, basis, hello);
  }

  private static boolean isIstio(ClientHello hello, int port) {
    return hello.protocols().stream().anyMatch(ISTIO_PROTOCOLS::contains)
        || (port == TUNNEL_PORT && hello.protocols().contains("h2"));
  }

  /** Returns whether bytes begin with the header of a TLS record; text cannot. */
  private static boolean isRecord(byte[] bytes) {
    byte[] header = Arrays.copyOf(bytes, ClientHello.RECORD_HEADER);
    int length = ((header[3] & 0xFF) << 8) | (header[4] & 0xFF);
    return bytes.length >= ClientHello.RECORD_HEADER
        && header[0] >= FIRST_RECORD_TYPE
        && header[0] <= LAST_RECORD_TYPE
        && header[1] == 3
        && header[2] <= 4
        && header[2] >= 0
        && length > 0
        && length <= LONGEST_RECORD;
  }
}
