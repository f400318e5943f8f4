// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mtlsmigration.testing.Seeds;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MinuteCountsTest {

  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

  private final MinuteCounts counts = new MinuteCounts(Duration.ofHours(1));

  private long sum(int from, int to) {
    return counts.sum(NOON.plusSeconds(from), NOON.plusSeconds(to));
  }

  @Test
  void countsAPartOfAMinuteInPart() {
    for (int second = 0; second < 60; second++) {
      counts.add(NOON.plusSeconds(second));
    }

    assertEquals(60, sum(0, 60));
    assertEquals(60, sum(-90, 90));
    assertEquals(15, sum(45, 90));
    assertEquals(15, sum(-45, 15));
    assertEquals(20, sum(20, 40));
    assertEquals(0, sum(60, 120));
    assertEquals(0, sum(-60, 0));
  }

  @Test
  void forgetsWhatNobodyMayAskFor() {
    counts.add(NOON);
    counts.add(NOON.plusSeconds(3_600));
    assertEquals(2, sum(0, 7_200));

    counts.add(NOON.plusSeconds(3_660));

    assertEquals(2, sum(0, 7_200));
  }

  @Test
  void keepsTheOthersWhenItForgets() {
    for (int minute = 0; minute < 100; minute++) {
      for (int i = 0; i <= minute % 7; i++) {
        counts.add(NOON.plusSeconds(minute * 60L));
      }
    }

    assertEquals(0, sum(0, 39 * 60));
    for (int minute = 39; minute < 100; minute++) {
      assertEquals(minute % 7 + 1, sum(minute * 60, minute * 60 + 60));
    }
  }

  /** Pods write at the same time, and are read one after the other. */
  @Test
  void countsInWhateverOrder() {
    Seeds.each(
        500,
        draw -> {
          List<Integer> seconds = draw.list(1, 60, () -> draw.between(0, 1_800));
          MinuteCounts any = new MinuteCounts(Duration.ofHours(1));
          seconds.forEach(second -> any.add(NOON.plusSeconds(second)));

          assertEquals(seconds.size(), any.sum(NOON, NOON.plusSeconds(1_860)), seconds::toString);
          int minutes = draw.between(0, 30);
          assertEquals(
              seconds.stream().filter(second -> second < 60 * minutes).count(),
              any.sum(NOON, NOON.plusSeconds(60L * minutes)),
              () -> "of " + seconds + " in " + minutes + " minutes");
        });
  }
}
