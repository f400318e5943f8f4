// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** How old something may be, also by a clock that was set back. */
final class LimitsTest {

  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final Duration MINUTE = Duration.ofMinutes(1);

  @Test
  void whatIsOfNowIsNotOld() {
    assertFalse(Limits.old(NOW.minusSeconds(60), MINUTE, NOW));
    assertTrue(Limits.old(NOW.minusSeconds(61), MINUTE, NOW));
  }

  @Test
  void whatWasReadDuringTheSameTickIsNotOld() {
    assertFalse(Limits.old(NOW.plusSeconds(20), MINUTE, NOW));
  }

  /** Its age is unknown, and it would be of the future for as long as the clock was set back. */
  @Test
  void whatIsOfTheFutureIsOld() {
    assertTrue(Limits.old(NOW.plusSeconds(3600), MINUTE, NOW));
  }

  @Test
  void whatNeverWasIsOld() {
    assertTrue(Limits.old(Instant.MIN, MINUTE, NOW));
  }
}
