// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.notice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DigestTimesTest {

  private static DigestTimes at(String zone, String... times) {
    return new DigestTimes(List.of(times).stream().map(LocalTime::parse).toList(), ZoneId.of(zone));
  }

  /** A minute after its time a digest is complete. */
  @ParameterizedTest
  @CsvSource({
    "2026-06-01T07:00:59.999Z, 2026-05-31T14:30:00Z",
    "2026-06-01T07:01:00Z,     2026-06-01T07:00:00Z",
    "2026-06-01T14:30:59Z,     2026-06-01T07:00:00Z",
    "2026-06-01T14:31:00Z,     2026-06-01T14:30:00Z",
    "2026-06-01T23:59:59Z,     2026-06-01T14:30:00Z"
  })
  void closesAtItsTimes(Instant now, Instant closed) {
    assertEquals(closed, at("Europe/Berlin", "16:30", "09:00").closed(now));
  }

  /** Every digest of two days, with those in between on which the clocks change. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Europe/Berlin | 02:30 | 2026-03-28T12:00:00Z | 2026-03-28T01:30:00Z 2026-03-29T01:30:00Z 2026-03-30T00:30:00Z
          Europe/Berlin | 02:30 | 2026-10-24T12:00:00Z | 2026-10-24T00:30:00Z 2026-10-25T00:30:00Z 2026-10-26T01:30:00Z
          Europe/Berlin | 00:00 | 2026-06-01T12:00:00Z | 2026-05-31T22:00:00Z 2026-06-01T22:00:00Z 2026-06-02T22:00:00Z
          Pacific/Apia  | 09:00 | 2011-12-29T20:00:00Z | 2011-12-29T19:00:00Z 2011-12-30T19:00:00Z 2011-12-31T19:00:00Z
          """)
  void followsTheClocksOfItsZone(String zone, String time, Instant from, String expected) {
    DigestTimes digest = at(zone, time);
    TreeSet<Instant> closed = new TreeSet<>();

    for (Instant now = from;
        now.isBefore(from.plus(Duration.ofDays(2)));
        now = now.plus(Duration.ofMinutes(1))) {
      closed.add(digest.closed(now));
    }

    assertEquals(expected, String.join(" ", closed.stream().map(Instant::toString).toList()));
  }

  @Test
  void needsATime() {
    assertThrows(IllegalArgumentException.class, () -> at("UTC"));
  }
}
