// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.input;

import static org.junit.jupiter.api.Assertions.assertThrows;

import io.mtlsmigration.api.problem.ApiException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class HistoryRangeTest {

  /** Its first one would begin before all instants. */
  @Test
  void refusesAStepLongerThanAnyRange() {
    Duration ages = Duration.ofSeconds(Long.MAX_VALUE);
    HistoryQuery asked = new HistoryQuery(null, null, Instant.EPOCH, ages);

    assertThrows(
        ApiException.class,
        () -> HistoryRange.of(asked, Instant.parse("2026-06-01T09:00:00Z"), Duration.ofSeconds(5)));
  }
}
