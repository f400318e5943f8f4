// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.wire;

/** The bound that ended a capture. */
public enum WireEnd {
  /** The requested duration was over. */
  TIME,
  /** The requested number of packets was reached: busy ports need a shorter capture. */
  PACKETS,
  /** The capture reached its maximum size. */
  SIZE
}
