package io.mtlsmigration.prometheus;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One reading that all who ask share: made in the background, anew when it is old. A tick never
 * waits for Prometheus, and works with the last reading, whose age the gates judge; only for the
 * first one it waits, and not for long.
 *
 * @param <R> what is read
 */
final class SharedReading<R> {

  /** The first reading is waited for, so that a preview shows evidence at once. */
  private static final Duration FIRST_WAIT = Duration.ofSeconds(3);

  /**
   * What a reading tells of itself.
   *
   * @param failed that nothing was read
   * @param failure a reading of which nothing is known, and why
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
   * @param refresh a reading is shared for this long
   */
  SharedReading(Kind<R> kind, Duration refresh, Clock clock, Executor background) {
    this.kind = kind;
    this.refresh = refresh;
    this.clock = clock;
    this.background = background;
  }

  /**
   * The last reading that will do.
   *
   * @param survey makes one
   * @param enough whether one that is not too old will do
   */
  R read(Instant now, Supplier<R> survey, Predicate<R> enough) {
    CompletableFuture<R> running;
    synchronized (this) {
      asked = now;
      R known = last;
      boolean serves = known != null && enough.test(known);
      if (next == null && (known == null || !serves || stale(known, now))) {
        next = CompletableFuture.supplyAsync(() -> made(survey), background);
      }
      if (known != null && serves) {
        return known;
      }
      running = next;
    }
    return first(running);
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

  private boolean stale(R reading, Instant now) {
    return !kind.asOf().apply(reading).plus(refresh).isAfter(now);
  }

  /** One failure does not break a soak: the reading before it holds until it has grown old. */
  private synchronized void done(@Nullable R reading) {
    next = null;
    R known = last;
    boolean keep =
        reading != null
            && kind.failed().test(reading)
            && known != null
            && !kind.failed().test(known)
            && kind.asOf().apply(known).plus(refresh.multipliedBy(2)).isAfter(clock.instant());
    if (reading != null && !keep) {
      last = reading;
    }
  }

  private R first(@Nullable CompletableFuture<R> running) {
    try {
      if (running != null) {
        return running.get(FIRST_WAIT.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      return kind.failure().apply("Prometheus has not answered yet");
    }
    return kind.failure().apply("Prometheus is being asked");
  }

  /** True when nothing is being asked. */
  synchronized boolean settled() {
    return next == null;
  }

  /** True when nobody has asked lately. */
  synchronized boolean idle(Instant now) {
    return next == null && asked.plus(refresh.multipliedBy(2)).isBefore(now);
  }
}
