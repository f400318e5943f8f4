// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.traffic.ConnectionRecord.Connections;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

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
    public Connections connections(String namespace) {
      return connections.of(namespace);
    }

    @Override
    public Evidence<NamespaceTraffic> of(String namespace) {
      return known.computeIfAbsent(namespace, this::complete);
    }

    /** Completes what was counted, if anything was: whatever was seen is told. */
    private Evidence<NamespaceTraffic> complete(String namespace) {
      Evidence<NamespaceTraffic> evidence = counted.of(namespace);
      List<Edge> held = new ArrayList<>();
      connections(namespace)
          .held()
          .forEach((server, clients) -> clients.forEach(client -> held.add(edge(server, client))));
      if (held.isEmpty()) {
        return evidence;
      }
      if (evidence instanceof Evidence.Measured<NamespaceTraffic>(var traffic, var asOf)) {
        held.addAll(0, traffic.edges());
        return new Evidence.Measured<>(traffic.withEdges(held, traffic.watched()), asOf);
      }
      return new Evidence.Measured<>(new NamespaceTraffic(held, 0, 0), counted.asOf());
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
