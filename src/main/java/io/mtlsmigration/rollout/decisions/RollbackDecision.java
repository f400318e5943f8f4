// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.decisions;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.plan.Lockdown;
import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.plan.PolicyWrites;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.Words;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides how a step is undone: writes are taken back in reverse order, until clients notice. Pure.
 */
public final class RollbackDecision {

  private RollbackDecision() {}

  /** Returns the move that undoes the step because the whole plan is being undone. */
  static Decision.@Nullable Move undo(StepContext view) {
    StepRecord step = view.step();
    if (step.phase() == Phase.ROLLING_BACK || !view.turn()) {
      return null;
    }
    boolean ours = step.ledger().isEmpty() ? offered(view) : left(view);
    return ours
        ? new Decision.Move(
            RolloutEvent.ROLLBACK_ASKED, Reason.REQUESTED, "the plan is being undone")
        : null;
  }

  /** Returns whether an offered manifest is in force; it is taken back where it is kept. */
  private static boolean offered(StepContext view) {
    return view.manifest()
        && view.plan().phase() == PlanPhase.ROLLED_BACK
        && locked(view.step().phase())
        && !view.step().found();
  }

  /**
   * Returns whether writes of the step are left to take back. Once the plan has ended, a policy
   * that somebody makes STRICT again is theirs, though it looks like what the plan had left: only a
   * write of ours that was found since is taken back.
   */
  private static boolean left(StepContext view) {
    boolean busy = view.plan().endedAt() == null || view.wroteInThisPhase();
    return view.step().phase() != Phase.ROLLED_BACK || (busy && !undoing(view).done());
  }

  public static boolean locked(Phase phase) {
    return phase == Phase.LOCKING
        || phase == Phase.VERIFYING
        || phase == Phase.LOCKED
        || phase == Phase.DRIFTED;
  }

  private static PolicyWrites undoing(StepContext view) {
    boolean cleanup = view.plan().phase() == PlanPhase.CLEANED_UP;
    StepRecord step = view.step();
    // Only a person can return a server to DISABLE, where mutual TLS is refused.
    boolean person = step.asked() || view.undoing();
    return Lockdown.undo(
        view.modes(),
        step.ledger(),
        cleanup ? PolicyChange.Purpose.CLEANUP : PolicyChange.Purpose.ROLLBACK,
        person);
  }

  static Decision rollingBack(StepContext view) {
    if (view.manifest() && view.step().ledger().isEmpty()) {
      // The mesh-wide policy is not for this namespace's owner to take back.
      boolean strict =
          view.isMesh()
              ? view.strict()
              : view.modes()
                  .namespace(view.facts().name())
                  .namespacePolicy()
                  .filter(policy -> policy.spec().mode() == MtlsMode.STRICT)
                  .isPresent();
      return strict
          ? new Decision.Stay(
              Reason.MANIFEST_AWAITED, "waits until the manifest is taken back where it is kept")
          : undone(List.of());
    }
    if (!view.seen()) {
      return new Decision.Stay(Reason.NOT_ENFORCED, "waits until its write shows in the mesh");
    }
    PolicyWrites left = undoing(view);
    if (!left.obstacles().isEmpty()) {
      return new Decision.Stay(Reason.POLICY_OWNED_BY_OTHER, left.obstacles().getFirst().message());
    }
    // Also for writes that others have taken back: a proxy may still follow them.
    boolean lagging = !view.step().ledger().isEmpty() && !view.synced();
    if (!left.changes().isEmpty()) {
      // The rollback does not wait for a proxy that may never answer.
      return lagging && view.wroteInThisPhase() && view.draining()
          ? new Decision.Stay(
              Reason.PROXIES_NOT_SYNCED, "waits until every proxy has the last write")
          : new Decision.Write(left.changes().getFirst());
    }
    return lagging || view.wroteInThisPhase()
        ? felt(view, lagging, left.notes())
        : undone(left.notes());
  }

  /** A step is undone when clients notice, not when it is stored. */
  private static Decision felt(StepContext view, boolean lagging, List<String> notes) {
    if (lagging) {
      return new Decision.Stay(Reason.PROXIES_NOT_SYNCED, "is taken back; " + view.awaited());
    }
    RollbackVerification.Verdict felt = RollbackVerification.of(view.context());
    return felt.waitsFor() == null
        ? undone(notes, felt.note())
        : new Decision.Stay(felt.reason(), "is taken back, but " + felt.waitsFor());
  }

  private static Decision undone(List<String> notes) {
    return undone(notes, "");
  }

  /** Reports the policies that were left as they are, which differ from the state before. */
  private static Decision undone(List<String> notes, String known) {
    return new Decision.Move(
        RolloutEvent.UNDONE,
        Reason.UNDONE,
        (notes.isEmpty()
                ? "the previous modes are in force again"
                : "what was written is taken back, but " + Words.list(notes))
            + known);
  }
}
