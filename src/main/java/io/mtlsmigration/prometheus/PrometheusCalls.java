// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import io.mtlsmigration.mesh.Inventory;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.traffic.CallHistory;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.PlaintextCalls;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Plaintext calls over time as Prometheus remembers them: four queries a namespace and two for the
 * whole mesh, made when somebody asks and shared for some minutes ({@link SharedReading}). Of
 * several namespaces ten are asked about at a time, in five queries.
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

  /** Namespaces of a question about several, and such questions that wait. */
  static final int TOGETHER = 10;

  private static final int MAX_WAITING_TOGETHER = 32;

  /** How long to wait for all answers about several namespaces. */
  private static final Duration WAIT_TOGETHER = Duration.ofSeconds(10);

  /** Rows of a namespace: of one that was asked for alone, and of one among several. */
  private static final int MAX_ROWS = 500;

  private static final int MAX_ROWS_TOGETHER = 100;

  /** The lengths that are asked for: 1, 7, 30 and 90 days; others are cut from the next. */
  private static final int[] LENGTHS = {24, 7 * 24, 30 * 24, 90 * 24};

  private final PrometheusHttp api;
  private final Inventory inventory;
  private final Set<String> speakers;
  private final Duration retry;
  private final Clock clock;
  private final ExecutorService background = background(MAX_WAITING);
  private final ExecutorService several = background(MAX_WAITING_TOGETHER);
  private final Map<Asked, SharedReading<Told>> slots = new ConcurrentHashMap<>();
  private final Lock asking = new ReentrantLock();
  private @Nullable Scraped lately;

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

  private static ExecutorService background(int waiting) {
    return new ThreadPoolExecutor(
        AT_ONCE,
        AT_ONCE,
        0,
        TimeUnit.SECONDS,
        new ArrayBlockingQueue<>(waiting),
        Thread.ofVirtual().name("prometheus-calls-", 0).factory());
  }

  /**
   * A question.
   *
   * @param together whether it was asked about several namespaces: their samples are asked for, too
   */
  private record Asked(List<String> namespaces, int steps, boolean together) {}

  /** The times at which anything was scraped in the mesh. */
  private record Scraped(Instant asOf, Instant from, int steps, List<QueryResult.Series> series) {}

  /** An answer, and the end of its last hour. */
  private record Told(Instant asOf, Instant until, Map<String, Evidence<PlaintextCalls>> calls) {
    /** Counts by row and step, which are most of its size. */
    long numbers() {
      return calls.values().stream()
          .mapToLong(
              one ->
                  one instanceof Evidence.Measured<PlaintextCalls>(var told, var at)
                      ? (long) told.rows().size() * told.watched().size()
                      : 0)
          .sum();
    }

    boolean failed() {
      return calls.values().stream().anyMatch(Evidence.Unavailable.class::isInstance);
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

  @Override
  public Map<String, Evidence<PlaintextCalls>> readAll(
      Collection<String> namespaces, Instant from, int steps) {
    Instant now = clock.instant();
    Instant until = end(from, steps);
    List<String> left = namespaces.stream().distinct().sorted().toList();
    Map<Asked, SharedReading<Told>> questions = new LinkedHashMap<>();
    for (int i = 0; i < left.size(); i += TOGETHER) {
      List<String> some = List.copyOf(left.subList(i, Math.min(left.size(), i + TOGETHER)));
      Asked asked = new Asked(some, length(steps), true);
      questions.put(asked, slot(asked, now));
    }
    // All are put before any is waited for.
    questions.forEach((asked, slot) -> read(asked, slot, from, until, Duration.ZERO, retry));
    Instant end = now.plus(WAIT_TOGETHER);
    Map<String, Evidence<PlaintextCalls>> all = new LinkedHashMap<>();
    questions.forEach(
        (asked, slot) -> {
          Duration rest = Duration.between(clock.instant(), end);
          Duration wait = rest.isNegative() ? Duration.ZERO : rest;
          all.putAll(since(from, read(asked, slot, from, until, wait, retry)));
        });
    return all;
  }

  /**
   * Reads.
   *
   * @param again when to ask again after a failure
   */
  private Evidence<PlaintextCalls> read(
      String namespace, Instant from, int steps, Duration wait, Duration again) {
    Asked asked = new Asked(List.of(namespace), length(steps), false);
    Told told = read(asked, slot(asked, clock.instant()), from, end(from, steps), wait, again);
    return Objects.requireNonNull(since(from, told).get(namespace));
  }

  private Told read(
      Asked asked,
      SharedReading<Told> slot,
      Instant from,
      Instant until,
      Duration wait,
      Duration again) {
    Instant now = clock.instant();
    return slot.read(
        now,
        () -> ask(asked, until),
        known -> known.failed() ? known.asOf().plus(again).isAfter(now) : known.covers(from, until),
        wait);
  }

  private static Map<String, Evidence<PlaintextCalls>> since(Instant from, Told told) {
    Map<String, Evidence<PlaintextCalls>> cut = new LinkedHashMap<>();
    told.calls()
        .forEach(
            (namespace, one) ->
                cut.put(
                    namespace,
                    one instanceof Evidence.Measured<PlaintextCalls>(var calls, var asOf)
                        ? new Evidence.Measured<>(calls.since(from), asOf)
                        : one));
    return cut;
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
                        Told::asOf, Told::failed, why -> failed(asked, clock.instant(), why)),
                    SHARED_FOR,
                    clock,
                    asked.together() ? several : background));
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
    return new Told(now, until, ask(asked, asked.namespaces(), until, now));
  }

  /** Of namespaces whose answer is too large together, each half is asked for. */
  private Map<String, Evidence<PlaintextCalls>> ask(
      Asked asked, List<String> namespaces, Instant until, Instant now) {
    Instant from = until.minus(STEP.multipliedBy(asked.steps()));
    Map<String, Evidence<PlaintextCalls>> all = new LinkedHashMap<>();
    try {
      told(namespaces, from, asked, now)
          .forEach((name, calls) -> all.put(name, new Evidence.Measured<>(calls, now)));
    } catch (QueryResult.FailedQuery e) {
      if (!e.large() || namespaces.size() == 1) {
        return unavailable(namespaces, e.detail());
      }
      int half = namespaces.size() / 2;
      all.putAll(ask(asked, namespaces.subList(0, half), until, now));
      all.putAll(ask(asked, namespaces.subList(half, namespaces.size()), until, now));
    }
    return all;
  }

  private Map<String, PlaintextCalls> told(
      List<String> namespaces, Instant from, Asked asked, Instant now) {
    int steps = asked.steps();
    MeshSnapshot facts = inventory.snapshot();
    WorkloadNames names = new WorkloadNames(facts);
    Scrapes scrapes = new Scrapes(facts, speakers);
    int rows = asked.together() ? MAX_ROWS_TOGETHER : MAX_ROWS;
    Map<String, CallSeries> all = new LinkedHashMap<>();
    for (String namespace : namespaces) {
      all.put(namespace, new CallSeries(namespace, from, steps, rows, facts, names, scrapes));
    }
    String named = String.join("|", namespaces);
    List<QueryResult.Series> scraped = scraped(from, steps, now);
    List<QueryResult.Series> watched = range(PromQuery.HISTORY_WATCHED, named, from, steps);
    all.values().forEach(series -> series.scraped(scraped));
    all.values().forEach(series -> series.watched(watched));
    if (all.values().stream().anyMatch(CallSeries::ambient)) {
      List<QueryResult.Series> ztunnels =
          api.range(PromQuery.HISTORY_ZTUNNELS, from.plus(STEP), end(from, steps), STEP).series();
      all.values().stream()
          .filter(CallSeries::ambient)
          .forEach(series -> series.ztunnels(ztunnels));
    }
    for (PromQuery query : List.of(PromQuery.HISTORY_REQUESTS, PromQuery.HISTORY_CONNECTIONS)) {
      List<QueryResult.Series> calls = range(query, named, from, steps);
      all.values().forEach(series -> series.calls(calls));
    }
    List<QueryResult.Series> bytes = range(PromQuery.HISTORY_BYTES, named, from, steps);
    all.values().forEach(series -> series.bytes(bytes));
    if (asked.together()) {
      List<QueryResult.Series> sampled = range(PromQuery.HISTORY_SAMPLED, named, from, steps);
      all.values().forEach(series -> series.sampled(sampled));
    }
    Map<String, PlaintextCalls> told = new LinkedHashMap<>();
    all.forEach((namespace, series) -> told.put(namespace, series.told()));
    return told;
  }

  private List<QueryResult.Series> range(
      PromQuery query, String namespaces, Instant from, int steps) {
    return api.range(query, namespaces, from.plus(STEP), end(from, steps), STEP).series();
  }

  private List<QueryResult.Series> scraped(Instant from, int steps, Instant now) {
    asking.lock(); // who comes second finds the answer
    try {
      return shared(from, steps, now);
    } finally {
      asking.unlock();
    }
  }

  private List<QueryResult.Series> shared(Instant from, int steps, Instant now) {
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

  private static Told failed(Asked asked, Instant now, String why) {
    return new Told(now, now, unavailable(asked.namespaces(), why));
  }

  private static Map<String, Evidence<PlaintextCalls>> unavailable(
      List<String> namespaces, String why) {
    Map<String, Evidence<PlaintextCalls>> all = new LinkedHashMap<>();
    namespaces.forEach(
        name -> all.put(name, new Evidence.Unavailable<>(Evidence.Reason.SOURCE_DOWN, why)));
    return all;
  }

  @Override
  public void close() {
    background.shutdownNow();
    several.shutdownNow();
    api.close();
  }
}
