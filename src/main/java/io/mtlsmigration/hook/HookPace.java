package io.mtlsmigration.hook;

import java.time.Duration;

/**
 * When a hook is called again.
 *
 * @param answerAge for so long a consent counts; after half of it a new one is asked for, so that a
 *     lock that waits does not lose it in between
 * @param refusalPause after a refusal: people change their mind
 * @param firstPause after the first failure; doubled with each further one
 * @param longestPause between two attempts
 * @param keepTrying for so long a hook is told what has happened
 */
public record HookPace(
    Duration answerAge,
    Duration refusalPause,
    Duration firstPause,
    Duration longestPause,
    Duration keepTrying) {

  private static final int DOUBLINGS = 20;

  /**
   * How long to wait after failures in a row. Half of it is chance, so that a receiver that comes
   * back is not met by all at once.
   *
   * @param failures at least 1
   * @param chance from 0 to 1
   */
  Duration afterFailures(int failures, double chance) {
    Duration doubled = firstPause.multipliedBy(1L << Math.min(failures - 1, DOUBLINGS));
    Duration whole = doubled.compareTo(longestPause) > 0 ? longestPause : doubled;
    return Duration.ofMillis((long) (whole.toMillis() * (0.5 + chance / 2)));
  }

  Duration afterConsent() {
    return answerAge.dividedBy(2);
  }
}
