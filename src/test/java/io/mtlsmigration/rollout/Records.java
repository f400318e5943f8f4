// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import io.mtlsmigration.plan.LedgerEntry;
import io.mtlsmigration.plan.PlanSpec;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Plain records for tests. */
public final class Records {

  public static final Instant NOW = Instant.parse("2026-06-01T09:00:00.123456Z");

  private Records() {}

  public static PlanSpec spec(String name) {
    return PlanSpec.standard(name);
  }

  public static PlanRecord plan(String name) {
    return plan(spec(name));
  }

  public static PlanRecord plan(PlanSpec spec) {
    return plan(spec, "", PlanPhase.DRAFT);
  }

  public static PlanRecord plan(PlanSpec spec, String version, PlanPhase phase) {
    return new PlanRecord(
        spec, "uid", version, 1, phase, "ann", NOW, null, null, List.of(), Map.of(), "hash",
        List.of());
  }

  public static PlanRecord with(PlanRecord plan, PlanPhase phase) {
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

  public static StepRecord step(String plan, String namespace) {
    return StepRecord.begin(
        plan, new StepKey(namespace), "ns-uid", Phase.PENDING, NOW, Reason.PLAN_STARTED, "begins");
  }

  public static StepRecord with(StepRecord step, String message) {
    return step.withMessage(message);
  }

  public static StepRecord unhealthy(StepRecord step, Reason reason, String message) {
    return step.withHealth(new StepRecord.Health(NOW, reason, message, Set.of()));
  }

  public static StepRecord wrote(StepRecord step, LedgerEntry entry) {
    return step.withLedger(List.of(entry));
  }

  public static Event event(String plan, String subject, String message) {
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
