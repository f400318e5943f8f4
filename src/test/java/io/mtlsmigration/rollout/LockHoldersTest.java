// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which plans hold foo locked. */
final class LockHoldersTest {

  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
  private static final StepKey FOO = new StepKey("foo");

  private final TestLedger ledger = new TestLedger();
  private final PlanRecord first = plan("first");
  private final PlanRecord second = plan("second");

  private PlanRecord plan(String name) {
    return ledger.save(
        new PlanRecord(
            Specs.mesh().named(name).spec(),
            name,
            "",
            1,
            PlanPhase.COMPLETED,
            "ann",
            NOON,
            NOON,
            NOON,
            List.of(),
            Map.of(),
            "",
            List.of()));
  }

  private void step(StepKey key, Phase phase, boolean asked, boolean found) {
    ledger.save(
        StepRecord.begin("first", key, "", Phase.PENDING, NOON, Reason.PLAN_STARTED, "")
            .entered(phase, NOON, Reason.VERIFIED, "", asked)
            .withFound(found));
  }

  private boolean held() {
    return !LockHolders.others(second, "foo", ledger).isEmpty();
  }

  private boolean own() {
    return LockHolders.own(first, "foo", ledger);
  }

  @ParameterizedTest
  @EnumSource
  void isHeldByWhoeverHasWrittenALockThatNobodyTookBack(Phase phase) {
    step(FOO, phase, false, false);

    boolean locked =
        switch (phase) {
          case LOCKING, VERIFYING, LOCKED, DRIFTED -> true;
          default -> false;
        };
    assertEquals(locked, held());
    assertEquals(locked, own());
  }

  @Test
  void isNotHeldByWhoeverOnlyFoundIt() {
    step(FOO, Phase.LOCKED, false, true);

    assertEquals(false, held());
    assertEquals(false, own());
  }

  @Test
  void isHeldByTheLockOfTheMesh() {
    step(StepKey.MESH, Phase.LOCKED, false, false);

    assertEquals(true, held());
    assertEquals(true, own());
  }

  /** Nothing of it was captured when the plan began. */
  @Test
  void isHeldByTheLockOfTheMeshAlthoughExemptByDefault() {
    step(StepKey.MESH, Phase.LOCKED, false, false);
    step(FOO, Phase.EXEMPT, false, true);

    assertEquals(true, held());
    assertEquals(true, own());
  }

  @Test
  void isNotHeldWhereAPersonExemptedIt() {
    step(StepKey.MESH, Phase.LOCKED, false, false);
    step(FOO, Phase.EXEMPT, true, true);

    assertEquals(false, held());
  }

  /** Somebody else's lock counts for others until the mesh is opened, and is not the plan's own. */
  @Test
  void whatWasStrictBeforeTheMeshIsNotTheMeshsOwn() {
    step(StepKey.MESH, Phase.LOCKED, false, false);
    step(FOO, Phase.LOCKED, false, true);

    assertEquals(true, held());
    assertEquals(false, own());
  }
}
