// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import io.mtlsmigration.traffic.Evidence;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The times in which Prometheus has scraped proxies: silence is no evidence for other times. */
final class ScrapeCoverage {

  /** The number of steps of a window; those of a day have five minutes. */
  private static final int STEPS = 288;

  private static final Duration SMALLEST_STEP = Duration.ofSeconds(15);

  private final PrometheusApi api;

  ScrapeCoverage(PrometheusApi api) {
    this.api = api;
  }

  /**
   * A time without data.
   *
   * @param until exclusive
   */
  record Gap(Instant until, Evidence.Reason reason, String detail) {}

  /** Says that nothing was scraped of late. */
  static String nothing(Duration fresh) {
    return ("Prometheus has no sample of `up` or `istio_build` of the last %s: it scrapes nothing, what"
            + " it writes elsewhere comes late, or who answers shows it to other tenants only")
        .formatted(fresh);
  }

  /** Returns two scrapes, and the half minute to which a departure's time is accurate. */
  static Duration lag(Duration scrapeInterval) {
    return scrapeInterval.multipliedBy(2).plusSeconds(30);
  }

  /** Returns the step in which a window is examined. */
  static Duration step(Duration window) {
    Duration step = window.dividedBy(STEPS);
    return step.compareTo(SMALLEST_STEP) < 0 ? SMALLEST_STEP : step;
  }

  /**
   * Returns the gaps of the window that ends now, the oldest first.
   *
   * @param series a sample for each step of the window at which anything was scraped
   * @throws QueryResult.FailedQuery when Prometheus does not answer
   */
  List<Gap> gaps(List<QueryResult.Series> series, Instant now, Duration window) {
    Duration step = step(window);
    if (series.isEmpty()) {
      return List.of(
          new Gap(
              now,
              Evidence.Reason.SOURCE_DOWN,
              "Prometheus has no sample of a proxy (envoy_server_uptime) or a ztunnel (istio_build): it"
                  + " scrapes nothing of this mesh"));
    }
    List<Gap> gaps = new ArrayList<>();
    double start = now.minus(window).getEpochSecond();
    double before = start;
    for (QueryResult.Sample sample : series.getFirst().samples()) {
      if (sample.at() - before > 2.0 * step.toSeconds()) {
        gaps.add(gap(window, before, sample.at(), before > start));
      }
      before = sample.at();
    }
    if (now.getEpochSecond() - before > 2.0 * step.toSeconds()) {
      gaps.add(
          new Gap(
              now,
              Evidence.Reason.SOURCE_DOWN,
              "Prometheus has scraped nothing since " + at(before)));
    }
    return gaps;
  }

  /**
   * Returns the gap at the start of the window that ends now; null when there is none.
   *
   * @throws QueryResult.FailedQuery when Prometheus does not answer
   */
  @Nullable Gap atTheStart(Instant now, Duration window) {
    Instant start = now.minus(window);
    List<QueryResult.Series> series =
        api.range(PromQuery.COVERAGE, start, now, step(window)).series();
    double begin = start.getEpochSecond();
    double first =
        series.isEmpty()
            ? (double) now.getEpochSecond()
            : series.getFirst().samples().getFirst().at();
    return first > begin ? gap(window, begin, first, false) : null;
  }

  private Gap gap(Duration window, double from, double until, boolean watchedBefore) {
    Optional<Duration> kept = watchedBefore ? Optional.empty() : api.retention();
    if (kept.isPresent() && kept.get().compareTo(window) < 0) {
      return new Gap(
          at(until),
          Evidence.Reason.RETENTION_TOO_SHORT,
          "Prometheus keeps data for %s, which is less than the window of %s; shorten the window"
                  .formatted(kept.get(), window)
              + " or let it keep data for longer");
    }
    return new Gap(
        at(until),
        Evidence.Reason.WINDOW_NOT_COVERED,
        "Prometheus has nothing of proxies from %s to %s: it keeps data for too short a time, was down, or"
                .formatted(at(from), at(until))
            + " has not watched for that long yet; shorten the window or wait");
  }

  private static Instant at(double seconds) {
    return Instant.ofEpochSecond((long) seconds);
  }
}
