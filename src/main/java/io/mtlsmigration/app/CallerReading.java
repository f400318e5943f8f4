package io.mtlsmigration.app;

import io.mtlsmigration.kubernetes.logs.AccessLogCallers;
import io.mtlsmigration.rollout.Leadership;
import io.mtlsmigration.traffic.CallerRecord;
import java.time.Duration;

/** Reads the access logs of servers with unidentified plaintext clients. */
final class CallerReading implements AutoCloseable {

  static final Duration PAUSE = Duration.ofSeconds(5);

  /** The pause between dumps of ztunnel's connections; a dump is complete. */
  private static final Duration OPEN_PAUSE = Duration.ofSeconds(15);

  private final AccessLogCallers callers;
  private final LogReading reading;
  private final LogReading open;

  CallerReading(AccessLogCallers callers, Leadership leadership) {
    this.callers = callers;
    this.reading = new LogReading("callers", PAUSE, leadership, () -> {}, callers::read);
    this.open =
        new LogReading("open-connections", OPEN_PAUSE, leadership, () -> {}, callers::readOpen);
  }

  CallerRecord record() {
    return callers;
  }

  @Override
  public void close() {
    reading.close();
    open.close();
  }
}
