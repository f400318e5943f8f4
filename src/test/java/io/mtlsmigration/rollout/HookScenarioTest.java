// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static io.mtlsmigration.rollout.SimulatedHooks.hook;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.plan.ChangeWindow;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PlanSpec.Hook.When;
import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.rollout.HookCaller.Answer;
import io.mtlsmigration.rollout.HookCaller.Delivery;
import io.mtlsmigration.rollout.commands.Readiness;
import io.mtlsmigration.testing.Halted;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Hooks are asked last and told afterwards, and the loop waits for neither. */
class HookScenarioTest {

  private static final Answer YES = new Answer.Accepted();

  private final SimulatedMesh mesh =
      new SimulatedMesh(Worlds.task()).calls("bar/curl", "foo/httpbin");

  private static Specs plan(When when) {
    return Specs.namespaces("foo").hook(hook("hook.example", when));
  }

  private GateResult gate() {
    return Objects.requireNonNull(mesh.step("plan", "foo").gate(Gate.HOOKS));
  }

  @Test
  void asksWhenNothingElseHoldsTheLock() {
    mesh.start(plan(When.BEFORE_LOCK).soak(Duration.ofSeconds(20)));
    mesh.seconds(20);
    assertEquals(List.of(), mesh.hooks.asked);

    mesh.until("plan", "foo", Phase.READY, 10);

    HookCall call = mesh.hooks.asked.getFirst();
    assertEquals("plan", call.origin().plan());
    assertEquals(new StepKey("foo"), call.origin().key());
    assertEquals(1, call.origin().generation());
    assertEquals(
        List.of("foo/default LOCK null STRICT"),
        call.objects().stream()
            .map(
                o ->
                    o.ref().namespace()
                        + "/"
                        + o.ref().name()
                        + " "
                        + o.purpose()
                        + " "
                        + o.before()
                        + " "
                        + Objects.requireNonNull(o.after()).mode())
            .toList());
  }

  @Test
  void asksNobodyOutsideTheWindow() {
    mesh.start(plan(When.BEFORE_LOCK).window(ChangeWindow.parse("Sat-Sun 09:00-10:00 UTC")));

    mesh.seconds(60);

    assertEquals(Phase.READY, mesh.phase("plan", "foo"));
    assertEquals(List.of(), mesh.hooks.asked);
  }

  @Test
  void asksOnceAPersonHasAgreed() {
    mesh.hooks.answers.put("hook.example", YES);
    mesh.start(plan(When.BEFORE_LOCK).approval(PlanSpec.Approval.NAMESPACE));
    mesh.until("plan", "foo", Phase.AWAITING_APPROVAL, 60);
    mesh.seconds(5);
    assertEquals(List.of(), mesh.hooks.asked);

    mesh.commands.approve("plan", "foo", null, "", "ann");
    mesh.until("plan", "foo", Phase.LOCKED, 60);

    assertFalse(mesh.hooks.asked.isEmpty());
  }

  @Test
  void aPausedPlanAsksNobody() {
    mesh.start(plan(When.BEFORE_LOCK));
    mesh.until("plan", "foo", Phase.READY, 60);
    mesh.commands.act("plan", PlanAction.PAUSE, null, "ann");
    mesh.hooks.asked.clear();

    mesh.seconds(30);

    assertEquals(List.of(), mesh.hooks.asked);
  }

  @Test
  void locksWhenTheHookAgreesAtLast() {
    mesh.start(plan(When.BEFORE_LOCK));
    mesh.until("plan", "foo", Phase.READY, 60);
    Instant held = mesh.step("plan", "foo").heldSince();
    assertEquals(Reason.HOOK_PENDING, gate().reason());
    mesh.hooks.answers.put("hook.example", new Answer.Refused("hook.example: HTTP 403: frozen"));
    mesh.seconds(5);
    assertEquals(GateResult.Result.FAIL, gate().result());
    assertEquals(Reason.HOOK_REFUSED, gate().reason());
    assertTrue(gate().message().contains("frozen"), gate().message());
    assertEquals(held, mesh.step("plan", "foo").heldSince(), "a refusal must not end the soak");
    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"));

    mesh.hooks.answers.put("hook.example", YES);
    mesh.second();

    assertEquals(MtlsMode.STRICT, mesh.mode("foo"));
    assertEquals(1, mesh.hooks.idsAsked().size(), "one question, under one id");
  }

  /** An agreement to other writes is none to these. */
  @Test
  void asksAnewWhenItWouldWriteSomethingElse() {
    mesh.start(plan(When.BEFORE_LOCK).adopt());
    mesh.until("plan", "foo", Phase.READY, 60);
    mesh.second();
    Instant held = mesh.step("plan", "foo").heldSince();

    mesh.api.replace(Worlds.foo().with(policy("default", MtlsMode.PERMISSIVE)).build());
    mesh.seconds(2);

    assertEquals(held, mesh.step("plan", "foo").heldSince());
    assertEquals(2, mesh.hooks.idsAsked().size(), mesh.hooks.asked::toString);
  }

  @Test
  void showsTheAnswerWhereReadinessIsAskedFor() {
    mesh.hooks.answers.put("hook.example", new Answer.Refused("hook.example: HTTP 403: frozen"));
    mesh.start(plan(When.BEFORE_LOCK));
    mesh.until("plan", "foo", Phase.READY, 60);
    mesh.second();

    Readiness readiness = mesh.commands.readiness("foo", mesh.plan("plan"));

    assertEquals(Readiness.Verdict.BLOCKED, readiness.verdict());
    assertTrue(readiness.gates().contains(gate()), readiness.toString());
  }

  @Test
  void everyHookHasToAgreeAndARefusalCountsMost() {
    mesh.start(
        Specs.namespaces("foo")
            .hook(
                hook("silent.example", When.BEFORE_LOCK),
                hook("no.example", When.BEFORE_LOCK),
                hook("yes.example", When.BEFORE_LOCK)));
    mesh.hooks.answers.put("no.example", new Answer.Refused("no.example: HTTP 403"));
    mesh.hooks.answers.put("yes.example", YES);
    mesh.until("plan", "foo", Phase.READY, 60);
    assertEquals(Reason.HOOK_REFUSED, gate().reason());

    mesh.hooks.answers.put("no.example", YES);
    mesh.seconds(5);
    assertEquals(Reason.HOOK_PENDING, gate().reason());
    mesh.hooks.answers.put("silent.example", YES);
    mesh.seconds(2);

    assertEquals(MtlsMode.STRICT, mesh.mode("foo"));
    assertEquals(3, mesh.hooks.idsAsked().size());
  }

  @Test
  void aHookThatIsOverriddenIsNotAsked() {
    mesh.start(plan(When.BEFORE_LOCK));
    mesh.commands.override(
        "plan", new StepKey("foo"), Set.of(Gate.HOOKS), "agreed by phone", "ann");

    mesh.until("plan", "foo", Phase.LOCKED, 60);

    assertEquals(List.of(), mesh.hooks.asked);
  }

  @Test
  void anotherAttemptIsAnotherQuestion() {
    mesh.start(plan(When.BEFORE_LOCK));
    mesh.until("plan", "foo", Phase.READY, 60);
    mesh.second();
    assertEquals(1, mesh.hooks.idsAsked().size());
    mesh.evidenceDown = true;
    mesh.until("plan", "foo", Phase.OBSERVING, 10);
    mesh.evidenceDown = false;

    mesh.until("plan", "foo", Phase.READY, 60);
    mesh.second();

    assertEquals(2, mesh.hooks.idsAsked().size());
  }

  @Test
  void asksBeforeTheStepFromDisableAsWell() {
    mesh.kubectl("foo", "default", MtlsMode.DISABLE);
    mesh.second();
    mesh.start(plan(When.BEFORE_LOCK).adopt());
    mesh.seconds(20);
    assertEquals(MtlsMode.DISABLE, mesh.mode("foo"));
    assertFalse(mesh.hooks.asked.isEmpty());
    assertEquals(
        PolicyChange.Purpose.ENABLE, mesh.hooks.asked.getFirst().objects().getFirst().purpose());

    mesh.hooks.answers.put("hook.example", YES);
    mesh.until("plan", "foo", Phase.LOCKED, 120);

    assertEquals(MtlsMode.STRICT, mesh.mode("foo"));
  }

  @Test
  void tellsThatANamespaceIsLocked() {
    mesh.start(plan(When.AFTER_LOCK));

    mesh.until("plan", "foo", Phase.LOCKED, 60);
    mesh.seconds(10);

    assertEquals(1, mesh.hooks.taken.size());
    HookCall call = mesh.hooks.taken.getFirst();
    assertEquals(Phase.LOCKED, call.phase());
    assertEquals(Reason.VERIFIED, call.reason());
    assertEquals(mesh.step("plan", "foo").since(), call.at());
    assertEquals("foo", call.objects().getFirst().ref().namespace());
    assertEquals(PeerAuthentication.Spec.of(MtlsMode.STRICT), call.objects().getFirst().after());
    Event event = event(Event.Type.HOOK_DELIVERED);
    assertEquals("foo", event.subject());
    assertEquals(call.id(), event.evidence().get("id"));
    assertFalse(event.toString().contains("s3cret"), event.toString());
    assertEquals(List.of(), mesh.step("plan", "foo").notices());
  }

  private Event event(Event.Type type) {
    return mesh.ledger.events("plan").stream()
        .filter(e -> e.type() == type)
        .findFirst()
        .orElseThrow(() -> new AssertionError(mesh.story("plan")));
  }

  @Test
  void tellsOfTheMeshAfterItsNamespaces() {
    mesh.start(
        Specs.mesh()
            .noSamples(PlanSpec.NoSamples.PASS)
            .hook(hook("hook.example", When.AFTER_LOCK), hook("b.example", When.AFTER_ROLLBACK)));
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 300);
    assertEquals(
        List.of("bar", "foo", "mesh"),
        mesh.hooks.taken.stream().map(c -> c.origin().key().toString()).sorted().toList());
    assertEquals("mesh", mesh.hooks.taken.getLast().origin().key().toString());
    mesh.hooks.taken.clear();

    mesh.commands.act("plan", PlanAction.CLEANUP, null, "ann");
    mesh.untilPlan("plan", PlanPhase.CLEANED_UP, 120);

    assertEquals("mesh", mesh.hooks.taken.getFirst().origin().key().toString());
    assertEquals(
        List.of("bar", "foo", "mesh"),
        mesh.hooks.taken.stream().map(c -> c.origin().key().toString()).sorted().toList());
    assertEquals("b.example", mesh.hooks.taken.getFirst().hook().host());
  }

  @Test
  void tellsThatANamespaceIsRolledBackAndWhatIsThereAgain() {
    mesh.start(plan(When.AFTER_ROLLBACK));
    mesh.until("plan", "foo", Phase.LOCKED, 60);
    assertEquals(List.of(), mesh.hooks.taken);

    mesh.commands.act("plan", PlanAction.ROLLBACK, null, "ann");
    mesh.untilPlan("plan", PlanPhase.ROLLED_BACK, 60);

    HookCall call = mesh.hooks.taken.getFirst();
    assertEquals(Phase.ROLLED_BACK, call.phase());
    assertEquals("foo", call.objects().getFirst().ref().namespace());
    assertEquals(null, call.objects().getFirst().after());
  }

  @Test
  void whatDriftedAndCameBackIsNotToldAgain() {
    mesh.start(plan(When.AFTER_LOCK));
    mesh.until("plan", "foo", Phase.LOCKED, 60);
    mesh.seconds(10);
    mesh.kubectl("foo", "default", MtlsMode.PERMISSIVE);
    mesh.until("plan", "foo", Phase.DRIFTED, 30);

    mesh.kubectl("foo", "default", MtlsMode.STRICT);
    mesh.until("plan", "foo", Phase.LOCKED, 30);
    mesh.seconds(5);

    assertEquals(1, mesh.hooks.taken.size());
  }

  @Test
  void aHookThatDoesNotTakeItHoldsNothingUpAndIsTriedAgain() {
    mesh.hooks.delivery = new Delivery.Pending("hook.example: HTTP 500");
    mesh.start(plan(When.AFTER_LOCK));

    mesh.untilPlan("plan", PlanPhase.COMPLETED, 60);
    mesh.seconds(60);

    assertEquals(Phase.LOCKED, mesh.phase("plan", "foo"));
    assertEquals(1, failures(), "the first failure is told, the others are like it");
    assertEquals(1, mesh.step("plan", "foo").notices().size());
    mesh.hooks.delivery = new Delivery.Delivered();
    mesh.second();
    assertEquals(1, mesh.hooks.taken.size());
    assertEquals(List.of(), mesh.step("plan", "foo").notices());
    event(Event.Type.HOOK_DELIVERED);
  }

  private long failures() {
    return mesh.ledger.events("plan").stream()
        .filter(e -> e.type() == Event.Type.HOOK_FAILED)
        .count();
  }

  @Test
  void aHookThatIsGivenUpIsToldAndUndoesNothing() {
    mesh.hooks.delivery = new Delivery.Failed("hook.example: HTTP 500");
    mesh.start(plan(When.AFTER_LOCK));

    mesh.until("plan", "foo", Phase.LOCKED, 60);
    mesh.seconds(5);

    assertEquals(Phase.LOCKED, mesh.phase("plan", "foo"));
    assertEquals(MtlsMode.STRICT, mesh.mode("foo"));
    assertEquals(List.of(), mesh.step("plan", "foo").notices());
    assertEquals(1, failures());
    assertTrue(event(Event.Type.HOOK_FAILED).message().contains("not tried any more"));
  }

  @Test
  void whoLeadsNoMoreTellsNobody() {
    mesh.hooks.delivery = new Delivery.Pending("");
    mesh.start(plan(When.AFTER_LOCK));
    mesh.until("plan", "foo", Phase.LOCKED, 60);
    mesh.hooks.delivery = new Delivery.Delivered();

    mesh.lease.leads = () -> false;
    mesh.seconds(5);
    assertEquals(List.of(), mesh.hooks.taken);
    mesh.loop = mesh.leader();
    mesh.second();

    assertEquals(1, mesh.hooks.taken.size());
  }

  private static SimulatedMesh calm() {
    HookScenarioTest calm = new HookScenarioTest();
    calm.mesh.start(plan(When.AFTER_LOCK));
    calm.mesh.until("plan", "foo", Phase.LOCKED, 60);
    calm.mesh.seconds(3);
    return calm.mesh;
  }

  static Stream<Integer> everySave() {
    return IntStream.rangeClosed(3, calm().ledger.saves()).boxed();
  }

  @ParameterizedTest
  @MethodSource("everySave")
  void isToldUnderOneIdWhereverTheLeaderDies(int save) {
    mesh.start(plan(When.AFTER_LOCK));
    mesh.ledger.haltAfter = save;

    for (int i = 0; i < 80; i++) {
      try {
        mesh.second();
      } catch (Halted e) {
        mesh.loop = mesh.leader();
      }
    }

    assertEquals(Phase.LOCKED, mesh.phase("plan", "foo"));
    assertEquals(1, mesh.hooks.idsTaken().size(), mesh.hooks.taken.toString());
    assertEquals(List.of(), mesh.step("plan", "foo").notices());
  }
}
