// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.traffic.CallHistory;
import io.mtlsmigration.traffic.Caller;
import io.mtlsmigration.traffic.PlaintextCalls;
import io.mtlsmigration.traffic.StepGap;
import io.mtlsmigration.traffic.StepSet;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ObjIntConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Puts the answers about one namespace together, by client, server and hour. */
final class CallSeries {

  private static final String SERVER = "destination_workload_namespace";

  private final String namespace;
  private final Instant from;
  private final int steps;

  /** Pairs of client and server that are told apart; a client can call itself anything. */
  private final int maxRows;

  private final WorkloadNames names;
  private final Scrapes scrapes;
  private final BitSet scraped = new BitSet();
  private final BitSet proxies = new BitSet();
  private final BitSet ztunnels = new BitSet();
  private final BitSet failing = new BitSet();
  private final BitSet unlabelled = new BitSet();
  private final Map<WorkloadRef, BitSet> sampled = new LinkedHashMap<>();
  private final Set<DataPlane> planes;
  private final Map<Key, Tally> tallies = new LinkedHashMap<>();

  /** The part of the answers that is about one namespace. */
  CallSeries(
      String namespace,
      Instant from,
      int steps,
      int maxRows,
      MeshSnapshot facts,
      WorkloadNames names,
      Scrapes scrapes) {
    this.namespace = namespace;
    this.from = from;
    this.steps = steps;
    this.maxRows = maxRows;
    this.names = names;
    this.scrapes = scrapes;
    NamespaceFacts own = facts.namespace(namespace);
    this.planes =
        own == null
            ? Set.of()
            : own.pods().stream()
                .filter(pod -> !pod.terminated())
                .map(Pod::dataPlane)
                .collect(Collectors.toSet());
  }

  private record Key(Caller client, WorkloadRef server) {}

  private static final class Tally {
    private final double[] calls;
    private int undated = -1;

    Tally(int steps) {
      calls = new double[steps];
    }
  }

  /** Steps in which anything was scraped. */
  void scraped(List<QueryResult.Series> answer) {
    answer.forEach(one -> mark(one, scraped));
  }

  /** Steps in which proxies of the namespace were scraped, or were not. */
  void watched(List<QueryResult.Series> answer) {
    for (QueryResult.Series one : answer) {
      switch (one.label("what")) {
        case "unlabelled" -> {
          if (one.label(SERVER).equals(namespace)
              && !scrapes.own(List.of(one), SERVER, SERVER).isEmpty()) {
            mark(one, unlabelled);
          }
        }
        case "proxies" -> markOwn(one, proxies);
        default -> markOwn(one, failing);
      }
    }
  }

  private void markOwn(QueryResult.Series series, BitSet steps) {
    if (PodName.contradicts(series)) {
      // Its calls are nobody's; were it of this namespace, somebody's would be missing.
      if (PodName.namespaces(series).contains(namespace)) {
        mark(series, failing);
      }
    } else if (PodName.of(series).namespace().equals(namespace)) {
      mark(series, steps);
    }
  }

  /** Steps in which servers of the namespace had any sample. */
  void sampled(List<QueryResult.Series> answer) {
    for (QueryResult.Series one : scrapes.own(answer, SERVER, SERVER)) {
      WorkloadRef server =
          one.label(SERVER).equals(namespace)
              ? names.of(namespace, one.label("destination_workload"))
              : null;
      if (server != null) {
        mark(one, sampled.computeIfAbsent(server, s -> new BitSet()));
      }
    }
  }

  /** Returns whether ztunnel counts calls to the namespace now. */
  boolean ambient() {
    return planes.contains(DataPlane.AMBIENT);
  }

  /** Steps in which ztunnels were scraped, or were not. */
  void ztunnels(List<QueryResult.Series> answer) {
    for (QueryResult.Series one : scrapes.ofAll(answer)) {
      mark(one, one.label("what").equals("scraped") ? ztunnels : failing);
    }
  }

  private void mark(QueryResult.Series series, BitSet steps) {
    each(series, (sample, step) -> steps.set(step));
  }

  /** Requests or connections. */
  void calls(List<QueryResult.Series> answer) {
    add(answer, (tally, sample, step) -> tally.calls[step] += sample.value());
  }

  /** Bytes, after all calls: one call where none was counted. */
  void bytes(List<QueryResult.Series> answer) {
    add(answer, (tally, sample, step) -> tally.calls[step] = Math.max(1, tally.calls[step]));
  }

  private interface Counting {
    void count(Tally tally, QueryResult.Sample sample, int step);
  }

  private void add(List<QueryResult.Series> answer, Counting counting) {
    for (QueryResult.Series one : scrapes.own(answer, SERVER, SERVER)) {
      if (!one.label(SERVER).equals(namespace)) {
        continue; // an answer may be about several
      }
      WorkloadRef server = names.of(namespace, one.label("destination_workload"));
      if (server == null) {
        continue;
      }
      WorkloadRef client =
          names.of(one.label("source_workload_namespace"), one.label("source_workload"));
      Tally tally = tally(client, server);
      boolean dated = one.label("dated").isEmpty();
      each(
          one,
          (sample, step) -> {
            if (dated) {
              counting.count(tally, sample, step);
            } else {
              tally.undated = Math.max(tally.undated, step);
            }
          });
    }
  }

  /** Clients that do not exist leave room for those that do. */
  private Tally tally(@Nullable WorkloadRef client, WorkloadRef server) {
    Key key = new Key(new Caller(client, ""), server);
    boolean exists = client == null || names.knows(client);
    if (!tallies.containsKey(key) && tallies.size() >= (exists ? maxRows : maxRows / 2)) {
      WorkloadRef any = new WorkloadRef(namespace, "Deployment", Caller.OTHERS.id());
      key = new Key(Caller.OTHERS, any);
    }
    return tallies.computeIfAbsent(key, k -> new Tally(steps));
  }

  /** Samples are at the ends of their steps. */
  private void each(QueryResult.Series series, ObjIntConsumer<QueryResult.Sample> marked) {
    long length = CallHistory.STEP.toSeconds();
    for (QueryResult.Sample sample : series.samples()) {
      long step = Math.round((sample.at() - from.getEpochSecond()) / length) - 1;
      if (step >= 0 && step < steps && !Double.isNaN(sample.value())) {
        marked.accept(sample, (int) step);
      }
    }
  }

  PlaintextCalls told() {
    List<PlaintextCalls.Row> rows = new ArrayList<>();
    tallies.forEach(
        (key, tally) ->
            rows.add(
                new PlaintextCalls.Row(
                    key.client(),
                    key.server(),
                    // increase() extrapolates: a call that was made is never none.
                    Arrays.stream(tally.calls).mapToObj(CallSeries::counted).toList(),
                    tally.undated < 0 ? null : end(tally.undated))));
    Map<Integer, StepGap> gaps = new LinkedHashMap<>();
    for (int step = 0; step < steps; step++) {
      StepGap gap = around(step);
      if (gap != null) {
        gaps.put(step, gap);
      }
    }
    Map<WorkloadRef, StepSet> samples = new LinkedHashMap<>();
    sampled.forEach((server, hours) -> samples.put(server, StepSet.of(hours)));
    return new PlaintextCalls(
        from,
        CallHistory.STEP,
        IntStream.range(0, steps).mapToObj(step -> !gaps.containsKey(step)).toList(),
        rows,
        gaps,
        samples);
  }

  private static long counted(double sum) {
    return (long) Math.ceil(Math.min(sum, QueryResult.Series.MOST));
  }

  /** One sample is in a step of which nothing else was seen, where a hole begins or ends. */
  private @Nullable StepGap around(int step) {
    StepGap own = gap(step);
    return own != null
        ? own
        : gap(Math.max(0, step - 1)) != null || gap(Math.min(steps - 1, step + 1)) != null
            ? StepGap.BESIDE_GAP
            : null;
  }

  /** A step in which nobody was scraped who counts calls to the namespace says nothing. */
  private @Nullable StepGap gap(int step) {
    if (!scraped.get(step)) {
      return StepGap.NOTHING_SCRAPED;
    }
    if (ambient() && !ztunnels.get(step)) {
      return StepGap.NO_ZTUNNEL;
    }
    boolean byZtunnel = ambient() && !planes.contains(DataPlane.SIDECAR);
    if (!proxies.get(step) && !(byZtunnel && proxies.isEmpty())) {
      return StepGap.NO_PROXY;
    }
    return failing.get(step)
        ? StepGap.SCRAPE_FAILED
        : unlabelled.get(step) ? StepGap.NO_LABEL : null;
  }

  private Instant end(int step) {
    return from.plus(CallHistory.STEP.multipliedBy(step + 1L));
  }
}
