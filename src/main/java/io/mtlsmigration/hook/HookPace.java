// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hook;

import java.time.Duration;
import java.util.Collections;
import java.util.List;

/**
 * The pace of calls to a hook.
 *
 * @param answerAge how long an agreement counts; after half of it a new one is requested, so that a
 *     waiting lock does not lose it in between
 * @param refusalPause the pause after a refusal, because people change their mind
 * @param firstPause the pause after the first failure; doubled with each further one
 * @param longestPause the longest pause between two attempts
 * @param keepTrying how long delivery of a message is attempted
 */
public record HookPace(
    Duration answerAge,
    Duration refusalPause,
    Duration firstPause,
    Duration longestPause,
    Duration keepTrying) {

  private static final int DOUBLINGS = 20;

  /**
   * Returns the pause after consecutive failures. Half of it is random, so that a receiver that
   * recovers does not get all calls at once.
   *
   * @param failures at least 1
   * @param chance from 0 to 1
   */
  Duration afterFailures(int failures, double chance) {
    Duration doubled = firstPause.multipliedBy(1L << Math.min(failures - 1, DOUBLINGS));
    Duration whole = doubled.compareTo(longestPause) > 0 ? longestPause : doubled;
    return Duration.ofMillis((long) (whole.toMillis() * (0.5 + chance / 2)));
  }

  /** Returns the longest pause of all. */
  Duration longest() {
    return Collections.max(List.of(longestPause, refusalPause, afterConsent()));
  }

  Duration afterConsent() {
    return answerAge.dividedBy(2);
  }
}
