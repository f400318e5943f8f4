// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.mtlsmigration.mtls.Posture;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is remembered of where the mesh stood. */
final class MeshLogTest {

  private static final Instant START = Instant.parse("2026-11-25T10:00:00Z");
  private static final Duration LOOK = Duration.ofSeconds(5);
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final MeshLog log = new MeshLog();

  private static MeshCounts strict(int workloads) {
    return new MeshCounts(Map.of(), Map.of(Posture.STRICT, workloads), Map.of());
  }

  private static Instant after(Duration time) {
    return START.plus(time);
  }

  /** Looks every five seconds. */
  private void look(Duration from, Duration to, int strict) {
    for (Duration at = from; at.compareTo(to) <= 0; at = at.plus(LOOK)) {
      log.record(after(at), strict(strict));
    }
  }

  private static int[] workloads(@Nullable MeshCounts[] counts) {
    int[] numbers = new int[counts.length];
    for (int i = 0; i < counts.length; i++) {
      MeshCounts one = counts[i];
      numbers[i] = one == null ? -1 : one.workloads().getOrDefault(Posture.STRICT, 0);
    }
    return numbers;
  }

  @Test
  void tellsWhatWasLastSeenInEachStep() {
    look(Duration.ZERO, Duration.ofSeconds(65), 1);
    look(Duration.ofSeconds(70), Duration.ofSeconds(125), 2);

    assertArrayEquals(new int[] {1, 2, 2}, workloads(log.read(START, MINUTE, 3)));
    assertEquals(Optional.of(START), log.since());
  }

  @Test
  void knowsNothingOfWhenNobodyLooked() {
    look(Duration.ZERO, Duration.ofSeconds(30), 1);
    look(Duration.ofMinutes(3), Duration.ofMinutes(4), 1);

    assertArrayEquals(
        new int[] {-1, 1, -1, -1, 1, 1, -1}, workloads(log.read(START.minus(MINUTE), MINUTE, 7)));
  }

  @Test
  void knowsNothingBeforeItsFirstLook() {
    assertEquals(Optional.empty(), log.since());
    assertNull(log.read(START, MINUTE, 1)[0]);
  }

  @Test
  void doesNotBelieveAClockThatStepsBack() {
    log.record(START, strict(1));
    log.record(START.minusSeconds(10), strict(2));

    assertArrayEquals(new int[] {1}, workloads(log.read(START, MINUTE, 1)));
  }

  @Test
  void keepsOneOfManyChangesInAMinuteOnceTheyAreAnHourOld() {
    for (int i = 0; i < 3 * 720; i++) {
      log.record(after(LOOK.multipliedBy(i)), strict(i));
    }

    int[] old = workloads(log.read(START, LOOK, 12));
    int[] fresh = workloads(log.read(after(Duration.ofMinutes(170)), LOOK, 12));

    assertEquals(11, old[11], "the last of the first minute");
    assertEquals(11, old[0], "stands for all of it");
    assertArrayEquals(
        new int[] {2040, 2041, 2042, 2043, 2044, 2045, 2046, 2047, 2048, 2049, 2050, 2051}, fresh);
  }

  @Test
  void forgetsWhatIsOlderThanADay() {
    look(Duration.ZERO, Duration.ofSeconds(10), 1);
    Duration later = MeshLog.KEPT.plusHours(2);
    look(later, later.plusSeconds(10), 2);
    log.record(after(later.plusHours(1)), strict(3));
    log.record(after(later.plusHours(2)), strict(3));

    assertNull(log.read(START, MINUTE, 1)[0]);
    assertNotNull(log.read(after(later), MINUTE, 1)[0]);
  }
}
