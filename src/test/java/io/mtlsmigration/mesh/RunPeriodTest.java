// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RunPeriodTest {

  private static final Duration DAY = Duration.ofDays(1);

  /** A daily job at 02:30 has no run on 2026-03-29, when 02:00 is followed by 03:00. */
  @ParameterizedTest
  @CsvSource({
    "2026-03-29T00:59:59Z, P1D",
    "2026-03-29T01:00:00Z, P2D",
    "2026-03-30T00:29:59Z, P2D",
    "2026-03-31T01:00:00Z, P1D",
    "2026-10-25T01:00:00Z, P2D",
    "2026-12-01T00:00:00Z, P1D",
  })
  void isLongerRightAfterTheClockHasChanged(Instant now, Duration period) {
    RunPeriod daily = new RunPeriod(DAY, DAY.multipliedBy(2), ZoneId.of("Europe/Berlin"));

    assertEquals(period, daily.at(now));
  }

  @Test
  void thatNobodyKnowsIsTheSameAtAnyTime() {
    RunPeriod unknown = RunPeriod.of(JobTemplate.UNKNOWN_PERIOD);

    assertEquals(JobTemplate.UNKNOWN_PERIOD, unknown.at(Instant.EPOCH));
  }
}
