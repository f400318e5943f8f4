// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.mtlsmigration.Absent;
import io.mtlsmigration.e2e.PrometheusProcess;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.SecuredCalls;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How calls were secured over time, from a real Prometheus. */
final class PrometheusHistoryE2E {

  private static final Duration STEP = Duration.ofSeconds(5);
  private static final int STEPS = 12;
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final String REQUESTS =
      "istio_requests_total{reporter=\"destination\",connection_security_policy=\"%s\","
          + "destination_workload_namespace=\"foo\",destination_workload=\"httpbin\"}";
  private static final String CONNECTIONS =
      "istio_tcp_connections_opened_total{reporter=\"destination\","
          + "connection_security_policy=\"mutual_tls\",destination_workload_namespace=\"foo\"}";

  @TempDir Path folder;
  private MeshMetrics metrics;
  private PrometheusProcess prometheus;
  private PrometheusHistory history;

  @BeforeEach
  void start() throws IOException {
    metrics = new MeshMetrics();
    prometheus = PrometheusProcess.start(folder, metrics.address());
    history =
        new PrometheusHistory(
            PlainOptions.of(prometheus.url(), Duration.ofMillis(200)),
            Absent.OWN_PROBES,
            Clock.systemUTC(),
            Duration.ofSeconds(1),
            Absent.METER);
  }

  @AfterEach
  void stop() {
    history.close();
    prometheus.close();
    metrics.close();
  }

  /** Whole steps that have ended, the latest last. */
  private List<Evidence<SecuredCalls>> lately() {
    long end = Math.floorDiv(Instant.now().getEpochSecond(), STEP.toSeconds());
    return history.read(Instant.ofEpochSecond((end - STEPS) * STEP.toSeconds()), STEP, STEPS);
  }

  private static long sum(List<Evidence<SecuredCalls>> told, boolean plaintext) {
    long sum = 0;
    for (Evidence<SecuredCalls> one : told) {
      if (one instanceof Evidence.Measured<SecuredCalls>(var calls, var asOf)) {
        sum += plaintext ? calls.plaintext() : calls.mutualTls();
      }
    }
    return sum;
  }

  @Test
  void tellsNothingOfTheTimeBeforeItWatchedAndEachCallInOneStep() {
    assertInstanceOf(Evidence.Unavailable.class, lately().getFirst());
    await().atMost(PATIENCE).until(() -> lately().getLast() instanceof Evidence.NoSamples);

    metrics.set(REQUESTS.formatted("mutual_tls"), 8);
    metrics.set(REQUESTS.formatted("none"), 2);
    metrics.set(CONNECTIONS, 1);
    List<Evidence<SecuredCalls>> told =
        await().atMost(PATIENCE).until(this::lately, all -> sum(all, false) >= 9);

    assertEquals(9, sum(told, false));
    assertEquals(2, sum(told, true));
    assertEquals(1, told.stream().filter(one -> one instanceof Evidence.Measured).count());
  }

  @Test
  void knowsNothingOncePrometheusIsGone() {
    await().atMost(PATIENCE).until(() -> lately().getLast() instanceof Evidence.NoSamples);

    prometheus.close();

    await().atMost(PATIENCE).until(() -> lately().getLast() instanceof Evidence.Unavailable);
  }
}
