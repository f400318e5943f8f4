// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.mtlsmigration.mesh.JobTemplate;
import io.mtlsmigration.mesh.RunPeriod;
import java.time.Duration;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
    "'@every 168h', P7D",
    "'@every 1h30m', PT1H30M",
    "'@every 1.5h', PT1H30M",
    "'CRON_TZ=Asia/Tokyo @every 90s', PT1M30S",
    "'0 0 1 jan,JUL *', P184D",
    "'0 0 * * Mon-Fri', P3D",
    "'0 0 ? * ?', P1D",
    "'* * * * 1', P6DT1M",
    "'*/10 * 1 * *', P30DT10M",
    "'0-59 3,22 * * *', PT18H1M",
    "'* * * * *', PT1M",
    "'10,20 8-17 * * 1-5', P2DT14H50M",
    "'0 3 * 1-11 *', P32D",
    "'0 3 29 2 *', P1461D",
    "'0 3 1,15 * 1', P7D",
    "'0 3 1 * */2', P2D",
    "'0 3 */2 * 1', P2D",
    "'5/20 * * * *', PT20M",
    "'0 */5 * * *', PT5H",
    "'0 0 * * 5-7', P5D",
    "'0 0 * * 1/3', P4D",
  })
  void isTheLongestPauseBetweenTwoRuns(String schedule, Duration period) {
    assertEquals(period, CronPeriod.of(schedule, "").usual());
  }

  /** An hour more, or the run that is skipped; the zones of the schedule and of the CronJob. */
  @ParameterizedTest
  @CsvSource({
    "0 3 * * *, Europe/Berlin, P1D, PT25H",
    "30 2 * * *, Europe/Berlin, P1D, P2D",
    "30 2 * * 0, Europe/Berlin, P7D, P14D",
    "TZ=America/New_York 59 2 * * *, '', P1D, P2D",
    "CRON_TZ=America/New_York 0 3 * * *, '', P1D, PT25H",
    "0 3 * * *, Asia/Kathmandu, P1D, P1D",
    "0 3 * * *, EST, P1D, P1D",
    "0 3 * * *, '', P1D, P1D",
    "15 0 * * *, Africa/Cairo, P1D, P3D",
    "0 12 * * *, Australia/Lord_Howe, P1D, P3D",
    "*/5 * * * *, Europe/Berlin, PT5M, PT1H5M",
    "@every 24h, Europe/Berlin, P1D, P1D",
  })
  void isLongerWhereTheClockChanges(
      String schedule, String zone, Duration usual, Duration acrossChange) {
    RunPeriod period = CronPeriod.of(schedule, zone);

    assertEquals(usual, period.usual());
    assertEquals(acrossChange, period.acrossChange());
  }

  @Test
  void isUnknownInAZoneThatNobodyKnows() {
    assertEquals(
        RunPeriod.of(JobTemplate.UNKNOWN_PERIOD), CronPeriod.of("0 3 * * *", "Mars/Olympus"));
  }

  /** Nobody knows that such a job does not run more rarely than any window is long. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "every other week",
        "@reboot",
        "@every",
        "@every week",
        "@every -1h",
        "@every 99999999999999999999h",
        "0 3 * *",
        "TZ=Europe/Berlin",
        "0 3 30 2 *",
        "60 * * * *",
        "0 24 * * *",
        "0 0 0 * *",
        "0 0 * 13 *",
        "0 0 * * 8",
        "5-1 * * * *",
        "*/0 * * * *",
        "1, * * * *",
        "-1 * * * *",
        "1-2-3 * * * *",
        "*/1/2 * * * *",
        "99999999999 * * * *",
        "0 0 * * * *",
        "\u0660 * * * *"
      })
  void isLongerThanAnyOfWhatIsNoSchedule(String schedule) {
    assertEquals(RunPeriod.of(JobTemplate.UNKNOWN_PERIOD), CronPeriod.of(schedule, ""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"*", "*/1", "1-7", "1-7/3"})
  void ofAScheduleAsLongAsAnObjectIsReadAtOnce(String range) {
    String list = String.join(",", Collections.nCopies(100_000, range));

    assertTimeoutPreemptively(
        Duration.ofSeconds(10),
        () -> CronPeriod.of("0 0 %s * %s".formatted(list, list), "Europe/Berlin"));
  }

  @Test
  void ofADurationAsLongAsAnObjectIsUnknown() {
    String schedule = "@every 1." + "0".repeat(1_000_000) + "1h";

    assertEquals(
        RunPeriod.of(JobTemplate.UNKNOWN_PERIOD),
        assertTimeoutPreemptively(Duration.ofSeconds(10), () -> CronPeriod.of(schedule, "")));
  }
}
