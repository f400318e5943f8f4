// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LookPaceTest {

  private final List<String> looked = new ArrayList<>();
  private final LookPace pace =
      new LookPace(Clock.fixed(Instant.parse("2026-06-01T09:00:00Z"), ZoneOffset.UTC));

  private boolean look(String name) {
    return pace.look(name, () -> looked.add(name));
  }

  /** Whoever asks for one name again and again takes nobody else's look away. */
  @Test
  void looksForANameOnceASecond() {
    assertTrue(look("q4"));
    for (int i = 0; i < 100; i++) {
      assertFalse(look("q4"));
    }

    assertTrue(look("q5"));
    assertEquals(List.of("q4", "q5"), looked);
  }

  @Test
  void looksForTenNamesASecond() {
    for (int i = 0; i < 30; i++) {
      look("plan-" + i);
    }

    assertEquals(10, looked.size());
  }

  /** An API server that is slow holds the threads of few calls. */
  @Test
  void looksForFourNamesAtATime() {
    List<Boolean> inner = new ArrayList<>();
    pace.look(
        "a",
        () ->
            pace.look("b", () -> pace.look("c", () -> pace.look("d", () -> inner.add(look("e"))))));

    assertEquals(List.of(false), inner);
  }
}
