// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.lease;

import java.time.Duration;

/**
 * One replica's part in the election. The default durations are client-go's: 15, 10 and 2 seconds.
 *
 * @param identity of this process; never used by another one, not even by a later one in this pod
 * @param address where this replica answers the others, and by which key; published verbatim while
 *     it leads
 * @param duration the time without a renewal after which others may take the lease; whole seconds
 * @param renewDeadline the time without a renewal after which the leader itself stops acting
 * @param retryPeriod the pause between two attempts
 */
public record LeaseOptions(
    String namespace,
    String name,
    String identity,
    String address,
    Duration duration,
    Duration renewDeadline,
    Duration retryPeriod) {

  /**
   * Checks the durations.
   *
   * @throws IllegalArgumentException when the durations leave no room for a leader that stops in
   *     time, or for one attempt that fails
   */
  public LeaseOptions {
    if (duration.toMillis() % 1000 != 0 || duration.isZero()) {
      throw new IllegalArgumentException("duration: expected whole seconds, got " + duration);
    }
    if (renewDeadline.compareTo(duration) >= 0) {
      throw new IllegalArgumentException(
          "renew-deadline (" + renewDeadline + ") has to be shorter than duration: " + duration);
    }
    if (retryPeriod.multipliedBy(5).compareTo(renewDeadline.multipliedBy(2)) >= 0
        || retryPeriod.isZero()) {
      throw new IllegalArgumentException(
          "retry-period (%s) has to be less than two fifths of renew-deadline: %s"
              .formatted(retryPeriod, renewDeadline));
    }
  }
}
