// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.wire;

/** The security of a connection on the wire. */
public enum WireSecurity {
  /** Not TLS: anybody on the path can read it. */
  PLAINTEXT,
  /** TLS, but nothing shows that it is Istio's. */
  TLS,
  /**
   * The client offers what only Istio's proxies offer. Whether it then presented a certificate is
   * encrypted in TLS 1.3; a server proxy accepts such a connection only with one.
   */
  ISTIO_MTLS,
  /** Too little was seen to say. */
  UNKNOWN
}
