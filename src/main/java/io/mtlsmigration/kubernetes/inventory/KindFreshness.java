package io.mtlsmigration.kubernetes.inventory;

import io.mtlsmigration.mesh.SourceHealth;
import io.mtlsmigration.mesh.Unreadable;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How fresh one kind is. Written by its reflector alone, read by whoever makes snapshots. */
final class KindFreshness {

  private final WatchedKind<?> kind;
  private volatile State state = new State(null, "", false, 0);

  /**
   * What is known.
   *
   * @param asOf when all objects of the kind were last known; null when they never were
   * @param problem empty when there is none
   * @param refused true when the server said no, and has not said yes since
   * @param changes how often anything but {@code asOf} has changed
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

  WatchedKind<?> kind() {
    return kind;
  }

  /** Everything that had happened by then is known. */
  void completeAsOf(Instant asOf) {
    State now = state.with("", false);
    boolean first = now.asOf == null;
    if (first || asOf.isAfter(now.asOf)) {
      now = new State(asOf, now.problem, now.refused, now.changes + (first ? 1 : 0));
    }
    state = now;
  }

  /** The server lets the kind be read again; that everything is known is still to come. */
  void answered() {
    state = state.with("", false);
  }

  /** The server did not answer, or not as it should. */
  void failed(String problem) {
    state = state.with(problem, state.refused);
  }

  /** The server answered that it will not. */
  void refused(String problem) {
    state = state.with(problem, true);
  }

  String problem() {
    return state.problem;
  }

  boolean complete() {
    return state.asOf != null;
  }

  /** True once it is known what can be read: everything, or nothing. */
  boolean settled() {
    State now = state;
    return now.asOf != null || now.refused;
  }

  int changes() {
    return state.changes;
  }

  /** The whole kind, while the server refuses it. */
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
