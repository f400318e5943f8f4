// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.mtlsmigration.kubernetes.logs.HeldConnectionReader;
import io.mtlsmigration.rollout.Leadership;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.traffic.ConnectionRecord;
import java.time.Duration;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/** Reads the open connections of servers whose gates decide. */
final class ConnectionReading implements AutoCloseable {

  private static final Duration PAUSE = Duration.ofSeconds(5);

  private final HeldConnectionReader reader;
  private final LogReading reading;

  ConnectionReading(
      Function<Supplier<Set<String>>, HeldConnectionReader> reader,
      RolloutLedger ledger,
      Leadership leadership) {
    this.reader = reader.apply(() -> CallerReading.gates(ledger).first());
    this.reading = new LogReading("connections", PAUSE, leadership, () -> {}, this.reader::look);
  }

  ConnectionRecord record() {
    return reader;
  }

  @Override
  public void close() {
    reading.close();
  }
}
