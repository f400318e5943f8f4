// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import io.mtlsmigration.mesh.Inventory;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.traffic.DirectCall;
import io.mtlsmigration.traffic.Edge;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import io.mtlsmigration.traffic.TrafficReading;
import io.mtlsmigration.traffic.Watch;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Makes all queries of one reading, and combines the answers. Remembers what a later answer may
 * have lost; one instance is for one mesh.
 */
public final class PrometheusTrafficQuery implements UnseenEnds {

  /** The longest window for mutual TLS: for a day it would be the whole mesh's samples. */
  private static final Duration GRAPH_WINDOW = Duration.ofMinutes(10);

  private static final String SERVER_NAMESPACE = "destination_workload_namespace";
  private static final String SERVICE_NAMESPACE = "destination_service_namespace";
  private static final String CLIENT_NAMESPACE = "source_workload_namespace";
  private static final String CLIENT = "source_workload";

  private final PrometheusApi api;
  private final Inventory inventory;
  private final ProxyWatch watch;
  private final HiddenPlaintext hidden;
  private final Duration fresh;
  private final Set<String> speakers;

  /**
   * Creates a query for one mesh.
   *
   * @param scrapeInterval of the proxies
   * @param speakers namespaces whose pods report about servers elsewhere: ztunnel's and istiod's
   */
  public PrometheusTrafficQuery(
      PrometheusApi api, Inventory inventory, Duration scrapeInterval, Set<String> speakers) {
    this.speakers = Set.copyOf(speakers);
    this.api = api;
    this.inventory = inventory;
    this.watch = new ProxyWatch(api, scrapeInterval, this.speakers);
    this.fresh = ScrapeCoverage.lag(scrapeInterval);
    this.hidden = new HiddenPlaintext(fresh);
  }

  /** Looks at the pods alone, as while nobody asks, or Prometheus does not answer. */
  public void look(Instant now) {
    watch.look(inventory.snapshot(), now);
  }

  @Override
  public Function<String, Instant> endedUnseen(Instant now, Duration window) {
    return watch.endedUnseen(inventory.snapshot(), now, window);
  }

  /**
   * Makes one reading. Blocks as long as Prometheus takes; a server that is down is a result, never
   * an exception.
   */
  public TrafficReading read(Instant now, Duration window) {
    if (window.compareTo(ProxyWatch.LONGEST) > 0) {
      // Whatever is read for one window is read before the next one is.
      return new UnreadTraffic(
          now, window, "no evidence is read for more than " + ProxyWatch.LONGEST);
    }
    try {
      if (ask(PromQuery.WATCHED, now, fresh).isEmpty()) {
        return new UnreadTraffic(now, window, ScrapeCoverage.nothing(fresh));
      }
      MeshSnapshot facts = inventory.snapshot();
      Map<String, Map<WorkloadRef, Watch>> watched = watch.look(facts, now, window);
      EvidenceReach reach = new EvidenceReach();
      Scrapes scrapes = new Scrapes(facts, speakers);
      Targets targets = targets(reach, now, window);
      SampledServers measured =
          new SampledServers(facts, own(scrapes, ask(PromQuery.MEASURED, now, Duration.ZERO)));
      return new Reading(
          now,
          window,
          watched,
          hidden.look(facts, measured, now, ProxyWatch.LONGEST),
          measured,
          unlabelled(scrapes, now),
          edges(new WorkloadNames(facts), reach, scrapes, targets, now, window),
          requests(scrapes, now, window),
          failures(scrapes, targets.of("failures"), now, window),
          scrapes,
          direct(new WorkloadNames(facts), scrapes, now, window),
          source(reach, now, window));
    } catch (QueryResult.FailedQuery e) {
      return new UnreadTraffic(now, window, e.detail());
    }
  }

  private @Nullable Watch source(EvidenceReach reach, Instant now, Duration window) {
    return reach.toTheStart() && watch.contradicts(now.minus(window))
        ? EvidenceReach.contradicted(now)
        : reach.vouches(new ScrapeCoverage(api), now, window);
  }

  private Map<String, List<Edge>> edges(
      WorkloadNames names,
      EvidenceReach reach,
      Scrapes scrapes,
      Targets targets,
      Instant now,
      Duration window) {
    ScrapeTargets tcp = targets.of("tcp");
    Edges edges = new Edges(names, now, window);
    edges.requests(
        own(
            scrapes,
            reach.heard(ask(PromQuery.PLAINTEXT_REQUESTS, targets.of("requests"), now, window))),
        Edge.Security.PLAINTEXT,
        window);
    edges.messages(
        own(
            scrapes,
            reach.heard(ask(PromQuery.PLAINTEXT_MESSAGES, targets.of("messages"), now, window))),
        window);
    edges.connections(
        own(scrapes, reach.heard(ask(PromQuery.PLAINTEXT_CONNECTIONS, tcp, now, window))),
        Edge.Security.PLAINTEXT,
        window);
    edges.bytes(
        own(scrapes, reach.heard(ask(PromQuery.PLAINTEXT_BYTES, tcp, now, window))),
        Edge.Security.PLAINTEXT,
        window);
    edges.open(own(scrapes, ask(PromQuery.OPEN_CONNECTIONS, now, window)), window);
    Duration step = ScrapeCoverage.step(window).multipliedBy(2);
    edges.buckets(
        own(scrapes, api.range(PromQuery.PLAINTEXT_BUCKETS, now.minus(window), now, step).series()),
        step);
    Duration graph = shorter(window, GRAPH_WINDOW);
    edges.requests(
        own(scrapes, ask(PromQuery.MUTUAL_TLS_REQUESTS, now, graph)),
        Edge.Security.MUTUAL_TLS,
        graph);
    edges.connections(
        own(scrapes, ask(PromQuery.MUTUAL_TLS_CONNECTIONS, now, graph)),
        Edge.Security.MUTUAL_TLS,
        graph);
    return edges.byServerNamespace();
  }

  /** Targets by what they count, since Prometheus reads each sample that a query is about. */
  private record Targets(Map<String, Set<String>> byCounter) {
    ScrapeTargets of(String counter) {
      return ScrapeTargets.of(
          byCounter.getOrDefault(counter, Set.of()),
          byCounter.getOrDefault(counter + " gone", Set.of()));
    }
  }

  private Targets targets(EvidenceReach reach, Instant now, Duration window) {
    Map<String, Set<String>> byCounter = new HashMap<>();
    for (QueryResult.Series one : reach.heard(ask(PromQuery.PLAINTEXT_TARGETS, now, window))) {
      byCounter.computeIfAbsent(one.label("of"), of -> new HashSet<>()).add(one.label("instance"));
    }
    return new Targets(byCounter);
  }

  /** Returns the series that servers report about themselves. */
  private static List<QueryResult.Series> own(Scrapes scrapes, List<QueryResult.Series> answer) {
    return scrapes.own(answer, SERVER_NAMESPACE, SERVER_NAMESPACE);
  }

  /**
   * Returns the failures that clients report, by the server's namespace and by client (empty if
   * unknown).
   */
  private Map<String, Map<String, Long>> failures(
      Scrapes scrapes, ScrapeTargets targets, Instant now, Duration window) {
    Map<String, Map<String, Long>> failures = new HashMap<>();
    for (QueryResult.Series one :
        totals(PromQuery.CLIENT_FAILURES, scrapes, targets, now, window)) {
      String namespace = one.label(CLIENT_NAMESPACE);
      String client = one.label(CLIENT);
      failures
          .computeIfAbsent(one.label(SERVICE_NAMESPACE), n -> new HashMap<>())
          .merge(
              WorkloadNames.unknown(namespace) || WorkloadNames.unknown(client)
                  ? ""
                  : namespace + "/" + client,
              one.count(),
              Long::sum);
    }
    return failures;
  }

  /** Returns the requests that clients report, by the server's namespace. */
  private Map<String, Long> requests(Scrapes scrapes, Instant now, Duration window) {
    Map<String, Long> requests = new HashMap<>();
    for (QueryResult.Series one :
        totals(PromQuery.CLIENT_REQUESTS, scrapes, ScrapeTargets.ALL, now, window)) {
      requests.merge(one.label(SERVICE_NAMESPACE), one.count(), Long::sum);
    }
    return requests;
  }

  /** Returns the totals that clients report about themselves; NaN is left out. */
  private List<QueryResult.Series> totals(
      PromQuery query, Scrapes scrapes, ScrapeTargets targets, Instant now, Duration window) {
    List<QueryResult.Series> answer =
        ask(query, targets, now, shorter(window, NamespaceTraffic.TOTALS));
    return scrapes.own(answer, CLIENT_NAMESPACE, SERVICE_NAMESPACE).stream()
        .filter(one -> !Double.isNaN(one.value()))
        .toList();
  }

  /** Returns the calls that bypass Services; connections have no known destination. */
  private List<DirectCall> direct(
      WorkloadNames names, Scrapes scrapes, Instant now, Duration window) {
    List<DirectCall> calls = new ArrayList<>();
    for (PromQuery query :
        List.of(PromQuery.PASSTHROUGH_REQUESTS, PromQuery.PASSTHROUGH_CONNECTIONS)) {
      for (QueryResult.Series one :
          scrapes.own(ask(query, now, window), CLIENT_NAMESPACE, CLIENT_NAMESPACE)) {
        WorkloadRef client = names.of(one.label(CLIENT_NAMESPACE), one.label(CLIENT));
        if (client != null && !Double.isNaN(one.value())) {
          long count = Math.max(1, one.count());
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
    return ask(query, ScrapeTargets.ALL, now, window);
  }

  private List<QueryResult.Series> ask(
      PromQuery query, ScrapeTargets targets, Instant now, Duration window) {
    return api.query(query, targets, window, now).series();
  }

  /** Returns the namespaces of servers whose series lack a label. */
  private Set<String> unlabelled(Scrapes scrapes, Instant now) {
    Set<String> namespaces = new HashSet<>();
    own(scrapes, ask(PromQuery.LABEL_MISSING, now, Duration.ZERO))
        .forEach(one -> namespaces.add(one.label(SERVER_NAMESPACE)));
    return namespaces;
  }

  /** A complete reading. */
  private record Reading(
      Instant asOf,
      Duration window,
      Map<String, Map<WorkloadRef, Watch>> watches,
      HiddenPlaintext.Known hidden,
      SampledServers measured,
      Set<String> unlabelled,
      Map<String, List<Edge>> edges,
      Map<String, Long> requests,
      Map<String, Map<String, Long>> failures,
      Scrapes scrapes,
      List<DirectCall> calls,
      @Nullable Watch source)
      implements TrafficReading {

    @Override
    public Evidence<List<DirectCall>> direct() {
      return new Evidence.Measured<>(calls, asOf);
    }

    @Override
    public Evidence<NamespaceTraffic> of(String namespace) {
      List<Edge> seen = edges.getOrDefault(namespace, List.of());
      boolean plaintext = seen.stream().anyMatch(e -> e.security() == Edge.Security.PLAINTEXT);
      if (unlabelled.contains(namespace) && !plaintext) {
        return new Evidence.Unavailable<>(Evidence.Reason.LABEL_MISSING, unlabelled(namespace));
      }
      Map<WorkloadRef, Watch> watched = watched(namespace);
      if (seen.isEmpty() && !measured.any(namespace) && watched.isEmpty()) {
        return new Evidence.NoSamples<>(
            asOf,
            "Prometheus has no series of servers in %s reported by themselves%s"
                .formatted(namespace, elsewhere(scrapes.disowned(namespace))));
      }
      return new Evidence.Measured<>(
          new NamespaceTraffic(
              seen,
              requests.getOrDefault(namespace, 0L),
              failing(namespace).values().stream().mapToLong(Long::longValue).sum(),
              named(failing(namespace)),
              scrapes.disowned(namespace),
              watched),
          asOf);
    }

    private Map<String, Long> failing(String namespace) {
      return failures.getOrDefault(namespace, Map.of());
    }

    private static Map<String, Long> named(Map<String, Long> failing) {
      Map<String, Long> named = new HashMap<>(failing);
      named.remove("");
      return named;
    }

    private static String elsewhere(List<String> disowned) {
      return disowned.isEmpty()
          ? ""
          : "; what was scraped in " + String.join(", ", disowned) + " does not count";
    }

    private static String unlabelled(String namespace) {
      return "series of its servers have no label connection_security_policy; look for a Telemetry"
          + " that overrides tags in "
          + new TreeSet<>(Set.of(namespace, "the root namespace"));
    }

    private Map<WorkloadRef, Watch> watched(String namespace) {
      Map<WorkloadRef, Watch> watched = new HashMap<>();
      watches
          .getOrDefault(namespace, Map.of())
          .forEach(
              (workload, watch) -> watched.put(workload, watched(watch, measured.has(workload))));
      if (unlabelled.contains(namespace)) {
        watched.replaceAll(
            (workload, watch) ->
                new Watch(null, true, Evidence.Reason.LABEL_MISSING, unlabelled(namespace)));
      }
      watched.replaceAll(
          (workload, watch) -> {
            HiddenPlaintext.Hidden one = hidden.of(workload);
            return one == null ? watch : one.bound(watch);
          });
      return watched;
    }

    /**
     * Bounds a watch by the reach of the answers: before that nothing was watched, however old the
     * proxies are.
     */
    private Watch watched(Watch watch, boolean sampled) {
      Instant since = watch.since();
      Instant told = source == null ? null : source.since();
      Watch bound =
          source != null && since != null && told != null && told.isAfter(since) ? source : watch;
      return new Watch(bound.since(), sampled, bound.reason(), bound.detail(), watch.ends());
    }
  }
}
