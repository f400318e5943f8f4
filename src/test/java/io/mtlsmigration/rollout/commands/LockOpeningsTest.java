// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.commands;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanAction;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.RolloutScenario;
import io.mtlsmigration.rollout.Specs;
import io.mtlsmigration.rollout.StepAction;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What another plan has locked is opened by nobody who may not override that plan. */
final class LockOpeningsTest extends RolloutScenario {

  private void lockFoo(Specs specs) {
    start(specs.named("first"));
    mesh.untilPlan("first", PlanPhase.COMPLETED, 200);
  }

  private static Specs excepting(Specs specs) {
    return specs.named("second").except("foo", "httpbin", 8080);
  }

  private void staysLocked() {
    mesh.seconds(60);
    assertEquals(MtlsMode.STRICT, mesh.mode("foo"));
    assertEquals(
        1, facts("foo").peerAuthentications().size(), () -> String.valueOf(mesh.story("second")));
  }

  private static void refused(Executable command) {
    CommandException.NotAllowed no = assertThrows(CommandException.NotAllowed.class, command);
    assertEquals("OVERRIDE_NEEDED", no.code());
    String words = String.valueOf(no.getMessage());
    assertTrue(words.contains("foo, which plan first has locked"), words);
    assertTrue(words.contains("override"), words);
  }

  static Stream<Arguments> drafts() {
    return Stream.of(
        argumentSet("of the namespace", excepting(Specs.namespaces("foo"))),
        argumentSet("of the mesh", excepting(Specs.mesh())));
  }

  @ParameterizedTest
  @MethodSource("drafts")
  void aDraftIsNotStartedThatWouldOpenIt(Specs draft) {
    lockFoo(Specs.namespaces("foo"));
    mesh.commands.create(draft.spec(), "ann");

    refused(() -> mesh.commands.act("second", PlanAction.START, null, "ann"));

    assertEquals(PlanPhase.DRAFT, mesh.plan("second").phase());
    staysLocked();
  }

  /** It was accepted while the first plan ran, and would begin as soon as that has ended. */
  @Test
  void aDraftDoesNotStartByItselfThatWouldOpenIt() {
    start(Specs.namespaces("foo").named("first"));
    PlanSpec draft = excepting(Specs.namespaces("foo")).spec();
    mesh.commands.create(draft.starting(PlanSpec.Start.WHEN_ACCEPTED), "git");
    mesh.untilPlan("first", PlanPhase.COMPLETED, 200);

    mesh.commands.startAccepted();

    assertEquals(PlanPhase.DRAFT, mesh.plan("second").phase());
    String why = mesh.commands.waitingOn(mesh.plan("second")).getFirst().message();
    assertTrue(why.contains("/exceptions/0"), why);
    staysLocked();
  }

  /** The first plan has the same exception: nothing that is closed is opened. */
  @Test
  void aDraftWithTheSameExceptionIsStarted() {
    lockFoo(Specs.namespaces("foo").except("foo", "httpbin", 8080));

    start(excepting(Specs.namespaces("foo")));

    assertEquals(PlanPhase.RUNNING, mesh.plan("second").phase());
  }

  @Test
  void aRunningPlanThatFoundItTakesNoExceptionByKubectl() {
    lockFoo(Specs.namespaces("foo"));
    mesh.calls("legacy/curl", "bar/httpbin");
    start(Specs.namespaces("foo", "bar").wave("all", "foo", "bar").named("second"));
    mesh.until("second", "foo", Phase.LOCKED, 100);
    PlanRecord plan = mesh.plan("second");
    PlanSpec next = excepting(Specs.namespaces("foo", "bar").wave("all", "foo", "bar")).spec();

    refused(() -> mesh.commands.replace("second", next, plan.version(), "kubectl-edit"));

    staysLocked();
  }

  @Test
  void aNamespaceIsNotExemptThatAnotherPlanHasLocked() {
    lockFoo(Specs.namespaces("foo"));
    mesh.calls("legacy/curl", "bar/httpbin");
    start(Specs.namespaces("foo", "bar").wave("all", "foo", "bar").named("second"));
    mesh.until("second", "foo", Phase.LOCKED, 100);

    refused(() -> mesh.commands.act("second", FOO, StepAction.EXEMPT, "", "ann"));

    staysLocked();
  }

  /**
   * Its exception was added when nothing of the namespace was locked, and it was another plan's.
   */
  @Test
  void aNamespaceDoesNotJoinAPlanThatWouldOpenIt() {
    mesh.calls("legacy/curl", "bar/httpbin");
    start(Specs.mesh().named("second"));
    mesh.seconds(2);
    mesh.api.replace(Worlds.injected("late").build());
    mesh.world();
    start(Specs.namespaces("late").named("first").noSamples(PlanSpec.NoSamples.PASS));
    mesh.commands.addException(
        "second",
        Specs.mesh().except("late", "httpbin", 8080).spec().exceptions().getFirst(),
        null,
        "kubectl-edit");

    mesh.untilPlan("first", PlanPhase.COMPLETED, 200).seconds(60);

    assertEquals(MtlsMode.STRICT, mesh.mode("late"));
    assertEquals(
        1, facts("late").peerAuthentications().size(), () -> String.valueOf(mesh.story("second")));
  }

  /** Whoever holds the verb is asked about both plans. */
  @Test
  void isOpenedByWhoeverMayOverrideBothPlans() {
    lockFoo(Specs.namespaces("foo"));
    mesh.commands.create(excepting(Specs.namespaces("foo")).spec(), "ann");
    List<String> asked = new ArrayList<>();

    mesh.commands.act(
        "second", PlanAction.START, null, "ann", (plan, what) -> asked.add(plan + " " + what));

    String what = " /exceptions/0: an exception for foo, which plan first has locked,";
    assertEquals(List.of("second" + what, "first" + what), asked);
    assertEquals(PlanPhase.RUNNING, mesh.plan("second").phase());
  }
}
