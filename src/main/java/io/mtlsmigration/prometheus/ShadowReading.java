// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import static java.util.function.Predicate.not;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.ShadowDenial;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A reading of dry runs, from an instant some time back until now. */
sealed interface ShadowReading {

  Instant asOf();

  boolean reachesBackTo(Instant from);

  /**
   * Returns the evidence for one namespace.
   *
   * @param placed whether the dry run exists, so that every sidecar has to count
   */
  Evidence<List<ShadowDenial>> of(String namespace, Instant from, boolean placed);

  /** Returns since when each server's counters show that it counted: {@code from}, or later. */
  Instant countedSince(String namespace, Instant from);

  /** Makes all queries, and combines the answers. */
  static ShadowReading make(
      PrometheusApi api,
      MeshSnapshot facts,
      UnseenEnds ends,
      Duration scrapeInterval,
      Instant from,
      Instant now) {
    Duration fresh = ScrapeCoverage.lag(scrapeInterval);
    Duration window = Duration.between(from, now);
    Duration step = ScrapeCoverage.step(window);
    // The first step begins before the window does.
    long steps = window.dividedBy(step) + 1;
    Instant begin = now.minus(step.multipliedBy(steps));
    Instant first = begin.plus(step);
    try {
      if (api.query(PromQuery.WATCHED, fresh, now).series().isEmpty()) {
        return new Unread(now, ScrapeCoverage.nothing(fresh));
      }
      List<QueryResult.Series> scraped = api.query(PromQuery.SHADOW_PODS, step, now).series();
      List<ShadowSeries> pods = ShadowSeries.of(scraped);
      String counting = counting(pods, facts);
      // Of several replicas any may answer: this answer says itself how far back it reaches.
      List<QueryResult.Series> told =
          new ArrayList<>(api.range(PromQuery.SHADOW_DENIALS, counting, first, now, step).series());
      told.addAll(rest(api, counting, end(told, now), now));
      List<QueryResult.Series> reach = told.stream().filter(EvidenceReach::tells).toList();
      List<QueryResult.Series> denials = told.stream().filter(not(EvidenceReach::tells)).toList();
      return new Read(
          now,
          begin,
          facts,
          new ScrapeCoverage(api).gaps(reach, now, window),
          pods,
          PodName.contradicted(scraped),
          ShadowSeries.of(denials),
          new ShadowPresence(facts, begin, now, step.plus(fresh))
              .countedSince(
                  ShadowSeries.of(
                      api.range(PromQuery.SHADOW_COUNTING, counting, first, now, step).series())),
          ShadowSeries.of(api.range(PromQuery.SHADOW_JUDGEMENTS, first, now, step).series()),
          ends.endedUnseen(now, window));
    } catch (QueryResult.FailedQuery e) {
      return new Unread(now, e.detail());
    }
  }

  /**
   * Returns the end of the last step of an answer. It may be before now: a step is of whole
   * seconds, and servers in between (Thanos' query frontend, VictoriaMetrics) move the ends of a
   * range to multiples of it.
   */
  private static Instant end(List<QueryResult.Series> told, Instant now) {
    return told.stream()
        .filter(EvidenceReach::tells)
        .flatMap(reach -> reach.samples().stream())
        .reduce((one, next) -> next)
        .map(last -> Instant.ofEpochSecond((long) last.at()))
        .orElse(now);
  }

  /**
   * Returns the denials since the last step.
   *
   * @throws QueryResult.FailedQuery also when who answers has nothing of that time
   */
  private static List<QueryResult.Series> rest(
      PrometheusApi api, String counting, Instant end, Instant now) {
    Duration rest = Duration.ofSeconds(now.getEpochSecond() - end.getEpochSecond());
    if (!rest.isPositive()) {
      return List.of();
    }
    List<QueryResult.Series> told =
        api.query(PromQuery.SHADOW_DENIALS, counting, rest, now).series();
    if (told.stream().noneMatch(EvidenceReach::tells)) {
      throw new QueryResult.FailedQuery(
          "answers of Prometheus do not agree: one has samples until %s, another one has none of now"
              .formatted(end),
          false);
    }
    return told;
  }

  /**
   * Returns the namespaces where anybody counts, as a regular expression: only of proxies there
   * Prometheus is asked when they were scraped.
   */
  private static String counting(List<ShadowSeries> pods, MeshSnapshot facts) {
    return pods.stream()
        .filter(ShadowSeries::counts)
        .map(ShadowSeries::namespace)
        .filter(facts.namespaces()::containsKey)
        .distinct()
        .sorted()
        .collect(Collectors.joining("|"));
  }

  /** A reading that knows nothing. */
  record Unread(Instant asOf, String detail) implements ShadowReading {
    @Override
    public boolean reachesBackTo(Instant from) {
      return true;
    }

    @Override
    public Evidence<List<ShadowDenial>> of(String namespace, Instant from, boolean placed) {
      return new Evidence.Unavailable<>(Evidence.Reason.SOURCE_DOWN, detail);
    }

    @Override
    public Instant countedSince(String namespace, Instant from) {
      return asOf;
    }
  }

  /**
   * A complete reading.
   *
   * @param begin of the first step
   * @param pods whose statistics are scraped, and which of them count
   * @param contradicted whose statistics do not count
   * @param denials by pod and port, by the step
   * @param counting by namespace where any proxy counts: since when every server has
   * @param judgements by namespace, by the step
   * @param ended by namespace, until when pods that ended may have counted what nobody has read
   */
  record Read(
      Instant asOf,
      Instant begin,
      MeshSnapshot facts,
      List<ScrapeCoverage.Gap> gaps,
      List<ShadowSeries> pods,
      Set<PodName> contradicted,
      List<ShadowSeries> denials,
      Map<String, Instant> counting,
      List<ShadowSeries> judgements,
      Function<String, Instant> ended)
      implements ShadowReading {

    @Override
    public boolean reachesBackTo(Instant from) {
      return !begin.isAfter(from);
    }

    @Override
    public Evidence<List<ShadowDenial>> of(String namespace, Instant from, boolean placed) {
      if (!reachesBackTo(from)) {
        return unavailable(Evidence.Reason.WINDOW_NOT_COVERED, "Prometheus is being asked");
      }
      for (ScrapeCoverage.Gap gap : gaps) {
        // A recent window is unknown as well when nothing has been scraped since.
        if (gap.until().isAfter(from) || !gap.until().isBefore(asOf)) {
          return unavailable(gap.reason(), gap.detail());
        }
      }
      if (unplaced(namespace)) {
        return unavailable(
            Evidence.Reason.LABEL_MISSING,
            "counters of dry runs have no labels namespace and pod; let the scrape configuration of"
                + " Istio's proxies add them, as the one in Istio's samples does");
      }
      NamespaceFacts known = facts.namespace(namespace);
      if (known == null) {
        return new Evidence.NoSamples<>(asOf, "there is no namespace " + namespace);
      }
      Evidence<List<ShadowDenial>> blind = blind(known, placed);
      return blind != null ? blind : counted(known, from);
    }

    private static Evidence<List<ShadowDenial>> unavailable(Evidence.Reason reason, String detail) {
      return new Evidence.Unavailable<>(reason, detail);
    }

    /**
     * Returns whether a denial that may be of a namespace has no known place. What another
     * namespace's pods export holds nobody here.
     */
    private boolean unplaced(String namespace) {
      return Stream.concat(pods.stream().filter(ShadowSeries::counts), denials.stream())
          .anyMatch(
              one ->
                  one.namespace().isEmpty()
                      || (one.namespace().equals(namespace) && one.pod().isEmpty()));
    }

    /** Returns the sidecars whose denials would not be seen; null when there are none. */
    private @Nullable Evidence<List<ShadowDenial>> blind(NamespaceFacts known, boolean placed) {
      Set<String> scraped = new HashSet<>();
      Set<String> counting = new HashSet<>();
      for (ShadowSeries one : pods) {
        if (one.namespace().equals(known.name())) {
          (one.counts() ? counting : scraped).add(one.pod());
        }
      }
      List<String> unseen = new ArrayList<>();
      List<String> silent = new ArrayList<>();
      for (Pod pod : known.pods()) {
        boolean meant = meant(pod);
        if (meant && !scraped.contains(pod.name()) && !counting.contains(pod.name())) {
          unseen.add(pod.name());
        } else if (meant && placed && !counting.contains(pod.name())) {
          silent.add(pod.name());
        }
      }
      if (!unseen.isEmpty()) {
        return unavailable(
            Evidence.Reason.NOT_CONFIGURED,
            Blindness.unseen(unseen) + Blindness.contradicted(known.name(), unseen, contradicted));
      }
      return silent.isEmpty()
          ? null
          : unavailable(
              Evidence.Reason.SOURCE_DOWN,
              "the sidecars of "
                  + Blindness.words(silent)
                  + " do not count: they have not taken the dry run, or have not been scraped since"
                  + Blindness.contradicted(known.name(), silent, contradicted));
    }

    private boolean meant(Pod pod) {
      return ShadowPresence.meant(pod, asOf);
    }

    @Override
    public Instant countedSince(String namespace, Instant from) {
      Instant ended = this.ended.apply(namespace);
      NamespaceFacts known = facts.namespace(namespace);
      boolean meant = known != null && known.pods().stream().anyMatch(this::meant);
      Instant since = meant ? counting.getOrDefault(namespace, asOf) : from;
      return Departures.later(from, Departures.later(since, ended));
    }

    private record Server(WorkloadRef workload, int port) {}

    private Evidence<List<ShadowDenial>> counted(NamespaceFacts known, Instant from) {
      PodWorkloads workloads = new PodWorkloads(known);
      Map<Server, Double> counts = new LinkedHashMap<>();
      for (ShadowSeries one : denials) {
        double count = one.namespace().equals(known.name()) ? one.endingAfter(from) : 0;
        if (count > 0) {
          counts.merge(new Server(workloads.of(one.pod()), one.port()), count, Double::sum);
        }
      }
      boolean judged =
          judgements.stream()
              .anyMatch(one -> one.namespace().equals(known.name()) && one.endingAfter(from) > 0);
      if (counts.isEmpty() && !judged) {
        return new Evidence.NoSamples<>(
            asOf, "no sidecar in " + known.name() + " has judged a request since " + from);
      }
      return new Evidence.Measured<>(denials(counts), asOf);
    }

    /**
     * Returns the denials. Counters do not identify callers: own probes are included, and nothing
     * is subtracted (ADR 22).
     */
    private static List<ShadowDenial> denials(Map<Server, Double> counts) {
      List<ShadowDenial> found = new ArrayList<>();
      counts.forEach(
          (server, value) ->
              found.add(
                  new ShadowDenial(
                      server.workload(), server.port(), Math.max(1, Math.round(value)), 0)));
      return found;
    }
  }
}
