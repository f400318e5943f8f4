// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class SamplesTest {

  private static final Instant START = Stage.START;
  private final Samples samples = new Samples(Duration.ofHours(2));

  private static Instant at(long seconds) {
    return START.plusSeconds(seconds);
  }

  private long count(long from, long to) {
    return samples.sum(at(from), at(to)).count();
  }

  @Test
  void countsWhatLiesInTheWindowAndNothingElse() {
    samples.add(at(10), 1, 0);
    samples.add(at(20), 2, 0);
    samples.add(at(30), 4, 0);

    assertEquals(2, count(11, 29));
    assertEquals(7, count(10, 30));
    assertEquals(0, count(31, 60));
    assertEquals(0, count(0, 9));
  }

  @Test
  void tellsTheTwoKindsApart() {
    samples.add(at(10), 3, 5);

    Samples.Sum sum = samples.sum(at(0), at(60));

    assertEquals(3, sum.count());
    assertEquals(5, sum.other());
  }

  @Test
  void tellsFirstAndLastWithinTheWindow() {
    samples.add(at(10), 1, 0);
    samples.add(at(20), 1, 0);
    samples.add(at(30), 1, 0);

    Samples.Sum sum = samples.sum(at(15), at(40));

    assertEquals(at(20), sum.first());
    assertEquals(at(30), sum.last());
  }

  @Test
  void saysTooMuchRatherThanTooLittleOfOldTimes() {
    for (int s = 0; s < 3_600; s++) {
      samples.add(at(s), 1, 0);
    }

    assertEquals(60, count(3_540, 3_600), "the last minute is exact");
    long older = count(1_830, 3_599);
    assertTrue(older >= 1_770 && older <= 1_770 + 60, "within a minute: " + older);
  }

  @Test
  void losesNothingWhenSecondsBecomeMinutes() {
    for (int s = 0; s < 3_600; s++) {
      samples.add(at(s), 1, 1);
    }

    Samples.Sum sum = samples.sum(at(0), at(3_600));

    assertEquals(3_600, sum.count());
    assertEquals(3_600, sum.other());
    assertEquals(at(0), sum.first());
  }

  @Test
  void forgetsWhatIsOlderThanItsRetention() {
    samples.add(at(0), 1, 0);
    for (int m = 1; m <= 180; m++) {
      samples.add(at(60L * m), 1, 0);
    }

    assertEquals(at(3_600), samples.sum(at(0), at(10_800)).first());
  }

  @Test
  void takesSamplesOfAClockThatStepsBack() {
    samples.add(at(100), 1, 0);
    samples.add(at(50), 1, 0);

    assertEquals(2, count(90, 110));
  }

  @Test
  void countsEachSampleInOneStepAlone() {
    for (int s = 0; s < 3_600; s++) {
      samples.add(at(s), 1, 0);
    }

    long[] fresh = samples.counts(at(3_540), Duration.ofSeconds(20), 4);
    long[] all = samples.counts(at(0), Duration.ofSeconds(20), 180);

    assertArrayEquals(new long[] {20, 20, 20, 0}, fresh);
    assertEquals(3_600, Arrays.stream(all).sum());
  }

  @Test
  void knowsHowLongItHasBeenSilent() {
    samples.add(at(100), 1, 0);

    assertTrue(samples.silentSince(at(101)));
    assertFalse(samples.silentSince(at(100)));
  }
}
