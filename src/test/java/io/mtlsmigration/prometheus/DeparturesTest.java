// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Pods that ended, of a mesh in which very many do. */
final class DeparturesTest {

  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final int MOST = 10_000;

  /** A thousand pods of ever new names end in each slice. */
  private static final class Restless implements PrometheusApi {
    private int asked;

    @Override
    public QueryResult query(PromQuery query, Duration window, Instant at) {
      List<QueryResult.Series> series = new ArrayList<>();
      if (query == PromQuery.DEPARTED_TARGETS
          || query == PromQuery.GAPS
          || query == PromQuery.DROPPING) {
        series.add(reaches());
      }
      return new QueryResult.Answer(series);
    }

    private static QueryResult.Series reaches() {
      return new QueryResult.Series(
          Map.of("reaches", "window"), List.of(new QueryResult.Sample(0, 1)));
    }

    @Override
    public QueryResult query(
        PromQuery query, ScrapeTargets targets, Duration lag, Duration window, Instant at) {
      asked++;
      List<QueryResult.Series> series = new ArrayList<>();
      series.add(reaches());
      series.add(one(1, "heard", "", ""));
      series.add(one(at.minus(window).getEpochSecond(), "first", "", ""));
      for (int i = 0; i < 1_000; i++) {
        long last = at.getEpochSecond() - 1;
        series.add(one(last, "at", "foo", "job-" + at.getEpochSecond() + "-" + i));
      }
      return new QueryResult.Answer(series);
    }

    private static QueryResult.Series one(long value, String what, String namespace, String pod) {
      return new QueryResult.Series(
          Map.of("what", what, "namespace", namespace, "pod", pod),
          List.of(new QueryResult.Sample(0, (double) value)));
    }

    @Override
    public QueryResult range(PromQuery query, Instant from, Instant to, Duration step) {
      return new QueryResult.Answer(List.of());
    }

    @Override
    public Optional<Duration> retention() {
      return Optional.empty();
    }
  }

  @Test
  void whatIsNotRememberedIsNotKnown() {
    Restless prometheus = new Restless();
    Departures departures = new Departures(prometheus, Duration.ofSeconds(45), MOST);
    Duration month = Duration.ofDays(30);
    Instant now = NOW;
    for (int i = 0; i < 50; i++) {
      departures.read(now, month);
      assertTrue(departures.all().size() <= MOST, () -> departures.all().size() + " pods");
      now = now.plus(Duration.ofMinutes(10));
    }

    assertTrue(departures.full());
    assertTrue(departures.knownFrom().isAfter(NOW.minus(Duration.ofHours(20))));
    int asked = prometheus.asked;
    departures.read(now, month);
    assertEquals(asked + 1, prometheus.asked, "and the past is not read again and again");
  }
}
