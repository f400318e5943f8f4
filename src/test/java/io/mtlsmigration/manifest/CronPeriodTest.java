// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CronPeriodTest {

  @ParameterizedTest
  @CsvSource({
    "'*/5 * * * *', PT5M",
    "'0 * * * *', PT1H",
    "'0 3 * * *', P1D",
    "'@daily', P1D",
    "'@weekly', P7D",
    "'0 3 * * 1', P7D",
    "'0 3 * * 1-5', P3D",
    "'0 3 1 * *', P31D",
    "'@monthly', P31D",
    "'0 3 ? * 0', P7D",
    "'TZ=Europe/Berlin 0 3 * * 7', P7D",
    "'0 0 * * SUN', P7D",
    "'@yearly', P366D",
  })
  void isTheLongestPauseBetweenTwoRuns(String schedule, Duration period) {
    assertEquals(period, CronPeriod.of(schedule));
  }

  @Test
  void isNotKnownOfWhatIsNoSchedule() {
    assertNull(CronPeriod.of(""));
    assertNull(CronPeriod.of("every other week"));
  }
}
