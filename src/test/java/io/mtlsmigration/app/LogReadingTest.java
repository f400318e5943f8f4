// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import static org.awaitility.Awaitility.await;

import io.mtlsmigration.rollout.Leadership;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What a stranger's log does to the thread that reads it ends that reading, and no other. */
final class LogReadingTest {

  @Test
  void goesOnAfterWhateverAReadingThrew() {
    AtomicInteger readings = new AtomicInteger();

    LogReading reading =
        new LogReading(
            "reading",
            Duration.ofMillis(1),
            Leadership.ALONE,
            () -> {},
            () -> {
              switch (readings.incrementAndGet()) {
                case 1 -> throw new StackOverflowError("a line");
                case 2 -> throw new IllegalStateException("a log");
                default -> {}
              }
            });
    try (reading) {
      await().atMost(Duration.ofSeconds(5)).until(() -> readings.get() > 2);
    }
  }
}
