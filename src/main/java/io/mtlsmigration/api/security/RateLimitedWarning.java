// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.security;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Warns of a failure that recurs with every call while another system is down: at once, and then
 * once a minute with the number of failures since. Stack traces are logged at {@code DEBUG}.
 */
public final class RateLimitedWarning {

  private static final Duration PAUSE = Duration.ofMinutes(1);
  private static final int DEEPEST = 10;

  private final Logger log;
  private final String what;

  private @Nullable Instant told;
  private long times;

  /**
   * Creates a warning.
   *
   * @param what constant, in words
   */
  public RateLimitedWarning(Logger log, String what) {
    this.log = log;
    this.what = what;
  }

  /** Records another failure. */
  public void add(Throwable failure, Clock clock) {
    log.debug(what, failure);
    line(failure, clock.instant()).ifPresent(log::warn);
  }

  /** Returns the line to log now; mostly none. */
  synchronized Optional<String> line(Throwable failure, Instant now) {
    times++;
    if (told != null && now.isBefore(told.plus(PAUSE))) {
      return Optional.empty();
    }
    String line = what + " times=" + times + " cause=" + inWords(failure);
    told = now;
    times = 0;
    return Optional.of(line);
  }

  /** Returns the failure and its root cause. */
  private static String inWords(Throwable failure) {
    Throwable bottom = failure.getCause();
    if (bottom == null) {
      return failure.toString();
    }
    for (int i = 0; i < DEEPEST && bottom.getCause() != null; i++) {
      bottom = bottom.getCause();
    }
    return failure + ", by " + bottom;
  }
}
