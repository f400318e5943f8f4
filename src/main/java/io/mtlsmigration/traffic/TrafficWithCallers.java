package io.mtlsmigration.traffic;

import io.mtlsmigration.mesh.WorkloadRef;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Names clients that one source counts and cannot name, such as those without a sidecar in
 * Prometheus, by what access logs tell of them. Only what was counted is named; what the logs do
 * not account for stays counted as unknown, so that nobody is lost who was not read of.
 */
public final class TrafficWithCallers implements TrafficRecord {

  /** Of edges whose clients the access logs name. */
  public static final String SOURCE = "access-log";

  /** However short a window is, so much of what was counted has to be found in logs, in percent. */
  private static final int MAX_TOLERANCE = 10;

  private final TrafficRecord counts;
  private final CallerRecord callers;
  private final Duration scrapeInterval;

  /**
   * @param scrapeInterval of the source that counts: what was counted may be that much older or
   *     newer than the window, at both its ends
   */
  public TrafficWithCallers(TrafficRecord counts, CallerRecord callers, Duration scrapeInterval) {
    this.counts = counts;
    this.callers = callers;
    this.scrapeInterval = scrapeInterval;
  }

  @Override
  public TrafficReading read(Instant now, Duration window) {
    return new Named(counts.read(now, window));
  }

  private final class Named implements TrafficReading {
    private final TrafficReading counted;

    /** By namespace: gates, hazards and impact of one observation all ask. */
    private final Map<String, Evidence<NamespaceTraffic>> known = new ConcurrentHashMap<>();

    Named(TrafficReading counted) {
      this.counted = counted;
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
    public Evidence<NamespaceTraffic> of(String namespace) {
      return known.computeIfAbsent(namespace, this::look);
    }

    private Evidence<NamespaceTraffic> look(String namespace) {
      Evidence<NamespaceTraffic> evidence = counted.of(namespace);
      return evidence instanceof Evidence.Measured<NamespaceTraffic>(var traffic, var asOf)
              && traffic.edges().stream().anyMatch(TrafficWithCallers::nameless)
          ? new Evidence.Measured<>(named(traffic, asOf), asOf)
          : evidence;
    }

    @Override
    public Refusals refusals(String namespace) {
      return counted.refusals(namespace);
    }

    @Override
    public Evidence<List<DirectCall>> direct() {
      return counted.direct();
    }

    private NamespaceTraffic named(NamespaceTraffic traffic, Instant asOf) {
      List<Edge> edges = new ArrayList<>();
      Map<WorkloadRef, List<Edge>> nameless = new LinkedHashMap<>();
      for (Edge edge : traffic.edges()) {
        if (nameless(edge)) {
          nameless.computeIfAbsent(edge.server(), s -> new ArrayList<>()).add(edge);
        } else {
          edges.add(edge);
        }
      }
      Map<WorkloadRef, List<Edge>> known = new HashMap<>();
      for (Edge edge : edges) {
        if (edge.security() == Edge.Security.PLAINTEXT) {
          known.computeIfAbsent(edge.server(), s -> new ArrayList<>()).add(edge);
        }
      }
      nameless.forEach(
          (server, counted) ->
              edges.addAll(split(server, counted, known.getOrDefault(server, List.of()), asOf)));
      return traffic.withEdges(edges);
    }

    /** The clients of one server that the logs name, and what is left of those without a name. */
    private List<Edge> split(
        WorkloadRef server, List<Edge> counted, List<Edge> known, Instant asOf) {
      List<Edge> edges = new ArrayList<>();
      long requests = 0;
      long connections = 0;
      for (SeenCaller seen : callers.plaintext(server, asOf.minus(window()), asOf)) {
        Edge like = like(counted, seen);
        if (like == null || counted(known, seen)) {
          continue;
        }
        requests += seen.http() ? seen.count() : 0;
        connections += seen.http() ? 0 : seen.count();
        edges.add(
            new Edge(
                seen.client(),
                server,
                seen.port(),
                like.protocol(),
                Edge.Security.PLAINTEXT,
                seen.count(),
                0,
                seen.firstSeen(),
                seen.lastSeen(),
                SOURCE));
      }
      for (Edge edge : counted) {
        long accounted = http(edge) ? requests : connections;
        long left = left(edge.count(), accounted);
        if (http(edge)) {
          requests -= Math.min(requests, edge.count());
        } else {
          connections -= Math.min(connections, edge.count());
        }
        if (left > 0 || edge.ownProbes() > 0) {
          edges.add(edge.withCount(left));
        }
      }
      return edges;
    }

    private long left(long counted, long accounted) {
      long left = Math.max(0, counted - accounted);
      double blur = 2.0 * scrapeInterval.toMillis() / Math.max(1, window().toMillis());
      double tolerance = counted * Math.min(blur, MAX_TOLERANCE / 100.0);
      return accounted > 0 && left <= tolerance ? 0 : left;
    }
  }

  /** Plaintext by somebody of whom the source knows nothing. */
  private static boolean nameless(Edge edge) {
    return edge.security() == Edge.Security.PLAINTEXT
        && edge.count() > 0
        && edge.client().nameless();
  }

  private static boolean http(Edge edge) {
    return !edge.protocol().equals("tcp");
  }

  /** Null when nothing of that kind was counted without a name. */
  private static @Nullable Edge like(List<Edge> counted, SeenCaller seen) {
    for (Edge edge : counted) {
      if (http(edge) == seen.http()) {
        return edge;
      }
    }
    return null;
  }

  /** A proxy that was told to send plaintext says its name all the same, and is counted with it. */
  private static boolean counted(List<Edge> known, SeenCaller seen) {
    WorkloadRef client = seen.client().workload();
    return client != null
        && known.stream()
            .anyMatch(e -> client.equals(e.client().workload()) && http(e) == seen.http());
  }
}
