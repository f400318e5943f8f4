// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.commands;

import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PolicyWrites;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.Limits;
import io.mtlsmigration.rollout.MeshReadiness;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.ServerWatch;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.decisions.StepDecisions;
import io.mtlsmigration.rollout.decisions.WaveOrder;
import io.mtlsmigration.rollout.gates.CellIndex;
import io.mtlsmigration.rollout.gates.GateContext;
import io.mtlsmigration.rollout.gates.Gates;
import io.mtlsmigration.rollout.gates.ServerWatches;
import io.mtlsmigration.rollout.gates.StepWrites;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Evaluates the gates of a namespace on the latest observation; changes nothing. */
record ReadinessStudy(RolloutLedger ledger, Observation observation, Limits limits) {

  /** {@code plan} null = the defaults of a plan. */
  Readiness of(String namespace, @Nullable PlanRecord plan) {
    PlanRecord basis = plan == null ? defaults() : plan;
    StepKey key = new StepKey(namespace);
    StepRecord step =
        plan == null
            ? fresh(basis, key)
            : ledger.step(plan.name(), key).orElseGet(() -> fresh(basis, key));
    GateContext context = context(basis, step);
    Gates.Verdict judged = Gates.evaluate(context, true);
    Gates.Verdict verdict = new Gates.Verdict(answered(judged.results(), step), null);
    Readiness.Verdict answer =
        verdict.all()
            ? Readiness.Verdict.READY
            : verdict.results().stream().anyMatch(r -> r.result() == GateResult.Result.FAIL)
                ? Readiness.Verdict.BLOCKED
                : Readiness.Verdict.INCONCLUSIVE;
    List<ServerWatch> servers =
        ServerWatches.of(
            context, observation.traffic(basis.spec().gates().plaintextWindow()).of(namespace));
    return new Readiness(
        answer,
        plan == null ? "defaults" : plan.name(),
        verdict.results(),
        servers,
        earliest(servers));
  }

  private static @Nullable Instant earliest(List<ServerWatch> servers) {
    Instant latest = null;
    for (ServerWatch server : servers) {
      Instant enough = server.enoughAt();
      if (enough == null) {
        return null;
      }
      latest = latest == null || enough.isAfter(latest) ? enough : latest;
    }
    return latest;
  }

  /** Takes the hooks' results from the step's record, because only the loop asks hooks. */
  private static List<GateResult> answered(List<GateResult> results, StepRecord step) {
    GateResult known = step.gate(Gate.HOOKS);
    return known == null || !StepDecisions.judged(step.phase())
        ? results
        : results.stream().map(r -> r.gate() == Gate.HOOKS ? known : r).toList();
  }

  /** Returns a step without a history of its own. */
  StepRecord fresh(PlanRecord plan, StepKey key) {
    return StepRecord.begin(
            plan.name(), key, "", Phase.OBSERVING, observation.now(), Reason.PLAN_STARTED, "")
        .withOpenSince(
            ledger.recentOpenings(observation.now()).openSince(key.namespace(), observation.now()));
  }

  /** Returns a plan with the defaults; without a plan nobody watches, so nothing can soak. */
  PlanRecord defaults() {
    PlanSpec.Gates gates = PlanSpec.Gates.DEFAULT;
    PlanSpec spec =
        new PlanSpec(
            "defaults",
            PlanSpec.Target.NAMESPACES,
            PlanSpec.Scope.EVERYTHING,
            List.of(),
            new PlanSpec.Gates(
                gates.plaintextWindow(),
                gates.noSamples(),
                Duration.ZERO,
                gates.probes(),
                gates.audit(),
                gates.approval(),
                gates.changeWindows(),
                gates.hooks()),
            PlanSpec.Verification.DEFAULT,
            PlanSpec.OnFailure.ROLLBACK,
            PlanSpec.Apply.DIRECT,
            false,
            List.of(),
            PlanSpec.Start.ON_COMMAND);
    return new PlanRecord(
        spec,
        "",
        "",
        1,
        PlanPhase.DRAFT,
        "",
        observation.now(),
        null,
        null,
        List.of(),
        Map.of(),
        "",
        List.of());
  }

  /** Returns the context that the gates of a step are judged on now. */
  GateContext context(PlanRecord plan, StepRecord step) {
    boolean mesh = step.key().isMesh();
    NamespaceFacts facts =
        mesh
            ? observation.modes().snapshot().root()
            : observation.modes().snapshot().namespace(step.key().namespace());
    NamespaceFacts present = facts == null ? NamespaceFacts.empty(step.key().namespace()) : facts;
    MeshReadiness others =
        mesh
            ? WaveOrder.readiness(plan, ledger.stepsByKey(plan.name()), observation.modes())
            : MeshReadiness.NOT_ASKED;
    PolicyWrites left = StepWrites.left(plan, step, observation, others);
    return new GateContext(
        plan,
        step,
        observation,
        present,
        left,
        CellIndex.of(observation.matrix()),
        others,
        GateContext.Proof.NONE,
        limits);
  }
}
