package io.mtlsmigration.wire;

/** Which bound ended a capture. */
public enum WireEnd {
  /** It lasted as long as was asked for. */
  TIME,
  /** As many packets as were asked for had been seen: busy ports need a shorter look. */
  PACKETS,
  /** The capture had grown as large as it may. */
  SIZE
}
