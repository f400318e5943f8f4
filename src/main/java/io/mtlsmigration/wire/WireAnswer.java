package io.mtlsmigration.wire;

/** What the server made of a connection, as far as the client's side shows it. */
public enum WireAnswer {
  /** The client has received something. */
  ANSWERED,
  /** The server reset it without having answered a byte: so Envoy refuses plaintext. */
  RESET,
  /** Neither was seen. */
  UNKNOWN
}
