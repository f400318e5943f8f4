// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.Records;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.sandbox.MemoryLedger;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whose callers are read of first. */
final class CallerReadingTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private final MemoryLedger ledger = new MemoryLedger();

  private void plan(PlanPhase phase) {
    ledger.save(Records.plan(PlanSpec.standard("plan"), "", phase));
  }

  /** A plan that is paused for a week must not keep others from being read for a week. */
  @ParameterizedTest
  @EnumSource(PlanPhase.class)
  void onlyARunningPlansGatesComeFirst(PlanPhase phase) {
    plan(phase);
    ledger.save(
        StepRecord.begin(
            "plan", new StepKey("foo"), "uid", Phase.OBSERVING, NOW, Reason.PLAN_STARTED, ""));

    assertEquals(
        phase == PlanPhase.RUNNING ? Set.of("foo") : Set.of(), CallerReading.gates(ledger).first());
  }

  /** What is forgotten while it is paused would have to be waited for anew. */
  @ParameterizedTest
  @EnumSource(PlanPhase.class)
  void callersOfAPausedPlanAreKeptToo(PlanPhase phase) {
    plan(phase);
    ledger.save(
        StepRecord.begin(
            "plan", new StepKey("foo"), "uid", Phase.OBSERVING, NOW, Reason.PLAN_STARTED, ""));

    assertEquals(
        Set.of(PlanPhase.RUNNING, PlanPhase.PAUSED).contains(phase) ? Set.of("foo") : Set.of(),
        CallerReading.gates(ledger).kept());
  }
}
