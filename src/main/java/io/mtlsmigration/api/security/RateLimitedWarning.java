package io.mtlsmigration.api.security;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Tells of what goes wrong with every call while somebody else is away: at once, and then each
 * minute once, with how often it did since. Traces of the stack are for {@code DEBUG}.
 */
public final class RateLimitedWarning {

  private static final Duration PAUSE = Duration.ofMinutes(1);
  private static final int DEEPEST = 10;

  private final Logger log;
  private final String what;

  private @Nullable Instant told;
  private long times;

  /**
   * @param what constant, in words
   */
  public RateLimitedWarning(Logger log, String what) {
    this.log = log;
    this.what = what;
  }

  /** It has happened again. */
  public void add(Throwable failure, Clock clock) {
    log.debug(what, failure);
    line(failure, clock.instant()).ifPresent(log::warn);
  }

  /** What is to be told of it now; mostly nothing. */
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

  /** The failure, and what is at the bottom of it. */
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
