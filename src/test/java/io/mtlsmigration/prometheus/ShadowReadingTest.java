// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.mtlsmigration.Absent;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.ShadowDenial;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** That a reading of dry runs ends now, whatever its steps are and wherever a server ends them. */
final class ShadowReadingTest {

  private static final Instant NOW = Instant.parse("2026-01-01T12:03:20Z");
  private static final Duration SCRAPE = Duration.ofSeconds(15);

  /** A request that is denied. */
  private Instant denied = NOW;

  /** Whether the server moves a range's ends to multiples of its step, as Thanos' frontend does. */
  private boolean aligns;

  /** Whether the replica that is asked for the end has scraped nothing of late. */
  private boolean dead;

  /** Counts the denial in the step in which it was, as Prometheus does. */
  private final class Server implements PrometheusApi {
    @Override
    public QueryResult query(PromQuery query, Duration window, Instant at) {
      return switch (query) {
        case WATCHED -> new QueryResult.Answer(List.of(one(at, 1)));
        case SHADOW_PODS ->
            new QueryResult.Answer(
                List.of(
                    one(at, 1, "namespace", "foo", "pod", "httpbin"),
                    one(
                        at,
                        1,
                        "namespace",
                        "foo",
                        "pod",
                        "httpbin",
                        "authz_dry_run_action",
                        "deny")));
        case SHADOW_DENIALS ->
            dead
                ? new QueryResult.Answer(List.of())
                : steps(query, List.of(at), Duration.ofSeconds(window.toSeconds()));
        default -> new QueryResult.Answer(List.of());
      };
    }

    @Override
    public QueryResult query(PromQuery query, String namespaces, Duration window, Instant at) {
      return query(query, window, at);
    }

    @Override
    public QueryResult range(PromQuery query, Instant from, Instant to, Duration step) {
      long every = step.toSeconds();
      long off = aligns ? 1 : 0;
      long last = to.getEpochSecond() - off * (to.getEpochSecond() % every);
      List<Instant> ends = new ArrayList<>();
      for (long at = from.getEpochSecond() - off * (from.getEpochSecond() % every);
          at <= last;
          at += every) {
        ends.add(Instant.ofEpochSecond(at));
      }
      return steps(query, ends, Duration.ofSeconds(every));
    }

    private QueryResult steps(PromQuery query, List<Instant> ends, Duration step) {
      List<QueryResult.Series> series = new ArrayList<>();
      for (Instant end : ends) {
        if (query == PromQuery.SHADOW_JUDGEMENTS) {
          series.add(one(end, 1, "namespace", "foo"));
        } else if (query == PromQuery.SHADOW_DENIALS
            && !denied.isAfter(end)
            && denied.isAfter(end.minus(step))) {
          series.add(
              one(
                  end,
                  1,
                  "namespace",
                  "foo",
                  "pod",
                  "httpbin",
                  "http_conn_manager_prefix",
                  "inbound_0.0.0.0_8080"));
        }
      }
      if (query == PromQuery.SHADOW_DENIALS) {
        series.add(
            new QueryResult.Series(
                Map.of("reaches", "step"),
                ends.stream()
                    .map(end -> new QueryResult.Sample((double) end.getEpochSecond(), 1))
                    .toList()));
      }
      return new QueryResult.Answer(series);
    }

    @Override
    public Optional<Duration> retention() {
      return Optional.empty();
    }
  }

  private static QueryResult.Series one(Instant at, double value, String... labels) {
    Map<String, String> map = new HashMap<>();
    for (int i = 0; i < labels.length; i += 2) {
      map.put(labels[i], labels[i + 1]);
    }
    return new QueryResult.Series(
        map, List.of(new QueryResult.Sample((double) at.getEpochSecond(), value)));
  }

  private Evidence<List<ShadowDenial>> since(Instant from) {
    return ShadowReading.make(
            new Server(),
            mesh(namespace("foo").with(sidecarPod("httpbin").of("Deployment", "httpbin"))),
            Absent.ENDS,
            SCRAPE,
            from,
            NOW)
        .of("foo", from, true);
  }

  private static long count(Evidence<List<ShadowDenial>> evidence) {
    return assertInstanceOf(Evidence.Measured.class, evidence).value() instanceof List<?> all
        ? all.stream().mapToLong(one -> ((ShadowDenial) one).count()).sum()
        : -1;
  }

  @ParameterizedTest
  @CsvSource({
    "PT10M, 1, false",
    "PT10M, 1, true",
    "PT24H, 1, false",
    "PT24H, 1, true",
    "PT24H, 190, true",
    "PT24H, 7200, true",
    "PT5H17M1S, 1, false",
    "PT5H17M1S, 1, true",
    "PT5H17M1S, 12, false",
    "PT23H59M30S, 1, false",
    "PT23H59M30S, 120, false"
  })
  void countsWhatWasDeniedRightBeforeNow(Duration window, long before, boolean moved) {
    denied = NOW.minusSeconds(before);
    aligns = moved;

    assertEquals(1, count(since(NOW.minus(window))));
  }

  @Test
  void knowsNothingWhereWhoIsAskedForTheEndHasNothing() {
    aligns = true;
    dead = true;

    assertInstanceOf(Evidence.Unavailable.class, since(NOW.minus(Duration.ofHours(24))));
  }
}
