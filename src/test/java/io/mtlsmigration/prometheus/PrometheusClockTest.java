// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpHeaders;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Evidence that is read by a wrong clock is of another time. */
final class PrometheusClockTest {

  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  private static HttpHeaders date(String date) {
    return HttpHeaders.of(Map.of("Date", List.of(date)), (name, value) -> true);
  }

  private static HttpHeaders at(Instant time) {
    return date(DateTimeFormatter.RFC_1123_DATE_TIME.format(time.atOffset(ZoneOffset.UTC)));
  }

  @Test
  void agreesToWithinAMinute() {
    assertNull(PrometheusHttp.clocksApart(at(NOW.minusSeconds(59)), NOW));
    assertNull(PrometheusHttp.clocksApart(at(NOW.plusSeconds(59)), NOW));
  }

  @Test
  void saysWhichClocksDiffer() {
    String behind = PrometheusHttp.clocksApart(at(NOW.plus(Duration.ofHours(2))), NOW);
    String ahead = PrometheusHttp.clocksApart(at(NOW.minusSeconds(61)), NOW);

    assertNotNull(behind);
    assertTrue(behind.contains("2026-03-01T14:00:00Z"), behind);
    assertNotNull(ahead);
  }

  @Test
  void knowsNothingOfAServerThatDoesNotTell() {
    assertNull(PrometheusHttp.clocksApart(HttpHeaders.of(Map.of(), (name, value) -> true), NOW));
    assertNull(PrometheusHttp.clocksApart(date("yesterday"), NOW));
  }
}
