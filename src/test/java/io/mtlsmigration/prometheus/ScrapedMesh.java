// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a Prometheus would answer of proxies that live, are scraped or not, and take plaintext: as
 * the queries mean it (promtool tests that they do), without one. Scrapes come every fifteen
 * seconds.
 */
final class ScrapedMesh implements PrometheusApi {

  static final Duration SCRAPE = Duration.ofSeconds(15);

  /** In seconds. */
  private static final long STEP = 30;

  /** For so long a sample is current. */
  private static final Duration LOOKBACK = Duration.ofMinutes(5);

  final List<Proxy> proxies = new ArrayList<>();

  /** Times in which this Prometheus scraped nothing, its time before it began included. */
  final List<Span> holes = new ArrayList<>();

  /** True when other targets than proxies are scraped always. */
  boolean others;

  /** True when a scrape drops samples, whichever they are. */
  boolean drops;

  /** By how much every other answer is older: that of another replica. */
  Duration behind = Duration.ZERO;

  final List<PromQuery> asked = new ArrayList<>();

  /** Which queries another replica answers that has nothing of before a time. */
  final Map<PromQuery, Instant> younger = new HashMap<>();

  /** Which queries came before the last sample had arrived. */
  final Map<PromQuery, Instant> early = new HashMap<>();

  /** Pods that export the build of a ztunnel, by namespace and name. */
  final List<PodName> ztunnels = new ArrayList<>();

  /** Until when some of them are scraped, by their names. */
  final Map<String, Instant> unscraped = new HashMap<>();

  /** Both ends belong to it. */
  record Span(Instant from, Instant to) {
    boolean has(Instant at) {
      return !at.isBefore(from) && !at.isAfter(to);
    }

    /** Asked for each scrape of each proxy: a stream for each takes most of these tests' time. */
    static boolean any(List<Span> spans, Instant at) {
      for (Span span : spans) {
        if (span.has(at)) {
          return true;
        }
      }
      return false;
    }
  }

  /** One life of a proxy: it ends when its pod goes, or when it is started again. */
  static final class Proxy {
    final String namespace;
    final String pod;
    final String workload;
    final String instance;
    final Instant begun;
    Instant ended = Instant.MAX;

    /** Scrapes that fail. */
    final List<Span> down = new ArrayList<>();

    /** When the one that scrapes it, of several, was away: nothing is tried then. */
    final List<Span> away = new ArrayList<>();

    final List<Instant> plaintext = new ArrayList<>();

    /** When none of its counters of TCP was kept; null: never. */
    @Nullable Span partly;

    /** When its listeners changed; null: it does not say. */
    @Nullable List<Instant> listeners = new ArrayList<>();

    Proxy(String namespace, String workload, String pod, String instance, Instant begun) {
      this.instance = instance;
      this.namespace = namespace;
      this.workload = workload;
      this.pod = pod;
      this.begun = begun;
    }

    boolean lives(Instant at) {
      return !at.isBefore(begun) && at.isBefore(ended);
    }

    boolean tried(Instant at) {
      return lives(at) && !Span.any(away, at);
    }
  }

  /** Proxies that are scraped, and have no series of what they served. */
  final Set<Proxy> unsampled = new HashSet<>();

  Proxy proxy(String namespace, String workload, String pod, Instant begun) {
    String instance = "10.0.1.%d:15020".formatted(proxies.size());
    Proxy proxy = new Proxy(namespace, workload, pod, instance, begun);
    proxies.add(proxy);
    return proxy;
  }

  private boolean scrapes(Instant at) {
    return !Span.any(holes, at);
  }

  private boolean good(Proxy proxy, Instant at) {
    return proxy.tried(at) && !Span.any(proxy.down, at);
  }

  /** Scrapes within the window, the newest first. */
  private List<Instant> scrapes(Instant end, Duration window) {
    List<Instant> scrapes = new ArrayList<>();
    for (Instant at = newest(end); at.isAfter(end.minus(window)); at = at.minus(SCRAPE)) {
      if (scrapes(at)) {
        scrapes.add(at);
      }
    }
    return scrapes;
  }

  private static Instant newest(Instant end) {
    long step = SCRAPE.toSeconds();
    return Instant.ofEpochSecond(end.getEpochSecond() / step * step);
  }

  @Override
  public QueryResult query(PromQuery query, Duration window, Instant at) {
    asked.add(query);
    List<QueryResult.Series> series = new ArrayList<>();
    switch (query) {
      case WATCHED -> {
        if (others || !scrapes(at, window).isEmpty()) {
          series.add(one(1));
        }
      }
      case PROXIES ->
          proxies(
              series, window, Collections.frequency(asked, query) % 2 == 0 ? at : at.minus(behind));
      case ZTUNNELS -> {
        for (PodName pod : ztunnels) {
          Instant last = unscraped.getOrDefault(pod.name(), at);
          if (last.isAfter(at.minus(window))) {
            series.add(one(last.getEpochSecond(), "namespace", pod.namespace(), "pod", pod.name()));
          }
        }
      }
      case DEPARTED_TARGETS -> {
        departed(series, ScrapeTargets.ALL, window, at);
        series.removeIf(one -> one.label("instance").isEmpty());
        something(series, query, window, at);
      }
      case GAPS -> {
        gaps(series, window, at);
        something(series, query, window, at);
      }
      case LISTENERS -> {
        listeners(series, window, at);
        something(series, query, window, at);
      }
      case DROPPING -> {
        if (drops || !lacking(window, at).isEmpty()) {
          series.add(one(1));
        }
        something(series, query, window, at);
      }
      case KEEPING -> {
        series.add(one(1, "instance", "10.0.0.1:15020"));
        something(series, query, window, at);
      }
      case UNKEPT -> {
        if (!lacking(window, at).isEmpty()) {
          series.add(one(lacking(window, at).size()));
        }
        something(series, query, window, at);
      }
      case LACKING -> {
        series.addAll(lacking(window, at));
        something(series, query, window, at);
      }
      case MEASURED ->
          proxies.stream()
              .filter(proxy -> good(proxy, at) && !unsampled.contains(proxy))
              .forEach(
                  proxy ->
                      series.add(
                          one(
                              1,
                              "destination_workload_namespace",
                              proxy.namespace,
                              "destination_workload",
                              proxy.workload,
                              "namespace",
                              proxy.namespace,
                              "pod",
                              proxy.pod)));
      case PLAINTEXT_REQUESTS -> plaintext(series, window, at);
      case PLAINTEXT_TARGETS, PLAINTEXT_MESSAGES, PLAINTEXT_CONNECTIONS, PLAINTEXT_BYTES ->
          reaches(series, window, at);
      default -> {}
    }
    return new QueryResult.Answer(series);
  }

  @Override
  public QueryResult query(
      PromQuery query, ScrapeTargets targets, Duration lag, Duration window, Instant at) {
    asked.add(query);
    List<QueryResult.Series> series = new ArrayList<>();
    if (query == PromQuery.AWAY) {
      away(series, targets, lag, at);
      something(series, query, window, at);
      return new QueryResult.Answer(series);
    }
    departed(series, targets, window, at);
    something(series, query, window, at);
    heard(known(query), window, at)
        .reduce((later, earlier) -> earlier)
        .ifPresent(
            first -> {
              series.add(one(1, "what", "heard"));
              series.add(one(first.getEpochSecond(), "what", "first"));
            });
    steps(at, window)
        .filter(step -> step.isBefore(known(query)) || scrapes(step, lag).isEmpty())
        .findFirst()
        .ifPresent(step -> series.add(one(step.getEpochSecond(), "what", "no proxy")));
    if (ztunnels.isEmpty()) {
      steps(at, window)
          .findFirst()
          .ifPresent(step -> series.add(one(step.getEpochSecond(), "what", "no ztunnel")));
    }
    return new QueryResult.Answer(series);
  }

  private void away(
      List<QueryResult.Series> series, ScrapeTargets targets, Duration lag, Instant at) {
    Pattern meant = Pattern.compile(targets.matcher().replace("\\\\", "\\"));
    Duration back = Duration.ofHours(3);
    for (Proxy proxy : proxies) {
      if (meant.matcher(proxy.instance).matches()) {
        steps(at, back)
            .filter(step -> scrapes(step, lag).stream().noneMatch(proxy::tried))
            .filter(step -> scrapes(step, back).stream().anyMatch(s -> good(proxy, s)))
            .reduce((later, earlier) -> earlier)
            .ifPresent(step -> told(series, proxy, "", step.getEpochSecond()));
        scrapes(at.minus(back), Duration.ofDays(14)).stream()
            .filter(proxy::tried)
            .findFirst()
            .ifPresent(
                scrape -> told(series, proxy, "before", scrape.getEpochSecond() / 300 * 300));
      }
    }
  }

  private void proxies(List<QueryResult.Series> series, Duration window, Instant at) {
    Map<PodName, Long> youngest = new HashMap<>();
    for (Proxy proxy : proxies) {
      scrapes(at, window).stream()
          .filter(scrape -> good(proxy, scrape))
          .findFirst()
          .ifPresent(
              scrape ->
                  youngest.merge(
                      new PodName(proxy.namespace, proxy.pod),
                      Duration.between(proxy.begun, scrape).toSeconds(),
                      Math::min));
    }
    youngest.forEach(
        (pod, up) -> series.add(one(up, "namespace", pod.namespace(), "pod", pod.name())));
  }

  /** The times at which a subquery is asked, the latest first. */
  private static Stream<Instant> steps(Instant end, Duration window) {
    return Stream.iterate(
        Instant.ofEpochSecond(end.getEpochSecond() / STEP * STEP),
        step -> step.isAfter(end.minus(window)),
        step -> step.minusSeconds(STEP));
  }

  private void departed(
      List<QueryResult.Series> series, ScrapeTargets targets, Duration window, Instant at) {
    List<Instant> scrapes = scrapes(at, window);
    Pattern meant = Pattern.compile(targets.matcher().replace("\\\\", "\\"));
    for (Proxy proxy : proxies) {
      if (!meant.matcher(proxy.instance).matches()) {
        continue;
      }
      Instant last = scrapes.stream().filter(s -> good(proxy, s)).findFirst().orElse(null);
      Instant tried = scrapes.stream().filter(proxy::tried).findFirst().orElse(null);
      // Whoever scrapes a target marks its sample as stale once it fails, or is gone.
      boolean now =
          last != null
              && last.isAfter(at.minus(LOOKBACK))
              && scrapes.stream()
                  .filter(s -> s.isAfter(last))
                  .allMatch(s -> proxy.away.stream().anyMatch(span -> span.has(s)));
      if (last != null && !now) {
        told(series, proxy, "uptime", Duration.between(proxy.begun, last).toSeconds());
        atStep(scrapes.stream().filter(s -> good(proxy, s)))
            .ifPresent(step -> told(series, proxy, "at", step));
        atStep(scrapes.stream().filter(proxy::tried))
            .ifPresent(step -> told(series, proxy, "tried", step));
      } else if (last == null && tried != null) {
        told(series, proxy, "failing", tried.getEpochSecond());
      }
    }
  }

  private Instant known(PromQuery query) {
    return younger.getOrDefault(query, Instant.MIN);
  }

  /**
   * The steps of a window, the latest first, at which there are samples of proxies, or ztunnels.
   */
  private Stream<Instant> heard(Instant known, Duration window, Instant at) {
    return steps(at, window)
        .filter(step -> !step.isBefore(known))
        .filter(step -> !ztunnels.isEmpty() || !scrapes(step, LOOKBACK).isEmpty());
  }

  /** Returns the latest that a subquery sees: the next scrape replaces it. */
  private static Optional<Long> atStep(Stream<Instant> scrapes) {
    return scrapes.map(Instant::getEpochSecond).filter(at -> at % STEP == 0).findFirst();
  }

  private void gaps(List<QueryResult.Series> series, Duration window, Instant at) {
    for (Proxy proxy : proxies) {
      Instant later = Instant.MAX;
      for (Instant scrape = newest(at);
          later.isAfter(at.minus(window));
          scrape = scrape.minus(SCRAPE)) {
        boolean begun = !scrape.isAfter(proxy.begun);
        if (!begun && !(scrapes(scrape) && good(proxy, scrape))) {
          continue;
        }
        Instant before = begun ? proxy.begun : scrape;
        if (later.isBefore(Instant.MAX) && Duration.between(before, later).toSeconds() > 150) {
          series.add(
              one(
                  later.getEpochSecond(),
                  "namespace",
                  proxy.namespace,
                  "pod",
                  proxy.pod,
                  "instance",
                  proxy.instance));
          break;
        }
        if (begun) {
          break;
        }
        later = scrape;
      }
    }
  }

  /** Proxies of which no TCP was kept at each minute. */
  private List<QueryResult.Series> lacking(Duration window, Instant at) {
    List<QueryResult.Series> series = new ArrayList<>();
    for (Proxy proxy : proxies) {
      Span partly = proxy.partly;
      long last = at.getEpochSecond() / 60 * 60;
      while (last > at.minus(window).getEpochSecond()
          && (partly == null || !partly.has(Instant.ofEpochSecond(last)))) {
        last -= 60;
      }
      if (last > at.minus(window).getEpochSecond()) {
        series.add(
            one(
                last,
                "namespace",
                proxy.namespace,
                "pod",
                proxy.pod,
                "lacks",
                "istio_tcp_connections_opened_total"));
      }
    }
    return series;
  }

  private void something(
      List<QueryResult.Series> series, PromQuery query, Duration window, Instant at) {
    long heard = heard(known(query), window, at).count();
    if (known(query).isAfter(at.minus(window))) {
      series.clear();
    }
    if (heard > 0) {
      series.add(one(heard, "reaches", "window"));
    }
  }

  private void listeners(List<QueryResult.Series> series, Duration window, Instant at) {
    for (Proxy proxy : proxies) {
      Instant from = at.minus(window);
      boolean changed =
          proxy.listeners == null
              || proxy.listeners.stream().anyMatch(one -> one.isAfter(from) && one.isBefore(at));
      if (changed && scrapes(at, window).stream().anyMatch(scrape -> good(proxy, scrape))) {
        series.add(one(1, "namespace", proxy.namespace, "pod", proxy.pod));
      }
    }
  }

  private static void told(
      List<QueryResult.Series> series, Proxy proxy, String what, long seconds) {
    series.add(
        one(
            seconds,
            "instance",
            proxy.instance,
            "namespace",
            proxy.namespace,
            "pod",
            proxy.pod,
            "what",
            what));
  }

  private void plaintext(List<QueryResult.Series> series, Duration window, Instant at) {
    List<Instant> scrapes = scrapes(at, window);
    for (Proxy proxy : proxies) {
      Instant last = scrapes.stream().filter(s -> good(proxy, s)).findFirst().orElse(null);
      long count =
          last == null
              ? 0
              : proxy.plaintext.stream()
                  .filter(call -> call.isAfter(at.minus(window)) && !call.isAfter(last))
                  .count();
      if (count > 0) {
        series.add(
            one(
                count,
                "source_workload",
                "unknown",
                "destination_workload_namespace",
                proxy.namespace,
                "destination_workload",
                proxy.workload,
                "request_protocol",
                "http"));
      }
    }
    reaches(series, window, at);
  }

  private void reaches(List<QueryResult.Series> series, Duration window, Instant at) {
    if (scrapes(at.minus(window))) {
      series.add(one(1, "reaches", "window"));
    }
  }

  @Override
  public QueryResult range(PromQuery query, Instant from, Instant to, Duration step) {
    List<QueryResult.Sample> samples = new ArrayList<>();
    for (Instant at = from; !at.isAfter(to); at = at.plus(step)) {
      if (scrapes(at)) {
        samples.add(new QueryResult.Sample((double) at.getEpochSecond(), 1));
      }
    }
    return new QueryResult.Answer(
        query == PromQuery.COVERAGE && !samples.isEmpty()
            ? List.of(new QueryResult.Series(Map.of(), samples))
            : List.of());
  }

  @Override
  public Optional<Duration> retention() {
    return Optional.empty();
  }

  private static QueryResult.Series one(long value, String... labels) {
    Map<String, String> map = new HashMap<>();
    for (int i = 0; i < labels.length; i += 2) {
      map.put(labels[i], labels[i + 1]);
    }
    return new QueryResult.Series(map, List.of(new QueryResult.Sample(0, (double) value)));
  }
}
