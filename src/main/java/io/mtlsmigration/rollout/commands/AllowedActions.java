// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.commands;

import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanAction;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.StepAction;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.decisions.RollbackDecision;
import io.mtlsmigration.rollout.decisions.RolloutEvent;
import io.mtlsmigration.rollout.decisions.StepDecisions;
import io.mtlsmigration.rollout.decisions.Transitions;
import java.util.ArrayList;
import java.util.List;

/** The actions that a person may request for a plan and for a step, by their state. */
final class AllowedActions {

  private AllowedActions() {}

  /** Returns whether the plan has ended, so that its spec no longer applies. */
  static boolean ended(PlanRecord plan) {
    return switch (plan.phase()) {
      case DRAFT, RUNNING, PAUSED -> false;
      case COMPLETED, ABORTED, ROLLED_BACK, CLEANED_UP -> true;
    };
  }

  static List<PlanAction> of(PlanRecord plan) {
    boolean ended = plan.endedAt() != null;
    return switch (plan.phase()) {
      case DRAFT -> List.of(PlanAction.START, PlanAction.DELETE);
      case RUNNING -> List.of(PlanAction.PAUSE, PlanAction.ABORT, PlanAction.ROLLBACK);
      case PAUSED ->
          List.of(PlanAction.RESUME, PlanAction.ABORT, PlanAction.ROLLBACK, PlanAction.CLEANUP);
      case COMPLETED -> List.of(PlanAction.ROLLBACK, PlanAction.CLEANUP, PlanAction.DELETE);
      case ABORTED ->
          ended
              ? List.of(PlanAction.ROLLBACK, PlanAction.CLEANUP, PlanAction.DELETE)
              : List.of(PlanAction.ROLLBACK);
      case ROLLED_BACK -> ended ? List.of(PlanAction.CLEANUP, PlanAction.DELETE) : List.of();
      case CLEANED_UP -> ended ? List.of(PlanAction.DELETE) : List.of();
    };
  }

  static List<StepAction> of(PlanRecord plan, StepRecord step) {
    boolean moving = plan.moving();
    boolean standing = plan.phase() == PlanPhase.COMPLETED || plan.phase() == PlanPhase.ABORTED;
    if (!moving && !standing) {
      // A namespace that waits for the mesh to be undone need not.
      return plan.beingUndone() && rollsBack(plan, step) ? List.of(StepAction.ROLLBACK) : List.of();
    }
    List<StepAction> allowed = new ArrayList<>();
    if ((moving && legal(step, RolloutEvent.RETRY_ASKED) && retries(step))
        || step.held()
        || reopens(plan, step)) {
      allowed.add(StepAction.RETRY);
    }
    if (rollsBack(plan, step)) {
      allowed.add(StepAction.ROLLBACK);
    }
    if (moving && !step.key().isMesh()) {
      if (legal(step, RolloutEvent.EXEMPT_ASKED)) {
        allowed.add(StepAction.EXEMPT);
      }
      if (legal(step, RolloutEvent.SKIP_ASKED)) {
        allowed.add(StepAction.SKIP);
      }
    }
    if (moving && (step.phase() == Phase.PENDING || StepDecisions.gated(step.phase()))) {
      allowed.add(StepAction.OVERRIDE);
      if (plan.spec().gates().approval() != PlanSpec.Approval.NONE) {
        allowed.add(StepAction.APPROVE);
      }
    }
    return List.copyOf(allowed);
  }

  /** Returns whether a retry of the step takes up a plan that has ended, and was not undone. */
  static boolean reopens(PlanRecord plan, StepRecord step) {
    boolean ended =
        plan.phase() == PlanPhase.COMPLETED
            || (plan.phase() == PlanPhase.ABORTED && plan.endedAt() != null);
    return ended && step.phase() == Phase.ROLLED_BACK;
  }

  private static boolean rollsBack(PlanRecord plan, StepRecord step) {
    return legal(step, RolloutEvent.ROLLBACK_ASKED) && undoes(plan, step);
  }

  private static boolean legal(StepRecord step, RolloutEvent event) {
    return Transitions.next(step.phase(), event).isPresent();
  }

  private static boolean retries(StepRecord step) {
    boolean running = step.phase() == Phase.VERIFYING && !step.held();
    boolean never = step.phase() == Phase.EXEMPT && !step.asked();
    return !running && !never;
  }

  /** Returns whether something was written and can be taken back, here or in Git. */
  private static boolean undoes(PlanRecord plan, StepRecord step) {
    boolean manifest =
        plan.spec().apply() == PlanSpec.Apply.MANIFEST
            && RollbackDecision.locked(step.phase())
            && !step.found();
    return manifest || (!step.ledger().isEmpty() && step.phase() != Phase.ROLLED_BACK);
  }
}
