package io.mtlsmigration.rollout;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.plan.LedgerEntry;
import io.mtlsmigration.plan.Lockdown;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.plan.PolicyWrites;
import io.mtlsmigration.probe.Cell;
import io.mtlsmigration.probe.ProbeOutcome;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Decides what comes next for a step. Pure: the same view always gets the same answer. */
final class StepDecisions {

  private static final Decision.Stay WATCHING = new Decision.Stay(Reason.HOLDS, "");

  private StepDecisions() {}

  /** True in the phases in which gates are judged. */
  static boolean gated(Phase phase) {
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

  /** What comes before everything else, in whatever phase: the namespace itself, and people. */
  static Decision.@Nullable Move first(StepView view) {
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
    return view.undoing() ? undo(view) : null;
  }

  private static Decision.@Nullable Move fate(StepView view, StepRecord step) {
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
    boolean back = step.phase() == Phase.SKIPPED && step.reason() == Reason.NAMESPACE_GONE;
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

  /** The whole plan is being undone. */
  private static Decision.@Nullable Move undo(StepView view) {
    StepRecord step = view.step();
    if (step.phase() == Phase.ROLLING_BACK || !view.turn()) {
      return null;
    }
    boolean ours =
        view.manifest()
            ? view.plan().phase() == PlanPhase.ROLLED_BACK && locked(step.phase())
            : !step.ledger().isEmpty()
                && (step.phase() != Phase.ROLLED_BACK || !undoing(view).done());
    return ours
        ? new Decision.Move(
            RolloutEvent.ROLLBACK_ASKED, Reason.REQUESTED, "the plan is being undone")
        : null;
  }

  private static boolean locked(Phase phase) {
    return phase == Phase.LOCKING
        || phase == Phase.VERIFYING
        || phase == Phase.LOCKED
        || phase == Phase.DRIFTED;
  }

  private static PolicyWrites undoing(StepView view) {
    boolean cleanup = view.plan().phase() == PlanPhase.CLEANED_UP;
    StepRecord step = view.step();
    // Only a person takes a server back to DISABLE, where mutual TLS is refused.
    boolean person = step.reason() == Reason.REQUESTED || view.undoing();
    return Lockdown.undo(
        view.modes(),
        step.ledger(),
        cleanup ? PolicyChange.Purpose.CLEANUP : PolicyChange.Purpose.ROLLBACK,
        person);
  }

  /** Phases before the lock, on the gates' verdict. */
  static Decision gated(StepView view, Gates.Verdict verdict) {
    StepRecord step = view.step();
    if (!view.context().stale() && alreadyStrict(view)) {
      return new Decision.Move(
          RolloutEvent.FOUND_STRICT, Reason.ALREADY_STRICT, "STRICT is already in force");
    }
    if (step.phase() == Phase.BLOCKED) {
      return obstruction(verdict) == null && !view.context().stale()
          ? new Decision.Move(RolloutEvent.CLEARED, Reason.GATES_HOLD, "nothing obstructs any more")
          : WATCHING;
    }
    GateResult obstruction = obstruction(verdict);
    if (obstruction != null) {
      return new Decision.Move(
          RolloutEvent.OBSTRUCTED, obstruction.reason(), obstruction.message(), facts(verdict));
    }
    boolean held = verdict.readyBut(Gate.WINDOW, Gate.APPROVAL);
    return switch (step.phase()) {
      case OBSERVING -> observing(view, verdict, held);
      case AUDITING -> held ? held(verdict) : WATCHING;
      default -> ready(view, verdict, held);
    };
  }

  private static boolean alreadyStrict(StepView view) {
    return view.writes().done()
        && view.seen()
        && (view.isMesh() || view.facts().capturedPods() > 0)
        && !view.weak();
  }

  private static Decision observing(StepView view, Gates.Verdict verdict, boolean held) {
    if (view.running() && view.context().preparing() && verdict.allButPlaintext()) {
      return new Decision.Move(
          RolloutEvent.PREPARE_DECIDED,
          Reason.DISABLE_IN_FORCE,
          "mutual TLS is disabled; it is allowed first, before plaintext can be judged",
          facts(verdict));
    }
    return held && !view.context().preparing() ? held(verdict) : WATCHING;
  }

  private static Decision held(Gates.Verdict verdict) {
    return new Decision.Move(
        RolloutEvent.GATES_HELD, Reason.GATES_HOLD, "the gates have held", facts(verdict));
  }

  private static Decision ready(StepView view, Gates.Verdict verdict, boolean held) {
    if (!held) {
      return broken(verdict);
    }
    if (!view.running()) {
      return WATCHING;
    }
    if (verdict.all()) {
      return new Decision.Move(
          RolloutEvent.LOCK_DECIDED, Reason.GATES_HOLD, "every gate holds", facts(verdict));
    }
    boolean asks = verdict.of(Gate.APPROVAL).result() != GateResult.Result.PASS;
    return asks && view.step().phase() == Phase.READY
        ? new Decision.Move(
            RolloutEvent.APPROVAL_ASKED,
            Reason.APPROVAL_MISSING,
            verdict.of(Gate.APPROVAL).message())
        : WATCHING;
  }

  private static Decision.Move broken(Gates.Verdict verdict) {
    GateResult holding = verdict.holding();
    return new Decision.Move(
        RolloutEvent.GATES_BROKEN,
        holding == null ? Reason.SOAKING : holding.reason(),
        holding == null ? "the gates have to hold again" : holding.message(),
        facts(verdict));
  }

  /** A gate that only a change of the mesh, by a person, can open. */
  private static @Nullable GateResult obstruction(Gates.Verdict verdict) {
    for (GateResult result : verdict.results()) {
      if (result.result() == GateResult.Result.FAIL
          && (result.reason() == Reason.HAZARD_FOUND
              || result.reason() == Reason.PODS_UNCAPTURED
              || result.reason() == Reason.POLICY_OWNED_BY_OTHER)) {
        return result;
      }
    }
    return null;
  }

  private static Map<String, String> facts(Gates.Verdict verdict) {
    Map<String, String> facts = new LinkedHashMap<>();
    for (GateResult result : verdict.results()) {
      facts.put(Words.of(result.gate()), result.result() + " " + result.message());
    }
    return facts;
  }

  /** All other phases. */
  static Decision settled(StepView view, Verification.@Nullable Verdict verification) {
    return switch (view.step().phase()) {
      case PENDING -> pending(view);
      case VERIFYING -> verifying(view, verification);
      case LOCKED -> locked(view);
      case DRIFTED ->
          judgeable(view) && !view.weak()
              ? new Decision.Move(
                  RolloutEvent.RECOVERED, Reason.VERIFIED, "everything is STRICT again")
              : WATCHING;
      case ROLLING_BACK -> rollingBack(view);
      case EXEMPT -> exempt(view);
      default -> WATCHING;
    };
  }

  private static Decision pending(StepView view) {
    return view.running() && view.turn()
        ? new Decision.Move(
            RolloutEvent.WAVE_OPENED, Reason.PLAN_STARTED, "what comes before it is settled")
        : WATCHING;
  }

  /** Writing, and waiting until what is written is in force. */
  static Decision locking(
      StepView view, Gates.@Nullable Verdict verdict, Verification.@Nullable Verdict verification) {
    boolean committed = view.committed();
    if (committed
        && verification instanceof Verification.Verdict.Failed failed
        && rollsBack(view)) {
      return failed(failed);
    }
    if (!view.seen()) {
      return new Decision.Stay(Reason.NOT_ENFORCED, "waits until its write shows in the mesh");
    }
    if (view.writes().done()) {
      return enforced(view);
    }
    if (!committed && !view.running()) {
      return new Decision.Move(
          RolloutEvent.GATES_BROKEN, Reason.PLAN_PAUSED, "the plan makes no new locks");
    }
    Decision.Move closed = committed || verdict == null ? null : closed(view, verdict);
    if (closed != null) {
      return closed;
    }
    if (view.manifest()) {
      return new Decision.Stay(
          Reason.MANIFEST_AWAITED, "waits until the offered manifest is in force");
    }
    if (!view.writes().obstacles().isEmpty()) {
      return new Decision.Stay(
          Reason.POLICY_OWNED_BY_OTHER, view.writes().obstacles().getFirst().message());
    }
    return next(view);
  }

  private static Decision.@Nullable Move closed(StepView view, Gates.Verdict verdict) {
    if (view.context().preparing() ? verdict.allButPlaintext() : verdict.all()) {
      return null;
    }
    GateResult obstruction = obstruction(verdict);
    return obstruction == null
        ? broken(verdict)
        : new Decision.Move(
            RolloutEvent.OBSTRUCTED, obstruction.reason(), obstruction.message(), facts(verdict));
  }

  private static Decision next(StepView view) {
    if (view.wroteInThisPhase() && !view.synced()) {
      return new Decision.Stay(
          Reason.PROXIES_NOT_SYNCED, "waits until every proxy has the last write");
    }
    if (drainsFromDisable(view)) {
      return new Decision.Stay(
          Reason.DISABLE_IN_FORCE, "waits until connections from before mutual TLS have drained");
    }
    return new Decision.Write(view.writes().changes().getFirst());
  }

  private static boolean drainsFromDisable(StepView view) {
    for (LedgerEntry entry : view.step().ledger()) {
      if (entry.purpose() == PolicyChange.Purpose.ENABLE
          && view.now().isBefore(entry.writtenAt().plus(view.context().limits().drain()))) {
        return true;
      }
    }
    return false;
  }

  private static Decision enforced(StepView view) {
    return view.synced()
        ? new Decision.Move(
            RolloutEvent.ENFORCED, Reason.WRITE_DONE, "STRICT is in force on every proxy")
        : new Decision.Stay(
            Reason.NOT_ENFORCED, "STRICT is stored; waits until every proxy has it");
  }

  private static boolean rollsBack(StepView view) {
    return view.plan().spec().onFailure() == PlanSpec.OnFailure.ROLLBACK
        && view.step().automaticRollbacks() == 0
        && !view.manifest();
  }

  private static Decision.Move failed(Verification.Verdict.Failed failed) {
    return new Decision.Move(
        RolloutEvent.FAILED, failed.reason(), failed.message(), failed.evidence());
  }

  private static Decision verifying(StepView view, Verification.@Nullable Verdict verification) {
    if (judgeable(view) && view.weak()) {
      return weakened(view);
    }
    if (view.step().held() || verification == null) {
      return WATCHING;
    }
    return switch (verification) {
      case Verification.Verdict.Failed failed when rollsBack(view) -> failed(failed);
      case Verification.Verdict.Failed failed ->
          new Decision.Move(
              RolloutEvent.HELD,
              failed.reason(),
              failed.message() + "; a person has to decide: retry or rollback",
              failed.evidence());
      case Verification.Verdict.Running(var message) ->
          new Decision.Stay(Reason.VERIFICATION_RUNS, message);
      case Verification.Verdict.Insufficient(var reason, var message) ->
          new Decision.Move(RolloutEvent.EXTENDED, reason, message);
      case Verification.Verdict.Passed(var evidence) ->
          new Decision.Move(
              RolloutEvent.VERIFIED, Reason.VERIFIED, "nobody is harmed by STRICT", evidence);
    };
  }

  /** A snapshot that may be old, or lag behind our own write, accuses nobody. */
  private static boolean judgeable(StepView view) {
    return !view.context().stale() && view.seen();
  }

  private static Decision locked(StepView view) {
    if (!judgeable(view)) {
      return WATCHING;
    }
    if (view.weak()) {
      return weakened(view);
    }
    // An exception that was added to the running plan.
    List<PolicyChange> left = view.writes().changes();
    return view.running()
            && !view.isMesh()
            && !view.manifest()
            && view.writes().obstacles().isEmpty()
            && !left.isEmpty()
        ? new Decision.Write(left.getFirst())
        : WATCHING;
  }

  private static Decision weakened(StepView view) {
    PolicyWrites left = view.writes();
    String what =
        !left.obstacles().isEmpty()
            ? left.obstacles().getFirst().message()
            : left.changes().isEmpty()
                ? "STRICT is not in force"
                : left.changes().getFirst().ref() + " is missing or weaker than it was";
    return new Decision.Move(
        RolloutEvent.WEAKENED, Reason.WEAKENED_BY_OTHER, "somebody made it weaker: " + what);
  }

  private static Decision rollingBack(StepView view) {
    if (view.manifest() && view.step().ledger().isEmpty()) {
      boolean strict =
          (view.isMesh() ? view.modes().mesh() : view.modes().namespace(view.facts().name()).mode())
                  .mode()
              == MtlsMode.STRICT;
      return strict
          ? new Decision.Stay(
              Reason.MANIFEST_AWAITED, "waits until the manifest is taken back where it is kept")
          : undone();
    }
    if (!view.seen()) {
      return new Decision.Stay(Reason.NOT_ENFORCED, "waits until its write shows in the mesh");
    }
    PolicyWrites left = undoing(view);
    if (!left.obstacles().isEmpty()) {
      return new Decision.Stay(Reason.POLICY_OWNED_BY_OTHER, left.obstacles().getFirst().message());
    }
    boolean lagging = view.wroteInThisPhase() && !view.synced();
    if (!left.changes().isEmpty()) {
      // The way back does not wait for a proxy that may never answer.
      return lagging && view.draining()
          ? new Decision.Stay(
              Reason.PROXIES_NOT_SYNCED, "waits until every proxy has the last write")
          : new Decision.Write(left.changes().getFirst());
    }
    return view.wroteInThisPhase() ? felt(view, lagging) : undone();
  }

  /** Undone is what clients feel, not what is stored. */
  private static Decision felt(StepView view, boolean lagging) {
    if (lagging) {
      return new Decision.Stay(
          Reason.PROXIES_NOT_SYNCED, "is taken back; waits until every proxy has it");
    }
    Instant last = view.step().lastWrite();
    for (Cell cell : view.context().ownCells()) {
      if (cell.expected() == ProbeOutcome.OK
          && cell.outcome() == ProbeOutcome.REFUSED
          && last != null
          && cell.checkedAt().isAfter(last)) {
        return new Decision.Stay(
            Reason.PROBE_FAILED,
            "is taken back, but " + cell.from() + " is still refused at " + cell.endpoint());
      }
    }
    return undone();
  }

  private static Decision undone() {
    return new Decision.Move(
        RolloutEvent.UNDONE, Reason.UNDONE, "the previous modes are in force again");
  }

  private static Decision exempt(StepView view) {
    boolean byDefault = view.step().reason() == Reason.EXEMPT_BY_DEFAULT;
    if (byDefault && view.running() && !view.plan().exempt().containsKey(view.facts().name())) {
      return new Decision.Move(
          RolloutEvent.CAPTURED,
          Reason.PLAN_STARTED,
          "has captured pods now, so there is something to lock");
    }
    boolean wanted =
        view.step().reason() == Reason.REQUESTED
            || (view.plan().spec().target() == PlanSpec.Target.MESH
                && view.facts().capturedPods() > 0);
    boolean may =
        view.plan().phase() == PlanPhase.RUNNING || view.plan().phase() == PlanPhase.PAUSED;
    if (!wanted || !may || view.context().stale() || !view.seen()) {
      return WATCHING;
    }
    PolicyWrites left = exemption(view);
    if (!left.obstacles().isEmpty()) {
      return new Decision.Stay(Reason.POLICY_OWNED_BY_OTHER, left.obstacles().getFirst().message());
    }
    if (left.changes().isEmpty()) {
      return new Decision.Stay(Reason.EXEMPT_BY_DEFAULT, "stays open by a policy of its own");
    }
    return view.manifest()
        ? new Decision.Stay(
            Reason.MANIFEST_AWAITED, "waits until an explicit PERMISSIVE is in force")
        : new Decision.Write(left.changes().getFirst());
  }

  static PolicyWrites exemption(StepView view) {
    return Lockdown.exempt(view.modes(), view.facts().name(), view.plan().spec());
  }
}
