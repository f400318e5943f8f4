// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.wire;

/** The server's reaction to a connection, as far as the client's side shows it. */
public enum WireAnswer {
  /** The client has received something. */
  ANSWERED,
  /** The server reset it without having answered a byte, which is how Envoy refuses plaintext. */
  RESET,
  /** Neither was seen. */
  UNKNOWN
}
