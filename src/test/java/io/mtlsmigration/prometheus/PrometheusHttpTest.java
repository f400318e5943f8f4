// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class PrometheusHttpTest {

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** A request's own timeout ends with the head of the answer (JDK-8208693). */
  @Test
  void givesUpAnAnswerThatStopsHalfWay() throws Exception {
    try (StubPrometheus stub = new StubPrometheus();
        PrometheusHttp prometheus =
            new PrometheusHttp(
                PlainOptions.of(stub.url(), Duration.ofSeconds(1)), QueryMeter.NONE)) {
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
}
