// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.traffic.Caller;
import io.mtlsmigration.traffic.Edge;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Builds edges from series, by the namespace of the server. */
final class Edges {

  private static final String SOURCE = "prometheus";

  private final WorkloadNames names;
  private final Instant from;
  private final Instant now;
  private final Map<Key, Tally> tallies = new LinkedHashMap<>();

  Edges(WorkloadNames names, Instant now, Duration window) {
    this.names = names;
    this.from = now.minus(window);
    this.now = now;
  }

  private record Key(
      @Nullable WorkloadRef client, WorkloadRef server, String protocol, Edge.Security security) {}

  private static final class Tally {
    private double count;
    private double open;
    private Instant first;
    private Instant last;

    Tally(Instant first, Instant last) {
      this.first = first;
      this.last = last;
    }
  }

  /** Adds requests, of a protocol that the series name. */
  void requests(List<QueryResult.Series> series, Edge.Security security, Duration window) {
    for (QueryResult.Series one : series) {
      String protocol = one.label("request_protocol");
      add(one, protocol.isEmpty() ? "http" : protocol, security, one.value(), window);
    }
  }

  /**
   * Adds messages of plaintext gRPC, after its requests: where none has ended in the window, a
   * stream is open.
   */
  void messages(List<QueryResult.Series> series, Duration window) {
    for (QueryResult.Series one : series) {
      Tally tally = add(one, "grpc", Edge.Security.PLAINTEXT, 0, window);
      if (tally != null && tally.count == 0) {
        tally.count = 1;
        tally.open = 1;
      }
    }
  }

  /** Adds connections. */
  void connections(List<QueryResult.Series> series, Edge.Security security, Duration window) {
    for (QueryResult.Series one : series) {
      add(one, "tcp", security, one.value(), window);
    }
  }

  /**
   * Adds bytes, which show that a connection is alive; it counts once where none was opened in the
   * window.
   */
  void bytes(List<QueryResult.Series> series, Edge.Security security, Duration window) {
    for (QueryResult.Series one : series) {
      Tally tally = add(one, "tcp", security, 0, window);
      if (tally != null) {
        tally.count = Math.max(tally.count, 1);
      }
    }
  }

  /** Adds open plaintext connections, which are seen even while nothing is sent over them. */
  void open(List<QueryResult.Series> series, Duration window) {
    for (QueryResult.Series one : series) {
      Tally tally = add(one, "tcp", Edge.Security.PLAINTEXT, 0, window);
      if (tally != null && one.value() > 0) {
        tally.open += one.value();
        tally.count = Math.max(tally.count, tally.open);
      }
    }
  }

  private @Nullable Tally add(
      QueryResult.Series series,
      String protocol,
      Edge.Security security,
      double count,
      Duration window) {
    WorkloadRef server =
        names.of(
            series.label("destination_workload_namespace"), series.label("destination_workload"));
    if (server == null || Double.isNaN(count)) {
      return null;
    }
    WorkloadRef client =
        names.of(series.label("source_workload_namespace"), series.label("source_workload"));
    Tally tally =
        tallies.computeIfAbsent(
            new Key(client, server, protocol, security), k -> new Tally(now.minus(window), now));
    tally.count += count;
    return tally;
  }

  /**
   * Narrows the times at which plaintext was first and last seen to a step. What came since the
   * last whole step is in none.
   */
  void buckets(List<QueryResult.Series> series, Duration step) {
    Map<Pair, List<Tally>> plaintext = new HashMap<>();
    tallies.forEach(
        (key, tally) -> {
          if (key.security == Edge.Security.PLAINTEXT) {
            plaintext
                .computeIfAbsent(new Pair(key.client, key.server), p -> new ArrayList<>())
                .add(tally);
          }
        });
    for (QueryResult.Series one : series) {
      WorkloadRef server =
          names.of(one.label("destination_workload_namespace"), one.label("destination_workload"));
      WorkloadRef client =
          names.of(one.label("source_workload_namespace"), one.label("source_workload"));
      if (server == null || one.samples().isEmpty()) {
        continue;
      }
      Instant first = at(one.samples().getFirst().at()).minus(step);
      Instant last = at(one.samples().getLast().at());
      for (Tally tally : plaintext.getOrDefault(new Pair(client, server), List.of())) {
        tally.first = first.isBefore(from) ? from : first;
        tally.last = last.plus(step).isAfter(now) ? now : last;
      }
    }
  }

  private static Instant at(double seconds) {
    return Instant.ofEpochMilli((long) (seconds * 1000));
  }

  Map<String, List<Edge>> byServerNamespace() {
    Map<String, List<Edge>> edges = new HashMap<>();
    tallies.forEach(
        (key, tally) ->
            edges
                .computeIfAbsent(key.server.namespace(), n -> new ArrayList<>())
                .add(
                    new Edge(
                        new Caller(key.client, ""),
                        key.server,
                        0,
                        key.protocol,
                        key.security,
                        // increase() extrapolates, so a count is a fraction; a call that was made
                        // counts at least once. Own probes are included: nothing is subtracted (ADR
                        // 22).
                        Math.max(1, QueryResult.Series.count(tally.count)),
                        0,
                        tally.first,
                        tally.last,
                        SOURCE,
                        QueryResult.Series.count(tally.open))));
    return edges;
  }

  private record Pair(@Nullable WorkloadRef client, WorkloadRef server) {}
}
