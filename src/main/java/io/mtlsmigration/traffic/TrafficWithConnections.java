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
import org.jspecify.annotations.Nullable;

/**
 * Completes counted traffic by connections that clients without a proxy hold open: each is
 * plaintext that has not ended, and so is in no count and no log yet. Of what was not counted the
 * gate asks by itself.
 */
public final class TrafficWithConnections implements TrafficRecord {

  /** By how much the end of a pod may be later than it is said. */
  private static final Duration TO_HALF_A_MINUTE = Duration.ofSeconds(30);

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
      Instant from = asOf.minus(window());
      edges.removeIf(
          edge -> namedBy(there, edge) && live(traffic.watched().get(edge.server()), from));
      edges.addAll(there.edges());
      return new Evidence.Measured<>(traffic.withEdges(edges, traffic.watched()), asOf);
    }

    /**
     * Returns whether all that a server took since was taken by pods that still run: the stream of
     * one that was killed is in no list of connections any more, and its call was never counted.
     */
    private static boolean live(@Nullable Watch watch, Instant from) {
      return watch != null
          && watch.covers(from)
          && watch.ends().stream().noneMatch(end -> end.isAfter(from.minus(TO_HALF_A_MINUTE)));
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
