package io.mtlsmigration.probe;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The latest result of every cell, in key order.
 *
 * @param asOf when the latest round ended; {@link Instant#EPOCH} before the first
 * @param coverage of the latest round that chose for itself what to probe
 */
public record ConnectivityMatrix(Instant asOf, List<Cell> cells, Coverage coverage) {

  public static final ConnectivityMatrix EMPTY = new ConnectivityMatrix(Instant.EPOCH, List.of());

  public ConnectivityMatrix {
    cells = List.copyOf(cells);
  }

  public ConnectivityMatrix(Instant asOf, List<Cell> cells) {
    this(asOf, cells, Coverage.of(cells.size()));
  }

  /** Cells by the namespace of the server. */
  public Map<String, List<Cell>> byServerNamespace() {
    return cells.stream().collect(Collectors.groupingBy(Cell::serverNamespace));
  }
}
