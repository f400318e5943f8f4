// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.plan.Impact;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PlanSpec.PolicyException;
import io.mtlsmigration.rollout.commands.CommandException;
import io.mtlsmigration.rollout.gates.ImpactHashes;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The life of an exception: added, agreed to for longer, and ended before its day. */
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

  private CommandException.NotAllowed refused(org.junit.jupiter.api.function.Executable command) {
    return assertThrows(CommandException.NotAllowed.class, command);
  }

  private PlanRecord end(boolean inUse) {
    return mesh.commands.endException("plan", SCRAPE.id(), inUse, "scraped elsewhere", null, "ann");
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
    assertTrue(mesh.commands.opens(plan, plan.spec().excepting(List.of(SCRAPE))));
    assertFalse(mesh.commands.opens(plan, plan.spec()));

    mesh.commands.addException("plan", SCRAPE, plan.version(), "ann");
    mesh.until("plan", "foo", Phase.LOCKED, 20).seconds(5);

    assertEquals(MtlsMode.STRICT, mesh.mode("foo"));
    assertEquals(MtlsMode.PERMISSIVE, port());
    assertEquals(
        "ALREADY_EXISTS",
        refused(() -> mesh.commands.addException("plan", SCRAPE, null, "ann")).code());
  }

  @Test
  void endsAtOnceWhileNothingIsWritten() {
    mesh.calls("legacy/curl", "foo/httpbin");
    start(Specs.namespaces("foo").except("foo", "httpbin", 8080));

    end(false);
    mesh.seconds(60);

    assertEquals(List.of(), mesh.plan("plan").spec().exceptions());
    assertNotEquals(Phase.LOCKED, mesh.phase("plan", "foo"));
    assertNull(mesh.policy("foo", POLICY));
  }

  @Test
  void saysWhomItsEndWouldRefuse() {
    lockWithAnException();

    CommandException.NotAllowed no = refused(() -> end(false));

    assertEquals("EXCEPTION_IN_USE", no.code());
    assertTrue(String.valueOf(no.getMessage()).contains("legacy/curl"), no.getMessage());
    assertEquals(List.of(SCRAPE), mesh.plan("plan").spec().exceptions());
  }

  /** Missing evidence holds; it never passes. */
  @Test
  void doesNotEndWithoutAWordWhileNobodyKnowsWhoUsesIt() {
    lockWithAnException();
    mesh.seconds(150);
    mesh.evidenceDown = true;
    mesh.seconds(5);

    assertEquals("EXCEPTION_IN_USE", refused(() -> end(false)).code());
  }

  /** The end is a lock of that port, and passes the gates of a lock. */
  @Test
  void itsPortIsClosedWhenTheGatesHold() {
    reach(PlanPhase.COMPLETED);

    end(true);
    mesh.seconds(3);
    assertEquals(PlanPhase.PAUSED, mesh.plan("plan").phase());
    mesh.commands.act("plan", PlanAction.RESUME, null, "ann");
    mesh.seconds(20);
    assertTrue(
        mesh.story("plan").contains("plaintext still comes from legacy/curl"), mesh.story("plan"));
    assertEquals(MtlsMode.PERMISSIVE, port());

    mesh.untilPlan("plan", PlanPhase.COMPLETED, 200);

    assertNull(mesh.policy("foo", POLICY));
    assertEquals(MtlsMode.STRICT, mesh.mode("foo"));
    assertEquals(Phase.LOCKED, mesh.phase("plan", "foo"));
  }

  @Test
  void aRollbackAfterItsEndRestoresWhatWasBefore() {
    lockWithAnException();
    mesh.seconds(150);
    end(false);
    mesh.until("plan", "foo", Phase.OBSERVING, 5).until("plan", "foo", Phase.LOCKED, 100);

    mesh.commands.act("plan", FOO, StepAction.ROLLBACK, "", "ann");
    mesh.until("plan", "foo", Phase.ROLLED_BACK, 100);

    assertNull(mesh.policy("foo", POLICY));
    assertNull(mesh.policy("foo", "default"));
    assertEquals(List.of(), mesh.step("plan", "foo").ledger());
  }

  /** One port of two: the other exception of the same policy stays. */
  @Test
  void theOtherExceptionOfThePolicyStays() {
    mesh.calls("legacy/curl", "bar/httpbin");
    start(
        Specs.namespaces("foo", "bar")
            .wave("all", "foo", "bar")
            .except("foo", "httpbin", 8080)
            .except("foo", "httpbin", 9090));
    mesh.until("plan", "foo", Phase.LOCKED, 100);

    mesh.commands.endException("plan", SCRAPE.id(), false, "", null, "ann");
    mesh.until("plan", "foo", Phase.OBSERVING, 5).until("plan", "foo", Phase.LOCKED, 100);

    assertEquals(
        java.util.Map.of(9090, MtlsMode.PERMISSIVE),
        java.util.Objects.requireNonNull(mesh.policy("foo", POLICY)).spec().portModes());
    mesh.commands.endException("plan", other().id(), false, "", null, "ann");
    mesh.until("plan", "foo", Phase.OBSERVING, 5).until("plan", "foo", Phase.LOCKED, 100);
    assertNull(mesh.policy("foo", POLICY));
  }

  /** To undo the step would open ports that were not in question: a person decides. */
  @Test
  void aClientThatTheEndRefusesOpensNothingElse() {
    lockWithAnException();
    mesh.seconds(150);
    end(false);
    mesh.until("plan", "foo", Phase.VERIFYING, 100);

    mesh.calls("legacy/curl", "foo/httpbin");
    mesh.seconds(40);

    assertTrue(mesh.step("plan", "foo").held(), mesh.story("plan"));
    assertEquals(MtlsMode.STRICT, mesh.mode("foo"));
    mesh.commands.addException("plan", SCRAPE, null, "ann");
    mesh.seconds(5);
    assertEquals(MtlsMode.PERMISSIVE, port());
    mesh.commands.act("plan", FOO, StepAction.RETRY, "", "ann");
    mesh.until("plan", "foo", Phase.LOCKED, 100);
  }

  @Test
  void givenAgainBeforeItIsClosedNothingHasHappened() {
    lockWithAnException();
    end(true);
    mesh.until("plan", "foo", Phase.OBSERVING, 5);

    mesh.commands.addException("plan", SCRAPE, null, "ann");
    mesh.until("plan", "foo", Phase.LOCKED, 20);

    assertEquals(MtlsMode.PERMISSIVE, port());
  }

  /** What somebody has changed since is theirs. */
  @Test
  void aPolicyThatSomebodyChangedIsNotClosed() {
    lockWithAnException();
    mesh.seconds(150);
    mesh.kubectl("foo", POLICY, MtlsMode.PERMISSIVE);
    mesh.seconds(5);

    assertEquals("CONFLICT", refused(() -> end(false)).code());
  }

  @Test
  void anAbortedPlanClosesNoPort() {
    reach(PlanPhase.ABORTED);

    assertEquals("PHASE", refused(() -> end(true)).code());
  }

  @Test
  void oneThatThereIsNotDoesNotEnd() {
    mesh.calls("legacy/curl", "foo/httpbin", Duration.ZERO, Duration.ofSeconds(1));
    start(Specs.namespaces("foo").except("foo", "httpbin", 8080));
    mesh.until("plan", "foo", Phase.LOCKED, 100);
    String unknown = "foo.1.0000000000";

    assertThrows(
        CommandException.NotFound.class,
        () -> mesh.commands.endException("plan", unknown, true, "", null, "ann"));
  }

  /** Who approves the end sees the write, and the port is closed by that approval alone. */
  @Test
  void anApprovalOfTheEndIsAboutItsWrite() {
    mesh.calls("legacy/curl", "bar/httpbin");
    start(
        Specs.namespaces("foo", "bar")
            .wave("all", "foo", "bar")
            .approval(PlanSpec.Approval.NAMESPACE)
            .except("foo", "httpbin", 8080));
    mesh.until("plan", "foo", Phase.AWAITING_APPROVAL, 60);
    mesh.commands.approve("plan", "foo", null, "", "bea");
    mesh.until("plan", "foo", Phase.LOCKED, 60);

    end(false);
    mesh.until("plan", "foo", Phase.AWAITING_APPROVAL, 60).seconds(20);

    assertEquals(MtlsMode.PERMISSIVE, port());
    Impact impact =
        ImpactHashes.impact(
            mesh.plan("plan"), FOO, mesh.step("plan", "foo").ledger(), mesh.observe());
    assertEquals(
        List.of("PeerAuthentication foo/" + POLICY),
        impact.changes().stream().map(change -> change.ref().toString()).toList());
    mesh.commands.approve("plan", "foo", impact.hash(), "", "bea");
    mesh.until("plan", "foo", Phase.LOCKED, 60);
    assertNull(mesh.policy("foo", POLICY));
  }

  /** The service writes nothing; the policy goes first. */
  @Test
  void waitsForAManifestToBeTakenAway() {
    lockWithAnException();
    PlanRecord plan = mesh.plan("plan");
    PlanRecord manifest =
        plan.withSpec(
            new PlanSpec(
                plan.spec().name(),
                plan.spec().target(),
                plan.spec().scope(),
                plan.spec().waves(),
                plan.spec().gates(),
                plan.spec().verification(),
                plan.spec().onFailure(),
                PlanSpec.Apply.MANIFEST,
                plan.spec().adopt(),
                plan.spec().exceptions(),
                plan.spec().start()));
    mesh.ledger.save(manifest);

    CommandException.NotAllowed no = refused(() -> end(true));

    assertEquals("CONFLICT", no.code());
    assertTrue(String.valueOf(no.getMessage()).contains("where manifests are kept"));
  }

  /** What is closed stays so in a plan that is stopped then; nothing else is opened. */
  @Test
  void anAbortWhileItIsVerifiedOpensNothing() {
    lockWithAnException();
    mesh.seconds(150);
    end(false);
    mesh.until("plan", "foo", Phase.VERIFYING, 100);

    mesh.commands.act("plan", PlanAction.ABORT, null, "ann");
    mesh.seconds(60);

    assertEquals(MtlsMode.STRICT, mesh.mode("foo"));
    assertEquals(Phase.LOCKED, mesh.phase("plan", "foo"));
    assertNull(mesh.policy("foo", POLICY));
  }

  /** A drift that is over is over; the end goes on then. */
  @Test
  void endsInANamespaceThatHadDrifted() {
    lockWithAnException();
    mesh.seconds(150);
    end(false);
    mesh.kubectl("foo", "default", MtlsMode.PERMISSIVE);
    mesh.until("plan", "foo", Phase.DRIFTED, 5);

    mesh.kubectl("foo", "default", MtlsMode.STRICT);
    mesh.until("plan", "foo", Phase.OBSERVING, 60).until("plan", "foo", Phase.LOCKED, 100);

    assertNull(mesh.policy("foo", POLICY));
  }
}
