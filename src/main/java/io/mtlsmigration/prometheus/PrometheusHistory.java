// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.OwnProbes;
import io.mtlsmigration.traffic.SecuredCalls;
import io.mtlsmigration.traffic.TrafficHistory;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The security of the whole mesh's calls over time, from Prometheus' storage, which survives
 * restarts and is the same for every replica. Own probes are included (ADR 22), and the number
 * known to this replica is reported beside them. Old steps do not change and are queried once, so
 * that a page that is open all day costs a small query a minute, not the whole mesh's samples of a
 * day.
 */
public final class PrometheusHistory implements TrafficHistory, AutoCloseable {

  /** The number of step lengths that are cached; the least recently used is dropped first. */
  private static final int MAX_TRACKS = 8;

  /** The number of steps cached of each length: several of the longest answers. */
  private static final int MAX_KNOWN = 5_000;

  /** The most that is believed: sums of it do not overflow. */
  private static final double MOST = 1e15;

  private final PrometheusHttp api;
  private final OwnProbes probes;
  private final Clock clock;
  private final Duration refresh;
  private final Duration finest;

  private final Map<Duration, Track> tracks =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Duration, Track> eldest) {
          return size() > MAX_TRACKS;
        }
      };

  /**
   * Creates the history.
   *
   * @param scrapeInterval of the proxies: increase() needs two samples in a step
   */
  public PrometheusHistory(
      PrometheusOptions options,
      OwnProbes probes,
      Clock clock,
      Duration scrapeInterval,
      QueryMeter meter) {
    this.api = new PrometheusHttp(options, meter);
    this.probes = probes;
    this.clock = clock;
    this.refresh = options.refresh();
    this.finest = scrapeInterval.multipliedBy(2);
  }

  @Override
  public Duration finest() {
    return finest;
  }

  @Override
  public List<Evidence<SecuredCalls>> read(Instant from, Duration step, int steps) {
    Track track;
    synchronized (tracks) {
      track = tracks.computeIfAbsent(step, Track::new);
    }
    return track.read(from, steps);
  }

  @Override
  public void close() {
    api.close();
  }

  /** A failure and its time, so that callers right after it do not wait for the next one. */
  private record Failure(Instant at, String detail) {}

  /** The cached steps of one length. */
  private final class Track {
    private final Duration step;

    /** By the end of the step. */
    private final NavigableMap<Instant, Evidence<SecuredCalls>> known = new TreeMap<>();

    /** Only one caller queries Prometheus; the others wait, and find the answer. */
    private final ReentrantLock lock = new ReentrantLock();

    private Instant askedAt = Instant.MIN;
    private @Nullable Failure failure;

    Track(Duration step) {
      this.step = step;
    }

    List<Evidence<SecuredCalls>> read(Instant from, int steps) {
      lock.lock();
      try {
        forgetUnsettled();
        List<Instant> ends = new ArrayList<>();
        for (int i = 1; i <= steps; i++) {
          ends.add(from.plus(step.multipliedBy(i)));
        }
        List<Instant> missing = ends.stream().filter(end -> !known.containsKey(end)).toList();
        if (!missing.isEmpty() && !failedLately()) {
          ask(missing.getFirst(), missing.getLast());
        }
        List<Evidence<SecuredCalls>> told = ends.stream().map(this::told).toList();
        while (known.size() > MAX_KNOWN) {
          known.pollFirstEntry();
        }
        return told;
      } finally {
        lock.unlock();
      }
    }

    /** Drops recent steps, whose answer may lack samples that were scraped late. */
    private void forgetUnsettled() {
      if (!askedAt.equals(Instant.MIN) && !askedAt.plus(refresh).isAfter(clock.instant())) {
        known.tailMap(askedAt.minus(finest), false).clear();
      }
    }

    private boolean failedLately() {
      Failure last = failure;
      return last != null && last.at().plus(refresh).isAfter(clock.instant());
    }

    private Evidence<SecuredCalls> told(Instant end) {
      Evidence<SecuredCalls> evidence = known.get(end);
      if (evidence != null) {
        return evidence;
      }
      Failure last = failure;
      return new Evidence.Unavailable<>(
          Evidence.Reason.SOURCE_DOWN,
          last == null ? "Prometheus has not been asked" : last.detail());
    }

    private void ask(Instant first, Instant last) {
      Instant now = clock.instant();
      try {
        Map<Instant, Double> watched = new TreeMap<>();
        range(PromQuery.WATCHED, first.minus(step), last)
            .forEach(series -> series.samples().forEach(s -> watched.put(at(s), s.value())));
        Map<Instant, Sum> sums = new TreeMap<>();
        range(PromQuery.REQUESTS_BY_SECURITY, first, last).forEach(s -> add(s, sums));
        range(PromQuery.CONNECTIONS_BY_SECURITY, first, last).forEach(s -> add(s, sums));
        for (Instant end = first; !end.isAfter(last); end = end.plus(step)) {
          // Else what a series counted before it was scraped would seem to have come at once.
          boolean listened = watched.containsKey(end) && watched.containsKey(end.minus(step));
          known.put(end, listened ? judged(end, sums.get(end)) : unwatched(end));
        }
        failure = null;
      } catch (QueryResult.FailedQuery e) {
        failure = new Failure(now, e.detail());
      }
      askedAt = now;
    }

    private List<QueryResult.Series> range(PromQuery query, Instant first, Instant last) {
      return api.range(query, first, last, step).series();
    }

    private Evidence<SecuredCalls> unwatched(Instant end) {
      return new Evidence.Unavailable<>(
          Evidence.Reason.WINDOW_NOT_COVERED,
          "Prometheus has nothing from %s to %s: it keeps data for too short a time, was down, or has not watched for that long yet"
              .formatted(end.minus(step), end));
    }

    private Evidence<SecuredCalls> judged(Instant end, @Nullable Sum sum) {
      if (sum == null) {
        return new Evidence.NoSamples<>(end, "Prometheus has no call in this step");
      }
      SecuredCalls own = probes.answeredByAll(end.minus(step), end);
      SecuredCalls calls =
          new SecuredCalls(
              (long) Math.ceil(Math.min(sum.mutualTls, MOST)),
              (long) Math.ceil(Math.min(sum.plaintext, MOST)),
              Math.round(Math.min(sum.unknown, MOST)),
              own.mutualTls(),
              own.plaintext());
      if (calls.all() == 0) {
        return new Evidence.NoSamples<>(end, "Prometheus has no call in this step");
      }
      return calls.unknown() == calls.all()
          ? new Evidence.Unavailable<>(
              Evidence.Reason.LABEL_MISSING,
              "no series of this step has the label connection_security_policy; look for a"
                  + " Telemetry that overrides tags")
          : new Evidence.Measured<>(calls, end);
    }
  }

  private static Instant at(QueryResult.Sample sample) {
    return Instant.ofEpochSecond(Math.round(sample.at()));
  }

  /** The calls of one step, in fractions, as increase() returns them. */
  private static final class Sum {
    private double mutualTls;
    private double plaintext;
    private double unknown;
  }

  /**
   * Adds a series. Every value but mutual_tls is plaintext; a missing label is unknown
   * (resources/promql/README).
   */
  private static void add(QueryResult.Series series, Map<Instant, Sum> sums) {
    String policy = series.label("connection_security_policy");
    for (QueryResult.Sample sample : series.samples()) {
      if (Double.isNaN(sample.value())) {
        continue;
      }
      Sum sum = sums.computeIfAbsent(at(sample), end -> new Sum());
      switch (policy) {
        case "" -> sum.unknown += sample.value();
        case "mutual_tls" -> sum.mutualTls += sample.value();
        default -> sum.plaintext += sample.value();
      }
    }
  }
}
