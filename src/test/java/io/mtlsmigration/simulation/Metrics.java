// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.simulation;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.prometheus.PromQuery;
import io.mtlsmigration.prometheus.PrometheusApi;
import io.mtlsmigration.prometheus.QueryResult;
import io.mtlsmigration.prometheus.QueryResult.Sample;
import io.mtlsmigration.prometheus.QueryResult.Series;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongUnaryOperator;
import java.util.function.Supplier;

/**
 * Prometheus' answers to the queries of {@code resources/promql}, each as that query means it:
 * counters that begin with their proxy, samples at scrapes, five minutes for which the last one is
 * taken for one of now unless its target is found gone or failing, and nothing of what came between
 * a last scrape and an end. The queries themselves are tested in Prometheus' own engine.
 */
final class Metrics implements PrometheusApi {

  private static final long INTERVAL = Scrapes.INTERVAL;

  /** For which Prometheus takes the last sample for one of now. */
  private static final long LOOKBACK = 300;

  /** After which a sample is late, and a time without one is a gap. */
  private static final long LAG = 2 * INTERVAL + 30;

  /** By which the queries look back for a first sample. */
  static final long BEFORE = 600;

  /** Seconds between two times at which the query looks for gaps. */
  private static final long GAPS = 30;

  /** By which {@code PrometheusHttp} lets its clock and the server's differ. */
  private static final long APART = 60;

  private static final QueryResult FAILED =
      new QueryResult.Failed("connection refused, or the clocks differ");

  private static final String[] UNKNOWN = {};

  private final World world;
  private final Replica replica;
  private final ZtunnelMetrics ztunnels;
  private final ShadowMetrics shadows;

  Metrics(World world, Replica replica) {
    this.world = world;
    this.replica = replica;
    this.ztunnels = new ZtunnelMetrics(world, this);
    this.shadows = new ShadowMetrics(world, this);
  }

  @Override
  public Optional<Duration> retention() {
    return Optional.empty();
  }

  private boolean fails() {
    return world.scrapes.isDown() || Math.abs(replica.skew) > APART;
  }

  @Override
  public QueryResult query(PromQuery query, Duration window, Instant at) {
    return answered(() -> told(query, window, at));
  }

  private QueryResult answered(Supplier<QueryResult> answer) {
    if (fails()) {
      return FAILED;
    }
    if (!world.scrapes.answers()) {
      world.scrapes.answered();
      return new QueryResult.Failed("the answer is partial");
    }
    QueryResult told = answer.get();
    world.scrapes.answered();
    return told;
  }

  private QueryResult told(PromQuery query, Duration window, Instant at) {
    long end = Math.min(second(at), world.now());
    long begin = second(at) - Math.max(1, window.toSeconds());
    return new QueryResult.Answer(
        switch (query) {
          case WATCHED -> attempt(end) > begin ? one(Map.of(), 1, end) : List.of();
          case PROXIES -> proxies(begin, end);
          case DEPARTED_TARGETS -> something(new ArrayList<>(), begin, end);
          case DEPARTED -> departed(begin, end);
          case GAPS -> something(gaps(begin, end), begin, end);
          case AWAY -> something(away(begin, end), begin, end);
          case LISTENERS -> something(listeners(begin, end), begin, end);
          case DROPPING -> something(new ArrayList<>(), begin, end);
          case MEASURED -> ztunnels.measured(measured(end), end);
          case ZTUNNELS -> ztunnels.scraped(begin, end);
          case PLAINTEXT_TARGETS -> reaching(new ArrayList<>(), begin);
          case PLAINTEXT_REQUESTS -> reaching(requests(true, begin, end, second(at)), begin);
          case PLAINTEXT_MESSAGES -> reaching(new ArrayList<>(), begin);
          case PLAINTEXT_CONNECTIONS -> reaching(ztunnels.connections(true, begin, end), begin);
          case PLAINTEXT_BYTES -> reaching(ztunnels.bytes(begin, end), begin);
          case OPEN_CONNECTIONS -> ztunnels.open(end);
          case MUTUAL_TLS_CONNECTIONS -> ztunnels.connections(false, begin, end);
          case MUTUAL_TLS_REQUESTS -> requests(false, begin, end, second(at));
          case SHADOW_PODS -> shadows.pods(end);
          case CLIENT_REQUESTS -> clients(false, begin, end);
          case CLIENT_FAILURES -> clients(true, begin, end);
          default -> List.of();
        });
  }

  @Override
  public QueryResult range(PromQuery query, Instant from, Instant to, Duration step) {
    return answered(() -> told(query, from, to, step));
  }

  private QueryResult told(PromQuery query, Instant from, Instant to, Duration step) {
    long first = second(from);
    long last = second(to);
    long every = step.toSeconds();
    return switch (query) {
      case PLAINTEXT_BUCKETS -> new QueryResult.Answer(ztunnels.buckets(first, last, every));
      case SHADOW_DENIALS -> {
        List<Series> all = new ArrayList<>(shadows.counted(false, first, last, every));
        coverage(from, to, step)
            .series()
            .forEach(one -> all.add(new Series(Map.of("reaches", "step"), one.samples())));
        yield new QueryResult.Answer(all);
      }
      case SHADOW_JUDGEMENTS -> new QueryResult.Answer(shadows.counted(true, first, last, every));
      case COVERAGE -> coverage(from, to, step);
      default -> new QueryResult.Answer(List.of());
    };
  }

  @Override
  public QueryResult range(
      PromQuery query, String namespaces, Instant from, Instant to, Duration step) {
    boolean counting = query == PromQuery.SHADOW_COUNTING;
    Set<String> meant = counting ? Set.of(namespaces.split("\\|")) : Set.of();
    return counting
        ? answered(
            () ->
                new QueryResult.Answer(
                    shadows.counting(meant, second(from), second(to), step.toSeconds())))
        : range(query, from, to, step);
  }

  private QueryResult coverage(Instant from, Instant to, Duration step) {
    List<Sample> samples = new ArrayList<>();
    for (Instant at = from; !at.isAfter(to); at = at.plus(step)) {
      long second = second(at);
      if (second <= world.now() + LOOKBACK
          && second - attempt(Math.min(second, world.now())) <= LOOKBACK) {
        samples.add(new Sample(at.getEpochSecond(), 1));
      }
    }
    return new QueryResult.Answer(
        samples.isEmpty() ? List.of() : List.of(new Series(Map.of(), samples)));
  }

  private static long second(Instant at) {
    return at.getEpochSecond() - World.START.getEpochSecond();
  }

  static List<Series> one(Map<String, String> labels, double value, long at) {
    return List.of(
        new Series(labels, List.of(new Sample(World.START.getEpochSecond() + at, value))));
  }

  /** The last time up to {@code end} at which anything was scraped, or tried to be. */
  private long attempt(long end) {
    return world.scrapes.asked(Scrapes.NEVER, end);
  }

  interface OfPod {
    void take(Workload workload, String pod, Workload.Life life);
  }

  /** A proxy that was started again goes on with the series of the one before. */
  boolean again(Workload workload, Workload.Life life, long end) {
    return workload.rebooted
        && workload.lives.stream()
            .anyMatch(
                later ->
                    later.pod().equals(life.pod())
                        && later.from() >= life.to()
                        && world.scrapes.scraped(workload.id(), later, end) > Scrapes.NEVER);
  }

  /** Pods with a sidecar that a sample of a window may be of, as of what was scraped by its end. */
  void proxies(long begin, long end, OfPod each) {
    long ended = Math.min(begin - GAPS, end - LOOKBACK);
    for (Workload workload : world.cluster.everyWorkload()) {
      for (Workload.Life life : workload.lives) {
        if (life.dataPlane() == DataPlane.SIDECAR
            && life.to() > ended
            && life.from() <= end
            && !again(workload, life, end)) {
          each.take(workload, life.pod(), life);
        }
      }
    }
  }

  static Map<String, String> labels(Workload workload, String pod) {
    return Map.of("namespace", workload.namespace, "pod", pod);
  }

  private List<Series> proxies(long begin, long end) {
    Map<Map<String, String>, Long> youngest = new HashMap<>();
    proxies(
        begin,
        end,
        (workload, pod, life) -> {
          long at = world.scrapes.scraped(workload.id(), life, end);
          if (at > begin) {
            youngest.merge(labels(workload, pod), at - life.from(), Math::min);
          }
        });
    List<Series> found = new ArrayList<>();
    youngest.forEach((labels, uptime) -> found.addAll(one(labels, uptime, end)));
    return found;
  }

  /**
   * The sample that an instant query takes, unless it is known to be stale; {@link Scrapes#NEVER}
   * when none.
   */
  long present(Workload workload, Workload.Life life, long end) {
    long at = world.scrapes.scraped(workload.id(), life, end);
    long next = at + INTERVAL;
    boolean stale = next <= end && world.scrapes.asks(life, next);
    return end - at <= LOOKBACK && !stale ? at : Scrapes.NEVER;
  }

  private List<Series> departed(long begin, long end) {
    List<Series> found = new ArrayList<>();
    proxies(
        begin,
        end,
        (workload, pod, life) -> {
          long at = world.scrapes.scraped(workload.id(), life, end);
          long there = Math.min(end, life.to() - 1);
          long tried = world.scrapes.asked(life, Math.max(begin + 1, life.from()), there);
          Map<String, String> labels = labels(workload, pod);
          if (at > begin && present(workload, life, end) == Scrapes.NEVER) {
            Map<String, String> target = new HashMap<>(labels);
            target.put("instance", pod + "@" + life.from());
            told(found, target, "at", epoch(at), end);
            told(found, target, "uptime", (double) (at - life.from()), end);
            if (tried > Scrapes.NEVER) {
              told(found, target, "tried", epoch(tried), end);
            }
          } else if (at <= begin && tried > Scrapes.NEVER) {
            told(found, labels, "failing", epoch(tried), end);
          }
        });
    long silent = Scrapes.NEVER;
    for (long t = begin + 1; t <= end; t += INTERVAL / 2) {
      silent = t - attempt(t) < LAG ? silent : t;
    }
    something(found, begin, end);
    long first = begin + 1;
    while (first <= end && first - attempt(first) > LOOKBACK) {
      first += INTERVAL / 2;
    }
    if (first <= end) {
      told(found, Map.of(), "heard", 1.0, end);
      told(found, Map.of(), "first", epoch(first), end);
    }
    if (silent > Scrapes.NEVER) {
      told(found, Map.of(), "no proxy", epoch(silent), end);
      told(found, Map.of(), "no ztunnel", epoch(silent), end);
    }
    return found;
  }

  /** At how many half minutes something is current. */
  private long heard(long begin, long end) {
    long heard = 0;
    for (long t = begin + 1; t <= end; t += INTERVAL / 2) {
      heard += t - attempt(t) <= LOOKBACK ? 1 : 0;
    }
    return heard;
  }

  /** At each half minute, as the query. */
  private List<Series> gaps(long begin, long end) {
    List<Series> found = new ArrayList<>();
    resumed(begin, end, (labels, at, target) -> found.addAll(one(labels, epoch(at), end)));
    return found;
  }

  /** When those were first tried no more, within three hours. */
  private List<Series> away(long begin, long end) {
    List<Series> found = new ArrayList<>();
    resumed(
        begin,
        end,
        (labels, at, target) -> {
          long t = end - 3 * 3600 + GAPS - Math.floorMod(end - 3 * 3600, GAPS);
          while (t <= end && (target.scraped(t) <= t - 3 * 3600 || target.tried(t) > t - LAG)) {
            t += GAPS;
          }
          if (t <= end) {
            found.addAll(one(labels, epoch(t), end));
          }
          long before = target.tried(end - 3 * 3600);
          if (before > end - 3 * 3600 - 14 * Happening.DAY) {
            told(found, labels, "before", epoch(before - Math.floorMod(before, LOOKBACK)), end);
          }
        });
    return found;
  }

  private interface Resumed {
    void take(Map<String, String> labels, long at, Target target);
  }

  /** When a target was scraped, or tried, last by some time. */
  private record Target(LongUnaryOperator scrapes, LongUnaryOperator tries) {
    long scraped(long at) {
      return scrapes.applyAsLong(at);
    }

    long tried(long at) {
      return tries.applyAsLong(at);
    }
  }

  /** Targets that are scraped again after a while; the gateways tell of who scrapes them. */
  private void resumed(long begin, long end, Resumed each) {
    proxies(
        begin,
        end,
        (workload, pod, life) -> {
          if (!world.scrapes.unbroken(workload.id(), life, begin - LAG, end)) {
            resumed(
                labels(workload, pod),
                new Target(
                    at -> world.scrapes.scraped(workload.id(), life, at),
                    at -> world.scrapes.asked(life, life.from(), at)),
                life.from(),
                begin,
                end,
                each);
          }
        });
    for (int i = 0; world.scrapes.shards() > 1 && i < world.scrapes.shards(); i++) {
      int shard = i;
      LongUnaryOperator tries = at -> world.scrapes.asked(shard, Scrapes.NEVER, at);
      Map<String, String> labels = Map.of("namespace", "istio-system", "pod", "gateway-" + i);
      resumed(labels, new Target(tries, tries), Scrapes.NEVER, begin, end, each);
    }
  }

  private void resumed(
      Map<String, String> labels, Target target, long from, long begin, long end, Resumed each) {
    for (long t = end - Math.floorMod(end, GAPS); t > begin; t -= GAPS) {
      long last = target.scraped(t);
      if (last > t - GAPS && last - from > LAG && target.scraped(t - GAPS) <= t - LAG) {
        each.take(labels, t, target);
        return;
      }
    }
  }

  private List<Series> listeners(long begin, long end) {
    List<Series> found = new ArrayList<>();
    proxies(
        begin,
        end,
        (workload, pod, life) -> {
          long after = world.scrapes.scraped(workload.id(), life, end);
          long before = world.scrapes.scraped(workload.id(), life, begin);
          long from = before > begin - 6 * 3600 ? before : life.from() - 1;
          if (after > begin
              && workload.drops.stream().anyMatch(drop -> drop > from && drop < after)) {
            found.addAll(one(labels(workload, pod), 1, end));
          }
        });
    return found;
  }

  static double epoch(long second) {
    return World.START.getEpochSecond() + second;
  }

  private static void told(
      List<Series> found, Map<String, String> labels, String what, double value, long end) {
    Map<String, String> all = new HashMap<>(labels);
    all.put("what", what);
    found.addAll(one(all, value, end));
  }

  /** A query's own word on how far back it reaches. */
  private List<Series> something(List<Series> found, long begin, long end) {
    if (heard(begin, end) > 0) {
      found.addAll(one(Map.of("reaches", "window"), (double) heard(begin, end), end));
    }
    return found;
  }

  private List<Series> reaching(List<Series> found, long begin) {
    if (begin - attempt(Math.min(begin, world.now())) <= LOOKBACK) {
      found.addAll(one(Map.of("reaches", "window"), 1, world.now()));
    }
    return found;
  }

  /**
   * One client's calls that one pod counted after {@code from} and up to {@code to}, by plaintext
   * or mutual TLS.
   */
  private static long counted(
      Calls.Flow flow, Workload server, String pod, boolean plaintext, long from, long to) {
    long count = 0;
    // From the last one back: a flow has hundreds.
    for (int i = flow.stretches.size() - 1; i >= 0; i--) {
      Calls.Stretch stretch = flow.stretches.get(i);
      if (stretch.to() <= from) {
        break;
      }
      if (stretch.from() < to) {
        for (Calls.Receiver receiver : stretch.receivers()) {
          if (receiver.plaintext() == plaintext && counts(receiver, pod)) {
            count +=
                server.counts(flow, Math.max(from, stretch.from()), Math.min(to, stretch.to()));
          }
        }
      }
    }
    return count;
  }

  private static boolean counts(Calls.Receiver receiver, String pod) {
    return receiver.dataPlane() == DataPlane.SIDECAR
        && !receiver.refused()
        && receiver.pod().equals(pod);
  }

  /** Whether a pod had counted any call at a scrape. */
  private static boolean countsAny(Calls.Flow flow, Workload server, String pod, long at) {
    for (int i = flow.stretches.size() - 1; i >= 0; i--) {
      Calls.Stretch stretch = flow.stretches.get(i);
      if (stretch.from() < at
          && stretch.receivers().stream().anyMatch(receiver -> counts(receiver, pod))
          && server.counts(flow, stretch.from(), Math.min(at, stretch.to())) > 0) {
        return true;
      }
    }
    return false;
  }

  private List<Series> measured(long end) {
    Map<String, Workload> servers = new TreeMap<>();
    proxies(
        end,
        end,
        (workload, pod, life) -> {
          long at = present(workload, life, end);
          boolean any =
              at > Scrapes.NEVER
                  && world.calls().to(workload).stream()
                      .anyMatch(flow -> countsAny(flow, workload, pod, at));
          if (any) {
            servers.put(workload.id(), workload);
          }
        });
    List<Series> found = new ArrayList<>();
    servers.values().forEach(server -> found.addAll(one(server(server), 1, end)));
    return found;
  }

  static Map<String, String> server(Workload workload) {
    return Map.of(
        "destination_workload_namespace",
        workload.namespace,
        "destination_workload",
        workload.name);
  }

  private List<Series> requests(boolean plaintext, long begin, long end, long asked) {
    Map<Map<String, String>, Double> sums = new HashMap<>();
    proxies(
        begin,
        end,
        (workload, pod, life) -> {
          for (Calls.Flow flow : world.calls().to(workload)) {
            // From 0 on: in a namespace made anew a pod may have the name of an older one.
            LongUnaryOperator counter =
                at -> counted(flow, workload, pod, plaintext, life.from() - 1, at);
            if (counter.applyAsLong(end) == 0) {
              continue;
            }
            double count =
                plaintext
                    ? took(workload, life, counter, begin, end, asked, true)
                    : increase(workload, life, counter, begin, end);
            if (count > 0) {
              sums.merge(edge(flow, workload, plaintext), count, Double::sum);
            }
          }
        });
    List<Series> found = new ArrayList<>();
    sums.forEach((labels, count) -> found.addAll(one(labels, count, end)));
    return found;
  }

  /** Who has no proxy is unknown to whoever takes the call. */
  private static Map<String, String> edge(Calls.Flow flow, Workload server, boolean plaintext) {
    String[] client = plaintext ? UNKNOWN : flow.client.split("/");
    boolean known = client.length > 1;
    return Map.of(
        "destination_workload_namespace",
        server.namespace,
        "destination_workload",
        server.name,
        "source_workload_namespace",
        known ? client[0] : "unknown",
        "source_workload",
        known ? client[1] : "unknown",
        "request_protocol",
        "http");
  }

  /** The same of a proxy that drops no counters: ztunnel's. */
  double took(
      Workload workload,
      Workload.Life life,
      LongUnaryOperator counter,
      long begin,
      long end,
      long asked) {
    return took(workload, life, counter, begin, end, asked, false);
  }

  /** A young proxy's counter counts as a whole, and one that has begun within the window. */
  private double took(
      Workload workload,
      Workload.Life life,
      LongUnaryOperator all,
      long begin,
      long end,
      long asked,
      boolean drops) {
    List<Long> dropped =
        drops && !workload.drops.isEmpty()
            ? workload.drops.stream().filter(at -> at >= life.from() && at < end).toList()
            : List.of();
    List<Long> within = dropped.stream().filter(at -> at > begin - BEFORE).toList();
    long base = dropped.isEmpty() ? 0 : all.applyAsLong(before(dropped, life, begin - BEFORE));
    LongUnaryOperator counter = at -> all.applyAsLong(at) - base;
    if (!within.isEmpty()) {
      return new Runs(workload, life, all, begin, end).took(within, dropped, asked);
    }
    long present = present(workload, life, end);
    if (present > Scrapes.NEVER && present - life.from() < asked - begin) {
      return counter.applyAsLong(present);
    }
    long last = world.scrapes.scraped(workload.id(), life, end);
    if (last <= begin) {
      return 0;
    }
    long before = world.scrapes.scraped(workload.id(), life, begin);
    boolean began = before <= begin - BEFORE || counter.applyAsLong(before) == 0;
    return counter.applyAsLong(last) - (began ? 0 : counter.applyAsLong(before));
  }

  /** The last drop up to a time, or when the proxy had counted nothing. */
  private static long before(List<Long> drops, Workload.Life life, long at) {
    return drops.stream().filter(drop -> drop <= at).reduce((a, b) -> b).orElse(life.from() - 1);
  }

  /** One counter of a proxy that has dropped it, each time from 0 on. */
  private final class Runs {
    private final Workload workload;
    private final Workload.Life life;
    private final LongUnaryOperator all;
    private final long begin;
    private final long end;

    /** The last sample so far; 0 when there was none. */
    private long value;

    private boolean away;
    private boolean began = true;
    private double risen;

    Runs(Workload workload, Workload.Life life, LongUnaryOperator all, long begin, long end) {
      this.workload = workload;
      this.life = life;
      this.all = all;
      this.begin = begin;
      this.end = end;
    }

    double took(List<Long> within, List<Long> dropped, long asked) {
      long from = before(dropped, life, begin - BEFORE);
      for (long drop : within) {
        run(from, drop);
        from = drop;
      }
      run(from, end);
      long present = present(workload, life, end);
      boolean young = present > Scrapes.NEVER && present - life.from() < asked - begin;
      return away || began || (young && there(from, present)) ? value : risen;
    }

    private boolean there(long from, long at) {
      return all.applyAsLong(at) > all.applyAsLong(from);
    }

    /** From a drop to the next one: what samples tell of it. */
    private void run(long from, long to) {
      long last = world.scrapes.scraped(workload.id(), life, to);
      long base = all.applyAsLong(from);
      if (last <= Math.max(from, begin - BEFORE) || all.applyAsLong(last) == base) {
        return; // no sample
      }
      long told = all.applyAsLong(last) - base;
      if (last <= begin) {
        began = false;
        value = told;
        return;
      }
      long first = first(Math.max(from, life.from()), last, base);
      long zero = world.scrapes.scraped(workload.id(), life, first - 1);
      began &= first > begin || world.scrapes.scraped(workload.id(), life, begin) <= begin - BEFORE;
      // A counter with fewer samples than its proxy, or that was away at the window's start.
      away |= zero > Math.max(from, begin - INTERVAL);
      long begun = first > begin ? first : next(begin);
      long sample = all.applyAsLong(begun) - base;
      risen += (value > 0 ? sample >= value ? sample - value : sample : 0) + told - sample;
      value = told;
    }

    /** The first scrape at which the counter is there. */
    private long first(long from, long last, long base) {
      long low = Math.floorDiv(from, INTERVAL);
      long high = Math.floorDiv(last, INTERVAL);
      while (high - low > 1) {
        long middle = (low + high) / 2;
        if (all.applyAsLong(middle * INTERVAL) > base) {
          high = middle;
        } else {
          low = middle;
        }
      }
      return succeeding(high * INTERVAL);
    }

    private long next(long after) {
      return succeeding(after + INTERVAL - Math.floorMod(after, INTERVAL));
    }

    private long succeeding(long at) {
      long first = at;
      while (!world.scrapes.succeeds(workload.id(), life, first)) {
        first += INTERVAL;
      }
      return first;
    }
  }

  /** Between the first and the last sample of the window; one alone tells nothing. */
  double increase(
      Workload workload, Workload.Life life, LongUnaryOperator counter, long begin, long end) {
    long last = world.scrapes.scraped(workload.id(), life, end);
    if (last <= begin) {
      return 0;
    }
    long first = begin + INTERVAL - Math.floorMod(begin, INTERVAL);
    while (first < last
        && (first < life.from()
            || !world.scrapes.succeeds(workload.id(), life, first)
            || counter.applyAsLong(first) == 0)) {
      first += INTERVAL;
    }
    return counter.applyAsLong(last) - counter.applyAsLong(first);
  }

  private List<Series> clients(boolean failures, long begin, long end) {
    Map<String, Double> sums = new TreeMap<>();
    for (Calls.Flow flow : world.calls().flows()) {
      for (int i = flow.stretches.size() - 1; i >= 0; i--) {
        Calls.Stretch stretch = flow.stretches.get(i);
        if (stretch.to() <= begin) {
          break;
        }
        boolean mesh = stretch.client() != null && stretch.client().dataPlane().captured();
        boolean counts =
            !failures || stretch.receivers().stream().anyMatch(Calls.Receiver::refused);
        long count = flow.count(Math.max(stretch.from(), begin), Math.min(stretch.to(), end));
        if (mesh && counts && count > 0) {
          sums.merge(flow.serverNamespace(), (double) count, Double::sum);
        }
      }
    }
    List<Series> found = new ArrayList<>();
    sums.forEach(
        (namespace, count) ->
            found.addAll(one(Map.of("destination_service_namespace", namespace), count, end)));
    return found;
  }
}
