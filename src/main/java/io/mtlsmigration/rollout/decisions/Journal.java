package io.mtlsmigration.rollout.decisions;

import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.StepRecord;
import java.time.Clock;
import java.util.List;
import java.util.Map;

/**
 * Keeps records and history. The only place where a step changes its phase: every change is legal
 * by {@link Transitions}, saved, and told.
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

  /** How many phases changed since this journal was opened. */
  public int transitions() {
    return transitions;
  }

  /** Saves the step only when it differs from what is kept. */
  public StepRecord keep(StepRecord kept, StepRecord next) {
    return kept.equals(next) ? next : ledger.save(next);
  }

  /**
   * Moves a step on.
   *
   * @throws IllegalStateException when the table does not know the move: a bug
   */
  public StepRecord transition(StepRecord step, Decision.Move move) {
    Phase to =
        Transitions.next(step.phase(), move.event())
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        move.event()
                            + " is not legal in "
                            + step.phase()
                            + " ("
                            + step.key()
                            + " of "
                            + step.plan()
                            + ")"));
    String actor = step.request() != null && asked(move) ? step.request().by() : SERVICE;
    StepRecord saved = ledger.save(moved(step, to, move));
    transitions++;
    boolean drift = move.event() == RolloutEvent.WEAKENED;
    ledger.append(
        new Event(
            0,
            clock.instant(),
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

  /** What a person asked for is being done. */
  private static boolean still(StepRecord step, Decision.Move move) {
    return step.asked() && move.event() == RolloutEvent.PREPARE_DECIDED;
  }

  private StepRecord moved(StepRecord step, Phase to, Decision.Move move) {
    StepRecord next =
        move.event() == RolloutEvent.EXTENDED
            // Neither a new beginning nor a new reason: harm still counts since the lock.
            ? step.withMessage(move.message())
            : judged(step, move.event(), to)
                .entered(
                    to,
                    clock.instant(),
                    move.reason(),
                    move.message(),
                    asked(move) || still(step, move));
    if (move.event() == RolloutEvent.FOUND_WRITTEN && to == Phase.LOCKING) {
      next = next.wrote(PolicyChange.Purpose.LOCK);
    }
    StepRecord told = asked(move) ? next.withRequest(null) : next;
    return endsAttempt(to, move.event()) ? told.attemptEnded() : told;
  }

  /**
   * To lock, to give it up and to be told of another namespace each end what a person agreed to: to
   * try again is another decision.
   */
  private static boolean endsAttempt(Phase to, RolloutEvent event) {
    return switch (to) {
      case LOCKED, DRIFTED, ROLLING_BACK, EXEMPT, SKIPPED -> true;
      default -> event == RolloutEvent.RECREATED;
    };
  }

  /**
   * What was judged counts only while it is judged without a break: a soak must not span time in
   * which nobody looked, and old results must not pass for today's. A lock and its way back keep
   * the results that the lock was decided on.
   */
  private static StepRecord judged(StepRecord step, RolloutEvent event, Phase to) {
    return switch (to) {
      case PENDING, EXEMPT, SKIPPED -> step.withGates(List.of(), null);
      case OBSERVING, AUDITING, READY, AWAITING_APPROVAL, BLOCKED, LOCKING ->
          StepDecisions.judged(step.phase()) ? step : step.withGates(List.of(), null);
      case ROLLING_BACK, ROLLED_BACK -> step.withGates(step.gates(), null);
      case VERIFYING, DRIFTED -> step;
      // Found, not decided: no gate let it through, and none still waits.
      case LOCKED -> event == RolloutEvent.FOUND_STRICT ? step.withGates(List.of(), null) : step;
    };
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
