// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.mtlsmigration.api.problem.ApiException;
import io.mtlsmigration.api.problem.ErrorCode;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Each window is a reading of the whole mesh. */
final class AskedWindowsTest {

  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  private final AskedWindows windows = new AskedWindows();

  private ErrorCode refused(Duration window, Instant now) {
    return assertThrows(ApiException.class, () -> windows.admit(window, now)).code();
  }

  @Test
  void whoeverAsksAboutEverNewWindowsIsRefused() {
    for (int i = 1; i <= AskedWindows.MOST; i++) {
      windows.admit(Duration.ofSeconds(i), NOW);
    }

    assertEquals(ErrorCode.TOO_MANY_REQUESTS, refused(Duration.ofHours(2), NOW));
    assertDoesNotThrow(() -> windows.admit(Duration.ofSeconds(1), NOW));
    assertDoesNotThrow(
        () -> windows.admit(Duration.ofHours(2), NOW.plus(AskedWindows.KEPT).plusMillis(1)));
  }

  /** Whoever may read could keep the others' pages from showing anything. */
  @Test
  void nobodysOtherWindowsKeepTheUsualOnesFromAnybody() {
    for (int i = 1; i <= AskedWindows.MOST; i++) {
      windows.admit(Duration.ofMinutes(100 + i), NOW);
    }

    assertDoesNotThrow(() -> AskedWindows.USUAL.forEach(window -> windows.admit(window, NOW)));
    assertEquals(ErrorCode.TOO_MANY_REQUESTS, refused(Duration.ofHours(2), NOW));
  }

  @Test
  void aWindowThatNoPlanMayHaveIsRefused() {
    assertEquals(ErrorCode.INVALID_PARAMETER, refused(Duration.ofDays(91), NOW));
    assertDoesNotThrow(() -> windows.admit(Duration.ofDays(90), NOW));
  }
}
