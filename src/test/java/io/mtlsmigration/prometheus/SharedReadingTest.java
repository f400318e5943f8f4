// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mtlsmigration.testing.ManualClock;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What is shared, and for how long, by a clock that people and virtual machines set. */
final class SharedReadingTest {

  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  private record Reading(Instant asOf, boolean failed) {}

  private final ManualClock clock = new ManualClock(NOW);
  private final SharedReading<Reading> shared =
      new SharedReading<>(
          new SharedReading.Kind<>(
              Reading::asOf, Reading::failed, why -> new Reading(Instant.EPOCH, true)),
          Duration.ofSeconds(15),
          clock,
          Thread::startVirtualThread);

  private Instant read(Instant now, boolean fails) {
    return shared.read(now, () -> new Reading(now, fails), reading -> true).asOf();
  }

  @Test
  void isSharedForAsLongAsItIsFresh() {
    read(NOW, false);

    assertEquals(NOW, read(NOW.plusSeconds(10), false));
  }

  /** Until the clock has caught up again, the reading of before would never grow old. */
  @Test
  void isMadeAnewWhenTheClockWasSetBack() {
    read(NOW, false);
    Instant back = NOW.minus(Duration.ofHours(1));

    assertEquals(back, read(back, false));
  }

  @Test
  void doesNotOutliveAFailureWhenTheClockWasSetBack() {
    read(NOW, false);
    Instant back = NOW.minus(Duration.ofHours(1));
    clock.set(back);
    read(back, true);

    assertEquals(back, shared.last().asOf());
  }
}
