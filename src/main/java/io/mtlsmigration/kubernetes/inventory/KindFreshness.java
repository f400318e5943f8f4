// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.inventory;

import io.mtlsmigration.mesh.SourceHealth;
import io.mtlsmigration.mesh.Unreadable;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The freshness of one kind. Written by its reflector only, read by the makers of snapshots. */
final class KindFreshness {

  private static final Duration SET_BACK = Duration.ofSeconds(10);

  private final WatchedKind<?> kind;
  private volatile State state = new State(null, "", false, 0);

  /**
   * The current state.
   *
   * @param asOf when all objects of the kind were last known; null when they never were
   * @param problem empty when there is none
   * @param refused true when the server has refused, and has not allowed a read since
   * @param changes the number of changes of anything but {@code asOf}
   */
  private record State(@Nullable Instant asOf, String problem, boolean refused, int changes) {
    State with(String nextProblem, boolean nextRefused) {
      boolean same = problem.equals(nextProblem) && refused == nextRefused;
      return same ? this : new State(asOf, nextProblem, nextRefused, changes + 1);
    }
  }

  KindFreshness(WatchedKind<?> kind) {
    this.kind = kind;
  }

  /**
   * Records that everything that had happened by a time is known. A time that is far before the
   * last one is by a clock that was set back: what was known by the other one is of the future, and
   * would never grow old.
   */
  void completeAsOf(Instant asOf) {
    State now = state.with("", false);
    Instant last = now.asOf;
    if (last == null) {
      now = new State(asOf, now.problem, now.refused, now.changes + 1);
    } else if (asOf.isAfter(last) || asOf.isBefore(last.minus(SET_BACK))) {
      now = new State(asOf, now.problem, now.refused, now.changes);
    }
    state = now;
  }

  /** Records that the server allows the kind to be read again; it is not complete yet. */
  void answered() {
    state = state.with("", false);
  }

  /** Records that the server did not answer, or not as expected. */
  void failed(String problem) {
    state = state.with(problem, state.refused);
  }

  /** Records that the server refused to serve the kind. */
  void refused(String problem) {
    state = state.with(problem, true);
  }

  String problem() {
    return state.problem;
  }

  boolean complete() {
    return state.asOf != null;
  }

  /** Returns whether it is known what can be read: all objects, or none. */
  boolean settled() {
    State now = state;
    return now.asOf != null || now.refused;
  }

  int changes() {
    return state.changes;
  }

  /** Returns the whole kind as unreadable while the server refuses it. */
  Optional<Unreadable> unreadable() {
    State now = state;
    return now.refused
        ? Optional.of(Unreadable.kind(kind.resource().kind(), now.problem))
        : Optional.empty();
  }

  SourceHealth health() {
    State now = state;
    boolean beginning = now.asOf == null && now.problem.isEmpty();
    return new SourceHealth(
        kind.source(), now.asOf, beginning ? "is being read for the first time" : now.problem);
  }
}
