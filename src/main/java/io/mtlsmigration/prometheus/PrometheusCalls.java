// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import io.mtlsmigration.mesh.Inventory;
import io.mtlsmigration.traffic.CallHistory;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.PlaintextCalls;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Plaintext calls over time as Prometheus remembers them: four queries a namespace and two for the
 * whole mesh, made when somebody asks and shared for some minutes ({@link SharedReading}).
 */
public final class PrometheusCalls implements CallHistory, AutoCloseable {

  /** Only the hour that runs changes; nobody decides by it. */
  private static final Duration SHARED_FOR = Duration.ofMinutes(10);

  /** Answers that are remembered, and their numbers; when there are more, all are asked anew. */
  private static final int MAX_ANSWERS = 256;

  private static final long MAX_NUMBERS = 4_000_000;

  /** More than the history of any namespace has whose clients are what they say. */
  private static final int MAX_BYTES = 32 << 20;

  /** Namespaces that are asked about at the same time, and those that wait; beyond, none is. */
  private static final int AT_ONCE = 2;

  private static final int MAX_WAITING = 16;

  /** The lengths that are asked for: 1, 7, 30 and 90 days; others are cut from the next. */
  private static final int[] LENGTHS = {24, 7 * 24, 30 * 24, 90 * 24};

  private final PrometheusHttp api;
  private final Inventory inventory;
  private final Set<String> speakers;
  private final Duration retry;
  private final Clock clock;
  private final ExecutorService background =
      new ThreadPoolExecutor(
          AT_ONCE,
          AT_ONCE,
          0,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(MAX_WAITING),
          Thread.ofVirtual().name("prometheus-calls-", 0).factory());
  private final Map<Asked, SharedReading<Told>> slots = new ConcurrentHashMap<>();
  private volatile @Nullable Scraped lately;

  /**
   * Calls as this Prometheus remembers them.
   *
   * @param speakers as of {@link PrometheusTrafficQuery}
   */
  public PrometheusCalls(
      PrometheusOptions options,
      Inventory inventory,
      Clock clock,
      QueryMeter meter,
      Set<String> speakers) {
    this.api = new PrometheusHttp(options, meter, MAX_BYTES);
    this.inventory = inventory;
    this.speakers = Set.copyOf(speakers);
    this.retry = options.refresh();
    this.clock = clock;
  }

  private record Asked(String namespace, int steps) {}

  /** When anything was scraped in the mesh. */
  private record Scraped(Instant asOf, Instant from, int steps, List<QueryResult.Series> series) {}

  /** An answer, and the end of its last hour. */
  private record Told(Instant asOf, Instant until, Evidence<PlaintextCalls> calls) {
    /** Counts by row and step, which are most of its size. */
    long numbers() {
      return calls instanceof Evidence.Measured<PlaintextCalls>(var told, var at)
          ? (long) told.rows().size() * told.watched().size()
          : 0;
    }

    boolean failed() {
      return calls instanceof Evidence.Unavailable;
    }

    /** That the hour has changed since makes no answer useless: all would be at once. */
    boolean covers(Instant from, Instant end) {
      return until.isAfter(from) && !until.isAfter(end) && !until.plus(STEP).isBefore(end);
    }
  }

  @Override
  public Evidence<PlaintextCalls> read(String namespace, Instant from, int steps) {
    return read(namespace, from, steps, SharedReading.FIRST_WAIT, retry);
  }

  @Override
  public Evidence<PlaintextCalls> lately(String namespace, Instant from, int steps) {
    return read(namespace, from, steps, Duration.ZERO, SHARED_FOR);
  }

  /**
   * Reads.
   *
   * @param again when to ask again after a failure
   */
  private Evidence<PlaintextCalls> read(
      String namespace, Instant from, int steps, Duration wait, Duration again) {
    Instant now = clock.instant();
    Instant until = end(from, steps);
    Asked asked = new Asked(namespace, length(steps));
    Evidence<PlaintextCalls> told =
        slot(asked, now)
            .read(
                now,
                () -> ask(asked, until),
                known ->
                    known.failed()
                        ? known.asOf().plus(again).isAfter(now)
                        : known.covers(from, until),
                wait)
            .calls();
    return told instanceof Evidence.Measured<PlaintextCalls>(var calls, var asOf)
        ? new Evidence.Measured<>(calls.since(from), asOf)
        : told;
  }

  private static int length(int steps) {
    return Arrays.stream(LENGTHS).filter(length -> length >= steps).findFirst().orElse(steps);
  }

  private SharedReading<Told> slot(Asked asked, Instant now) {
    slots.values().removeIf(slot -> slot.idle(now));
    SharedReading<Told> slot =
        slots.computeIfAbsent(
            asked,
            a ->
                new SharedReading<>(
                    new SharedReading.Kind<>(
                        Told::asOf, Told::failed, why -> failed(clock.instant(), why)),
                    SHARED_FOR,
                    clock,
                    background));
    if (slots.size() > MAX_ANSWERS || numbers() > MAX_NUMBERS) {
      slots.entrySet().removeIf(e -> !e.getKey().equals(asked) && e.getValue().settled());
    }
    return slot;
  }

  private long numbers() {
    return slots.values().stream()
        .map(SharedReading::last)
        .filter(Objects::nonNull)
        .mapToLong(Told::numbers)
        .sum();
  }

  /** Returns how many answers are remembered. */
  int remembered() {
    return slots.size();
  }

  private Told ask(Asked asked, Instant until) {
    Instant now = clock.instant();
    Instant from = until.minus(STEP.multipliedBy(asked.steps()));
    try {
      PlaintextCalls calls = told(asked.namespace(), from, asked.steps(), now);
      return new Told(now, until, new Evidence.Measured<>(calls, now));
    } catch (QueryResult.FailedQuery e) {
      return failed(now, e.detail());
    }
  }

  private PlaintextCalls told(String namespace, Instant from, int steps, Instant now) {
    CallSeries series = new CallSeries(namespace, from, steps, inventory.snapshot(), speakers);
    series.scraped(scraped(from, steps, now));
    series.watched(range(PromQuery.HISTORY_WATCHED, namespace, from, steps));
    if (series.ambient()) {
      series.ztunnels(
          api.range(PromQuery.HISTORY_ZTUNNELS, from.plus(STEP), end(from, steps), STEP).series());
    }
    series.calls(range(PromQuery.HISTORY_REQUESTS, namespace, from, steps));
    series.calls(range(PromQuery.HISTORY_CONNECTIONS, namespace, from, steps));
    series.bytes(range(PromQuery.HISTORY_BYTES, namespace, from, steps));
    return series.told();
  }

  private List<QueryResult.Series> range(
      PromQuery query, String namespace, Instant from, int steps) {
    return api.range(query, namespace, from.plus(STEP), end(from, steps), STEP).series();
  }

  private List<QueryResult.Series> scraped(Instant from, int steps, Instant now) {
    Scraped known = lately;
    if (known == null
        || !known.from().equals(from)
        || known.steps() != steps
        || known.asOf().plus(SHARED_FOR).isBefore(now)) {
      known =
          new Scraped(
              now,
              from,
              steps,
              api.range(PromQuery.WATCHED, from.plus(STEP), end(from, steps), STEP).series());
      lately = known;
    }
    return known.series();
  }

  private static Instant end(Instant from, int steps) {
    return from.plus(STEP.multipliedBy(steps));
  }

  private static Told failed(Instant now, String why) {
    return new Told(now, now, new Evidence.Unavailable<>(Evidence.Reason.SOURCE_DOWN, why));
  }

  @Override
  public void close() {
    background.shutdownNow();
    api.close();
  }
}
