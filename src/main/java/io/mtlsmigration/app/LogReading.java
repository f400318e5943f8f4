// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.mtlsmigration.rollout.Leadership;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** Reads what pods tell repeatedly, on its own thread, while this replica leads. */
final class LogReading implements AutoCloseable {

  private static final Logger LOG = Logger.getLogger(LogReading.class);

  private final String name;
  private final Leadership leadership;
  private final Runnable observing;
  private final Runnable reading;
  private final ScheduledExecutorService thread;

  /**
   * Creates a reader.
   *
   * @param name of the thread
   * @param pause between two readings
   * @param observing done before each reading, on every replica
   */
  LogReading(
      String name, Duration pause, Leadership leadership, Runnable observing, Runnable reading) {
    this.name = name;
    this.leadership = leadership;
    this.observing = observing;
    this.reading = reading;
    this.thread =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name(name).factory());
    var unused =
        thread.scheduleWithFixedDelay(
            this::read, pause.toMillis(), pause.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void read() {
    try {
      observing.run();
      if (leadership.leads()) {
        reading.run();
      }
    } catch (RuntimeException | Error e) {
      // An exception here would end the schedule silently.
      LOG.warnf(e, "What pods tell could not be read and is tried again of=%s", name);
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
