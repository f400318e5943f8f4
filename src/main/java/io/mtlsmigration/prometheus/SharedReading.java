// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One reading shared by all callers: made in the background, again when it is old. A tick never
 * waits for Prometheus, and uses the last reading, whose age the gates judge; only the first one is
 * waited for, and not for long.
 *
 * @param <R> the reading
 */
final class SharedReading<R> {

  /** The longest wait for the first reading, so that a preview shows evidence at once. */
  static final Duration FIRST_WAIT = Duration.ofSeconds(3);

  /**
   * The properties of a reading.
   *
   * @param failed whether nothing was read
   * @param failure creates a reading that knows nothing, from the reason
   */
  record Kind<R>(Function<R, Instant> asOf, Predicate<R> failed, Function<String, R> failure) {}

  private final Kind<R> kind;
  private final Duration refresh;
  private final Clock clock;
  private final Executor background;
  private @Nullable R last;
  private @Nullable CompletableFuture<R> next;
  private Instant asked = Instant.MIN;

  /**
   * Creates an empty share.
   *
   * @param refresh how long a reading is shared
   */
  SharedReading(Kind<R> kind, Duration refresh, Clock clock, Executor background) {
    this.kind = kind;
    this.refresh = refresh;
    this.clock = clock;
    this.background = background;
  }

  /**
   * Returns the last reading that suffices.
   *
   * @param survey makes a reading
   * @param enough whether a reading suffices, its age aside
   */
  R read(Instant now, Supplier<R> survey, Predicate<R> enough) {
    return read(now, survey, enough, FIRST_WAIT);
  }

  /**
   * The same.
   *
   * @param wait for a reading when none suffices
   */
  R read(Instant now, Supplier<R> survey, Predicate<R> enough, Duration wait) {
    CompletableFuture<R> running;
    synchronized (this) {
      asked = now;
      R known = last;
      boolean serves = known != null && !ahead(known, now) && enough.test(known);
      if (next == null && (known == null || !serves || stale(known, now))) {
        next = begun(survey);
      }
      if (known != null && serves) {
        return known;
      }
      running = next;
    }
    return first(running, wait);
  }

  /** Returns null when the background takes no more work. */
  private @Nullable CompletableFuture<R> begun(Supplier<R> survey) {
    try {
      return CompletableFuture.supplyAsync(() -> made(survey), background);
    } catch (RejectedExecutionException e) {
      return null;
    }
  }

  private R made(Supplier<R> survey) {
    R reading = null;
    try {
      reading = survey.get();
      return reading;
    } finally {
      done(reading);
    }
  }

  /** Returns whether the clock was set back since: nobody knows how old the reading is. */
  private boolean ahead(R reading, Instant now) {
    return kind.asOf().apply(reading).isAfter(now.plus(refresh));
  }

  private boolean stale(R reading, Instant now) {
    return !kind.asOf().apply(reading).plus(refresh).isAfter(now);
  }

  /**
   * Stores a reading. One failure does not break a soak: the reading before it stays until it has
   * grown old.
   */
  private synchronized void done(@Nullable R reading) {
    next = null;
    R known = last;
    boolean keep =
        reading != null
            && kind.failed().test(reading)
            && known != null
            && !kind.failed().test(known)
            && !ahead(known, clock.instant())
            && kind.asOf().apply(known).plus(refresh.multipliedBy(2)).isAfter(clock.instant());
    if (reading != null && !keep) {
      last = reading;
    }
  }

  private R first(@Nullable CompletableFuture<R> running, Duration wait) {
    if (running == null) {
      return kind.failure().apply("too many questions wait for Prometheus already: ask again");
    }
    try {
      return running.get(wait.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      return kind.failure().apply("Prometheus has not answered yet");
    }
    return kind.failure().apply("Prometheus is being asked");
  }

  /** Returns the last reading; null when there is none. */
  synchronized @Nullable R last() {
    return last;
  }

  /** Returns whether no query is running. */
  synchronized boolean settled() {
    return next == null;
  }

  /** Returns whether there was no recent caller. */
  synchronized boolean idle(Instant now) {
    return next == null && asked.plus(refresh.multipliedBy(2)).isBefore(now);
  }
}
