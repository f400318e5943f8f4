// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.gates;

import io.mtlsmigration.probe.Cell;
import io.mtlsmigration.probe.ConnectivityMatrix;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The connectivity matrix by server namespace, grouped once per tick. */
public record CellIndex(
    Instant asOf,
    ConnectivityMatrix.Rounds rounds,
    Map<String, List<Cell>> byServer,
    Set<String> leftOut) {

  public static CellIndex of(ConnectivityMatrix matrix) {
    return new CellIndex(
        matrix.asOf(), matrix.rounds(), matrix.byServerNamespace(), matrix.leftOut());
  }

  /** Returns true when no round probes this endpoint; see {@link ConnectivityMatrix#leftOut}. */
  boolean leavesOut(String endpoint) {
    return leftOut.contains(endpoint);
  }

  public List<Cell> of(String namespace) {
    return byServer.getOrDefault(namespace, List.of());
  }
}
