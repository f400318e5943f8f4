package io.mtlsmigration.traffic;

import java.util.List;

/**
 * Traffic to the servers of one namespace within the window of a {@link TrafficReading}.
 *
 * @param clientRequests calls made by mesh clients to this namespace, own probes left out
 * @param clientFailures those of them that failed at connection level (flags UF, UC, URX)
 */
public record NamespaceTraffic(List<Edge> edges, long clientRequests, long clientFailures) {
  public NamespaceTraffic {
    edges = List.copyOf(edges);
  }

  public List<Edge> plaintext() {
    return edges.stream()
        .filter(e -> e.security() == Edge.Security.PLAINTEXT && e.count() > 0)
        .toList();
  }
}
