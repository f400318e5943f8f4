package io.mtlsmigration.kubernetes.logs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
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
  @Property(tries = 200)
  void countsInWhateverOrder(
      @ForAll @Size(min = 1, max = 60) List<@IntRange(min = 0, max = 1_800) Integer> seconds) {
    MinuteCounts any = new MinuteCounts(Duration.ofHours(1));
    seconds.forEach(second -> any.add(NOON.plusSeconds(second)));

    assertEquals(seconds.size(), any.sum(NOON, NOON.plusSeconds(1_860)));
    long first = seconds.stream().filter(second -> second < 600).count();
    assertEquals(first, any.sum(NOON, NOON.plusSeconds(600)));
  }
}
