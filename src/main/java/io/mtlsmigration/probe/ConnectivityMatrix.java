// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.probe;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The latest result of every cell, in key order. Immutable. */
public final class ConnectivityMatrix {

  public static final ConnectivityMatrix EMPTY = new ConnectivityMatrix(Instant.EPOCH, List.of());

  private final Instant asOf;
  private final List<Cell> cells;
  private final ProbeCoverage coverage;
  private final Set<String> leftOut;
  private final Instant begun;

  /** Computed on first use; two threads that race compute the same value twice. */
  private volatile @Nullable Map<String, List<Cell>> byServerNamespace;

  /**
   * @param asOf the time when the latest round ended; {@link Instant#EPOCH} before the first
   * @param coverage coverage of the latest round that was not requested for named pairs
   * @param leftOut endpoints that no round probes, as {@link ProbePlan#leftOut} names them
   * @param begun when the latest round began that has ended and was not requested for named pairs
   */
  public ConnectivityMatrix(
      Instant asOf, List<Cell> cells, ProbeCoverage coverage, Set<String> leftOut, Instant begun) {
    this.asOf = asOf;
    this.cells = List.copyOf(cells);
    this.coverage = coverage;
    this.leftOut = Set.copyOf(leftOut);
    this.begun = begun;
  }

  /** A matrix of rounds that take no time. */
  public ConnectivityMatrix(Instant asOf, List<Cell> cells) {
    this(asOf, cells, ProbeCoverage.of(cells.size()), Set.of(), asOf);
  }

  public Instant asOf() {
    return asOf;
  }

  public List<Cell> cells() {
    return cells;
  }

  public ProbeCoverage coverage() {
    return coverage;
  }

  /** Returns endpoints that no round probes: {@code namespace/service:port at ip:targetPort}. */
  public Set<String> leftOut() {
    return leftOut;
  }

  /** Returns when the latest full round began that has ended: an older cell is not in it. */
  public Instant begun() {
    return begun;
  }

  /** Returns cells by the namespace of the server. */
  public Map<String, List<Cell>> byServerNamespace() {
    Map<String, List<Cell>> known = byServerNamespace;
    if (known == null) {
      known =
          cells.stream()
              .collect(
                  Collectors.collectingAndThen(
                      Collectors.groupingBy(Cell::serverNamespace, Collectors.toUnmodifiableList()),
                      Map::copyOf));
      byServerNamespace = known;
    }
    return known;
  }
}
