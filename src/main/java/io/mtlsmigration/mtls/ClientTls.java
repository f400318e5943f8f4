// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

/** The TLS mode of a client towards one endpoint. A STRICT server accepts only ISTIO_MUTUAL. */
public enum ClientTls {
  ISTIO_MUTUAL,
  /** TLS other than Istio's: a DestinationRule with SIMPLE or MUTUAL. */
  TLS,
  PLAINTEXT
}
