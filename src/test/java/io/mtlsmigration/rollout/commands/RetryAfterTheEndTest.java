// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.commands;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanAction;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.RolloutScenario;
import io.mtlsmigration.rollout.Specs;
import io.mtlsmigration.rollout.StepAction;
import io.mtlsmigration.rollout.StepKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A step that was rolled back is tried again after its plan has ended. */
final class RetryAfterTheEndTest extends RolloutScenario {

  private static final StepKey BAR = new StepKey("bar");

  private static Specs both() {
    return Specs.namespaces("foo", "bar").wave("all", "foo", "bar");
  }

  /** Foo was locked and rolled back; bar waits for a client in plaintext, and always will. */
  private void aborted(Specs specs) {
    mesh.calls("legacy/curl", "bar/httpbin");
    start(specs);
    if (specs.spec().gates().approval() == PlanSpec.Approval.NAMESPACE) {
      mesh.until("plan", "foo", Phase.AWAITING_APPROVAL, 100);
      mesh.commands.approve("plan", "foo", null, "", "bea");
    }
    mesh.until("plan", "foo", Phase.LOCKED, 100);
    mesh.commands.act("plan", FOO, StepAction.ROLLBACK, "", "ann");
    mesh.until("plan", "foo", Phase.ROLLED_BACK, 60);
    abort();
  }

  private void abort() {
    mesh.commands.act("plan", PlanAction.ABORT, null, "ann");
    mesh.seconds(10);
    assertTrue(mesh.plan("plan").endedAt() != null);
  }

  private void retry() {
    mesh.commands.act("plan", FOO, StepAction.RETRY, "", "ann");
  }

  private String refused() {
    return assertThrows(CommandException.NotAllowed.class, this::retry).code();
  }

  @Test
  void waitsForSomebodyToResumeAndIsLockedAgain() {
    aborted(both());
    assertEquals(
        List.of(StepAction.RETRY),
        mesh.commands.allowedActions(mesh.plan("plan"), mesh.step("plan", "foo")));

    retry();
    mesh.seconds(60);

    assertEquals(PlanPhase.PAUSED, mesh.plan("plan").phase());
    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"));
    assertTrue(mesh.story("plan").contains("paused until somebody resumes it"));
    mesh.commands.act("plan", PlanAction.RESUME, null, "ann");
    mesh.until("plan", "foo", Phase.LOCKED, 100);
  }

  /** Two plans in one namespace would undo each other's work, also where one of them has ended. */
  @Test
  void keepsOtherPlansFromANamespaceThatStillRollsBack() {
    mesh.calls("legacy/curl", "bar/httpbin");
    start(both());
    mesh.until("plan", "foo", Phase.LOCKED, 100);
    abort();
    mesh.lagging.add("foo");
    mesh.commands.act("plan", FOO, StepAction.ROLLBACK, "", "ann");
    mesh.until("plan", "foo", Phase.ROLLING_BACK, 10);
    mesh.commands.create(Specs.namespaces("foo").named("second").spec(), "bob");

    CommandException.NotAllowed refused =
        assertThrows(
            CommandException.NotAllowed.class,
            () -> mesh.commands.act("second", PlanAction.START, null, "bob"));

    assertEquals("OVERLAP", refused.code());
    assertTrue(refused.getMessage().contains("plan plan still rolls foo back"), refused::toString);
    mesh.lagging.clear();
    mesh.until("plan", "foo", Phase.ROLLED_BACK, 100);
    mesh.commands.act("second", PlanAction.START, null, "bob");
  }

  /** The caller is asked about what it opens, which takes seconds. */
  private void meanwhile(Runnable change) {
    mesh.ledger.onPlanSave =
        () -> {
          mesh.ledger.onPlanSave = () -> {};
          change.run();
        };
  }

  @Test
  void doesNotReplaceWhatSomebodyElseAsksForMeanwhile() {
    aborted(both());
    meanwhile(() -> mesh.commands.act("plan", FOO, StepAction.EXEMPT, "stays open", "bob"));

    assertEquals("PHASE", refused());
    mesh.seconds(10);

    assertEquals(Phase.EXEMPT, mesh.phase("plan", "foo"));
  }

  /** A request that is not possible would be carried out never, and no other be taken. */
  @Test
  void isNotAskedOfAStepThatHasBegunAnewMeanwhile() {
    aborted(both());
    meanwhile(
        () -> {
          mesh.api.replace(reborn(facts("foo"), "uid-second"));
          mesh.second();
        });

    assertEquals("PHASE", refused());
    mesh.commands.act("plan", PlanAction.RESUME, null, "ann");

    mesh.until("plan", "foo", Phase.LOCKED, 100);
  }

  /** Whoever has begun to call meanwhile is seen by the gates. */
  @Test
  void meetsAllGatesAgain() {
    aborted(both());
    mesh.calls("legacy/curl", "foo/httpbin");
    mesh.seconds(5);

    retry();
    mesh.commands.act("plan", PlanAction.RESUME, null, "ann");
    mesh.seconds(90);

    assertEquals(1, locks("foo"), () -> mesh.story("plan"));
  }

  /** How often a lock has begun, whatever has become of it. */
  private long locks(String namespace) {
    return mesh.story("plan")
        .lines()
        .filter(line -> line.contains(" " + namespace + " PHASE_CHANGED"))
        .filter(line -> line.contains("→LOCKING"))
        .count();
  }

  @Test
  void needsANewApproval() {
    aborted(both().approval(PlanSpec.Approval.NAMESPACE));

    retry();
    mesh.commands.act("plan", PlanAction.RESUME, null, "ann");
    mesh.until("plan", "foo", Phase.AWAITING_APPROVAL, 100).seconds(60);

    assertEquals(Phase.AWAITING_APPROVAL, mesh.phase("plan", "foo"));
  }

  /** It was given to the other step of a plan that somebody has stopped since. */
  @Test
  void noOverrideOutlivesTheEnd() {
    mesh.calls("legacy/curl", "bar/httpbin");
    start(both());
    mesh.until("plan", "foo", Phase.LOCKED, 100);
    mesh.commands.act("plan", PlanAction.PAUSE, null, "ann");
    mesh.commands.override("plan", BAR, Set.of(Gate.PLAINTEXT), "tonight", "bea");
    mesh.commands.act("plan", FOO, StepAction.ROLLBACK, "", "ann");
    mesh.until("plan", "foo", Phase.ROLLED_BACK, 60);
    mesh.commands.act("plan", PlanAction.ABORT, null, "ann");
    mesh.seconds(10);

    retry();
    mesh.commands.act("plan", PlanAction.RESUME, null, "ann");
    mesh.seconds(90);

    assertEquals(0, locks("bar"), () -> mesh.story("plan"));
  }

  @Test
  void isRefusedWhileAnotherPlanHasANamespaceOfIt() {
    aborted(both());
    start(Specs.namespaces("bar").named("other"));

    assertEquals("OVERLAP", refused());
    assertEquals(PlanPhase.ABORTED, mesh.plan("plan").phase());
    assertFalse(mesh.step("plan", "foo").request() != null);
  }

  /** Another plan has locked it meanwhile, without the exception. */
  @Test
  void isRefusedWhereItWouldOpenWhatAnotherPlanHasLocked() {
    aborted(both().except("foo", "httpbin", 9090));
    mesh.seconds(60);
    start(Specs.namespaces("foo").named("other").adopt());
    mesh.seconds(200);
    if (mesh.plan("other").phase() != PlanPhase.COMPLETED) {
      throw new AssertionError(mesh.story("other"));
    }

    assertEquals("OVERRIDE_NEEDED", refused());
    assertEquals(PlanPhase.ABORTED, mesh.plan("plan").phase());
  }

  @ParameterizedTest
  @EnumSource(
      value = PlanAction.class,
      names = {"ROLLBACK", "CLEANUP"})
  void aPlanThatWasUndoneRefuses(PlanAction undo) {
    aborted(both());
    mesh.commands.act("plan", undo, null, "ann");
    mesh.seconds(30);

    assertEquals("PHASE", refused());
  }

  /** Foo is locked with an open port, and bar is rolled back after the plan's end. */
  private void completedAndRolledBack() {
    start(both().except("foo", "httpbin", 8080));
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 200);
    mesh.commands.act("plan", BAR, StepAction.ROLLBACK, "", "ann");
    mesh.until("plan", "bar", Phase.ROLLED_BACK, 60).seconds(2);
    assertEquals(PlanPhase.PAUSED, mesh.plan("plan").phase());
  }

  /** A person finds that nobody scrapes the port any more. */
  private void closePort() {
    mesh.kubectl("foo", "plaintext-httpbin", null);
    mesh.seconds(5);
  }

  private List<String> asksOnResume() {
    List<String> asked = new ArrayList<>();
    mesh.commands.act(
        "plan", PlanAction.RESUME, null, "ann", (plan, what) -> asked.add(plan + " " + what));
    return asked;
  }

  private static final String OPENS = "plan /exceptions/0: an exception for foo, which is STRICT,";

  @Test
  void thePortThatWasClosedAfterTheEndIsAskedAbout() {
    completedAndRolledBack();
    mesh.commands.act("plan", PlanAction.ABORT, null, "ann");
    mesh.seconds(10);
    closePort();
    List<String> asked = new ArrayList<>();

    mesh.commands.act(
        "plan",
        BAR,
        StepAction.RETRY,
        "",
        null,
        "ann",
        (plan, what) -> asked.add(plan + " " + what));

    assertEquals(List.of(OPENS), asked);
    assertEquals(List.of(OPENS), asksOnResume());
  }

  /** The service has taken it up by itself, since its goal is lost. */
  @Test
  void aPlanThatWaitsForAPersonAfterItsEndIsResumedAsAfterARetry() {
    completedAndRolledBack();
    closePort();

    assertEquals(List.of(OPENS), asksOnResume());
  }

  @Test
  void aPortThatIsStillOpenIsNotAskedAbout() {
    completedAndRolledBack();

    assertEquals(List.of(), asksOnResume());
  }

  @Test
  void noConsentOutlivesTheEndOfAPlanThatWaitsForAPerson() {
    start(both().approval(PlanSpec.Approval.NAMESPACE));
    for (String namespace : List.of("foo", "bar")) {
      mesh.until("plan", namespace, Phase.AWAITING_APPROVAL, 200);
      mesh.commands.approve("plan", namespace, null, "", "bea");
      mesh.until("plan", namespace, Phase.LOCKED, 100);
    }
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 200);
    long generation = mesh.plan("plan").generation();

    mesh.commands.act("plan", BAR, StepAction.ROLLBACK, "", "ann");
    mesh.until("plan", "bar", Phase.ROLLED_BACK, 60).seconds(2);

    assertEquals(PlanPhase.PAUSED, mesh.plan("plan").phase());
    assertEquals(generation + 1, mesh.plan("plan").generation());
  }

  /** The loop does not take it up either: what was refused would then be accepted. */
  @Test
  void isNotReopenedByADriftWhileTheObjectAsksForSomethingElse() {
    mesh.start(both());
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 300);
    mesh.ledger.edited.add("plan");

    mesh.commands.act("plan", BAR, StepAction.ROLLBACK, "", "ann");
    mesh.until("plan", "bar", Phase.ROLLED_BACK, 60).seconds(5);

    assertEquals(PlanPhase.COMPLETED, mesh.plan("plan").phase());
    mesh.ledger.edited.clear();
    mesh.seconds(2);
    assertEquals(PlanPhase.PAUSED, mesh.plan("plan").phase());
  }

  /** Somebody has edited the plan's object, which was not accepted after the end. */
  @Test
  void isRefusedWhileTheObjectAsksForSomethingElse() {
    aborted(both());
    mesh.ledger.edited.add("plan");

    assertEquals("CONFLICT", refused());
    mesh.ledger.edited.clear();
    retry();
  }

  private void expired(Executable command) {
    CommandException.Invalid no = assertThrows(CommandException.Invalid.class, command);
    assertEquals(
        List.of("/exceptions/0/expires EXCEPTION_EXPIRED"),
        no.problems().stream().map(one -> one.pointer() + " " + one.code()).toList());
  }

  @Test
  void anExpiredExceptionBecomesNoPolicyAgain() {
    completedAndRolledBack();
    mesh.clock.advance(Duration.ofDays(300));
    mesh.second();

    expired(() -> mesh.commands.act("plan", PlanAction.RESUME, null, "ann"));
    mesh.commands.act("plan", PlanAction.ABORT, null, "ann");
    mesh.seconds(10);
    expired(() -> mesh.commands.act("plan", BAR, StepAction.RETRY, "", "ann"));
  }
}
