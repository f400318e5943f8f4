// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.testing.Draw;
import io.mtlsmigration.testing.Seeds;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChangeWindowTest {

  /** When clocks change in 2026. */
  private static final Map<String, List<Instant>> CHANGES =
      new TreeMap<>(
          Map.of(
              "UTC", changes("2026-04-04T12:00:00Z"),
              "+05:30", changes("2026-04-04T12:00:00Z"),
              "Europe/Berlin", changes("2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"),
              "America/New_York", changes("2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z"),
              "Australia/Lord_Howe", changes("2026-04-04T15:00:00Z", "2026-10-03T15:30:00Z")));

  private static List<Instant> changes(String... instants) {
    return Stream.of(instants).map(Instant::parse).toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Mon-Fri 09:00-16:00 Europe/Berlin     | Mon-Fri 09:00-16:00 Europe/Berlin
          mon,WED 09:00-16:00 UTC               | Mon,Wed 09:00-16:00 UTC
          Mon-Fri,Sun 09:00-16:00 UTC           | Mon-Fri,Sun 09:00-16:00 UTC
          Sunday 22:00-02:00 America/New_York   | Sun 22:00-02:00 America/New_York
          Fri-Mon 00:00-24:00 UTC               | Mon,Fri-Sun 00:00-00:00 UTC
          Tue,Mon,Wed 09:00-10:30 +02:00        | Mon-Wed 09:00-10:30 +02:00
          """)
  void readsDaysTimesAndZone(String text, String canonical) {
    assertEquals(canonical, ChangeWindow.parse(text).toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Mon-Fri",
        "Mon-Fri 09:00-16:00",
        "Mon-Fri 9:00-16:00 UTC",
        "Mon-Fri 09:00-24:01 UTC",
        "Mon-Fri 24:00-09:00 UTC",
        "Mon-Fri 09:60-16:00 UTC",
        "Mon-Fri 09:00-16:00 Europe/Atlantis",
        "Mon-Wed-Fri 09:00-16:00 UTC",
        "Mon, 09:00-16:00 UTC",
        "Mo 09:00-16:00 UTC",
        "Mon-Fri 09:00-16:00 UTC and so on"
      })
  void refusesWhatItCannotReadAndShowsTheForm(String text) {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> ChangeWindow.parse(text));

    assertTrue(
        refused.getMessage().contains("Mon-Fri 09:00-16:00 Europe/Berlin"), refused.getMessage());
  }

  // 2026-03-29 (Sunday) is when Berlin's clocks skip 02:00 to 03:00; on 2026-10-25 they repeat it.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Mon-Fri 09:00-16:00 Europe/Berlin | 2026-01-05T08:00:00Z     | true
          Mon-Fri 09:00-16:00 Europe/Berlin | 2026-01-05T07:59:59Z     | false
          Mon-Fri 09:00-16:00 Europe/Berlin | 2026-01-05T14:59:59.999Z | true
          Mon-Fri 09:00-16:00 Europe/Berlin | 2026-01-05T15:00:00Z     | false
          Mon-Fri 09:00-16:00 Europe/Berlin | 2026-01-04T09:00:00Z     | false
          Mon-Fri 09:00-16:00 Europe/Berlin | 2026-07-06T07:00:00Z     | true
          Mon 22:00-02:00 UTC               | 2026-01-05T22:00:00Z     | true
          Mon 22:00-02:00 UTC               | 2026-01-06T01:59:59Z     | true
          Mon 22:00-02:00 UTC               | 2026-01-06T02:00:00Z     | false
          Mon 22:00-02:00 UTC               | 2026-01-06T22:00:00Z     | false
          Mon 22:00-02:00 UTC               | 2026-01-05T01:00:00Z     | false
          Sun 22:00-24:00 UTC               | 2026-01-04T23:59:59Z     | true
          Sun 22:00-24:00 UTC               | 2026-01-05T00:00:00Z     | false
          Tue 00:00-24:00 UTC               | 2026-01-06T12:00:00Z     | true
          Sun 02:15-02:45 Europe/Berlin     | 2026-03-29T01:00:00Z     | false
          Sun 02:15-02:45 Europe/Berlin     | 2026-10-25T00:30:00Z     | true
          Sun 02:15-02:45 Europe/Berlin     | 2026-10-25T01:00:00Z     | false
          Sun 02:15-02:45 Europe/Berlin     | 2026-10-25T01:30:00Z     | true
          """)
  void isOpenByTheWallClockOfItsZone(String window, Instant instant, boolean open) {
    assertEquals(open, ChangeWindow.parse(window).contains(instant));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Mon-Fri 09:00-16:00 Europe/Berlin | 2026-01-05T10:00:00Z | 2026-01-05T10:00:00Z
          Mon-Fri 09:00-16:00 Europe/Berlin | 2026-01-02T15:00:00Z | 2026-01-05T08:00:00Z
          Mon-Fri 09:00-16:00 Europe/Berlin | 2026-03-27T15:00:00Z | 2026-03-30T07:00:00Z
          Mon 22:00-02:00 UTC               | 2026-01-06T02:00:00Z | 2026-01-12T22:00:00Z
          Sun 02:15-02:45 Europe/Berlin     | 2026-03-28T12:00:00Z | 2026-04-05T00:15:00Z
          Sun 02:15-03:45 Europe/Berlin     | 2026-03-29T00:30:00Z | 2026-03-29T01:00:00Z
          Sun 02:15-02:45 Europe/Berlin     | 2026-10-25T00:50:00Z | 2026-10-25T01:15:00Z
          Sun 01:00-02:30 Europe/Berlin     | 2026-10-25T00:45:00Z | 2026-10-25T01:00:00Z
          """)
  void namesItsNextOpening(String window, Instant instant, Instant opening) {
    assertEquals(opening, ChangeWindow.parse(window).nextOpening(instant));
  }

  @Test
  void readsItsOwnTextBack() {
    Seeds.each(
        1_000,
        draw -> {
          ChangeWindow window = window(draw, draw.of(List.copyOf(CHANGES.keySet())));

          assertEquals(window, ChangeWindow.parse(window.toString()));
        });
  }

  @Test
  void isOpenWhenItSaysThatItOpens() {
    Seeds.each(
        2_000,
        draw -> {
          String zone = draw.of(List.copyOf(CHANGES.keySet()));
          ChangeWindow window = window(draw, zone);
          int quarters = draw.coin() ? 8 : 3 * 96;
          Instant instant =
              draw.of(CHANGES.get(zone)).plusSeconds(900L * draw.between(-quarters, quarters));

          Instant opening = window.nextOpening(instant);

          Supplier<String> told = () -> window + " at " + instant + " opens " + opening;
          assertTrue(window.contains(opening), told);
          assertFalse(opening.isBefore(instant), told);
          assertTrue(opening.equals(instant) || !window.contains(opening.minusMillis(1)), told);
          // Windows begin at quarters, and clocks change at them.
          for (Instant at = instant; at.isBefore(opening); at = at.plusSeconds(900)) {
            assertFalse(window.contains(at), told);
          }
        });
  }

  /** Every other one about the hours at which clocks change. */
  private static ChangeWindow window(Draw draw, String zone) {
    String days = draw.of("Mon", "Sun", "Mon-Fri", "Sat-Mon", "Tue,Thu", "Mon-Sun", "Sat,Sun");
    boolean night = draw.coin();
    Supplier<String> time = () -> time(night ? draw.between(4, 16) : draw.below(96));
    return ChangeWindow.parse(days + " " + time.get() + "-" + time.get() + " " + zone);
  }

  private static String time(int quarters) {
    return String.format(Locale.ROOT, "%02d:%02d", quarters / 4, 15 * (quarters % 4));
  }
}
