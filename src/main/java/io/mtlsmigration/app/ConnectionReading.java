// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.mtlsmigration.kubernetes.logs.HeldConnectionReader;
import io.mtlsmigration.rollout.Leadership;
import io.mtlsmigration.traffic.ConnectionRecord;
import java.time.Duration;

/** Reads the open connections of servers whose gates ask for them. */
final class ConnectionReading implements AutoCloseable {

  private static final Duration PAUSE = Duration.ofSeconds(5);

  private final HeldConnectionReader reader;
  private final LogReading reading;

  ConnectionReading(HeldConnectionReader reader, Leadership leadership) {
    this.reader = reader;
    this.reading = new LogReading("connections", PAUSE, leadership, () -> {}, reader::look);
  }

  ConnectionRecord record() {
    return reader;
  }

  @Override
  public void close() {
    reading.close();
  }
}
