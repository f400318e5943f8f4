// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

import io.mtlsmigration.mesh.WorkloadRef;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Traffic to the servers of one namespace within the window of a {@link TrafficReading}.
 *
 * @param clientRequests calls made by mesh clients to this namespace within {@link #TOTALS},
 *     without own probes
 * @param clientFailures those of them that failed at connection level (flags UF, UC, URX)
 * @param failing number of these failures by reporting client ({@code namespace/name}); clients
 *     without a name are not included
 * @param disowned namespaces from which series about workloads here, or calls to them, were scraped
 *     that did not count
 * @param watched the time since when each server is watched; a missing server is not
 */
public record NamespaceTraffic(
    List<Edge> edges,
    long clientRequests,
    long clientFailures,
    Map<String, Long> failing,
    List<String> disowned,
    Map<WorkloadRef, Watch> watched) {

  /**
   * The longest time before the reading whose calls are totalled: for a day they would be samples
   * of the whole mesh. Edges go back as far as the window.
   */
  public static final Duration TOTALS = Duration.ofHours(1);

  public NamespaceTraffic {
    edges = List.copyOf(edges);
    failing = Map.copyOf(failing);
    disowned = List.copyOf(disowned);
    watched = Map.copyOf(watched);
  }

  /** Traffic from a source without failing clients that cannot be forged. */
  public NamespaceTraffic(
      List<Edge> edges, long clientRequests, long clientFailures, Map<WorkloadRef, Watch> watched) {
    this(edges, clientRequests, clientFailures, Map.of(), List.of(), watched);
  }

  /** Returns the traffic with other edges and their watches. */
  public NamespaceTraffic withEdges(List<Edge> next, Map<WorkloadRef, Watch> worth) {
    return new NamespaceTraffic(next, clientRequests, clientFailures, failing, disowned, worth);
  }

  /** Returns the failures without those of clients that may fail. */
  public long clientFailures(Predicate<String> mayFail) {
    long left = clientFailures;
    for (Map.Entry<String, Long> client : failing.entrySet()) {
      left -= mayFail.test(client.getKey()) ? client.getValue() : 0;
    }
    return Math.max(0, left);
  }

  /** Traffic from a source whose silence proves nothing. */
  public NamespaceTraffic(List<Edge> edges, long clientRequests, long clientFailures) {
    this(edges, clientRequests, clientFailures, Map.of());
  }

  public List<Edge> plaintext() {
    return edges.stream()
        .filter(e -> e.security() == Edge.Security.PLAINTEXT && e.count() > 0)
        .toList();
  }
}
