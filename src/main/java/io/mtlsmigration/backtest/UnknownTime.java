// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.backtest;

import java.time.Instant;

/**
 * A time whose silence is not known.
 *
 * @param detail names and figures, in words; may be empty
 */
public record UnknownTime(Instant from, Instant until, UnknownCause cause, String detail) {

  /** The whole of time. */
  public static UnknownTime always(UnknownCause cause, String detail) {
    return new UnknownTime(Instant.MIN, Instant.MAX, cause, detail);
  }
}
