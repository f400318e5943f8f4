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
  private final Rounds rounds;

  /** Computed on first use; two threads that race compute the same value twice. */
  private volatile @Nullable Map<String, List<Cell>> byServerNamespace;

  /**
   * @param asOf the time when the latest round ended; {@link Instant#EPOCH} before the first
   * @param coverage coverage of the latest round that was not requested for named pairs
   * @param leftOut endpoints that no round probes, as {@link ProbePlan#leftOut} names them
   * @param rounds which have ended
   */
  public ConnectivityMatrix(
      Instant asOf, List<Cell> cells, ProbeCoverage coverage, Set<String> leftOut, Rounds rounds) {
    this.asOf = asOf;
    this.cells = List.copyOf(cells);
    this.coverage = coverage;
    this.leftOut = Set.copyOf(leftOut);
    this.rounds = rounds;
  }

  /**
   * The latest full rounds that have ended.
   *
   * @param begun when the latest one began that was not requested for named pairs
   * @param late when that was for servers of namespaces that the latest one has left out, or whose
   *     probes go on
   */
  public record Rounds(Instant begun, Map<String, Instant> late) {

    static final Rounds NONE = new Rounds(Instant.EPOCH, Map.of());

    public Rounds {
      late = Map.copyOf(late);
    }

    /**
     * Returns when the latest one began that has ended for servers of a namespace: an older cell is
     * not in it.
     */
    public Instant begun(String namespace) {
      return late.getOrDefault(namespace, begun);
    }

    /** Returns whether no round has ended yet for some namespace. */
    public boolean awaited() {
      return begun.equals(Instant.EPOCH) || late.containsValue(Instant.EPOCH);
    }

    /** Returns whether no round has ended yet for a namespace. */
    public boolean awaited(String namespace) {
      return begun(namespace).equals(Instant.EPOCH);
    }
  }

  /** A matrix of rounds that take no time. */
  public ConnectivityMatrix(Instant asOf, List<Cell> cells) {
    this(asOf, cells, ProbeCoverage.of(cells.size()), Set.of(), new Rounds(asOf, Map.of()));
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

  public Rounds rounds() {
    return rounds;
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
