// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.plan.PlanLimits;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PlanSpec.PolicyException;
import io.mtlsmigration.rollout.commands.CommandException;
import io.mtlsmigration.rollout.commands.PlanCommands;
import io.mtlsmigration.testing.AroundLedger;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** An exception ends before its day: what it had opened is locked through all gates, or stays. */
final class EndOfAnExceptionTest extends RolloutScenario {

  private static final String POLICY = "plaintext-httpbin";

  private static Specs foo() {
    return Specs.namespaces("foo").except("foo", "httpbin", 8080);
  }

  /** The plan goes on: bar has a client in plaintext for ever. */
  private static Specs both() {
    return Specs.namespaces("foo", "bar").wave("all", "foo", "bar").except("foo", "httpbin", 8080);
  }

  private PolicyException exception() {
    return mesh.plan("plan").spec().exceptions().getFirst();
  }

  private PlanRecord end() {
    return mesh.commands.removeException("plan", exception().id(), null, "ann");
  }

  private String refused() {
    return String.valueOf(assertThrows(CommandException.NotAllowed.class, this::end).getMessage());
  }

  private @Nullable MtlsMode port(int port) {
    PeerAuthentication policy = mesh.policy("foo", POLICY);
    return policy == null ? null : policy.spec().portModes().get(port);
  }

  private void act(StepAction action) {
    mesh.commands.act("plan", FOO, action, "", "ann");
  }

  /** Foo is locked but for a port, at which legacy calls until the third minute. */
  private void locked(Specs specs) {
    mesh.calls("legacy/curl", "bar/httpbin");
    mesh.calls("legacy/curl", "foo/httpbin", Duration.ZERO, Duration.ofMinutes(3));
    start(specs);
    mesh.until("plan", "foo", Phase.LOCKED, 100);
    assertNotNull(mesh.policy("foo", POLICY));
  }

  private void rolledBack() {
    act(StepAction.ROLLBACK);
    mesh.until("plan", "foo", Phase.ROLLED_BACK, 60);
    assertNull(mesh.policy("foo", POLICY));
  }

  @Test
  void isLockedWithoutThePortOnceItsGatesHaveHeldAnew() {
    locked(both());
    String said = refused();
    assertTrue(said.contains("/namespaces/foo/rollback"), said);
    assertEquals(MtlsMode.PERMISSIVE, port(8080));

    rolledBack();
    PlanRecord ended = end();
    assertEquals(List.of(), ended.spec().exceptions());
    act(StepAction.RETRY);
    mesh.seconds(30);
    assertEquals(Phase.OBSERVING, mesh.phase("plan", "foo"), "legacy calls still");
    mesh.until("plan", "foo", Phase.LOCKED, 200);

    assertEquals(MtlsMode.STRICT, mesh.mode("foo"));
    assertNull(mesh.policy("foo", POLICY));
    assertTrue(mesh.story("plan").contains("exception ended: foo"), mesh.story("plan"));
  }

  /** The port is in use: the namespace is not locked at all. */
  @Test
  void whoCallsThePortHoldsTheLock() {
    mesh.calls("legacy/curl", "foo/httpbin");
    start(both());
    mesh.until("plan", "foo", Phase.LOCKED, 100);
    rolledBack();

    end();
    act(StepAction.RETRY);
    mesh.seconds(120);

    assertEquals(Phase.OBSERVING, mesh.phase("plan", "foo"));
    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"));
    assertEquals(Reason.PLAINTEXT_CLIENTS, mesh.step("plan", "foo").gate(Gate.PLAINTEXT).reason());
  }

  @Test
  void anAbortInBetweenLeavesTheNamespaceAsItWas() {
    locked(both());
    rolledBack();
    end();
    act(StepAction.RETRY);
    mesh.seconds(5);

    mesh.commands.act("plan", PlanAction.ABORT, null, "ann");
    mesh.seconds(200);

    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"));
    assertNull(mesh.policy("foo", POLICY));
    assertEquals(List.of(), mesh.step("plan", "foo").ledger());
  }

  /** Nothing of it is in place, so nothing is left open that nobody answers for. */
  @Test
  void aSkipInBetweenLeavesTheNamespaceOpenAsAWhole() {
    locked(both());
    rolledBack();
    end();

    act(StepAction.SKIP);
    mesh.seconds(200);

    assertEquals(Phase.SKIPPED, mesh.phase("plan", "foo"));
    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"));
    assertNull(mesh.policy("foo", POLICY));
  }

  @Test
  void anotherOneOfTheSameWorkloadStaysOpen() {
    locked(both().except("foo", "httpbin", 9090));
    assertEquals(MtlsMode.PERMISSIVE, port(9090));
    rolledBack();

    end();
    act(StepAction.RETRY);
    mesh.until("plan", "foo", Phase.LOCKED, 250);

    assertNull(port(8080));
    assertEquals(MtlsMode.PERMISSIVE, port(9090));
    assertEquals(MtlsMode.STRICT, mesh.mode("foo"));
  }

  /** One names a port, the other one all of them. */
  @Test
  void aWiderOneOfTheSameWorkloadKeepsItsPortOpen() {
    locked(both().except("foo", "httpbin", null));
    rolledBack();

    end();
    act(StepAction.RETRY);
    mesh.until("plan", "foo", Phase.LOCKED, 250);

    PeerAuthentication policy = mesh.policy("foo", POLICY);
    assertNotNull(policy);
    assertEquals(MtlsMode.PERMISSIVE, policy.spec().mode());
  }

  /** The other way round, the port stays open and no other. */
  @Test
  void endsThoughANarrowerOneStays() {
    mesh.calls("legacy/curl", "bar/httpbin");
    start(
        Specs.namespaces("foo", "bar")
            .wave("all", "foo", "bar")
            .except("foo", "httpbin", null)
            .except("foo", "httpbin", 9090));
    mesh.until("plan", "foo", Phase.LOCKED, 100);
    rolledBack();

    end();
    act(StepAction.RETRY);
    mesh.until("plan", "foo", Phase.LOCKED, 250);

    assertEquals(Map.of(9090, MtlsMode.PERMISSIVE), mesh.policy("foo", POLICY).spec().portModes());
    assertEquals(MtlsMode.UNSET, mesh.policy("foo", POLICY).spec().mode());
  }

  /** It is ended before anything was locked. */
  @Test
  void isNotWrittenWhereItEndsBeforeTheLock() {
    start(foo());
    mesh.seconds(3);

    end();
    mesh.until("plan", "foo", Phase.LOCKED, 100);

    assertNull(mesh.policy("foo", POLICY));
    assertFalse(mesh.story("plan").contains("[EXCEPTION]"));
  }

  @Test
  void voidsApprovalsAndOverrides() {
    start(both().approval(PlanSpec.Approval.NAMESPACE));
    mesh.until("plan", "foo", Phase.AWAITING_APPROVAL, 60);
    mesh.commands.act("plan", PlanAction.PAUSE, null, "ann");
    PlanRecord before = mesh.commands.approve("plan", "foo", null, "", "bea");
    mesh.commands.override("plan", FOO, Set.of(Gate.PLAINTEXT), "known", "bob");

    PlanRecord after = end();
    mesh.commands.act("plan", PlanAction.RESUME, null, "ann");
    mesh.seconds(60);

    assertEquals(before.generation() + 1, after.generation());
    assertEquals(Phase.AWAITING_APPROVAL, mesh.phase("plan", "foo"));
    assertEquals(Reason.APPROVAL_VOIDED, mesh.step("plan", "foo").gate(Gate.APPROVAL).reason());
    assertFalse(mesh.step("plan", "foo").overrides().getFirst().counts(after.generation()));
  }

  /** The gates have held for everything but the port. */
  @Test
  void soakBeginsAnew() {
    start(foo().soak(Duration.ofSeconds(60)));
    mesh.seconds(40);
    assertNotNull(mesh.step("plan", "foo").heldSince());

    end();
    mesh.second();

    assertEquals(mesh.clock.instant(), mesh.step("plan", "foo").heldSince());
  }

  private void auditing() {
    start(foo().audit(Duration.ofSeconds(30)).approval(PlanSpec.Approval.NAMESPACE));
    mesh.until("plan", "foo", Phase.AUDITING, 60);
    mesh.seconds(10);
    assertEquals(Set.of(8080), mesh.dryRuns.leftOut("foo"));
  }

  /** What is placed counts all but the port. */
  @Test
  void aDryRunThatRunsBeginsAnewWithThePort() {
    auditing();

    end();
    mesh.seconds(3);

    assertEquals(Phase.AUDITING, mesh.phase("plan", "foo"), () -> mesh.story("plan"));
    assertEquals(Set.of(), mesh.dryRuns.leftOut("foo"));
    mesh.seconds(25);
    assertEquals(Phase.AUDITING, mesh.phase("plan", "foo"), () -> mesh.story("plan"));
    mesh.until("plan", "foo", Phase.AWAITING_APPROVAL, 60);
  }

  @Test
  void aDryRunThatHasPassedIsMadeAnewWithThePort() {
    auditing();
    mesh.until("plan", "foo", Phase.AWAITING_APPROVAL, 60);

    end();
    mesh.until("plan", "foo", Phase.AUDITING, 30);
    mesh.seconds(2);

    assertEquals(Set.of(), mesh.dryRuns.leftOut("foo"));
    mesh.until("plan", "foo", Phase.AWAITING_APPROVAL, 60);
    assertTrue(mesh.dryRuns.kept.isEmpty());
  }

  /** One that was added while it ran is left out as well. */
  @Test
  void aDryRunIsMadeAnewForAnExceptionThatWasAddedMeanwhile() {
    start(
        Specs.namespaces("foo")
            .audit(Duration.ofSeconds(30))
            .approval(PlanSpec.Approval.NAMESPACE));
    mesh.until("plan", "foo", Phase.AUDITING, 60);
    mesh.commands.addException("plan", foo().spec().exceptions().getFirst(), null, "ann");
    mesh.until("plan", "foo", Phase.AWAITING_APPROVAL, 60);

    end();

    mesh.until("plan", "foo", Phase.AUDITING, 30);
  }

  /** The plan has ended: it is taken up by the retry, and the exception ends before it goes on. */
  @Test
  void endsInAPlanThatWasTakenUpAfterItsEnd() {
    mesh.calls("legacy/curl", "foo/httpbin", Duration.ZERO, Duration.ofMinutes(3));
    start(foo());
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 120);
    String said = refused();
    assertTrue(said.contains("/retry, which takes the plan up, PAUSED"), said);

    rolledBack();
    act(StepAction.RETRY);
    assertEquals(PlanPhase.PAUSED, mesh.plan("plan").phase());
    end();
    mesh.commands.act("plan", PlanAction.RESUME, null, "ann");
    mesh.until("plan", "foo", Phase.LOCKED, 250);

    assertNull(mesh.policy("foo", POLICY));
    assertEquals(MtlsMode.STRICT, mesh.mode("foo"));
  }

  /** Mesh-wide STRICT was approved with what is open. */
  @Test
  void doesNotEndWhileTheMeshIsLocked() {
    start(Specs.mesh().except("foo", "httpbin", 8080));
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 300);
    mesh.commands.act("plan", FOO, StepAction.ROLLBACK, "", "ann");
    mesh.until("plan", "foo", Phase.ROLLED_BACK, 60);
    act(StepAction.RETRY);

    String said = refused();

    assertTrue(said.contains("/mesh/rollback"), said);
    mesh.commands.act("plan", StepKey.MESH, StepAction.ROLLBACK, "", "ann");
    mesh.until("plan", "mesh", Phase.ROLLED_BACK, 60);
    act(StepAction.ROLLBACK);
    mesh.until("plan", "foo", Phase.ROLLED_BACK, 60);
    end();
    act(StepAction.RETRY);
    mesh.commands.act("plan", StepKey.MESH, StepAction.RETRY, "", "ann");
    mesh.commands.act("plan", PlanAction.RESUME, null, "ann");
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 300);
    assertNull(mesh.policy("foo", POLICY));
    assertEquals(MtlsMode.STRICT, mesh.meshMode());
  }

  @Test
  void endsNeitherByPutOfThePlanNorByKubectl() {
    start(foo());
    mesh.seconds(3);
    PlanRecord plan = mesh.plan("plan");

    CommandException.NotAllowed no =
        assertThrows(
            CommandException.NotAllowed.class,
            () ->
                mesh.commands.replace(
                    "plan", plan.spec().excepting(List.of()), plan.version(), "kubectl"));

    assertTrue(
        String.valueOf(no.getMessage()).contains("DELETE /api/v1/plans/plan/exceptions/"),
        no.getMessage());
  }

  /** The leader decides a lock just as the exception ends at another replica. */
  private final class EndsElsewhere extends AroundLedger {
    private boolean done;

    EndsElsewhere() {
      super(mesh.ledger);
    }

    @Override
    public Optional<PlanRecord> live(String name) {
      return mesh.ledger.plan(name);
    }

    @Override
    public StepRecord save(StepRecord step) {
      if (!done && step.phase() == Phase.LOCKING) {
        done = true;
        end();
      }
      return super.save(step);
    }
  }

  @Test
  void aLockThatIsBeingDecidedIsDecidedWithoutIt() {
    start(foo());
    EndsElsewhere between = new EndsElsewhere();
    mesh.loop = mesh.loop(between);

    mesh.until("plan", "foo", Phase.LOCKED, 200);

    assertTrue(between.done);
    assertNull(mesh.policy("foo", POLICY), () -> mesh.story("plan"));
    assertFalse(mesh.story("plan").contains("plaintext-httpbin"), mesh.story("plan"));
  }

  /** What this replica knows of the step is old. */
  @Test
  void theStepIsReadWhereItIsKept() {
    mesh.calls("legacy/curl", "bar/httpbin");
    start(both());
    mesh.seconds(3);
    StepRecord old = mesh.step("plan", "foo");
    mesh.until("plan", "foo", Phase.LOCKED, 100);
    AroundLedger behind =
        new AroundLedger(mesh.ledger) {
          @Override
          public Optional<StepRecord> step(String plan, StepKey key) {
            return key.equals(FOO) ? Optional.of(old) : super.step(plan, key);
          }
        };

    assertThrows(
        CommandException.NotAllowed.class,
        () -> commands(behind).removeException("plan", exception().id(), null, "ann"));

    assertEquals(1, mesh.plan("plan").spec().exceptions().size());
  }

  /** The lock begins after the look at the step, and before the plan is saved. */
  @Test
  void anExceptionThatALockHasBegunWithIsPutBack() {
    start(foo());
    mesh.seconds(3);
    AroundLedger slow =
        new AroundLedger(mesh.ledger) {
          private boolean done;

          @Override
          public PlanRecord save(PlanRecord plan) {
            if (!done) {
              done = true;
              mesh.until("plan", "foo", Phase.LOCKING, 30);
            }
            return super.save(plan);
          }
        };
    PolicyException exception = exception();

    CommandException.NotAllowed no =
        assertThrows(
            CommandException.NotAllowed.class,
            () -> commands(slow).removeException("plan", exception.id(), null, "ann"));

    assertEquals("PHASE", no.code());
    assertEquals(List.of(exception), mesh.plan("plan").spec().exceptions());
    assertTrue(mesh.story("plan").contains("exception kept: foo"), mesh.story("plan"));
    mesh.until("plan", "foo", Phase.LOCKED, 60);
    assertEquals(MtlsMode.PERMISSIVE, port(8080));
  }

  private PlanCommands commands(RolloutLedger ledger) {
    return new PlanCommands(ledger, mesh::observe, mesh.clock, Limits.DEFAULT, PlanLimits.SANDBOX);
  }
}
