package io.mtlsmigration.traffic;

import io.mtlsmigration.mesh.WorkloadRef;
import java.util.List;
import java.util.Map;

/**
 * Traffic to the servers of one namespace within the window of a {@link TrafficReading}.
 *
 * @param clientRequests calls made by mesh clients to this namespace, own probes left out
 * @param clientFailures those of them that failed at connection level (flags UF, UC, URX)
 * @param watched since when each server is watched; one that is missing here is not
 */
public record NamespaceTraffic(
    List<Edge> edges, long clientRequests, long clientFailures, Map<WorkloadRef, Watch> watched) {
  public NamespaceTraffic {
    edges = List.copyOf(edges);
    watched = Map.copyOf(watched);
  }

  /** What was seen, by a source that vouches for nobody's silence. */
  public NamespaceTraffic(List<Edge> edges, long clientRequests, long clientFailures) {
    this(edges, clientRequests, clientFailures, Map.of());
  }

  public List<Edge> plaintext() {
    return edges.stream()
        .filter(e -> e.security() == Edge.Security.PLAINTEXT && e.count() > 0)
        .toList();
  }
}
