// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.commands;

import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.Planner;
import io.mtlsmigration.plan.Wave;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.OwningPlan;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.gates.GateContext;
import io.mtlsmigration.rollout.gates.Gates;
import io.mtlsmigration.rollout.gates.Hold;
import io.mtlsmigration.rollout.gates.HoldFacts;
import io.mtlsmigration.rollout.gates.NamespaceHolds;
import io.mtlsmigration.rollout.gates.NamespaceState;
import io.mtlsmigration.rollout.gates.TimedReasons;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The facts that hold each namespace. Evaluates the gates as readiness does, and takes from each
 * gate that does not pass the facts that it was judged on.
 */
final class HoldStudy {

  private static final Set<PlanPhase> COUNTS =
      EnumSet.of(PlanPhase.RUNNING, PlanPhase.PAUSED, PlanPhase.COMPLETED);

  private final ReadinessStudy study;
  private final PlanRecord defaults;
  private final HoldFacts facts = new HoldFacts();

  HoldStudy(ReadinessStudy study) {
    this.study = study;
    this.defaults = study.defaults();
  }

  private record Speaking(PlanRecord plan, StepRecord step) {}

  /**
   * Returns the holds of every namespace but the root, by name; the root stands for the mesh step,
   * if there is one.
   */
  List<NamespaceHolds> all() {
    Map<String, Speaking> speaking = speaking();
    List<NamespaceHolds> all = new ArrayList<>();
    for (NamespaceFacts facts : study.observation().modes().snapshot().namespaces().values()) {
      boolean root = study.observation().modes().snapshot().isRoot(facts.name());
      Speaking own = speaking.get(root ? StepKey.MESH.namespace() : facts.name());
      if (own != null) {
        all.add(planned(facts, own));
      } else if (!root) {
        StepRecord fresh = study.fresh(defaults, new StepKey(facts.name()));
        all.add(judged(facts, "", new Speaking(defaults, fresh)));
      }
    }
    return all;
  }

  private Map<String, Speaking> speaking() {
    Map<String, Speaking> speaking = new HashMap<>();
    for (PlanRecord plan : OwningPlan.of(study.ledger())) {
      if (COUNTS.contains(plan.phase())) {
        for (StepRecord step : study.ledger().readable(plan.name()).read()) {
          speaking.putIfAbsent(step.key().namespace(), new Speaking(plan, step));
        }
      }
    }
    return speaking;
  }

  private NamespaceHolds planned(NamespaceFacts facts, Speaking own) {
    StepRecord step = own.step();
    return switch (step.phase()) {
      case EXEMPT, SKIPPED -> told(facts, own, NamespaceState.OPEN, null);
      case LOCKED -> {
        StepRecord.Health health = step.health();
        yield told(
            facts,
            own,
            NamespaceState.LOCKED,
            health == null ? null : decision(own, health.message()));
      }
      case VERIFYING ->
          step.held()
              ? told(facts, own, NamespaceState.HELD, decision(own, step.message()))
              : told(facts, own, NamespaceState.WAITING, null);
      case LOCKING, ROLLING_BACK -> told(facts, own, NamespaceState.WAITING, null);
      case ROLLED_BACK, DRIFTED ->
          told(facts, own, NamespaceState.HELD, decision(own, step.message()));
      case PENDING, OBSERVING, AUDITING, READY, AWAITING_APPROVAL, BLOCKED ->
          // The mesh step waits for the other steps, each of which reports what it waits for.
          step.key().isMesh() && step.phase() == Phase.PENDING
              ? told(facts, own, NamespaceState.WAITING, null)
              : judged(facts, own.plan().name(), own);
    };
  }

  private static NamespaceHolds told(
      NamespaceFacts facts, Speaking own, NamespaceState state, @Nullable Hold hold) {
    return new NamespaceHolds(
        facts.name(), own.plan().name(), state, hold == null ? List.of() : List.of(hold));
  }

  private static Hold decision(Speaking own, String message) {
    return new Hold.Decision(
        message, own.step().since(), AllowedActions.of(own.plan(), own.step()));
  }

  /** An empty {@code plan} stands for the defaults, under which nothing is locked. */
  private NamespaceHolds judged(NamespaceFacts facts, String plan, Speaking own) {
    StepRecord step = own.step();
    boolean nobody = facts.capturedPods() == 0 || Planner.opensByDefault(facts.name());
    if (!step.key().isMesh() && (facts.terminating() || nobody)) {
      return new NamespaceHolds(facts.name(), plan, NamespaceState.OPEN, List.of());
    }
    GateContext context = study.context(own.plan(), step);
    if (plan.isEmpty() && context.writes().done()) {
      return new NamespaceHolds(facts.name(), plan, NamespaceState.LOCKED, List.of());
    }
    Gates.Verdict verdict = Gates.evaluate(context, true);
    List<Hold> holds = new ArrayList<>();
    for (GateResult result : verdict.results()) {
      if (result.result() != GateResult.Result.PASS && !TimedReasons.has(result.reason())) {
        this.facts.of(context, result, holds);
      }
    }
    if (step.phase() == Phase.AWAITING_APPROVAL) {
      holds.add(new Hold.Consent(wave(own.plan(), step)));
    }
    if (step.phase() == Phase.BLOCKED
        && holds.isEmpty()
        && !StepProgress.holds(verdict.results(), step.reason())) {
      holds.add(decision(own, step.message()));
    }
    NamespaceState state = verdict.all() ? NamespaceState.READY : NamespaceState.WAITING;
    return new NamespaceHolds(
        facts.name(), plan, holds.isEmpty() ? state : NamespaceState.HELD, holds);
  }

  private static String wave(PlanRecord plan, StepRecord step) {
    if (step.key().isMesh() || plan.spec().gates().approval() != PlanSpec.Approval.WAVE) {
      return "";
    }
    for (Wave wave : plan.waves()) {
      for (Wave.Member member : wave.members()) {
        if (member.namespace().equals(step.key().namespace())) {
          return wave.name();
        }
      }
    }
    return "";
  }
}
