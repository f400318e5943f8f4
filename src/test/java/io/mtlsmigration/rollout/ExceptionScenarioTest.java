// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PlanSpec.PolicyException;
import io.mtlsmigration.rollout.commands.CommandException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The life of an exception: added, and agreed to for longer. */
final class ExceptionScenarioTest extends RolloutScenario {

  private static final String POLICY = "plaintext-httpbin";

  private static final LocalDate LATER = LocalDate.parse("2027-06-01");

  private static final PolicyException SCRAPE =
      Specs.namespaces("foo").except("foo", "httpbin", 8080).spec().exceptions().getFirst();

  /** The plan goes on: bar has a client in plaintext for ever. */
  private void lockWithAnException() {
    mesh.calls("legacy/curl", "bar/httpbin");
    lock(Specs.namespaces("foo", "bar").wave("all", "foo", "bar"));
  }

  private void completeWithAnException() {
    lock(Specs.namespaces("foo"));
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 20);
  }

  private void lock(Specs specs) {
    mesh.calls("legacy/curl", "foo/httpbin", Duration.ZERO, Duration.ofMinutes(2));
    start(specs.except("foo", "httpbin", 8080));
    mesh.until("plan", "foo", Phase.LOCKED, 100);
  }

  private @Nullable MtlsMode port() {
    PeerAuthentication policy = mesh.policy("foo", POLICY);
    return policy == null ? null : policy.spec().portModes().get(8080);
  }

  private PolicyException present() {
    return mesh.plan("plan").spec().exceptions().getFirst();
  }

  private static PolicyException until(PolicyException exception, LocalDate day) {
    return new PolicyException(
        exception.namespace(),
        exception.selector(),
        exception.port(),
        exception.owner(),
        exception.reason(),
        day,
        exception.plaintextPaths());
  }

  /** Returns whether a caller is asked for the verb override on the plan. */
  private boolean asks(PlanRecord plan, PlanSpec next) {
    List<String> asked = new ArrayList<>();
    mesh.commands.demand(plan, next, (name, what) -> asked.add(name));
    return asked.contains(plan.name());
  }

  private CommandException.NotAllowed refused(org.junit.jupiter.api.function.Executable command) {
    return assertThrows(CommandException.NotAllowed.class, command);
  }

  /** docs/alerts.md: agree to a later day, in every phase that leaves policies in place. */
  @ParameterizedTest
  @EnumSource(
      value = PlanPhase.class,
      names = {"RUNNING", "PAUSED", "COMPLETED", "ABORTED"})
  void isProlongedInEveryPhaseThatLeavesPolicies(PlanPhase phase) {
    reach(phase);
    PlanRecord before = mesh.plan("plan");
    var policies = mesh.effective();

    mesh.commands.changeException("plan", until(present(), LATER), before.version(), "ann");
    mesh.seconds(30);

    assertEquals(LATER, present().expires());
    assertEquals(phase, mesh.plan("plan").phase());
    assertEquals(policies, mesh.effective());
    assertTrue(mesh.story("plan").contains("until 2027-06-01"), mesh.story("plan"));
  }

  private void reach(PlanPhase phase) {
    if (phase == PlanPhase.COMPLETED) {
      completeWithAnException();
      return;
    }
    lockWithAnException();
    switch (phase) {
      case PAUSED -> mesh.commands.act("plan", PlanAction.PAUSE, null, "ann");
      case ABORTED -> {
        mesh.commands.act("plan", PlanAction.ABORT, null, "ann");
        mesh.seconds(5);
      }
      default -> {
        // it is running
      }
    }
  }

  /** PUT of the plan, and kubectl, take the same. */
  @ParameterizedTest
  @EnumSource(
      value = PlanPhase.class,
      names = {"RUNNING", "COMPLETED", "ABORTED"})
  void aSpecThatAgreesToALaterDayIsTaken(PlanPhase phase) {
    reach(phase);
    PlanRecord plan = mesh.plan("plan");

    mesh.commands.replace(
        "plan",
        plan.spec().excepting(List.of(until(present(), LATER))),
        plan.version(),
        "kubectl-edit");

    assertEquals(LATER, present().expires());
  }

  static Stream<Arguments> more() {
    return Stream.of(
        argumentSet("one more", List.of(SCRAPE, other())),
        argumentSet("another port", List.of(other())),
        argumentSet("none", List.of()));
  }

  private static PolicyException other() {
    return Specs.namespaces("foo").except("foo", "httpbin", 9090).spec().exceptions().getFirst();
  }

  @ParameterizedTest
  @MethodSource("more")
  void anEndedPlanTakesNothingElse(List<PolicyException> exceptions) {
    reach(PlanPhase.COMPLETED);
    PlanRecord plan = mesh.plan("plan");

    refused(
        () ->
            mesh.commands.replace(
                "plan", plan.spec().excepting(exceptions), plan.version(), "ann"));
    refused(() -> mesh.commands.addException("plan", other(), null, "ann"));

    assertEquals(plan, mesh.plan("plan"));
  }

  @Test
  void isNotProlongedToADayThatIsOver() {
    lockWithAnException();

    CommandException.Invalid no =
        assertThrows(
            CommandException.Invalid.class,
            () ->
                mesh.commands.changeException(
                    "plan", until(present(), LocalDate.parse("2026-05-01")), null, "ann"));

    assertEquals("/expires", no.problems().getFirst().pointer());
  }

  /** One that has expired is a finding; it hinders no other change of the plan. */
  @Test
  void anExpiredOneHindersNoOtherChange() {
    lockWithAnException();
    mesh.clock.advance(Duration.ofDays(400));
    mesh.seconds(2);
    PolicyException later = until(other(), LocalDate.parse("2030-01-01"));

    mesh.commands.addException("plan", later, null, "ann");
    PlanRecord plan = mesh.plan("plan");
    mesh.commands.replace(
        "plan",
        plan.spec().excepting(List.of(SCRAPE, until(later, LocalDate.parse("2031-01-01")))),
        plan.version(),
        "ann");

    assertEquals(
        LocalDate.parse("2031-01-01"), mesh.plan("plan").spec().exceptions().get(1).expires());
  }

  @Test
  void isAddedToALockedNamespaceAndOpensItsPortAlone() {
    mesh.calls("legacy/curl", "bar/httpbin");
    start(Specs.namespaces("foo", "bar").wave("all", "foo", "bar"));
    mesh.until("plan", "foo", Phase.LOCKED, 100);
    PlanRecord plan = mesh.plan("plan");
    assertTrue(asks(plan, plan.spec().excepting(List.of(SCRAPE))));
    assertFalse(asks(plan, plan.spec()));

    mesh.commands.addException("plan", SCRAPE, plan.version(), "ann");
    mesh.until("plan", "foo", Phase.LOCKED, 20).seconds(5);

    assertEquals(MtlsMode.STRICT, mesh.mode("foo"));
    assertEquals(MtlsMode.PERMISSIVE, port());
    assertEquals(
        "ALREADY_EXISTS",
        refused(() -> mesh.commands.addException("plan", SCRAPE, null, "ann")).code());
  }

  /** Others have to open it, and its clients are refused until then. */
  @Test
  void isMissedWhereItIsAddedToALockedNamespaceAndNobodyOpensIt() {
    start(Specs.namespaces("foo", "bar").wave("all", "foo", "bar").manifest());
    mesh.until("plan", "foo", Phase.LOCKING, 60);
    mesh.kubectl("foo", "default", MtlsMode.STRICT);
    mesh.until("plan", "foo", Phase.LOCKED, 60);
    mesh.commands.addException("plan", SCRAPE, null, "ann");
    mesh.kubectl("bar", "default", MtlsMode.STRICT);
    mesh.until("plan", "bar", Phase.LOCKED, 60).seconds(20);

    assertEquals(PlanPhase.RUNNING, mesh.plan("plan").phase(), () -> mesh.story("plan"));
    StepRecord.Health health = mesh.step("plan", "foo").health();
    assertEquals(Reason.NOT_ENFORCED, health.reason());
    assertTrue(health.message().contains("the exception foo {app=httpbin}"));
  }

  /** Nobody is refused. */
  @Test
  void isNotMissedWhereNoPodIsLeft() {
    lockWithAnException();
    NamespaceFacts foo = mesh.observe().modes().namespace("foo").facts();
    List<Pod> others =
        foo.pods().stream().filter(pod -> !pod.workload().name().equals("httpbin")).toList();
    assertFalse(others.isEmpty());
    mesh.api.replace(foo.withPods(others));
    mesh.kubectl("foo", "plaintext-httpbin", null);
    mesh.seconds(60);

    assertNull(mesh.step("plan", "foo").health(), mesh.story("plan"));
  }

  /** The caller is asked about the record that is changed, and not about an earlier one. */
  @Test
  void isNotAddedByWhoeverMayNotOverride() {
    mesh.calls("legacy/curl", "bar/httpbin");
    start(Specs.namespaces("foo", "bar").wave("all", "foo", "bar"));
    mesh.until("plan", "foo", Phase.LOCKED, 100);

    assertThrows(
        IllegalStateException.class,
        () ->
            mesh.commands.addException(
                "plan",
                SCRAPE,
                null,
                "ann",
                (plan, what) -> {
                  throw new IllegalStateException(what);
                }));

    assertEquals(List.of(), mesh.plan("plan").spec().exceptions());
  }

  @Test
  void isTakenOutOfADraft() {
    mesh.seconds(1);
    PlanRecord draft =
        mesh.commands.create(Specs.namespaces("foo").except("foo", "httpbin", 8080).spec(), "ann");

    mesh.commands.removeException("plan", SCRAPE.id(), draft.version(), "ann");

    assertEquals(List.of(), mesh.plan("plan").spec().exceptions());
    assertThrows(
        CommandException.NotFound.class,
        () -> mesh.commands.removeException("plan", SCRAPE.id(), null, "ann"));
  }

  /** To close a port is a lock, which no command does without the gates. */
  @ParameterizedTest
  @EnumSource(
      value = PlanPhase.class,
      names = {"RUNNING", "PAUSED", "COMPLETED", "ABORTED"})
  void isNotTakenOutWhileItsNamespaceIsLocked(PlanPhase phase) {
    reach(phase);
    PlanRecord plan = mesh.plan("plan");

    CommandException.NotAllowed no =
        refused(() -> mesh.commands.removeException("plan", SCRAPE.id(), null, "ann"));

    assertEquals("PHASE", no.code());
    assertFalse(no.allowedActions().isEmpty());
    assertTrue(
        String.valueOf(no.getMessage()).contains("wait until foo is ROLLED_BACK"), no.getMessage());
    mesh.seconds(10);
    assertEquals(plan.spec(), mesh.plan("plan").spec());
    assertEquals(MtlsMode.PERMISSIVE, port());
  }

  /** The write does not wait for the end of verification. */
  @Test
  void isWrittenThoughItsNamespaceIsBeingVerified() {
    mesh.calls("legacy/curl", "bar/httpbin");
    start(Specs.namespaces("foo", "bar").wave("all", "foo", "bar"));
    mesh.until("plan", "foo", Phase.VERIFYING, 100);

    mesh.commands.addException("plan", SCRAPE, null, "ann");
    mesh.seconds(2);

    assertEquals(Phase.VERIFYING, mesh.phase("plan", "foo"), () -> mesh.story("plan"));
    assertEquals(MtlsMode.PERMISSIVE, port());
  }

  /** Pods come back, and the question would not. */
  @Test
  void opensAPortOfALockedNamespaceThatIsScaledToZero() {
    mesh.calls("legacy/curl", "bar/httpbin");
    start(Specs.namespaces("foo", "bar").wave("all", "foo", "bar"));
    mesh.until("plan", "foo", Phase.LOCKED, 100);
    PlanRecord plan = mesh.plan("plan");
    mesh.api.replace(mesh.observe().modes().namespace("foo").facts().withPods(List.of()));
    mesh.seconds(2);

    assertTrue(asks(plan, plan.spec().excepting(List.of(SCRAPE))));
  }

  /** What is agreed about an exception is no part of the impact that was approved. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anotherDayVoidsNoApproval(boolean byPutOfThePlan) {
    mesh.calls("legacy/curl", "bar/httpbin");
    start(
        Specs.namespaces("foo", "bar")
            .wave("all", "foo", "bar")
            .approval(PlanSpec.Approval.NAMESPACE)
            .except("foo", "httpbin", 8080));
    mesh.until("plan", "foo", Phase.AWAITING_APPROVAL, 60);
    PlanRecord approved = mesh.commands.approve("plan", "foo", null, "", "bea");
    PolicyException later = until(present(), LATER);

    if (byPutOfThePlan) {
      PlanSpec next = approved.spec().excepting(List.of(later));
      mesh.commands.replace("plan", next, mesh.plan("plan").version(), "ann");
    } else {
      mesh.commands.changeException("plan", later, null, "ann");
    }

    assertEquals(LATER, present().expires());
    mesh.until("plan", "foo", Phase.LOCKED, 60);
  }

  @ParameterizedTest
  @EnumSource(
      value = PlanPhase.class,
      names = {"RUNNING", "COMPLETED"})
  void oneThatIsTwiceInASpecIsRefused(PlanPhase phase) {
    reach(phase);
    PlanRecord plan = mesh.plan("plan");
    PlanSpec twice = plan.spec().excepting(List.of(SCRAPE, until(SCRAPE, LATER)));

    assertThrows(
        CommandException.class, () -> mesh.commands.replace("plan", twice, plan.version(), "ann"));

    assertEquals(plan.spec(), mesh.plan("plan").spec());
    assertEquals(
        List.of("/exceptions/1 DUPLICATE_EXCEPTION"),
        mesh.commands.preview(twice).problems().stream()
            .map(problem -> problem.pointer() + " " + problem.code())
            .toList());
    assertTrue(SCRAPE.id().matches("foo\\.8080\\.[0-9a-f]{16}"), SCRAPE.id());
  }

  /** A plan that is paused writes nothing. */
  @Test
  void isOpenedWhenAPausedPlanIsResumed() {
    mesh.calls("legacy/curl", "bar/httpbin");
    start(Specs.namespaces("foo", "bar").wave("all", "foo", "bar"));
    mesh.until("plan", "foo", Phase.LOCKED, 100);
    mesh.commands.act("plan", PlanAction.PAUSE, null, "ann");

    mesh.commands.addException("plan", SCRAPE, null, "ann");
    mesh.seconds(10);
    assertNull(port());

    mesh.commands.act("plan", PlanAction.RESUME, null, "ann");
    mesh.seconds(3);
    assertEquals(MtlsMode.PERMISSIVE, port());
  }

  /** All of it between two ticks: the loop sees one plan of that name, and then another one. */
  @Test
  void aPlanMadeAnewUnderTheSameNameKeepsItsOwnExceptions() {
    start(Specs.namespaces("foo").noSamples(PlanSpec.NoSamples.PASS));
    mesh.until("plan", "foo", Phase.OBSERVING, 5);
    mesh.commands.act("plan", PlanAction.ABORT, null, "ann");
    mesh.untilPlan("plan", PlanPhase.ABORTED, 5);
    mesh.commands.delete("plan", mesh.plan("plan").version(), false, "ann");
    start(
        Specs.namespaces("foo").noSamples(PlanSpec.NoSamples.PASS).except("foo", "httpbin", 8080));

    for (int i = 0; i < 100 && mesh.policy("foo", "default") == null; i++) {
      mesh.second();
    }

    assertEquals(MtlsMode.STRICT, mesh.mode("foo"));
    assertEquals(MtlsMode.PERMISSIVE, port(), mesh.story("plan"));
  }
}
