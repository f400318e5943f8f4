// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.commands;

import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.NamespaceModes;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.Words;
import io.mtlsmigration.rollout.decisions.StepDecisions;
import io.mtlsmigration.rollout.decisions.WaveOrder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The part of one step in the progress of its plan. Made from the step, its namespace, and the
 * terms of the plan; what it waits for because of other steps is not in it.
 *
 * @param namespace null for the mesh step, and when the namespace does not exist
 * @param settled whether others no longer wait for it
 * @param nothing whether it was left open by default without captured pods, or is gone
 * @param ends when it will be locked if only time is awaited; null when nobody can say
 */
record StepProgress(
    StepRecord step,
    @Nullable NamespaceModes namespace,
    boolean settled,
    boolean nothing,
    @Nullable Instant ends,
    List<Waiting> waiting) {

  static StepProgress of(
      PlanRecord plan, StepRecord step, @Nullable NamespaceModes namespace, MeshModes modes) {
    boolean mesh = step.key().isMesh();
    NamespaceFacts facts = namespace == null ? null : namespace.facts();
    boolean nothing =
        !mesh
            && !step.asked()
            && step.phase() != Phase.LOCKED
            && (facts == null || (step.phase() == Phase.EXEMPT && !facts.captures()));
    List<Waiting> waiting = new ArrayList<>();
    new Waits(plan, step, facts, waiting).tell(modes);
    return new StepProgress(
        step,
        namespace,
        mesh ? step.phase() == Phase.LOCKED : WaveOrder.settled(step, facts),
        nothing,
        ends(plan.spec(), step),
        List.copyOf(waiting));
  }

  /**
   * Returns whether this is what {@link #of} would make, for a plan with the same terms: a step and
   * its exemption follow from the policies of its own namespace, and from those of the mesh, which
   * are in its modes.
   */
  @SuppressWarnings("ReferenceEquality") // the same object = nothing changed; equals would walk it
  boolean stays(StepRecord next, @Nullable NamespaceModes then) {
    return step == next && namespace == then;
  }

  /** Returns whether what it waits for follows from other steps, too. */
  boolean pending() {
    return step.phase() == Phase.PENDING;
  }

  /** Returns whether it has begun, and locks in the turn of its wave. */
  boolean gated() {
    return !step.key().isMesh() && StepDecisions.gated(step.phase());
  }

  /** Returns what it waits for when other steps hold it as well, so that no tick judges it next. */
  List<Waiting> held() {
    return waiting.stream().filter(one -> one.reason() != Reason.GATES_HOLD).toList();
  }

  private static @Nullable Instant ends(PlanSpec spec, StepRecord step) {
    Instant held = step.heldSince();
    return switch (step.phase()) {
      case VERIFYING -> step.verifyingUntil();
      case OBSERVING, READY ->
          held != null
                  && step.gates().stream()
                      .allMatch(g -> g.result() == GateResult.Result.PASS || g.gate() == Gate.SOAK)
              ? held.plus(spec.gates().soak()).plus(spec.verification().duration())
              : null;
      default -> null;
    };
  }

  /** Returns whether a gate that does not pass gives this reason. */
  static boolean holds(List<GateResult> gates, Reason reason) {
    return gates.stream()
        .anyMatch(gate -> gate.result() != GateResult.Result.PASS && gate.reason() == reason);
  }

  static Waiting waiting(
      StepRecord step, String what, Reason reason, String message, Instant since) {
    return new Waiting(step.key().toString(), what, reason, message, since);
  }

  /** Tells what the step waits for. */
  private record Waits(
      PlanRecord plan, StepRecord step, @Nullable NamespaceFacts facts, List<Waiting> into) {

    void tell(MeshModes modes) {
      if (plan.active()) {
        busy(modes);
      } else if (plan.phase() == PlanPhase.COMPLETED
          && (WaveOrder.unsettled(step, modes) || step.health() != null)) {
        common();
      }
    }

    private void busy(MeshModes modes) {
      if (step.phase() == Phase.PENDING) {
        return; // it follows from other steps
      }
      if (step.phase() == Phase.EXEMPT && !WaveOrder.open(plan, step, modes)) {
        into.add(
            waiting(
                step,
                "exemption",
                Reason.NOT_ENFORCED,
                "its explicit PERMISSIVE is not in force: " + step.message(),
                step.since()));
      }
      common();
    }

    private void common() {
      switch (step.phase()) {
        case OBSERVING, AUDITING, READY, AWAITING_APPROVAL, BLOCKED -> gates();
        case LOCKING ->
            into.add(
                waiting(
                    step,
                    "lock",
                    plan.spec().apply() == PlanSpec.Apply.MANIFEST
                        ? Reason.MANIFEST_AWAITED
                        : Reason.NOT_ENFORCED,
                    step.message(),
                    step.since()));
        case VERIFYING ->
            into.add(
                waiting(
                    step,
                    "verification",
                    step.held() ? step.reason() : Reason.VERIFICATION_RUNS,
                    step.message(),
                    step.since()));
        case ROLLING_BACK ->
            into.add(waiting(step, "rollback", Reason.NOT_ENFORCED, step.message(), step.since()));
        case ROLLED_BACK -> {
          if (!plan.undoing()) {
            into.add(
                waiting(
                    step,
                    "person",
                    step.reason(),
                    "was rolled back; a person has to decide: retry, exempt or skip",
                    step.since()));
          }
        }
        case DRIFTED ->
            into.add(waiting(step, "drift", step.reason(), step.message(), step.since()));
        case LOCKED -> {
          if (plan.undoing() && !step.key().isMesh() && !step.ledger().isEmpty()) {
            boolean mesh = plan.spec().target() == PlanSpec.Target.MESH;
            into.add(
                waiting(
                    step,
                    mesh ? "mesh" : "rollback",
                    Reason.NOT_ENFORCED,
                    mesh
                        ? "waits until mesh-wide STRICT is taken back; rollback of this namespace"
                            + " opens it before"
                        : "is still STRICT: its undo has yet to begin",
                    step.since()));
          }
          StepRecord.Health health = step.health();
          if (health != null) {
            into.add(waiting(step, "health", health.reason(), health.message(), health.since()));
          }
        }
        // In a completed plan: the namespace was recreated.
        case PENDING ->
            into.add(waiting(step, "plan", step.reason(), step.message(), step.since()));
        case EXEMPT, SKIPPED -> {
          // nothing to wait for
        }
      }
    }

    private void gates() {
      if (plan.undoing() || plan.phase() == PlanPhase.ABORTED) {
        return;
      }
      if (facts != null && facts.terminating()) {
        into.add(
            waiting(
                step,
                "namespace",
                Reason.NAMESPACE_GONE,
                "the namespace is being deleted",
                step.since()));
        return;
      }
      boolean any = step.phase() == Phase.BLOCKED && !holds(step.gates(), step.reason());
      if (any) {
        into.add(waiting(step, "person", step.reason(), step.message(), step.since()));
      }
      for (GateResult gate : step.gates()) {
        if (gate.result() != GateResult.Result.PASS) {
          any = true;
          into.add(
              waiting(
                  step, Words.of(gate.gate()), gate.reason(), gate.message(), gate.evaluatedAt()));
        }
      }
      if (!any) {
        into.add(waiting(step, "tick", Reason.GATES_HOLD, "the next tick judges it", step.since()));
      }
    }
  }
}
