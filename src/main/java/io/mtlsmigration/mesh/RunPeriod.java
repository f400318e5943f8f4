// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;

/**
 * How far apart the runs of a CronJob are.
 *
 * @param usual the longest time between two runs, {@link JobTemplate#UNKNOWN_PERIOD} for a schedule
 *     that cannot be parsed
 * @param acrossChange the same where the clock of its zone changes in between
 * @param zone by whose clock it runs
 */
public record RunPeriod(Duration usual, Duration acrossChange, ZoneId zone) {

  /** Returns a period that no change of a clock makes longer. */
  public static RunPeriod of(Duration usual) {
    return new RunPeriod(usual, usual, ZoneOffset.UTC);
  }

  /** Returns the longest time without a run that may not have ended before an instant. */
  public Duration at(Instant now) {
    ZoneOffsetTransition last = zone.getRules().previousTransition(now.plusNanos(1));
    return last != null && last.getInstant().isAfter(now.minus(acrossChange))
        ? acrossChange
        : usual;
  }
}
