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
 * plaintext that has not ended, and so is in no count and no log yet. Of what was not counted the
 * gate asks by itself.
 */
public final class TrafficWithConnections implements TrafficRecord {

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

  private static final class Completed extends CompletedReading {
    private final ConnectionRecord.Reading connections;

    /** By namespace, because gates, hazards and impact of one observation all ask. */
    private final Map<String, Evidence<NamespaceTraffic>> known = new ConcurrentHashMap<>();

    /** Asked for once, since what is read meanwhile would not be in the evidence. */
    private final Map<String, Connections> open = new ConcurrentHashMap<>();

    Completed(TrafficReading counted, ConnectionRecord.Reading connections) {
      super(counted);
      this.connections = connections;
    }

    @Override
    public Connections connections(String namespace) {
      return open.computeIfAbsent(namespace, connections::of);
    }

    @Override
    public void connectionsWanted(String namespace, boolean soon) {
      connections.wanted(namespace, soon);
    }

    @Override
    public Evidence<NamespaceTraffic> of(String namespace) {
      return known.computeIfAbsent(namespace, this::complete);
    }

    private Evidence<NamespaceTraffic> complete(String namespace) {
      Evidence<NamespaceTraffic> evidence = counted.of(namespace);
      if (!connections.any(namespace)) {
        return evidence; // what a gate is told of a namespace costs a walk over its pods
      }
      Connections there = connections(namespace);
      if (there.held().isEmpty()
          || !(evidence instanceof Evidence.Measured<NamespaceTraffic>(var traffic, var asOf))) {
        return evidence;
      }
      List<Edge> edges = new ArrayList<>(traffic.edges());
      edges.removeIf(edge -> namedBy(there, edge));
      edges.addAll(there.edges());
      return new Evidence.Measured<>(traffic.withEdges(edges, traffic.watched()), asOf);
    }

    /**
     * Returns whether messages of an open stream are those of connections that are known: where all
     * are, and are pods'.
     */
    private static boolean namedBy(Connections there, Edge edge) {
      WorkloadRef server = edge.server();
      return edge.client().nameless()
          && edge.port() == 0
          && edge.protocol().equals("grpc")
          && edge.open() > 0
          && edge.open() == edge.count()
          && there.held().containsKey(server)
          && !there.unread().containsKey(server)
          && !there.failing().containsKey(server)
          && !there.unreadable().containsKey(server)
          && !there.strangers().contains(server);
    }
  }
}
