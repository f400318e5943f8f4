// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import java.time.Duration;
import java.time.Instant;

/**
 * When a CronJob runs, and when it last has.
 *
 * @param period how far apart its runs are
 * @param madeAt {@link Instant#EPOCH} when it does not say, as in a file
 * @param scheduledAt when its last run was due that has begun ({@code status.lastScheduleTime});
 *     one that was missed begins later; {@link Instant#EPOCH} when none has
 * @param active whether a run is under way ({@code status.active})
 * @param succeededAt when its last run ended well ({@code status.lastSuccessfulTime}); {@link
 *     Instant#EPOCH} when none has
 */
public record CronRuns(
    RunPeriod period, Instant madeAt, Instant scheduledAt, boolean active, Instant succeededAt) {

  /** Returns the runs of a CronJob that exists in a file alone. */
  public static CronRuns of(RunPeriod period) {
    return new CronRuns(period, Instant.EPOCH, Instant.EPOCH, false, Instant.EPOCH);
  }

  public static CronRuns of(Duration period) {
    return of(RunPeriod.of(period));
  }
}
