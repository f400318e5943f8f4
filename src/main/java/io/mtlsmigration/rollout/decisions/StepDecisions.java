// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.decisions;

import static java.util.stream.Collectors.joining;

import io.mtlsmigration.plan.LedgerEntry;
import io.mtlsmigration.plan.Lockdown;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.plan.PolicyWrites;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.Limits;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.Words;
import io.mtlsmigration.rollout.WriteLedger;
import io.mtlsmigration.rollout.gates.Gates;
import io.mtlsmigration.rollout.gates.HeldConnections;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Decides the next action for a step. Pure: the same context always gives the same decision. */
public final class StepDecisions {

  private static final String A_PERSON = "; a person has to decide: retry or rollback";

  private StepDecisions() {}

  /** Returns true in the phases in which gates are judged. */
  public static boolean gated(Phase phase) {
    return switch (phase) {
      case OBSERVING, AUDITING, READY, AWAITING_APPROVAL, BLOCKED -> true;
      case PENDING,
          LOCKING,
          VERIFYING,
          LOCKED,
          ROLLING_BACK,
          ROLLED_BACK,
          EXEMPT,
          SKIPPED,
          DRIFTED ->
          false;
    };
  }

  /** Returns true where the gates' verdict counts: there, and in a lock before its write. */
  public static boolean judged(Phase phase) {
    return gated(phase) || phase == Phase.LOCKING;
  }

  /** Returns the move that precedes all others: the namespace changed, or a person asked. */
  public static Decision.@Nullable Move first(StepContext view) {
    StepRecord step = view.step();
    if (!view.isMesh()) {
      Decision.Move fate = fate(view, step);
      if (fate != null) {
        return fate;
      }
    }
    if (step.request() != null) {
      return requested(step.request());
    }
    return view.undoing() ? RollbackDecision.undo(view) : null;
  }

  private static Decision.@Nullable Move fate(StepContext view, StepRecord step) {
    if (view.context().stale()) {
      return null;
    }
    if (!view.present()) {
      return step.phase() == Phase.SKIPPED
          ? null
          : new Decision.Move(
              RolloutEvent.GONE, Reason.NAMESPACE_GONE, "the namespace does not exist any more");
    }
    boolean other = !view.facts().uid().equals(step.namespaceUid());
    // Skipped by itself, not by a person: the namespace was gone.
    boolean back = step.phase() == Phase.SKIPPED && !step.asked();
    return other || back
        ? new Decision.Move(
            RolloutEvent.RECREATED,
            Reason.NAMESPACE_RECREATED,
            other ? "the namespace was made anew; it starts again" : "the namespace is back")
        : null;
  }

  private static Decision.Move requested(StepRecord.Request request) {
    RolloutEvent event =
        switch (request.action()) {
          case RETRY -> RolloutEvent.RETRY_ASKED;
          case ROLLBACK -> RolloutEvent.ROLLBACK_ASKED;
          case EXEMPT -> RolloutEvent.EXEMPT_ASKED;
          case SKIP -> RolloutEvent.SKIP_ASKED;
          case OVERRIDE, APPROVE ->
              throw new IllegalStateException(request.action() + " is not left to the loop");
        };
    String comment = request.comment().isEmpty() ? "" : ": " + request.comment();
    return new Decision.Move(event, Reason.REQUESTED, "asked for by " + request.by() + comment);
  }

  /** Returns the decision in all other phases. */
  public static Decision settled(StepContext view, Verification.@Nullable Verdict verification) {
    return switch (view.step().phase()) {
      case PENDING -> pending(view);
      case VERIFYING -> verifying(view, verification);
      case LOCKED -> locked(view);
      case DRIFTED -> drifted(view);
      case ROLLING_BACK -> RollbackDecision.rollingBack(view);
      case EXEMPT -> exempt(view);
      default -> Decision.WATCHING;
    };
  }

  /**
   * Decides after a drift: a verified step is LOCKED again, unless a connection that began
   * meanwhile carries plaintext; any other is verified first.
   */
  private static Decision drifted(StepContext view) {
    if (!watched(view) || !judgeable(view) || view.weak() || view.unreadable() || !view.synced()) {
      return Decision.WATCHING;
    }
    if (view.step().verifyingUntil() != null) {
      return new Decision.Move(
          RolloutEvent.ENFORCED,
          Reason.WRITE_DONE,
          "everything is STRICT again, which had not been verified before somebody made it"
              + " weaker");
    }
    HeldConnections held = HeldConnections.now(view.context());
    if (held == null || !held.open().isEmpty()) {
      return new Decision.Stay(
          held == null
              ? "everything is STRICT again, and nobody counts whether plaintext still comes over"
                  + " connections from before"
              : held.words());
    }
    return new Decision.Move(RolloutEvent.RECOVERED, Reason.VERIFIED, "everything is STRICT again");
  }

  private static Decision pending(StepContext view) {
    return view.running() && view.turn()
        ? new Decision.Move(
            RolloutEvent.WAVE_OPENED, Reason.PLAN_STARTED, "what comes before it is settled")
        : Decision.WATCHING;
  }

  /** Decides while writing, and while waiting until the writes are in force. */
  public static Decision locking(
      StepContext view,
      Gates.@Nullable Verdict verdict,
      Verification.@Nullable Verdict verification) {
    boolean committed = view.committed();
    if (committed
        && verification instanceof Verification.Verdict.Failed failed
        && rollsBack(view)) {
      return failed(failed);
    }
    if (!view.seen()) {
      return new Decision.Stay("waits until its write shows in the mesh");
    }
    if (committed && view.plan().endedAt() != null) {
      return stopped(view, true);
    }
    if (view.strict() && view.writes().done()) {
      return enforced(view);
    }
    if (committed && view.changedByOthers().isPresent()) {
      return weakened(view);
    }
    if (!view.running()) {
      return stopped(view, committed);
    }
    if (GatedDecision.inPart(view)) {
      return new Decision.Stay(
          "STRICT is in force without the rest of the offered manifest, and what that leaves open is"
              + " refused: apply "
              + view.writes().changes().stream()
                  .map(change -> change.ref().toString())
                  .collect(joining(", ")));
    }
    if (!committed && !view.begins()) {
      return new Decision.Move(
          RolloutEvent.GATES_BROKEN,
          Reason.WAITS_FOR_WAVE,
          "what comes before it is not settled any more");
    }
    if (view.writes().done()) {
      return committed
          ? new Decision.Stay("STRICT is stored, and another policy decides")
          : new Decision.Move(
              RolloutEvent.GATES_BROKEN,
              Reason.NOTHING_CAPTURED,
              "no pod has a proxy any more: there is nothing to lock");
    }
    Decision.Move closed =
        committed || verdict == null ? null : GatedDecision.closed(view, verdict);
    if (closed != null) {
      return closed;
    }
    if (view.manifest()) {
      return new Decision.Stay("waits until the offered manifest is in force");
    }
    if (!view.writes().obstacles().isEmpty()) {
      return new Decision.Stay(view.writes().obstacles().getFirst().message());
    }
    Decision halted = halted(view);
    return halted == null ? next(view) : halted;
  }

  /**
   * Stops a half-written lock from growing over a client that was seen since, or where a gate had
   * not let it begin: the write was found, not decided. A watch that is too short does not count
   * here, because plaintext is not counted where STRICT is already in force.
   */
  private static @Nullable Decision halted(StepContext view) {
    if (!view.committed() || view.writes().changes().getFirst().weakens()) {
      return null;
    }
    GateResult now = halting(view);
    if (now == null) {
      return null;
    }
    String message = "only a part of it is STRICT, and no more is written: " + now.message();
    return rollsBack(view) && !view.context().stale()
        ? new Decision.Move(
            RolloutEvent.FAILED,
            now.reason(),
            message,
            Map.of(Words.of(now.gate()), String.join("; ", now.evidence())))
        : new Decision.Stay(message);
  }

  /** Returns a gate that does not pass now, and had not let the lock begin; or saw a client. */
  private static @Nullable GateResult halting(StepContext view) {
    for (GateResult now : Gates.evaluate(view.context(), false).results()) {
      GateResult then = view.step().gate(now.gate());
      boolean let = then != null && then.result() == GateResult.Result.PASS;
      boolean seen = now.gate() == Gate.PLAINTEXT && now.result() == GateResult.Result.FAIL;
      if (now.result() != GateResult.Result.PASS && (seen || !let)) {
        return now;
      }
    }
    return null;
  }

  /** Nothing is locked for a plan that a person has paused or stopped. */
  private static Decision stopped(StepContext view, boolean committed) {
    if (!committed) {
      return new Decision.Move(
          RolloutEvent.GATES_BROKEN, Reason.PLAN_PAUSED, "the plan makes no new locks");
    }
    return view.plan().phase() == PlanPhase.PAUSED
        ? new Decision.Stay("the plan is paused in the middle of this lock; resume it")
        : new Decision.Move(
            RolloutEvent.ABANDONED,
            Reason.PLAN_ABORTED,
            "the plan was stopped in the middle of this lock; what was written is taken back");
  }

  private static Decision next(StepContext view) {
    if (view.wroteInThisPhase() && !view.synced() && !view.syncedBut()) {
      return new Decision.Stay("the last write is stored; " + view.awaited());
    }
    if (drainsFromDisable(view)) {
      return new Decision.Stay("waits until connections from before mutual TLS have drained");
    }
    return new Decision.Write(view.writes().changes().getFirst());
  }

  private static boolean drainsFromDisable(StepContext view) {
    for (LedgerEntry entry : view.step().ledger()) {
      if (entry.purpose() == PolicyChange.Purpose.ENABLE && view.settling(entry.writtenAt())) {
        return true;
      }
    }
    return false;
  }

  private static Decision enforced(StepContext view) {
    return view.synced()
        ? new Decision.Move(
            RolloutEvent.ENFORCED, Reason.WRITE_DONE, "STRICT is in force on every proxy")
        : new Decision.Stay("STRICT is stored; " + view.awaited());
  }

  private static boolean rollsBack(StepContext view) {
    return view.plan().spec().onFailure() == PlanSpec.OnFailure.ROLLBACK
        && view.step().automaticRollbacks() == 0
        && !view.step().ledger().isEmpty()
        && !view.manifest();
  }

  private static Decision.Move failed(Verification.Verdict.Failed failed) {
    return new Decision.Move(
        RolloutEvent.FAILED, failed.reason(), failed.message(), failed.evidence());
  }

  private static Decision verifying(StepContext view, Verification.@Nullable Verdict verification) {
    if (judgeable(view) && view.weak()) {
      return weakened(view);
    }
    Decision.Write added = judgeable(view) ? added(view) : null;
    if (added != null) {
      return added;
    }
    if (verification == null) {
      return Decision.WATCHING;
    }
    if (view.step().held()) {
      return held(view, verification);
    }
    return switch (verification) {
      case Verification.Verdict.Failed failed when rollsBack(view) -> failed(failed);
      case Verification.Verdict.Failed failed ->
          new Decision.Move(
              RolloutEvent.HELD, failed.reason(), failed.message() + A_PERSON, failed.evidence());
      case Verification.Verdict.Running(var message) -> new Decision.Stay(message);
      case Verification.Verdict.Endless(var reason, var message) ->
          new Decision.Move(RolloutEvent.HELD, reason, message + A_PERSON);
      case Verification.Verdict.Insufficient(var reason, var message, var until) ->
          new Decision.Move(RolloutEvent.EXTENDED, reason, message, Map.of(), until);
      case Verification.Verdict.Passed passed when view.unreadable() -> weakened(view);
      case Verification.Verdict.Passed(var evidence) ->
          new Decision.Move(
              RolloutEvent.VERIFIED, Reason.VERIFIED, "nobody is harmed by STRICT", evidence);
    };
  }

  /** Clients harmed while a person is awaited are helped as before, unless that was tried. */
  private static Decision held(StepContext view, Verification.Verdict verification) {
    return switch (verification) {
      case Verification.Verdict.Failed failed when rollsBack(view) -> failed(failed);
      case Verification.Verdict.Failed failed -> new Decision.Stay(failed.message() + A_PERSON);
      case Verification.Verdict.Running running -> Decision.WATCHING;
      case Verification.Verdict.Insufficient insufficient -> Decision.WATCHING;
      case Verification.Verdict.Endless endless -> Decision.WATCHING;
      case Verification.Verdict.Passed passed -> Decision.WATCHING;
    };
  }

  /** Returns whether the snapshot is fresh, and shows our own write, so that it can be judged. */
  private static boolean judgeable(StepContext view) {
    return !view.context().stale() && view.seen();
  }

  /** Returns whether the lock is watched: a plan that a person is undoing has no claim left. */
  private static boolean watched(StepContext view) {
    return !view.undoing();
  }

  private static Decision locked(StepContext view) {
    if (view.plan().undone()) {
      return new Decision.Stay(
          "STRICT was found, and not written, by this plan, which is undone: nobody watches whether"
              + " it still is in force");
    }
    if (!watched(view) || !judgeable(view)) {
      return Decision.WATCHING;
    }
    if (view.weak() || view.unreadable()) {
      return weakened(view);
    }
    Decision.Write added = added(view);
    return added == null ? Decision.WATCHING : added;
  }

  /** Returns the write for an exception that was added to the running plan; null without one. */
  private static Decision.@Nullable Write added(StepContext view) {
    List<PolicyChange> left = view.writes().changes();
    return view.running()
            && !view.isMesh()
            && !view.manifest()
            && view.writes().obstacles().isEmpty()
            && !left.isEmpty()
            && left.getFirst().purpose() == PolicyChange.Purpose.EXCEPTION
        ? new Decision.Write(left.getFirst())
        : null;
  }

  private static Decision weakened(StepContext view) {
    PolicyWrites left = view.writes();
    String what =
        view.changedByOthers().isPresent()
            ? view.changedByOthers().get() + " has been changed or deleted since it was written"
            : !left.obstacles().isEmpty()
                ? drifted(left.obstacles().getFirst())
                : left.changes().isEmpty()
                    ? "STRICT is not in force"
                    : left.changes().getFirst().ref() + " is missing or weaker than it was";
    return new Decision.Move(
        RolloutEvent.WEAKENED, Reason.WEAKENED_BY_OTHER, "somebody made it weaker: " + what);
  }

  /** A step that has drifted is not approved, but retried first. */
  private static String drifted(PolicyWrites.Obstacle obstacle) {
    return obstacle.kind() == PolicyWrites.Obstacle.Kind.ADOPTION_NEEDED
        ? "its mode is a person's now: change it back there, or retry, and have it taken over by"
            + " approving that"
        : obstacle.message();
  }

  private static Decision exempt(StepContext view) {
    boolean captured = view.facts().capturedPods() > 0 && !view.step().asked();
    if (captured && view.running() && !view.plan().exempt().containsKey(view.facts().name())) {
      return new Decision.Move(
          RolloutEvent.CAPTURED,
          Reason.PLAN_STARTED,
          "has captured pods now, so there is something to lock");
    }
    boolean wanted =
        view.step().asked()
            || (view.plan().spec().target() == PlanSpec.Target.MESH && view.facts().captures());
    // A person who asked for an exemption gets it even if the plan has ended meanwhile: it opens,
    // and locks nothing.
    boolean may = view.running() || view.plan().phase() == PlanPhase.PAUSED || owed(view);
    boolean told = may || view.plan().phase() == PlanPhase.COMPLETED;
    boolean blind = view.context().stale() || !view.seen() || view.facts().terminating();
    if (!wanted || !told || blind) {
      return Decision.WATCHING;
    }
    PolicyWrites left = exemption(view);
    if (!left.done() && rejected(view)) {
      return new Decision.Stay(
          "somebody has changed the PERMISSIVE that was written for it since; it is left to them");
    }
    if (!left.obstacles().isEmpty()) {
      return new Decision.Stay(unopened(left.obstacles().getFirst()));
    }
    if (left.changes().isEmpty()) {
      return new Decision.Stay("stays open by a policy of its own");
    }
    if (!may) {
      return Decision.WATCHING;
    }
    return view.manifest()
        ? new Decision.Stay("waits until an explicit PERMISSIVE is in force")
        : new Decision.Write(left.changes().getFirst());
  }

  /** An approval is for a lock; an exemption needs none. */
  private static String unopened(PolicyWrites.Obstacle obstacle) {
    return obstacle.kind() == PolicyWrites.Obstacle.Kind.ADOPTION_NEEDED
        ? "its mode is a person's, which only a plan with adopt true takes over: set PERMISSIVE"
            + " there"
        : obstacle.message();
  }

  /**
   * Returns whether an ended plan still owes an exemption. A completed one has made those that it
   * knew of; but a tick may have completed it without seeing what was asked for meanwhile, and the
   * next be of another replica.
   */
  private static boolean owed(StepContext view) {
    Instant ended = view.plan().endedAt();
    boolean late = ended != null && Limits.since(view.step().since(), ended);
    return view.step().asked()
        && switch (view.plan().phase()) {
          case ABORTED -> true;
          case COMPLETED -> late;
          default -> false;
        };
  }

  /** Returns whether it was open by its own policy once, and somebody has changed that. */
  private static boolean rejected(StepContext view) {
    boolean written =
        view.step().wrote().contains(PolicyChange.Purpose.EXEMPT)
            && view.step().ledger().stream()
                .filter(entry -> entry.purpose() == PolicyChange.Purpose.EXEMPT)
                .anyMatch(entry -> WriteLedger.changedSince(entry, view.snapshot()));
    return view.step().found() || written;
  }

  public static PolicyWrites exemption(StepContext view) {
    return Lockdown.exempt(
        view.modes(), view.facts().name(), view.plan().spec(), view.step().ledger());
  }
}
