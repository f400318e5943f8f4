package io.mtlsmigration.kubernetes.ledger;

import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Plain records for tests. */
final class Records {

  static final Instant NOW = Instant.parse("2026-06-01T09:00:00.123456Z");

  private Records() {}

  static PlanSpec spec(String name) {
    return new PlanSpec(
        name,
        PlanSpec.Target.NAMESPACES,
        PlanSpec.Scope.EVERYTHING,
        List.of(),
        PlanSpec.Gates.DEFAULT,
        PlanSpec.Verification.DEFAULT,
        PlanSpec.OnFailure.ROLLBACK,
        PlanSpec.Apply.DIRECT,
        false,
        List.of());
  }

  static PlanRecord plan(String name) {
    return plan(name, "", PlanPhase.DRAFT);
  }

  static PlanRecord plan(String name, String version, PlanPhase phase) {
    return new PlanRecord(
        spec(name),
        "uid",
        version,
        1,
        phase,
        "ann",
        NOW,
        null,
        null,
        List.of(),
        Map.of(),
        "hash",
        List.of());
  }

  static PlanRecord with(PlanRecord plan, PlanPhase phase) {
    return new PlanRecord(
        plan.spec(),
        plan.uid(),
        plan.version(),
        plan.generation(),
        phase,
        plan.createdBy(),
        plan.createdAt(),
        plan.startedAt(),
        plan.endedAt(),
        plan.waves(),
        plan.exempt(),
        plan.observation(),
        plan.approvals());
  }

  static StepRecord step(String plan, String namespace) {
    return StepRecord.begin(
        plan, new StepKey(namespace), "ns-uid", Phase.PENDING, NOW, Reason.PLAN_STARTED, "begins");
  }

  static StepRecord with(StepRecord step, String message) {
    return new StepRecord(
        step.plan(),
        step.key(),
        step.namespaceUid(),
        step.version(),
        step.phase(),
        step.since(),
        step.reason(),
        message,
        step.gates(),
        step.heldSince(),
        step.verifyingUntil(),
        step.ledger(),
        step.inFlight(),
        step.overrides(),
        step.automaticRollbacks(),
        step.request(),
        step.notices(),
        step.dryRun(),
        step.asked(),
        step.found(),
        step.wrote(),
        step.attempt(),
        step.health(),
        step.openSince());
  }

  static Event event(String plan, String subject, String message) {
    return new Event(
        0,
        NOW,
        plan,
        subject,
        Event.Type.REQUESTED,
        "",
        "",
        Reason.REQUESTED,
        message,
        "ann",
        Map.of("key", "value"));
  }
}
