// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.decisions;

import io.mtlsmigration.rollout.Phase;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The table of every legal move of a step. A move that is not in it is a bug, or a command that is
 * not allowed; no other class in the package knows which phase follows which.
 */
public final class Transitions {

  private static final Map<Phase, Map<RolloutEvent, Phase>> TABLE = table();

  private Transitions() {}

  /** Returns where {@code event} leads from {@code phase}; empty when it must not happen there. */
  public static Optional<Phase> next(Phase phase, RolloutEvent event) {
    return Optional.ofNullable(row(phase).get(event));
  }

  private static Map<RolloutEvent, Phase> row(Phase phase) {
    return TABLE.getOrDefault(phase, Map.of());
  }

  private static Map<Phase, Map<RolloutEvent, Phase>> table() {
    Table t = new Table();
    t.from(Phase.PENDING).on(RolloutEvent.WAVE_OPENED, Phase.OBSERVING);
    t.from(Phase.OBSERVING)
        .on(RolloutEvent.AUDIT_BEGUN, Phase.AUDITING)
        .on(RolloutEvent.GATES_HELD, Phase.READY)
        .on(RolloutEvent.PREPARE_DECIDED, Phase.LOCKING);
    t.from(Phase.AUDITING)
        .on(RolloutEvent.GATES_HELD, Phase.READY)
        .on(RolloutEvent.GATES_BROKEN, Phase.OBSERVING);
    t.from(Phase.READY)
        .on(RolloutEvent.GATES_BROKEN, Phase.OBSERVING)
        .on(RolloutEvent.APPROVAL_ASKED, Phase.AWAITING_APPROVAL)
        .on(RolloutEvent.LOCK_DECIDED, Phase.LOCKING);
    t.from(Phase.AWAITING_APPROVAL)
        .on(RolloutEvent.GATES_BROKEN, Phase.OBSERVING)
        .on(RolloutEvent.APPROVAL_GIVEN, Phase.READY)
        .on(RolloutEvent.LOCK_DECIDED, Phase.LOCKING);
    t.from(Phase.LOCKING)
        .on(RolloutEvent.GATES_BROKEN, Phase.OBSERVING)
        .on(RolloutEvent.ENFORCED, Phase.VERIFYING)
        .on(RolloutEvent.WEAKENED, Phase.DRIFTED)
        .on(RolloutEvent.ABANDONED, Phase.ROLLING_BACK)
        .on(RolloutEvent.FAILED, Phase.ROLLING_BACK);
    t.from(Phase.VERIFYING)
        .on(RolloutEvent.VERIFIED, Phase.LOCKED)
        .on(RolloutEvent.EXTENDED, Phase.VERIFYING)
        .on(RolloutEvent.HELD, Phase.VERIFYING)
        .on(RolloutEvent.FAILED, Phase.ROLLING_BACK)
        .on(RolloutEvent.RETRY_ASKED, Phase.VERIFYING)
        .on(RolloutEvent.WEAKENED, Phase.DRIFTED);
    t.from(Phase.LOCKED).on(RolloutEvent.WEAKENED, Phase.DRIFTED);
    t.from(Phase.BLOCKED)
        .on(RolloutEvent.CLEARED, Phase.OBSERVING)
        .on(RolloutEvent.RETRY_ASKED, Phase.OBSERVING);
    t.from(Phase.ROLLING_BACK).on(RolloutEvent.UNDONE, Phase.ROLLED_BACK);
    t.from(Phase.ROLLED_BACK).on(RolloutEvent.RETRY_ASKED, Phase.OBSERVING);
    t.from(Phase.EXEMPT)
        .on(RolloutEvent.RETRY_ASKED, Phase.PENDING)
        .on(RolloutEvent.CAPTURED, Phase.PENDING);
    t.from(Phase.SKIPPED).on(RolloutEvent.RETRY_ASKED, Phase.PENDING);
    t.from(Phase.DRIFTED)
        .on(RolloutEvent.RECOVERED, Phase.LOCKED)
        .on(RolloutEvent.ENFORCED, Phase.VERIFYING)
        .on(RolloutEvent.RETRY_ASKED, Phase.OBSERVING);
    beforeTheLock(t);
    anywhere(t);
    return t.rows;
  }

  private static void beforeTheLock(Table t) {
    for (Phase phase :
        Set.of(Phase.OBSERVING, Phase.AUDITING, Phase.READY, Phase.AWAITING_APPROVAL)) {
      t.from(phase)
          .on(RolloutEvent.OBSTRUCTED, Phase.BLOCKED)
          .on(RolloutEvent.FOUND_STRICT, Phase.LOCKED);
    }
    // LOCKING too: the write may turn out to be somebody else's to make.
    t.from(Phase.LOCKING).on(RolloutEvent.OBSTRUCTED, Phase.BLOCKED);
    t.from(Phase.BLOCKED).on(RolloutEvent.FOUND_STRICT, Phase.LOCKED);
    for (Phase phase :
        Set.of(
            Phase.PENDING,
            Phase.OBSERVING,
            Phase.AUDITING,
            Phase.READY,
            Phase.AWAITING_APPROVAL,
            Phase.BLOCKED)) {
      t.from(phase).on(RolloutEvent.FOUND_WRITTEN, Phase.LOCKING);
    }
    // In these phases nobody wants the namespace locked.
    for (Phase phase : Set.of(Phase.ROLLED_BACK, Phase.SKIPPED)) {
      t.from(phase).on(RolloutEvent.FOUND_WRITTEN, Phase.ROLLING_BACK);
    }
  }

  private static void anywhere(Table t) {
    for (Phase phase : Phase.values()) {
      Row row = t.from(phase).on(RolloutEvent.RECREATED, Phase.PENDING);
      if (phase != Phase.SKIPPED) {
        row.on(RolloutEvent.GONE, Phase.SKIPPED);
      }
      if (phase != Phase.ROLLING_BACK) {
        row.on(RolloutEvent.ROLLBACK_ASKED, Phase.ROLLING_BACK);
      }
      boolean inTheMiddle = phase.underWay();
      if (!inTheMiddle && phase != Phase.EXEMPT) {
        row.on(RolloutEvent.EXEMPT_ASKED, Phase.EXEMPT);
      }
      // A locked namespace is not skipped: it would stay STRICT without anybody watching it.
      if (!inTheMiddle
          && phase != Phase.SKIPPED
          && phase != Phase.LOCKED
          && phase != Phase.EXEMPT) {
        row.on(RolloutEvent.SKIP_ASKED, Phase.SKIPPED);
      }
    }
  }

  /** Builds the table; a second entry for one pair is a bug. */
  private static final class Table {
    private final Map<Phase, Map<RolloutEvent, Phase>> rows = new EnumMap<>(Phase.class);

    Row from(Phase phase) {
      return new Row(rows.computeIfAbsent(phase, p -> new EnumMap<>(RolloutEvent.class)));
    }
  }

  private record Row(Map<RolloutEvent, Phase> cells) {
    Row on(RolloutEvent event, Phase to) {
      if (cells.put(event, to) != null) {
        throw new IllegalStateException("two answers for " + event);
      }
      return this;
    }
  }
}
