// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Keeps {@code docs/metrics.md} equal to the catalogue. After a change of the catalogue run this
 * test with {@code -Dupdate.docs=true}: it writes the page, and the difference is reviewed.
 */
final class MetricCatalogueTest {

  private static final Path PAGE = Path.of("docs", "metrics.md");

  /** A replica must stay a small target, however large the mesh. */
  private static final int SERIES = 1_500;

  @Test
  void thePageSaysWhatTheCatalogueSays() throws IOException {
    String page = page();
    if (Boolean.getBoolean("update.docs")) {
      Files.writeString(PAGE, page);
    }

    String written = Files.exists(PAGE) ? Files.readString(PAGE) : "";

    assertEquals(
        page,
        written,
        "docs/metrics.md differs from the catalogue;"
            + " run ./mvnw test -Dtest=MetricCatalogueTest -Dupdate.docs=true");
  }

  @Test
  void allSeriesTogetherAreFew() {
    assertTrue(most() <= SERIES, "up to " + most() + " series");
  }

  @Test
  void thereAreAsManyQueriesAsTheirLabelSays() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("src/main/resources/promql"))) {
      long queries = files.filter(file -> file.toString().endsWith(".promql")).count();

      assertEquals(queries, Metric.PROMETHEUS_QUERIES.labels().getFirst().atMost());
    }
  }

  @Test
  void aLabelTakesNoValueThatThePageDoesNotShow() {
    MeterRegistry meters = new SimpleMeterRegistry();

    assertThrows(IllegalArgumentException.class, () -> Metric.PROBES.counter(meters, "SURPRISED"));
    assertThrows(IllegalArgumentException.class, () -> Metric.PROBES.counter(meters));
  }

  private static int most() {
    return Arrays.stream(Metric.values()).mapToInt(Metric::atMost).sum();
  }

  private static String page() {
    StringBuilder page =
        new StringBuilder(
            """
            # Metrics

            What the service publishes by itself, at `/q/metrics` on the management port (9000), in Prometheus' text format.
            Beside it stand the metrics of the JVM, of Netty and of the HTTP server; of these `http_server_requests_seconds` (labels
            `method`, `uri`, `status`, `outcome`) is the latency of the API. Its `uri` is the template of an operation, `NOT_FOUND`,
            or `OTHER` for what belongs to no operation; never a path that was called.

            **No label is a namespace, a workload or a pod**: ten thousand namespaces cost as many series as three. One replica has
            at most %,d of those below, in practice some 150.

            This page is generated from the catalogue `Metric` in `io.mtlsmigration.app`:
            `./mvnw test -Dtest=MetricCatalogueTest -Dupdate.docs=true`.

            | metric | type | unit | labels | series at most | |
            |---|---|---|---|---|---|
            """
                .formatted(most()));
    for (Metric metric : sorted()) {
      page.append(
          "| `%s` | %s | %s | %s | %,d | %s |\n"
              .formatted(
                  metric.prometheusName(),
                  metric.type().prometheus(),
                  unit(metric),
                  metric.labels().stream()
                      .map(Metric.Label::name)
                      .map("`%s`"::formatted)
                      .collect(Collectors.joining(", ")),
                  metric.atMost(),
                  metric.meaning()));
    }
    page.append("\n## Labels\n\n| label | of | values |\n|---|---|---|\n");
    for (Metric metric : sorted()) {
      for (Metric.Label label : metric.labels()) {
        page.append(
            "| `%s` | `%s` | %s |\n"
                .formatted(label.name(), metric.prometheusName(), values(label)));
      }
    }
    page.append(
        """

        A `summary` has `_count`, `_sum` and `_max`; the last is the longest of the latest minutes. A gauge of a duration is
        `+Inf` until there is something to measure from, so that "older than" holds.
        """);
    return page.toString();
  }

  private static List<Metric> sorted() {
    return Arrays.stream(Metric.values())
        .sorted(Comparator.comparing(Metric::prometheusName))
        .toList();
  }

  private static String unit(Metric metric) {
    return switch (metric.type()) {
      case TIMER, SECONDS -> "seconds";
      case COUNTER, GAUGE -> "";
    };
  }

  private static String values(Metric.Label label) {
    return label.values().isEmpty()
        ? "%s; %d at most".formatted(label.what(), label.atMost())
        : label.values().stream().map("`%s`"::formatted).collect(Collectors.joining(", "));
  }
}
