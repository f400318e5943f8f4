// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.decisions;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.Words;
import io.mtlsmigration.rollout.WriteLedger;
import io.mtlsmigration.rollout.gates.Gates;
import io.mtlsmigration.rollout.gates.HeldConnections;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Decides in the phases before the lock, by the gates' verdict. Pure. */
public final class GatedDecision {

  private static final Decision.Move DISABLED_AGAIN =
      new Decision.Move(
          RolloutEvent.OBSTRUCTED,
          Reason.DISABLE_IN_FORCE,
          "somebody has set DISABLE again since this plan had opened it for mutual TLS, and that is"
              + " left to them: set PERMISSIVE there, or retry this step to have it set");

  private static final Decision.Move APPLIED =
      new Decision.Move(
          RolloutEvent.FOUND_WRITTEN,
          Reason.WRITE_DONE,
          "the offered manifest is applied, and its lock had not begun: it is verified once all of it"
              + " is in force");

  private static final String STILL_OPEN =
      "plaintext came over connections from before the lock when it was last counted, and whether it"
          + " still does is not known: traffic evidence is not available";

  private static final String UNWATCHED =
      "STRICT is in force by what others have applied since this plan was started, and ";

  private GatedDecision() {}

  /**
   * Returns whether a step waits for a person since somebody has deleted its record, and with it
   * what people had decided.
   */
  public static boolean lost(StepRecord step) {
    return step.phase() == Phase.BLOCKED && step.reason() == Reason.EVIDENCE_LOST;
  }

  /** Returns the decision in a phase before the lock, by the gates' verdict. */
  public static Decision gated(StepContext view, Gates.Verdict verdict) {
    StepRecord step = view.step();
    if (view.facts().terminating()) {
      return new Decision.Stay("the namespace is being deleted");
    }
    boolean fresh = !view.context().stale();
    boolean strict = fresh && alreadyStrict(view);
    if (fresh && (inPart(view) || (strict && applied(view)))) {
      return APPLIED;
    }
    Decision found = strict ? strict(view, verdict) : null;
    if (found != null) {
      return found;
    }
    if (disabledAgain(view)) {
      return step.phase() == Phase.BLOCKED || !view.seen() ? Decision.WATCHING : DISABLED_AGAIN;
    }
    if (lost(step)) {
      return Decision.WATCHING;
    }
    if (step.phase() == Phase.BLOCKED) {
      return obstruction(verdict) == null && !view.context().stale()
          ? new Decision.Move(RolloutEvent.CLEARED, Reason.GATES_HOLD, "nothing obstructs any more")
          : Decision.WATCHING;
    }
    GateResult obstruction = obstruction(verdict);
    if (obstruction != null) {
      return new Decision.Move(
          RolloutEvent.OBSTRUCTED, obstruction.reason(), obstruction.message(), facts(verdict));
    }
    boolean held = verdict.ready();
    return switch (step.phase()) {
      case OBSERVING -> observing(view, verdict, held);
      case AUDITING ->
          held ? held(verdict) : Gates.breaksAudit(verdict) ? broken(verdict) : Decision.WATCHING;
      default -> ready(view, verdict, held);
    };
  }

  /**
   * Returns the decision where STRICT is in force already; null while it is not known whether a
   * connection from before carries plaintext, which the gate {@code plaintext} tells then. A person
   * who lets that gate pass gives its clients up, and says of no connection that it has ended: such
   * a step goes on to its lock, whose verification waits for the count.
   */
  private static @Nullable Decision strict(StepContext view, Gates.Verdict verdict) {
    HeldConnections held = HeldConnections.now(view.context());
    boolean blocked = view.step().phase() == Phase.BLOCKED;
    if (held == null) {
      if (blocked && view.step().reason() == Reason.PLAINTEXT_CLIENTS) {
        return new Decision.Stay(STILL_OPEN);
      }
      GateResult plaintext = verdict.of(Gate.PLAINTEXT);
      if (plaintext.result() != GateResult.Result.PASS || plaintext.reason() == Reason.OVERRIDDEN) {
        return null;
      }
    } else if (!held.open().isEmpty()) {
      return blocked
          ? new Decision.Stay(held.words())
          : new Decision.Move(
              RolloutEvent.OBSTRUCTED, Reason.PLAINTEXT_CLIENTS, held.words(), facts(verdict));
    }
    return new Decision.Move(
        RolloutEvent.FOUND_STRICT, Reason.ALREADY_STRICT, "STRICT is already in force");
  }

  /**
   * Returns whether others have applied what makes it STRICT since a plan offers that: whoever
   * merges a manifest does not know how the gates stand by then. It is verified, and taken back
   * with the plan, like one that the plan waits for.
   */
  static boolean applied(StepContext view) {
    Instant began = view.plan().startedAt();
    return view.manifest()
        && began != null
        && view.deciding()
            .filter(policy -> policy.spec().mode() == MtlsMode.STRICT)
            .filter(policy -> policy.meta().specChangedAt().isAfter(began))
            // Another plan may have locked a namespace that has joined this one since.
            .filter(policy -> !OwnPolicies.owned(policy))
            .isPresent();
  }

  /**
   * Returns the decision where nobody wants a lock, for a while or any more, as in a plan that has
   * ended: whoever merges its manifest may not know that. A plan that was started since tells of
   * the namespace itself.
   *
   * @param taken whether there is one; asked only where a manifest was applied
   */
  public static Decision stopped(StepContext view, BooleanSupplier taken) {
    StepRecord step = view.step();
    if (view.context().stale() || !view.seen()) {
      return new Decision.Stay(step.message());
    }
    if (captured(view) && applied(view) && !taken.getAsBoolean()) {
      return new Decision.Found(
          Reason.ALREADY_STRICT, unwatched(view) + view.deciding().orElseThrow().ref());
    }
    return new Decision.Stay(
        !step.message().startsWith(UNWATCHED)
            ? step.message()
            : goesOn(view) ? "what others had applied is taken back" : "the plan is stopped");
  }

  private static boolean goesOn(StepContext view) {
    return view.plan().moving() || view.plan().phase() == PlanPhase.COMPLETED;
  }

  private static String unwatched(StepContext view) {
    return UNWATCHED
        + (goesOn(view) ? "the step is " + Words.of(view.step().phase()) : "the plan is stopped")
        + ": nobody verifies it, nor takes it back when clients are refused. If it is the plan's"
        + " manifest, take it back where it is kept; if it is to stay, "
        + (view.plan().moving() ? "retry the step: " : "make a plan for it: ");
  }

  /** Returns whether STRICT is stored without the policies that go with it, as its exceptions. */
  static boolean inPart(StepContext view) {
    return !view.writes().done() && view.seen() && captured(view) && applied(view);
  }

  private static boolean alreadyStrict(StepContext view) {
    return view.writes().done() && view.seen() && view.synced() && captured(view) && !view.weak();
  }

  private static boolean captured(StepContext view) {
    return view.isMesh() || view.facts().capturedPods() > 0;
  }

  /**
   * Returns whether the server was opened for mutual TLS once and DISABLE is in force again, or the
   * opening is not visible yet. A retry by a person agrees with the plan.
   */
  private static boolean disabledAgain(StepContext view) {
    StepRecord step = view.step();
    return view.context().preparing()
        && !view.context().stale()
        && !step.asked()
        && step.ledger().stream()
            .filter(entry -> entry.purpose() == PolicyChange.Purpose.ENABLE)
            .anyMatch(entry -> WriteLedger.changedSince(entry, view.snapshot()));
  }

  private static Decision observing(StepContext view, Gates.Verdict verdict, boolean held) {
    if (view.begins() && view.context().preparing() && verdict.allButPlaintext()) {
      return new Decision.Move(
          RolloutEvent.PREPARE_DECIDED,
          Reason.DISABLE_IN_FORCE,
          "mutual TLS is disabled; it is allowed first, before plaintext can be judged",
          facts(verdict));
    }
    if (view.running() && !view.context().preparing() && Gates.wantsAudit(verdict)) {
      return new Decision.Move(
          RolloutEvent.AUDIT_BEGUN,
          Reason.AUDIT_RUNS,
          "everything before it holds; the dry run of STRICT begins",
          facts(verdict));
    }
    return held && !view.context().preparing() ? held(verdict) : Decision.WATCHING;
  }

  private static Decision held(Gates.Verdict verdict) {
    return new Decision.Move(
        RolloutEvent.GATES_HELD, Reason.GATES_HOLD, "the gates have held", facts(verdict));
  }

  private static Decision ready(StepContext view, Gates.Verdict verdict, boolean held) {
    if (!held) {
      return broken(verdict);
    }
    if (!view.begins()) {
      return Decision.WATCHING;
    }
    if (verdict.all()) {
      return new Decision.Move(
          RolloutEvent.LOCK_DECIDED, Reason.GATES_HOLD, "every gate holds", facts(verdict));
    }
    GateResult approval = verdict.of(Gate.APPROVAL);
    boolean asks = approval.result() != GateResult.Result.PASS;
    if (asks == (view.step().phase() == Phase.AWAITING_APPROVAL)) {
      return Decision.WATCHING;
    }
    return asks
        ? new Decision.Move(
            RolloutEvent.APPROVAL_ASKED, Reason.APPROVAL_MISSING, approval.message())
        : new Decision.Move(RolloutEvent.APPROVAL_GIVEN, Reason.APPROVED, approval.message());
  }

  private static Decision.Move broken(Gates.Verdict verdict) {
    GateResult holding = verdict.holding();
    return new Decision.Move(
        RolloutEvent.GATES_BROKEN,
        holding == null ? Reason.SOAKING : holding.reason(),
        holding == null ? "the gates have to hold again" : holding.message(),
        facts(verdict));
  }

  /** Returns a gate that only a change of the mesh, by a person, can open. */
  private static @Nullable GateResult obstruction(Gates.Verdict verdict) {
    for (GateResult result : verdict.results()) {
      if (result.result() == GateResult.Result.FAIL
          && (result.reason() == Reason.HAZARD_FOUND
              || result.reason() == Reason.PODS_UNCAPTURED
              || result.reason() == Reason.AUDIT_IMPOSSIBLE
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

  static Decision.@Nullable Move closed(StepContext view, Gates.Verdict verdict) {
    if (disabledAgain(view)) {
      return DISABLED_AGAIN;
    }
    if (view.context().preparing() ? verdict.allButPlaintext() : verdict.all()) {
      return null;
    }
    GateResult obstruction = obstruction(verdict);
    return obstruction == null
        ? broken(verdict)
        : new Decision.Move(
            RolloutEvent.OBSTRUCTED, obstruction.reason(), obstruction.message(), facts(verdict));
  }
}
