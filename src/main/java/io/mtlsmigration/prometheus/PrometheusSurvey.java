package io.mtlsmigration.prometheus;

import io.mtlsmigration.mesh.Inventory;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.traffic.DirectCall;
import io.mtlsmigration.traffic.Edge;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import io.mtlsmigration.traffic.TrafficReading;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Asks everything that one reading needs, and puts it together. Keeps in memory what a later answer
 * may not know any more; one survey is for one mesh.
 */
public final class PrometheusSurvey {

  /** Mutual TLS is asked for over this long at most: for a day it is the whole mesh's samples. */
  private static final Duration GRAPH_WINDOW = Duration.ofMinutes(10);

  /** Totals of requests are asked for over this long at most, for the same reason. */
  private static final Duration TOTALS_WINDOW = Duration.ofHours(1);

  private final PrometheusApi api;
  private final Inventory inventory;
  private final Duration scrapeInterval;

  /**
   * A survey of one mesh.
   *
   * @param scrapeInterval of the proxies
   */
  public PrometheusSurvey(PrometheusApi api, Inventory inventory, Duration scrapeInterval) {
    this.api = api;
    this.inventory = inventory;
    this.scrapeInterval = scrapeInterval;
  }

  /** One reading. Blocks for as long as Prometheus takes; never throws for one that is down. */
  public TrafficReading read(Instant now, Duration window) {
    try {
      List<Coverage.Gap> gaps = new Coverage(api).gaps(now, window);
      if (!gaps.isEmpty()) {
        Coverage.Gap gap = gaps.getFirst();
        return new PrometheusTraffic.Unread(now, window, gap.reason(), gap.detail());
      }
      Set<String> measured = namespaces(PromQuery.MEASURED, now, "destination_workload_namespace");
      Set<String> unlabelled =
          namespaces(PromQuery.LABEL_MISSING, now, "destination_workload_namespace");
      return new Reading(
          now,
          window,
          measured,
          unlabelled,
          edges(now, window),
          counts(PromQuery.CLIENT_REQUESTS, now, window),
          counts(PromQuery.CLIENT_FAILURES, now, window),
          direct(now, window));
    } catch (QueryResult.FailedQuery e) {
      return new PrometheusTraffic.Unread(now, window, e.detail());
    }
  }

  private Map<String, List<Edge>> edges(Instant now, Duration window) {
    Edges edges = new Edges(new WorkloadNames(inventory.snapshot()), now, window);
    edges.requests(ask(PromQuery.PLAINTEXT_REQUESTS, now, window), Edge.Security.PLAINTEXT, window);
    edges.connections(
        ask(PromQuery.PLAINTEXT_CONNECTIONS, now, window), Edge.Security.PLAINTEXT, window);
    edges.bytes(ask(PromQuery.PLAINTEXT_BYTES, now, window), Edge.Security.PLAINTEXT, window);
    Duration step = Coverage.step(window).multipliedBy(2);
    edges.buckets(
        api.range(PromQuery.PLAINTEXT_BUCKETS, now.minus(window), now, step).series(), step);
    Duration graph = shorter(window, GRAPH_WINDOW);
    edges.requests(ask(PromQuery.MUTUAL_TLS_REQUESTS, now, graph), Edge.Security.MUTUAL_TLS, graph);
    edges.connections(
        ask(PromQuery.MUTUAL_TLS_CONNECTIONS, now, graph), Edge.Security.MUTUAL_TLS, graph);
    return edges.byServerNamespace();
  }

  /** Of connections nothing tells where they go. */
  private List<DirectCall> direct(Instant now, Duration window) {
    WorkloadNames names = new WorkloadNames(inventory.snapshot());
    List<DirectCall> calls = new ArrayList<>();
    for (PromQuery query :
        List.of(PromQuery.PASSTHROUGH_REQUESTS, PromQuery.PASSTHROUGH_CONNECTIONS)) {
      for (QueryResult.Series one : ask(query, now, window)) {
        WorkloadRef client =
            names.of(one.label("source_workload_namespace"), one.label("source_workload"));
        if (client != null && !Double.isNaN(one.value())) {
          long count = Math.max(1, Math.round(one.value()));
          calls.add(new DirectCall(client, one.label("destination_service"), count));
        }
      }
    }
    return calls;
  }

  private static Duration shorter(Duration window, Duration limit) {
    return window.compareTo(limit) < 0 ? window : limit;
  }

  private List<QueryResult.Series> ask(PromQuery query, Instant now, Duration window) {
    return api.query(query, window, now).series();
  }

  private Set<String> namespaces(PromQuery query, Instant now, String label) {
    Set<String> names = new HashSet<>();
    for (QueryResult.Series one : ask(query, now, Duration.ZERO)) {
      names.add(one.label(label));
    }
    return names;
  }

  private Map<String, Long> counts(PromQuery query, Instant now, Duration window) {
    Map<String, Long> counts = new HashMap<>();
    for (QueryResult.Series one : ask(query, now, shorter(window, TOTALS_WINDOW))) {
      if (!Double.isNaN(one.value())) {
        counts.put(one.label("destination_service_namespace"), Math.round(one.value()));
      }
    }
    return counts;
  }

  /** One reading, complete. */
  private record Reading(
      Instant asOf,
      Duration window,
      Set<String> measured,
      Set<String> unlabelled,
      Map<String, List<Edge>> edges,
      Map<String, Long> requests,
      Map<String, Long> failures,
      List<DirectCall> calls)
      implements TrafficReading {

    @Override
    public Evidence<List<DirectCall>> direct() {
      return new Evidence.Measured<>(calls, asOf);
    }

    @Override
    public Evidence<NamespaceTraffic> of(String namespace) {
      if (unlabelled.contains(namespace)) {
        return new Evidence.Unavailable<>(
            Evidence.Reason.LABEL_MISSING,
            "series of its servers have no label connection_security_policy; look for a Telemetry"
                + " that overrides tags in "
                + new TreeSet<>(Set.of(namespace, "the root namespace")));
      }
      List<Edge> seen = edges.getOrDefault(namespace, List.of());
      if (seen.isEmpty() && !measured.contains(namespace)) {
        return new Evidence.NoSamples<>(
            asOf,
            "Prometheus has no series of servers in " + namespace + " reported by themselves");
      }
      return new Evidence.Measured<>(
          new NamespaceTraffic(
              seen, requests.getOrDefault(namespace, 0L), failures.getOrDefault(namespace, 0L)),
          asOf);
    }
  }
}
