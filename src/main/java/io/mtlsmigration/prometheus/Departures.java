// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import static java.util.stream.Collectors.toSet;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Proxies that are no longer scraped, and whether they were until they ended; those that were not
 * scraped for a while, and whose listeners changed meanwhile, since Envoy drops the counters of a
 * listener that changes; and those of whose counters only a part is kept. Read in slices: recent
 * ones with each reading, and older ones a few hours at a time, since all at once would be every
 * sample of every proxy.
 */
final class Departures {

  /** Longer than the five minutes for which Prometheus considers a sample current. */
  static final Duration OVERLAP = Duration.ofMinutes(6);

  /** The time by which a reading may be late; less than slices overlap. */
  private static final Duration LATE = OVERLAP.dividedBy(2);

  /** Between two steps of the query. */
  private static final Duration STEP = Duration.ofSeconds(30);

  /** Between two steps in which the query looks for counters that are not kept. */
  private static final Duration LACKING = Duration.ofMinutes(1);

  /** How far back the query tells when what is scraped again was tried no more. */
  private static final Duration AWAY = Duration.ofHours(3);

  /** Between two steps in which it looks further back. */
  private static final Duration COARSE = Duration.ofMinutes(5);

  private static final Duration SLICE = Duration.ofHours(1);

  /** The maximum number of past slices per reading. */
  private static final int PAST_SLICES = 6;

  /** How many targets show when the one that scrapes them was away. */
  private static final int SOME = 100;

  /** The most that are remembered, of some 400 bytes each. */
  private static final int MOST = 300_000;

  private final PrometheusApi api;
  private final Duration lag;
  private final int most;

  /** By when they began: pods may have the same name one after the other. */
  private final Map<PodName, NavigableMap<Instant, Departure>> known = new HashMap<>();

  /** By the counter that is lacking, "" where the proxy dropped its own. */
  private final Map<PodName, Map<String, Loss>> lost = new HashMap<>();

  /** Times in which neither a proxy nor a ztunnel was scraped. */
  private final Silences silent = new Silences();

  /** Times in which no proxy was scraped: ztunnels that are scraped say nothing of them. */
  private final Silences mute = new Silences();

  /** The proxies of each scrape job that kept most, when that was asked last. */
  private @Nullable ScrapeTargets keeping;

  /** Times in which proxies that ran were not even tried, though others were. */
  private final Silences away = new Silences();

  /** Times of which the answers had nothing, though they were asked of what was before, too. */
  private final Silences unheard = new Silences();

  private final List<Silences> times = List.of(silent, mute, away, unheard);

  private @Nullable Instant from;
  private Instant to = Instant.MIN;

  /** True when more ended than are remembered: what is further back is not read. */
  private boolean full;

  /**
   * Creates an empty record.
   *
   * @param lag a proxy whose last scrape is no longer than this before its end counts as scraped
   *     until it ended
   */
  Departures(PrometheusApi api, Duration lag) {
    this(api, lag, MOST);
  }

  Departures(PrometheusApi api, Duration lag, int most) {
    this.api = api;
    this.lag = lag;
    this.most = most;
  }

  /**
   * A proxy that is gone.
   *
   * @param begun when it was started, by its own account
   * @param at when it was scraped last
   * @param tried when its target was tried last; not before {@code at}
   */
  record Departure(Instant begun, Instant at, Instant tried) {
    Departure triedAt(Instant time) {
      return new Departure(begun, at, later(tried, time));
    }

    /** Returns the same proxy, which another slice or target tells as well. */
    Departure with(Departure other) {
      return new Departure(begun, later(at, other.at), later(tried, other.tried));
    }
  }

  /** A target of a pod; a pod may have several, and other pods of its name had others. */
  private record Target(PodName pod, String instance) {
    static Target of(QueryResult.Series series) {
      return new Target(PodName.of(series), series.label("instance"));
    }
  }

  /**
   * A time at which counters of a proxy that was scraped were lost.
   *
   * @param until when it had ended, or the next look was due
   * @param lacks the counter of which nothing is kept; empty where the proxy dropped its own
   */
  record Loss(Instant until, String lacks) {
    Loss later(Loss other) {
      return other.until.isAfter(until) ? other : this;
    }

    /** Returns whether counters are lost now, for all that is known. */
    boolean lasts(Instant now) {
      return !lacks.isEmpty() && until.plus(LACKING).isAfter(now);
    }

    /** Returns in a sentence what was lost, and what to do. */
    String why(String pod) {
      return lacks.isEmpty()
          ? ("pod %s was not scraped for a while before %s, and its proxy may have changed a"
                  + " listener meanwhile, which drops counters")
              .formatted(pod, until)
          : ("the job that scrapes pod %s drops samples (metric_relabel_configs), or"
                  + " scrape_samples_scraped and scrape_samples_post_metric_relabeling are not there to"
                  + " show that it does not, and no proxy of it has %s: keep all of istio_*; if they"
                  + " are kept, the first such call to or from one of these proxies shows it")
              .formatted(pod, lacks);
    }
  }

  /**
   * Reads up to now, and a few slices further back.
   *
   * @throws QueryResult.FailedQuery when Prometheus does not answer; completed slices are kept
   */
  void read(Instant now, Duration window) {
    Instant begin = now.minus(window);
    // A reading that began before the last one, and came to its turn after it, forgets nothing.
    if (from == null || to.isBefore(begin) || to.isAfter(now.plus(LATE))) {
      known.clear();
      times.forEach(Silences::clear);
      lost.clear();
      from = now;
      to = now;
    }
    while (to.isBefore(now)) {
      Instant end = earlier(to.plus(SLICE), now);
      from = slice(to, end, now) ? from : end; // what was before that is read again
      to = end;
    }
    limit();
    Instant first = from;
    for (int i = 0; i < PAST_SLICES && first.isAfter(begin) && !full; i++) {
      Instant past = first.minus(SLICE).isBefore(begin) ? begin : first.minus(SLICE);
      if (!slice(past, first, now)) {
        return; // asked again with the next reading
      }
      first = past;
      from = first;
      limit();
    }
  }

  /** Forgets the oldest when there are too many; before the rest nothing is known then. */
  private void limit() {
    List<Instant> tried = new ArrayList<>();
    known.values().forEach(own -> own.values().forEach(one -> tried.add(one.tried())));
    full = tried.size() > (full ? most / 2 : most);
    if (tried.size() > most) {
      tried.sort(Comparator.naturalOrder());
      forgetBefore(tried.get(tried.size() - most / 10 * 9).plusMillis(1));
    }
  }

  /** Returns whether more proxies have ended than are remembered. */
  boolean full() {
    return full;
  }

  /**
   * Returns whether what is known of a time, of which another answer has samples, was told by a
   * replica that has none. All is read anew then.
   */
  boolean contradicts(Instant at) {
    boolean contradicts = unheard.has(at);
    if (contradicts) {
      from = null;
    }
    return contradicts;
  }

  /** Returns the time before which departures are unknown. */
  Instant knownFrom() {
    return from == null ? Instant.MAX : from;
  }

  /**
   * Returns the time before which who ended may have done so untold: as {@link #knownFrom}, or
   * later where nobody scraped for a while that had begun before that. Of who was scraped last
   * before it, and ended in it, nothing is read.
   */
  Instant toldFrom() {
    Instant known = knownFrom();
    Instant back = away.end(known, known);
    return back == null ? known : back;
  }

  /** Forgets that a pod was not scraped for a while: its proxy has lost nothing by that. */
  void scrapedAgain(PodName pod, Instant created) {
    NavigableMap<Instant, Departure> own = known.get(pod);
    if (own != null) {
      own.values().removeIf(one -> !one.at().isBefore(created));
    }
  }

  /** Drops departures too old to be needed. */
  void forgetBefore(Instant oldest) {
    forget(known, one -> one.tried().isBefore(oldest));
    forget(lost, loss -> loss.until().isBefore(oldest));
    times.forEach(one -> one.forgetBefore(oldest));
    if (from != null && from.isBefore(oldest)) {
      from = oldest;
    }
  }

  private static <K, V, M extends Map<K, V>> void forget(Map<PodName, M> pods, Predicate<V> old) {
    pods.values()
        .removeIf(
            own -> {
              own.values().removeIf(old);
              return own.isEmpty();
            });
  }

  private static Instant earlier(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }

  /**
   * Reads a slice. Of several replicas behind one address any may answer.
   *
   * @return false when one answer knows of less of the slice than another one; the last minute may
   *     arrive between two answers
   */
  private boolean slice(Instant begin, Instant end, Instant now) {
    Duration window = Duration.between(begin, end).plus(OVERLAP);
    EvidenceReach reach = new EvidenceReach();
    departed(reach, begin, window, end);
    gaps(reach, window, end);
    relabelled(reach, window, end);
    return reach.agrees(end.plus(LATE).isAfter(now) ? 2 : 0);
  }

  private void departed(EvidenceReach reach, Instant begin, Duration window, Instant end) {
    ScrapeTargets targets =
        targets(reach.heard(api.query(PromQuery.DEPARTED_TARGETS, window, end).series()));
    Map<Target, Instant> at = new HashMap<>();
    Map<Target, Duration> uptime = new HashMap<>();
    Map<Target, Instant> tried = new HashMap<>();
    Map<PodName, Instant> failing = new HashMap<>();
    boolean heard = false;
    Instant first = end;
    Instant noProxy = begin;
    Instant noZtunnel = begin;
    for (QueryResult.Series one :
        reach.heard(
            PodName.consistent(
                api.query(PromQuery.DEPARTED, targets, lag, window, end).series()))) {
      Target target = Target.of(one);
      Duration told = one.time();
      switch (one.label("what")) {
        case "at" -> at.put(target, Instant.EPOCH.plus(told));
        case "uptime" -> uptime.put(target, told);
        case "tried" -> tried.put(target, Instant.EPOCH.plus(told));
        case "failing" -> failing.put(target.pod(), Instant.EPOCH.plus(told));
        case "heard" -> heard = true;
        case "first" -> first = Instant.EPOCH.plus(told);
        case "no proxy" -> noProxy = Instant.EPOCH.plus(told).plus(STEP);
        case "no ztunnel" -> noZtunnel = Instant.EPOCH.plus(told).plus(STEP);
        default -> {}
      }
    }
    unheard.add(begin, first);
    mute.add(begin, heard ? earlier(noProxy, end) : end);
    silent.add(begin, heard ? earlier(earlier(noProxy, noZtunnel), end) : end);
    at.forEach(
        (target, last) ->
            add(
                target.pod(),
                new Departure(
                    last.minus(uptime.getOrDefault(target, Duration.ZERO)),
                    last,
                    later(tried.getOrDefault(target, last), last))));
    Set<PodName> dated = at.keySet().stream().map(Target::pod).collect(toSet());
    tried.forEach(
        (target, last) -> {
          // It was scraped, and no step of the query fell between that and its next scrape.
          if (uptime.containsKey(target) && !dated.contains(target.pod())) {
            failing.merge(target.pod(), last, Departures::later);
          }
        });
    failing.forEach((pod, last) -> addFailing(pod, begin, last));
  }

  private static ScrapeTargets targets(List<QueryResult.Series> told) {
    return ScrapeTargets.of(told.stream().map(one -> one.label("instance")).toList(), List.of());
  }

  private List<QueryResult.Series> consistent(PromQuery query, Duration window, Instant end) {
    return PodName.consistent(api.query(query, window, end).series());
  }

  private void gaps(EvidenceReach reach, Duration window, Instant end) {
    List<QueryResult.Series> gaps = reach.heard(consistent(PromQuery.GAPS, window, end));
    if (gaps.isEmpty()) {
      return;
    }
    Set<PodName> changed =
        reach.heard(api.query(PromQuery.LISTENERS, targets(gaps), window, end).series()).stream()
            .map(PodName::of)
            .collect(toSet());
    for (QueryResult.Series one : gaps) {
      PodName pod = PodName.of(one);
      if (changed.contains(pod)) {
        lost(pod, one);
      }
    }
    away(reach, gaps, window, end);
  }

  /**
   * Reads when what is scraped again was not even tried: the one that scrapes it was away. Some
   * show it, since each shard scrapes many.
   */
  private void away(
      EvidenceReach reach, List<QueryResult.Series> gaps, Duration window, Instant end) {
    List<QueryResult.Series> some = new ArrayList<>();
    for (int i = 0; i < gaps.size(); i += 1 + gaps.size() / SOME) {
      some.add(gaps.get(i));
    }
    Map<Target, Instant> again = new HashMap<>();
    some.forEach(one -> again.put(Target.of(one), Instant.EPOCH.plus(one.time())));
    Instant within = end.minus(AWAY).minus(lag).minus(COARSE);
    for (QueryResult.Series one :
        reach.heard(api.query(PromQuery.AWAY, targets(some), lag, window, end).series())) {
      Instant told = Instant.EPOCH.plus(one.time());
      Instant left = told.minus(lag);
      if (!one.label("what").equals("before")) {
        left = left.minus(lag).minus(STEP);
      } else if (told.isAfter(within)) {
        continue; // it was tried when the three hours began
      }
      away.add(left, again.getOrDefault(Target.of(one), left));
    }
  }

  /**
   * Asks what is kept where a scrape may drop samples: of all proxies that is every sample of every
   * counter, so it is asked of a few that keep most, and of all if that is not enough.
   */
  private void relabelled(EvidenceReach reach, Duration window, Instant end) {
    if (reach.heard(api.query(PromQuery.DROPPING, window, end).series()).isEmpty()
        || kept(reach, window, end)) {
      return;
    }
    keeping = targets(reach.heard(api.query(PromQuery.KEEPING, window, end).series()));
    if (!kept(reach, window, end)) {
      for (QueryResult.Series one : reach.heard(consistent(PromQuery.LACKING, window, end))) {
        lost(PodName.of(one), one);
      }
    }
  }

  private boolean kept(EvidenceReach reach, Duration window, Instant end) {
    return keeping != null
        && reach.heard(api.query(PromQuery.UNKEPT, keeping, window, end).series()).isEmpty();
  }

  private void lost(PodName pod, QueryResult.Series told) {
    String lacks = told.label("lacks");
    Instant seen = Instant.ofEpochSecond((long) told.value());
    Loss loss = new Loss(lacks.isEmpty() ? seen : seen.plus(LACKING), lacks);
    lost.computeIfAbsent(pod, p -> new HashMap<>()).merge(loss.lacks(), loss, Loss::later);
  }

  private static @Nullable Instant latest(@Nullable Instant one, @Nullable Instant other) {
    return one == null ? other : other == null ? one : later(one, other);
  }

  static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }

  /**
   * Adds a departure. Slices overlap, a proxy may have several targets, it may be scraped again,
   * and times are accurate to half a minute: what began close together is the same.
   */
  private void add(PodName pod, Departure one) {
    NavigableMap<Instant, Departure> own = known.computeIfAbsent(pod, p -> new TreeMap<>());
    Map.Entry<Instant, Departure> near = own.floorEntry(one.begun().plus(lag));
    if (near != null && !near.getKey().isBefore(one.begun().minus(lag))) {
      own.put(near.getKey(), near.getValue().with(one));
    } else {
      own.put(one.begun(), one);
    }
  }

  /**
   * Adds a pod of which no scrape succeeds. What began to fail while this process looks on may
   * still be there, and is scraped again soon; before, another one may have had its name.
   */
  private void addFailing(PodName pod, Instant begin, Instant tried) {
    Instant at = begin.isBefore(to) || tried.isAfter(to.plus(OVERLAP)) ? begin : tried;
    NavigableMap<Instant, Departure> own = known.computeIfAbsent(pod, p -> new TreeMap<>());
    Departure before =
        own.values().stream()
            .filter(one -> !one.at().isAfter(tried))
            .max(Comparator.comparing(Departure::at))
            .filter(one -> !one.tried().isBefore(begin.minus(OVERLAP)))
            .orElse(new Departure(at, at, at.plus(lag).plusSeconds(1)));
    own.put(before.begun(), before.triedAt(tried));
  }

  /**
   * Returns until when a proxy that is gone may have accepted unseen calls.
   *
   * @return null when it was scraped until it ended
   */
  @Nullable Instant unseenUntil(Departure one) {
    Instant end = null;
    if (one.tried().isAfter(one.at().plus(lag))) {
      end = one.tried().plus(lag);
    }
    // One that was never scraped may be anything: where ztunnels count, what was tried is an app.
    Silences silences = one.begun().isBefore(one.at()) ? mute : silent;
    // Silence is noticed in the first step after the lag, which may be in a slice of its own.
    end = latest(end, silences.end(one.at(), one.at().plus(lag).plus(STEP)));
    return latest(end, away.end(one.at(), one.at()));
  }

  /** Returns the pods of proxies that were scraped, and whose calls may be counted nowhere. */
  Map<PodName, List<Loss>> lost() {
    return lists(lost);
  }

  /** Returns all known departures by pod. */
  Map<PodName, List<Departure>> all() {
    return lists(known);
  }

  private static <K, V, M extends Map<K, V>> Map<PodName, List<V>> lists(Map<PodName, M> pods) {
    Map<PodName, List<V>> lists = HashMap.newHashMap(pods.size());
    pods.forEach((pod, own) -> lists.put(pod, List.copyOf(own.values())));
    return lists;
  }
}
