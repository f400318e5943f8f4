package io.mtlsmigration.rollout;

import io.mtlsmigration.probe.Cell;
import io.mtlsmigration.probe.ConnectivityMatrix;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** The matrix by server namespace, grouped once a tick. */
record CellIndex(Instant asOf, Map<String, List<Cell>> byServer) {

  static CellIndex of(ConnectivityMatrix matrix) {
    return new CellIndex(matrix.asOf(), matrix.byServerNamespace());
  }

  List<Cell> of(String namespace) {
    return byServer.getOrDefault(namespace, List.of());
  }
}
