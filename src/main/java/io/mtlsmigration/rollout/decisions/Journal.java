// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.decisions;

import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.StepRecord;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * Keeps records and history. Only this class changes a step's phase: every change is legal by
 * {@link Transitions}, saved, and recorded as an event.
 */
public final class Journal {

  public static final String SERVICE = "mtls-migration";

  private final RolloutLedger ledger;
  private final Clock clock;
  private int transitions;

  public Journal(RolloutLedger ledger, Clock clock) {
    this.ledger = ledger;
    this.clock = clock;
  }

  /** Returns the number of phase changes since this journal was opened. */
  public int transitions() {
    return transitions;
  }

  /** Saves the step only when it differs from the stored one. */
  public StepRecord keep(StepRecord kept, StepRecord next) {
    return kept.equals(next) ? next : ledger.save(next);
  }

  /**
   * Moves a step on.
   *
   * @throws IllegalStateException when the table does not have the move: a bug
   */
  public StepRecord transition(StepRecord step, Decision.Move move) {
    Phase to =
        Transitions.next(step.phase(), move.event())
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "%s is not legal in %s (%s of %s)"
                            .formatted(move.event(), step.phase(), step.key(), step.plan())));
    String actor = step.request() != null && asked(move) ? step.request().by() : SERVICE;
    // Notices know by the time that a record and an event are of one change.
    Instant now = clock.instant();
    StepRecord saved = ledger.save(moved(step, to, move, now));
    transitions++;
    boolean drift = move.event() == RolloutEvent.WEAKENED;
    ledger.append(
        new Event(
            0,
            now,
            step.plan(),
            step.key().toString(),
            drift ? Event.Type.DRIFT_FOUND : Event.Type.PHASE_CHANGED,
            step.phase().name(),
            to.name(),
            move.reason(),
            move.message(),
            actor,
            move.evidence()));
    return saved;
  }

  private static boolean asked(Decision.Move move) {
    return switch (move.event()) {
      case RETRY_ASKED, ROLLBACK_ASKED, EXEMPT_ASKED, SKIP_ASKED -> true;
      default -> false;
    };
  }

  /** Returns whether a person's request is still being carried out. */
  private static boolean still(StepRecord step, Decision.Move move) {
    return step.asked() && move.event() == RolloutEvent.PREPARE_DECIDED;
  }

  private StepRecord moved(StepRecord step, Phase to, Decision.Move move, Instant now) {
    StepRecord next =
        move.event() == RolloutEvent.EXTENDED
            // Neither a new beginning nor a new reason: harm still counts from the lock.
            ? step.withMessage(move.message())
            : judged(step, move.event(), to)
                .entered(to, now, move.reason(), move.message(), asked(move) || still(step, move));
    if (move.event() == RolloutEvent.FOUND_WRITTEN && to == Phase.LOCKING) {
      next = next.wrote(PolicyChange.Purpose.LOCK);
    }
    StepRecord told = asked(move) ? next.withRequest(null) : next;
    return endsAttempt(to, move.event()) ? told.attemptEnded() : told;
  }

  /**
   * Returns whether the approval ends: locking, giving up the lock and a recreated namespace each
   * end it. A new attempt needs a new approval.
   */
  private static boolean endsAttempt(Phase to, RolloutEvent event) {
    return switch (to) {
      case LOCKED, DRIFTED, ROLLING_BACK, EXEMPT, SKIPPED -> true;
      default -> event == RolloutEvent.RECREATED;
    };
  }

  /**
   * Returns the step with the judgements that still count. They count only while they are made
   * without a break: a soak must not span time in which nobody looked, and old results must not
   * pass for current ones. A lock and its rollback keep the results that the lock was decided on.
   */
  private static StepRecord judged(StepRecord step, RolloutEvent event, Phase to) {
    return switch (to) {
      case PENDING, EXEMPT, SKIPPED -> step.withGates(List.of(), null);
      case OBSERVING, AUDITING, READY, AWAITING_APPROVAL, BLOCKED, LOCKING ->
          StepDecisions.judged(step.phase()) ? step : step.withGates(List.of(), null);
      case ROLLING_BACK, ROLLED_BACK -> step.withGates(step.gates(), null);
      case VERIFYING, DRIFTED -> step;
      // STRICT was found, not decided: no gate let it through, and none still waits.
      case LOCKED -> event == RolloutEvent.FOUND_STRICT ? step.withGates(List.of(), null) : step;
    };
  }

  /** Records what this service has to say about a step. */
  public void tell(
      StepRecord step, Event.Type type, Reason reason, String message, Map<String, String> facts) {
    tell(step.plan(), step.key().toString(), type, reason, message, SERVICE, facts);
  }

  public void tell(
      String plan,
      String subject,
      Event.Type type,
      Reason reason,
      String message,
      String actor,
      Map<String, String> evidence) {
    ledger.append(
        new Event(
            0, clock.instant(), plan, subject, type, "", "", reason, message, actor, evidence));
  }
}
