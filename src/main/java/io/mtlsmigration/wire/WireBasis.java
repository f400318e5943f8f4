package io.mtlsmigration.wire;

/** What a judgement of a connection rests on. */
public enum WireBasis {
  /** Its first bytes. */
  BEGINNING,
  /** The beginning of a TLS greeting whose rest is missing. */
  PARTIAL_HELLO,
  /** It was open before the capture began: some bytes from its middle. */
  MIDSTREAM,
  /** The client sent nothing: a health check that only connects, or a server that speaks first. */
  NOTHING_SENT
}
