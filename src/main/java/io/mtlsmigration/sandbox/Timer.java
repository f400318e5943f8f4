// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A timer in real time for the sandbox. It has one thread, so tasks must be short; a failing task
 * is logged and does not stop the next ones. Once closed it silently accepts no more tasks.
 */
final class Timer implements AutoCloseable {

  private static final Logger LOG = System.getLogger(Timer.class.getName());

  private final ScheduledExecutorService executor =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().name("sandbox-timer").daemon().unstarted(task));

  /** A scheduled task that may be cancelled. */
  interface Task {
    void cancel();
  }

  Task after(Duration delay, Runnable task) {
    return scheduled(() -> executor.schedule(guarded(task), delay.toNanos(), TimeUnit.NANOSECONDS));
  }

  /** Runs a task at a fixed rate: a late run does not delay those after it. */
  Task every(Duration first, Duration period, Runnable task) {
    return scheduled(
        () ->
            executor.scheduleAtFixedRate(
                guarded(task), first.toNanos(), period.toNanos(), TimeUnit.NANOSECONDS));
  }

  private interface Submission {
    Future<?> submit();
  }

  private Task scheduled(Submission submission) {
    try {
      Future<?> future = submission.submit();
      return () -> future.cancel(false);
    } catch (RejectedExecutionException e) {
      return () -> {};
    }
  }

  private static Runnable guarded(Runnable task) {
    return () -> {
      try {
        task.run();
      } catch (RuntimeException e) {
        LOG.log(Level.ERROR, "A task of the sandbox failed", e);
      }
    };
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
