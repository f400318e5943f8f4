// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.commands;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.plan.LedgerEntry;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PlanSpec.PolicyException;
import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.plan.Snapshots;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.Records;
import io.mtlsmigration.rollout.Specs;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.WriteIntent;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** In which phases of its plan, its namespace and the mesh an exception may end. */
final class ExceptionEndTest {

  private static final PlanSpec SPEC =
      Specs.namespaces("foo").except("foo", "httpbin", 8080).spec();

  private static final ObjectRef POLICY =
      new ObjectRef("PeerAuthentication", "foo", "plaintext-httpbin");

  private static final PeerAuthentication.Spec OPEN =
      new PeerAuthentication.Spec(
          Map.of("app", "httpbin"), MtlsMode.UNSET, Map.of(8080, MtlsMode.PERMISSIVE));

  /** Phases in which nothing may be in place. */
  private static final Set<Phase> BEFORE =
      Set.of(
          Phase.PENDING,
          Phase.OBSERVING,
          Phase.AUDITING,
          Phase.READY,
          Phase.AWAITING_APPROVAL,
          Phase.BLOCKED,
          Phase.ROLLED_BACK,
          Phase.SKIPPED);

  private static PlanRecord plan(PlanPhase phase) {
    return Records.plan(SPEC, "1", phase);
  }

  private static StepRecord step(Phase phase) {
    return step(new StepKey("foo"), phase, false);
  }

  private static StepRecord step(StepKey key, Phase phase, boolean asked) {
    return StepRecord.begin("plan", key, "uid", Phase.PENDING, Records.NOW, Reason.REQUESTED, "")
        .entered(phase, Records.NOW, Reason.REQUESTED, "", asked);
  }

  private static StepRecord wrote(StepRecord step) {
    return wrote(step, PolicyChange.Purpose.EXCEPTION);
  }

  private static StepRecord wrote(StepRecord step, PolicyChange.Purpose purpose) {
    return step.withLedger(
        List.of(
            new LedgerEntry(
                POLICY,
                "uid",
                null,
                OPEN,
                MtlsMode.PERMISSIVE,
                Map.of(),
                purpose,
                "7",
                Records.NOW)));
  }

  private static StepRecord writes(StepRecord step) {
    PolicyChange change =
        new PolicyChange(POLICY, null, OPEN, PolicyChange.Purpose.EXCEPTION, false, "because");
    return step.withInFlight(List.of(new WriteIntent(change, "m", "", "", 1, Records.NOW)));
  }

  private static String hindrance(
      PlanRecord plan, @Nullable StepRecord step, @Nullable StepRecord mesh) {
    return hindrance(plan, step, mesh, Worlds.task());
  }

  private static String hindrance(
      PlanRecord plan, @Nullable StepRecord step, @Nullable StepRecord mesh, MeshSnapshot world) {
    PolicyException exception = SPEC.exceptions().getFirst();
    return new ExceptionEnd(plan, exception, step, mesh, world).hindrance().orElse("");
  }

  private static void says(String message, String... parts) {
    int at = 0;
    for (String part : parts) {
      int found = message.indexOf(part, at);
      assertTrue(found >= 0, () -> part + " in: " + message);
      at = found + part.length();
    }
  }

  @ParameterizedTest
  @EnumSource(Phase.class)
  void endsWhileNothingOfItsNamespaceIsInPlace(Phase phase) {
    boolean may = BEFORE.contains(phase) || phase == Phase.EXEMPT;

    for (PlanPhase moving : List.of(PlanPhase.RUNNING, PlanPhase.PAUSED)) {
      assertEquals(may, hindrance(plan(moving), step(phase), null).isEmpty(), moving.name());
    }
  }

  @ParameterizedTest
  @EnumSource(Phase.class)
  void doesNotEndWhileSomethingWrittenMayBeThere(Phase phase) {
    PlanRecord plan = plan(PlanPhase.RUNNING);

    says(hindrance(plan, writes(step(phase)), null), "DELETE the exception again");
    if (phase == Phase.ROLLED_BACK) {
      assertEquals("", hindrance(plan, wrote(step(phase)), null), "it is gone");
      return;
    }
    says(
        hindrance(plan, wrote(step(phase)), null),
        phase == Phase.ROLLING_BACK
            ? "wait until foo is ROLLED_BACK"
            : "POST /api/v1/plans/plan/namespaces/foo/rollback, wait until foo is ROLLED_BACK",
        "DELETE the exception again",
        "POST /api/v1/plans/plan/namespaces/foo/retry",
        "takes plaintext until its gates have held anew");
  }

  /** Else to end it would lock a namespace that nobody has named. */
  @Test
  void endsInANamespaceThatIsExemptByDefault() {
    StepRecord exempt = wrote(step(Phase.EXEMPT), PolicyChange.Purpose.EXEMPT);

    assertEquals("", hindrance(plan(PlanPhase.RUNNING), exempt, null));
  }

  /** The exemption of a person leaves the whole namespace open. */
  @ParameterizedTest
  @EnumSource(
      value = Phase.class,
      names = {"EXEMPT"})
  void doesNotEndInAnExemption(Phase phase) {
    says(
        hindrance(plan(PlanPhase.RUNNING), step(new StepKey("foo"), phase, true), null),
        "namespaces/foo/retry",
        "DELETE the exception again");
  }

  @ParameterizedTest
  @EnumSource(Phase.class)
  void doesNotEndWhileTheMeshIsLockedByThePlan(Phase phase) {
    String said =
        hindrance(
            plan(PlanPhase.RUNNING), wrote(step(Phase.LOCKED)), step(StepKey.MESH, phase, false));

    boolean inMotion = !BEFORE.contains(phase) && phase != Phase.EXEMPT;
    if (inMotion) {
      says(said, "POST /api/v1/plans/plan/mesh/rollback", "namespaces/foo/rollback", "retry");
      says(
          hindrance(plan(PlanPhase.RUNNING), step(Phase.PENDING), step(StepKey.MESH, phase, false)),
          "mesh/rollback");
    } else {
      assertTrue(said.startsWith("POST /api/v1/plans/plan/namespaces/foo/rollback"), said);
    }
  }

  static Stream<Arguments> others() {
    return Stream.of(
        argumentSet("undone", PlanPhase.ROLLED_BACK, step(Phase.ROLLED_BACK), "undone"),
        argumentSet("cleaned up", PlanPhase.CLEANED_UP, step(Phase.ROLLED_BACK), "undone"),
        argumentSet("being stopped", PlanPhase.ABORTED, step(Phase.OBSERVING), "being stopped"),
        argumentSet("nothing there", PlanPhase.COMPLETED, step(Phase.SKIPPED), "another plan"),
        argumentSet(
            "locked",
            PlanPhase.COMPLETED,
            wrote(step(Phase.LOCKED)),
            "foo/rollback, wait until foo is ROLLED_BACK, POST"
                + " /api/v1/plans/plan/namespaces/foo/retry, which takes the plan up, PAUSED"),
        argumentSet(
            "rolled back", PlanPhase.COMPLETED, step(Phase.ROLLED_BACK), "ended: POST /api/v1"));
  }

  @ParameterizedTest
  @MethodSource("others")
  void doesNotEndInAPlanThatDoesNotMove(PlanPhase phase, StepRecord step, String said) {
    says(hindrance(plan(phase), step, null), said);
  }

  /** Of what a rollback left, somebody else decides. */
  @ParameterizedTest
  @EnumSource(
      value = Phase.class,
      names = {"ROLLED_BACK"})
  void doesNotEndWhileAPolicyOfThePlanIsLeft(Phase phase) {
    MeshSnapshot left =
        Snapshots.apply(
            Worlds.task(),
            new PolicyChange(POLICY, null, OPEN, PolicyChange.Purpose.EXCEPTION, false, ""));

    says(
        hindrance(plan(PlanPhase.RUNNING), wrote(step(phase)), null, left),
        "foo/plaintext-httpbin",
        "is not as it was before this plan",
        "roll foo back once more");
  }

  /** It was STRICT when the plan came. */
  @ParameterizedTest
  @EnumSource(
      value = Phase.class,
      names = {"LOCKED", "DRIFTED"})
  void namesNoRollbackWhereThereIsNone(Phase phase) {
    String said = hindrance(plan(PlanPhase.RUNNING), step(phase).withFound(true), null);

    says(said, "was STRICT before this plan", "another plan without the exception");
  }
}
