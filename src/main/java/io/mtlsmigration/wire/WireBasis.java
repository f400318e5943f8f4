// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.wire;

/** The basis of a classification. */
public enum WireBasis {
  /** Its first bytes. */
  BEGINNING,
  /** The beginning of a ClientHello whose rest is missing. */
  PARTIAL_HELLO,
  /** Bytes from the middle: the connection was open before the capture began. */
  MIDSTREAM,
  /** The client sent nothing: a health check that only connects, or a server that speaks first. */
  NOTHING_SENT
}
