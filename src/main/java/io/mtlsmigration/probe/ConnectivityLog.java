// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.probe;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The latest matrix and the bounded history of its changes. Thread-safe; reads are quick. */
public final class ConnectivityLog {

  /** The number of changes kept; the oldest are dropped first. */
  public static final int MAX_CHANGES = 10_000;

  /** Results that are later than now by more are by a clock that was set back since. */
  private static final Duration SET_BACK = Duration.ofSeconds(10);

  private final NavigableMap<Cell.Key, Cell> cells = new TreeMap<>();
  private final Deque<Change> changes = new ArrayDeque<>();
  private volatile ConnectivityMatrix matrix = ConnectivityMatrix.EMPTY;

  /** Since when no other process has probed. */
  private Instant alone = Instant.MIN;

  /**
   * A change of a cell's outcome.
   *
   * @param before null when the cell is new
   */
  public record Change(Instant at, Cell.Key key, @Nullable ProbeOutcome before, Cell cell) {}

  public ConnectivityMatrix matrix() {
    return matrix;
  }

  /**
   * Adds the results of probes that have all ended to the matrix; a failure stays until its probe
   * has been made again.
   */
  public synchronized void record(Collection<Cell> results, Instant asOf) {
    add(results, asOf);
    boolean usurped = results.stream().anyMatch(cell -> cell.checkedAt().isBefore(alone));
    matrix = matrix(usurped ? matrix.asOf() : asOf);
  }

  /** Adds some results before the others: the matrix does not become younger by that. */
  public synchronized void recordEarly(Collection<Cell> results, Instant now) {
    add(results, now);
    matrix = matrix(matrix.asOf());
  }

  private ConnectivityMatrix matrix(Instant asOf) {
    return matrix(asOf, matrix.rounds());
  }

  private ConnectivityMatrix matrix(Instant asOf, ConnectivityMatrix.Rounds rounds) {
    return new ConnectivityMatrix(
        asOf, new ArrayList<>(cells.values()), matrix.coverage(), matrix.leftOut(), rounds);
  }

  private void add(Collection<Cell> results, Instant now) {
    cells.values().removeIf(cell -> cell.checkedAt().isAfter(now.plus(SET_BACK)));
    alone = alone.isAfter(now.plus(SET_BACK)) ? now : alone;
    for (Cell result : results) {
      Cell old = cells.get(result.key());
      if (old != null && old.checkedAt().isAfter(result.checkedAt())) {
        continue; // a later probe has already been recorded
      }
      if (result.checkedAt().isBefore(alone) && !lasts(result)) {
        continue; // of a round that another process led in the middle of
      }
      Cell cell = old != null && leaves(result, old) ? old.unrepeated(result.detail()) : result;
      cells.put(cell.key(), cell);
      if (old == null || old.outcome() != cell.outcome()) {
        remember(
            new Change(cell.checkedAt(), cell.key(), old == null ? null : old.outcome(), cell));
      }
    }
  }

  /** Returns whether a result counts until its probe has been made again, whoever led since. */
  private static boolean lasts(Cell cell) {
    return cell.failed() || cell.slipped();
  }

  /**
   * Returns whether a failure stays as it was seen: a probe that could not be made says nothing of
   * the server, and what was seen to fail has to be seen to get through. Its age stays, too. So
   * does a client that got through though STRICT should refuse it.
   */
  private static boolean leaves(Cell skipped, Cell old) {
    return skipped.outcome() == ProbeOutcome.SKIPPED && !skipped.neverMade() && lasts(old);
  }

  /**
   * Sets the share of all pairs that the rounds cover from now on.
   *
   * @param leftOut see {@link ProbePlan#leftOut}
   */
  public synchronized void cover(ProbeCoverage coverage, Set<String> leftOut) {
    matrix =
        new ConnectivityMatrix(matrix.asOf(), matrix.cells(), coverage, leftOut, matrix.rounds());
  }

  /**
   * Ends a full round: drops cells whose client or endpoint no longer exists. Another round may
   * have added some since these were looked at.
   *
   * @param known the cells that were looked at
   * @param present those of them that exist
   * @param begun when the round began
   * @param late namespaces of servers that it has left out, or whose probes have not ended
   */
  public synchronized void retain(
      Collection<Cell> known, Set<Cell.Key> present, Instant begun, Set<String> late) {
    Map<String, Instant> before = new HashMap<>();
    late.forEach(namespace -> before.put(namespace, matrix.rounds().begun(namespace)));
    for (Cell cell : known) {
      if (!present.contains(cell.key())) {
        cells.remove(cell.key(), cell);
      }
    }
    boolean usurped = begun.isBefore(alone);
    matrix =
        matrix(
            matrix.asOf(),
            usurped ? matrix.rounds() : new ConnectivityMatrix.Rounds(begun, before));
  }

  /**
   * Ends a full round for servers of a namespace that it was late for.
   *
   * @param begun when the round began
   */
  public synchronized void ended(String namespace, Instant begun) {
    ConnectivityMatrix.Rounds rounds = matrix.rounds();
    if (begun.isBefore(alone) || !begun.isAfter(rounds.begun(namespace))) {
      return;
    }
    Map<String, Instant> late = new HashMap<>(rounds.late());
    late.put(namespace, begun);
    matrix = matrix(matrix.asOf(), new ConnectivityMatrix.Rounds(rounds.begun(), late));
  }

  /**
   * Drops what may have changed while another process probed: that clients got through when this
   * one did says nothing of the time since, nor does the rest of a round of before. Failures stay
   * until their probes have been made again.
   */
  public synchronized void usurped(Instant now) {
    alone = now;
    cells.values().removeIf(cell -> !lasts(cell));
    matrix = matrix(Instant.EPOCH, ConnectivityMatrix.Rounds.NONE);
  }

  /** Returns changes in {@code [from, to]}, newest first. */
  public synchronized List<Change> history(Instant from, Instant to) {
    return changes.stream().filter(c -> !c.at().isBefore(from) && !c.at().isAfter(to)).toList();
  }

  private void remember(Change change) {
    changes.addFirst(change);
    if (changes.size() > MAX_CHANGES) {
      changes.removeLast();
    }
  }
}
