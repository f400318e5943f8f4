// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.Absent;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PrometheusHttpTest {

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** The heap of a container of 1 GiB is 70 % of it; without a limit it may be anything. */
  @ParameterizedTest
  @CsvSource({"704, 88", "1408, 176", "64000, 256"})
  void anAnswerIsASmallPartOfTheHeap(long heap, int most) {
    assertEquals(most << 20, PrometheusHttp.maxBytes(heap << 20));
  }

  /** A request's own timeout ends with the head of the answer (JDK-8208693). */
  @Test
  void givesUpAnAnswerThatStopsHalfWay() throws Exception {
    try (StubPrometheus stub = new StubPrometheus();
        PrometheusHttp prometheus =
            new PrometheusHttp(PlainOptions.of(stub.url(), Duration.ofSeconds(1)), Absent.METER)) {
      stub.stalls = true;

      QueryResult result =
          assertTimeoutPreemptively(
              PATIENCE,
              () ->
                  prometheus.query(
                      PromQuery.PLAINTEXT_REQUESTS, Duration.ofMinutes(5), Instant.now()));
      Optional<Duration> retention = assertTimeoutPreemptively(PATIENCE, prometheus::retention);

      QueryResult.Failed failed = assertInstanceOf(QueryResult.Failed.class, result);
      assertTrue(failed.detail().contains("no answer"), failed.detail());
      assertEquals(Optional.empty(), retention);
    }
  }

  /** As VictoriaMetrics does, and all readings of a mesh in which many pods end would fail. */
  @Test
  void asksAboutAllTargetsOneThatRefusesSoLongAQuery() throws Exception {
    List<String> many = IntStream.range(0, 1_000).mapToObj("10.0.0.%d:15020"::formatted).toList();
    try (StubPrometheus stub = new StubPrometheus();
        PrometheusHttp prometheus =
            new PrometheusHttp(PlainOptions.of(stub.url(), PATIENCE), Absent.METER)) {
      stub.maxQueryLength = 16_384;

      QueryResult result =
          prometheus.query(
              PromQuery.DEPARTED,
              ScrapeTargets.of(many, List.of()),
              Duration.ofMinutes(2),
              Duration.ofHours(1),
              Instant.now());

      assertInstanceOf(QueryResult.Answer.class, result);
    }
  }
}
