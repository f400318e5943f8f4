// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.Absent;
import io.mtlsmigration.e2e.Programs;
import io.mtlsmigration.e2e.PrometheusProcess;
import io.mtlsmigration.mesh.MeshSettings;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.traffic.CallHistory;
import io.mtlsmigration.traffic.ClientCalls;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.PlaintextCalls;
import io.mtlsmigration.traffic.WindowStudy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How long a window has to be, from weeks that a real Prometheus remembers. */
final class PrometheusCallsE2E {

  private static final Duration SCRAPES = Duration.ofMinutes(4);
  private static final Duration WEEK = Duration.ofDays(7);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int DAYS = 20;

  private static final String LABELS = "job=\"mesh\",instance=\"httpbin-1\"";
  private static final String REQUESTS =
      "istio_requests_total{reporter=\"destination\",connection_security_policy=\"none\","
          + "source_workload_namespace=\"legacy\",source_workload=\"%s\","
          + "destination_workload_namespace=\"foo\",destination_workload=\"httpbin\","
          + LABELS
          + "}";

  @TempDir Path folder;

  private final Instant hour = Instant.now().truncatedTo(ChronoUnit.HOURS);

  /** Watched for fifteen days of the twenty, but not for five hours, ten days ago. */
  private final Instant begun = hour.minus(Duration.ofDays(15));

  private final Instant hole = hour.minus(Duration.ofDays(10));

  /** Legacy/report calls within the hours that begin 14 days, 7 days and an hour ago. */
  private final Instant lastReport = hour.minus(Duration.ofHours(1));

  private boolean scraped(Instant at) {
    return at.isBefore(hole) || !at.isBefore(hole.plus(Duration.ofHours(5)));
  }

  /** A series, by how often it was counted until an instant; 0 = not there yet. */
  private interface Counter {
    long at(Instant time);
  }

  private void write(StringBuilder text, String type, String name, Counter counter) {
    text.append("# TYPE ").append(type).append('\n');
    for (Instant at = begun; at.isBefore(hour); at = at.plus(SCRAPES)) {
      long count = counter.at(at);
      if (scraped(at) && count > 0) {
        text.append("%s %d %d%n".formatted(name, count, at.getEpochSecond()));
      }
    }
  }

  private long reports(Instant at) {
    long count = 0;
    for (int week = 0; week < 3; week++) {
      Instant call = lastReport.minus(WEEK.multipliedBy(week)).plus(Duration.ofMinutes(10));
      count += call.isAfter(at) ? 0 : 1;
    }
    return count;
  }

  private void backfill() throws IOException, InterruptedException {
    StringBuilder text = new StringBuilder();
    write(text, "up gauge", "up{" + LABELS + "}", at -> 1);
    write(
        text,
        "envoy_server_uptime gauge",
        "envoy_server_uptime{namespace=\"foo\",pod=\"httpbin-1\"," + LABELS + "}",
        at -> Duration.between(begun, at).plusDays(1).toSeconds());
    write(text, "istio_requests counter", REQUESTS.formatted("report"), this::reports);
    Path file = Files.writeString(folder.resolve("history.txt"), text + "# EOF\n");
    Path other = folder.resolve("other.txt");
    StringBuilder busy = new StringBuilder();
    write(
        busy,
        "istio_requests counter",
        REQUESTS.formatted("curl"),
        at -> 1 + Duration.between(begun, at).dividedBy(Duration.ofMinutes(20)));
    Files.writeString(other, busy + "# EOF\n");
    for (Path each : List.of(file, other)) {
      Process promtool =
          new ProcessBuilder(
                  "promtool",
                  "tsdb",
                  "create-blocks-from",
                  "openmetrics",
                  "-q",
                  each.toString(),
                  folder.resolve("data").toString())
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("promtool.log").toFile())
              .start();
      assertEquals(0, promtool.waitFor(), () -> "see " + folder.resolve("promtool.log"));
    }
  }

  @Test
  void tellsTheWindowOfAWeeklyClientFromWhatWasScraped() throws Exception {
    Programs.need("promtool", "prometheus");
    backfill();
    try (MeshMetrics metrics = new MeshMetrics();
        PrometheusProcess prometheus =
            PrometheusProcess.start(
                folder, metrics.address(), "--storage.tsdb.retention.time=60d");
        PrometheusCalls calls =
            new PrometheusCalls(
                PlainOptions.of(prometheus.url(), Duration.ofMillis(200)),
                () -> MeshSnapshot.of(MeshSettings.DEFAULT, hour, List.of()),
                Clock.systemUTC(),
                Absent.METER,
                Set.of())) {
      Instant from = hour.minus(Duration.ofDays(DAYS));
      await()
          .atMost(PATIENCE)
          .until(() -> calls.read("foo", from, DAYS * 24) instanceof Evidence.Measured);

      WindowStudy study =
          calls.read("foo", from, DAYS * 24)
                  instanceof Evidence.Measured<PlaintextCalls>(var told, var at)
              ? WindowStudy.of(told, hour, false)
              : WindowStudy.of(
                  new PlaintextCalls(from, CallHistory.STEP, List.of(), List.of()), hour, false);

      assertTrue(
          begun.equals(study.knownFrom()) || begun.plus(CallHistory.STEP).equals(study.knownFrom()),
          () -> study.knownFrom() + "");
      assertEquals(1, study.holes().size(), () -> study.holes() + "");
      assertEquals(hole.minus(CallHistory.STEP), study.holes().getFirst().from());
      assertEquals(Duration.ofDays(8), study.window());
      ClientCalls report = study.clients().getFirst();
      assertEquals("legacy/report", report.client().id());
      assertEquals(3, report.total());
      assertEquals(lastReport, report.lastCall());
      assertEquals(
          new ClientCalls.Silence(lastReport.minus(WEEK), lastReport, true), report.seen());
      ClientCalls curl = study.clients().getLast();
      assertEquals("legacy/curl", curl.client().id());
      assertEquals(Duration.ofHours(6), curl.longest().length());
    }
  }
}
