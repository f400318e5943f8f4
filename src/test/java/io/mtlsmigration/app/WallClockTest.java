// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

final class WallClockTest {

  @Test
  void tellsUtcWhereverTheMachineStands() {
    assertEquals(ZoneOffset.UTC, WallClock.clock().getZone());
  }
}
