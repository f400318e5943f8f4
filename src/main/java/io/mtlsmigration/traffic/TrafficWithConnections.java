// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.traffic.ConnectionRecord.Connections;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Completes counted traffic by connections that clients without a proxy hold open: each is
 * plaintext that has not ended, and so is in no count and no log yet. A server whose connections
 * have yet to be read is not watched.
 */
public final class TrafficWithConnections implements TrafficRecord {

  /** The source of edges that are known from open connections alone. */
  public static final String SOURCE = "connections";

  private final TrafficRecord counts;
  private final ConnectionRecord connections;

  public TrafficWithConnections(TrafficRecord counts, ConnectionRecord connections) {
    this.counts = counts;
    this.connections = connections;
  }

  @Override
  public TrafficReading read(Instant now, Duration window) {
    return new Completed(counts.read(now, window), connections.read());
  }

  private static final class Completed implements TrafficReading {
    private final TrafficReading counted;
    private final ConnectionRecord.Reading connections;

    /** By namespace, because gates, hazards and impact of one observation all ask. */
    private final Map<String, Evidence<NamespaceTraffic>> known = new ConcurrentHashMap<>();

    Completed(TrafficReading counted, ConnectionRecord.Reading connections) {
      this.counted = counted;
      this.connections = connections;
    }

    @Override
    public Instant asOf() {
      return counted.asOf();
    }

    @Override
    public Duration window() {
      return counted.window();
    }

    @Override
    public Refusals refusals(String namespace) {
      return counted.refusals(namespace);
    }

    @Override
    public Evidence<List<DirectCall>> direct() {
      return counted.direct();
    }

    @Override
    public Evidence<NamespaceTraffic> of(String namespace) {
      return known.computeIfAbsent(
          namespace, name -> complete(counted.of(name), connections.of(name)));
    }

    private Evidence<NamespaceTraffic> complete(
        Evidence<NamespaceTraffic> evidence, Connections there) {
      if (there.equals(Connections.NOT_READ)) {
        return evidence;
      }
      if (evidence instanceof Evidence.Measured<NamespaceTraffic>(var traffic, var asOf)) {
        return new Evidence.Measured<>(completed(traffic, there), asOf);
      }
      if (!there.held().isEmpty()) { // whatever was seen is told
        return new Evidence.Measured<>(
            completed(new NamespaceTraffic(List.of(), 0, 0), there), counted.asOf());
      }
      return evidence instanceof Evidence.NoSamples<NamespaceTraffic> none
              && !there.pending().isEmpty()
          ? new Evidence.Unavailable<>(
              Evidence.Reason.WINDOW_NOT_COVERED, none.detail() + "; " + words(there.pending()))
          : evidence;
    }

    private static String words(Map<WorkloadRef, String> servers) {
      return servers.entrySet().stream()
          .map(server -> server.getKey().id() + ": " + server.getValue())
          .sorted()
          .collect(Collectors.joining("; "));
    }

    private static NamespaceTraffic completed(NamespaceTraffic traffic, Connections there) {
      List<Edge> edges = new ArrayList<>(traffic.edges());
      there
          .held()
          .forEach((server, clients) -> clients.forEach(client -> edges.add(edge(server, client))));
      Map<WorkloadRef, Watch> watched = new HashMap<>(traffic.watched());
      there
          .pending()
          .forEach(
              (server, why) ->
                  watched.merge(
                      server,
                      new Watch(null, true, Evidence.Reason.WINDOW_NOT_COVERED, why),
                      (counted, pending) -> pending(counted, why)));
      return traffic.withEdges(edges, watched).withUnseen(unseen(there));
    }

    private static Watch pending(Watch counted, String why) {
      return counted.since() == null
          ? counted
          : new Watch(
              null,
              counted.sampled(),
              Evidence.Reason.WINDOW_NOT_COVERED,
              why,
              counted.ends(),
              counted.counted(),
              counted.until(),
              counted.lost());
    }

    private static List<String> unseen(Connections there) {
      return there.unreadable().isEmpty()
          ? List.of()
          : List.of(
              "HTTP streams in plaintext that have not ended do not show, because open connections"
                  + " cannot be read: "
                  + words(there.unreadable()));
    }

    private static Edge edge(WorkloadRef server, SeenCaller seen) {
      return new Edge(
          seen.client(),
          server,
          seen.port(),
          "tcp",
          Edge.Security.PLAINTEXT,
          seen.count(),
          0,
          seen.firstSeen(),
          seen.lastSeen(),
          SOURCE,
          seen.count());
    }
  }
}
