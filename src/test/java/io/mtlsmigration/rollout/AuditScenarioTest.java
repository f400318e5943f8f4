// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.AuthorizationPolicy;
import io.mtlsmigration.mesh.MeshBuilders;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.plan.DryRunPolicy;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.rollout.gates.ImpactHashes;
import io.mtlsmigration.testing.Halted;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The dry run of STRICT: where it is placed, what it says, and that nothing of it is left. */
public class AuditScenarioTest {

  private final SimulatedMesh mesh =
      new SimulatedMesh(Worlds.task()).calls("bar/curl", "foo/httpbin");

  private static Specs plan() {
    return Specs.namespaces("foo").audit(Duration.ofSeconds(30)).soak(Duration.ofSeconds(5));
  }

  private GateResult gate() {
    return Objects.requireNonNull(mesh.step("plan", "foo").gate(Gate.AUDIT));
  }

  private void auditing() {
    mesh.start(plan());
    mesh.until("plan", "foo", Phase.AUDITING, 60);
    mesh.seconds(2);
    assertTrue(mesh.dryRuns.kept.containsKey("foo"), () -> mesh.story("plan"));
  }

  @Test
  void countsForAsLongAsThePlanAsksAndIsGoneAfterwards() {
    auditing();
    assertEquals(Reason.AUDIT_RUNS, gate().reason());
    mesh.seconds(25);
    assertEquals(Phase.AUDITING, mesh.phase("plan", "foo"));
    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"));

    mesh.until("plan", "foo", Phase.LOCKED, 60);
    mesh.second();

    assertEquals(GateResult.Result.PASS, gate().result());
    assertTrue(gate().message().contains("refused nobody"), gate().message());
    assertTrue(mesh.dryRuns.kept.isEmpty());
    assertEquals(2, mesh.dryRuns.effects, "one placed and one removed");
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 5);
    assertEquals(
        1,
        mesh.ledger.events("plan").stream().filter(e -> e.message().contains("is removed")).count(),
        () -> mesh.story("plan"));
  }

  @Test
  void waitsForTheGatesBeforeIt() {
    mesh.calls("legacy/curl", "foo/httpbin", Duration.ZERO, Duration.ofSeconds(20));
    mesh.start(plan());

    mesh.seconds(20);

    assertEquals(Phase.OBSERVING, mesh.phase("plan", "foo"));
    assertEquals(Reason.AUDIT_AWAITED, gate().reason());
    assertEquals(0, mesh.dryRuns.effects);
  }

  private void force(Gate gate) {
    mesh.commands.override("plan", new StepKey("foo"), Set.of(gate), "known", true, null, "ann");
  }

  @Test
  void whoWouldBeRefusedStartsTheTimeAgain() {
    // The plaintext gate is overridden: what it would have seen, the dry run sees as well.
    mesh.start(plan());
    force(Gate.PLAINTEXT);
    mesh.until("plan", "foo", Phase.AUDITING, 60);
    mesh.seconds(10);
    mesh.calls("legacy/curl", "foo/httpbin", Duration.ZERO, Duration.ofSeconds(3));
    mesh.seconds(4);

    assertEquals(GateResult.Result.FAIL, gate().result(), gate().toString());
    assertEquals(Reason.WOULD_BE_REFUSED, gate().reason());
    assertTrue(gate().message().contains("foo/httpbin:8080"), gate().message());
    assertTrue(mesh.dryRuns.kept.containsKey("foo"), "it goes on");
    mesh.seconds(20);
    assertEquals(GateResult.Result.FAIL, gate().result());
    mesh.until("plan", "foo", Phase.LOCKED, 90);
  }

  /** What a server took while it did not count, nobody knows, whoever led then. */
  @Test
  void theTimeInWhichAServerDidNotCountIsNoneOfTheDryRun() {
    auditing();
    mesh.seconds(20);
    mesh.counted = mesh.clock.instant();
    mesh.loop = mesh.leader();

    mesh.seconds(29);

    assertEquals(Phase.AUDITING, mesh.phase("plan", "foo"), () -> mesh.story("plan"));
    assertTrue(gate().message().contains(mesh.counted.plusSeconds(30).toString()), gate()::message);
    mesh.until("plan", "foo", Phase.LOCKED, 60);
  }

  /** It was placed by a process whose clock was an hour behind. */
  @Test
  void aClockThatWasBehindMakesNoDryRunShorter() {
    mesh.start(plan().audit(Duration.ofHours(1)));
    mesh.until("plan", "foo", Phase.AUDITING, 60);
    mesh.seconds(2);
    mesh.counted = mesh.clock.instant().plus(Duration.ofHours(1));
    mesh.clock.advance(Duration.ofHours(1));

    mesh.seconds(40);

    assertEquals(Phase.AUDITING, mesh.phase("plan", "foo"), () -> mesh.story("plan"));
  }

  @Test
  void leavesOutWhatAnExceptionKeepsOpen() {
    mesh.calls("legacy/curl", "foo/httpbin");
    mesh.start(plan().except("foo", "httpbin", 8080));

    mesh.until("plan", "foo", Phase.AUDITING, 60);
    mesh.seconds(2);
    assertEquals(Set.of(8080), mesh.dryRuns.leftOut("foo"));
    mesh.until("plan", "foo", Phase.LOCKED, 120);
  }

  @Test
  void isNotPlacedWhereAmbientMightEnforceIt() {
    SimulatedMesh ambient =
        new SimulatedMesh(
            MeshBuilders.mesh(
                MeshBuilders.namespace("istio-system"),
                Worlds.injected("foo").with(MeshBuilders.ambientPod("other")),
                Worlds.bar()));
    ambient.calls("bar/curl", "foo/httpbin");
    ambient.start(plan());

    ambient.seconds(40);

    GateResult said = Objects.requireNonNull(ambient.step("plan", "foo").gate(Gate.AUDIT));
    assertEquals(GateResult.Result.FAIL, said.result(), said.toString());
    assertEquals(Reason.AUDIT_IMPOSSIBLE, said.reason());
    assertTrue(said.message().contains("foo/other"), said.message());
    assertEquals(0, ambient.dryRuns.attempts);
  }

  @Test
  void isNotTriedAgainWhereItWouldHaveBeenEnforced() {
    mesh.dryRuns.placement =
        new DryRunPolicies.Placement.Enforcing("the annotation was not stored as written");
    mesh.start(plan());
    mesh.until("plan", "foo", Phase.BLOCKED, 60);

    mesh.seconds(60);

    assertEquals(1, mesh.dryRuns.attempts);
    assertEquals(Phase.BLOCKED, mesh.phase("plan", "foo"));
    assertTrue(gate().message().contains("not stored as written"), gate().message());
    mesh.dryRuns.placement = null;
    mesh.commands.act("plan", new StepKey("foo"), StepAction.RETRY, "mended", "ann");
    mesh.until("plan", "foo", Phase.LOCKED, 120);
  }

  @Test
  void aServerThatIsAwayIsAskedAgain() {
    mesh.dryRuns.down = true;
    mesh.start(plan());
    mesh.until("plan", "foo", Phase.AUDITING, 60);
    mesh.seconds(60);
    assertEquals(Phase.AUDITING, mesh.phase("plan", "foo"));
    int saves = mesh.ledger.stepSaves;
    mesh.seconds(10);
    assertEquals(saves, mesh.ledger.stepSaves, "nothing changes, and nothing is saved");
    mesh.dryRuns.down = false;

    mesh.until("plan", "foo", Phase.LOCKED, 90);
  }

  @Test
  void silenceIsNoAnswer() {
    mesh.calls.clear();
    mesh.start(plan());
    mesh.commands.override("plan", new StepKey("foo"), Set.of(Gate.PLAINTEXT), "known", "ann");
    mesh.until("plan", "foo", Phase.AUDITING, 60);

    mesh.seconds(60);

    assertEquals(Phase.AUDITING, mesh.phase("plan", "foo"));
    assertEquals(Reason.NO_SAMPLES, gate().reason());
  }

  @Test
  void evidenceThatIsLostHoldsIt() {
    auditing();
    mesh.evidenceDown = true;

    mesh.seconds(60);

    assertEquals(Phase.AUDITING, mesh.phase("plan", "foo"));
    assertEquals(Reason.EVIDENCE_UNAVAILABLE, gate().reason());
  }

  static Stream<Arguments> waysOut() {
    return Stream.of(
        way("abort", m -> m.commands.act("plan", PlanAction.ABORT, null, "ann")),
        way("rollback", m -> m.commands.act("plan", PlanAction.ROLLBACK, null, "ann")),
        way("skip", m -> m.commands.act("plan", new StepKey("foo"), StepAction.SKIP, "", "ann")),
        way(
            "exempt",
            m -> m.commands.act("plan", new StepKey("foo"), StepAction.EXEMPT, "", "ann")),
        way("a gate that fails", m -> m.calls("legacy/curl", "foo/httpbin")),
        way("somebody else makes it STRICT", m -> m.kubectl("foo", "own", MtlsMode.STRICT)));
  }

  private static Arguments way(String name, Consumer<SimulatedMesh> out) {
    return argumentSet(name, out);
  }

  @ParameterizedTest
  @MethodSource("waysOut")
  void isRemovedWhateverTheWayOut(Consumer<SimulatedMesh> out) {
    auditing();

    out.accept(mesh);
    mesh.seconds(5);

    assertTrue(mesh.dryRuns.kept.isEmpty(), () -> mesh.story("plan"));
    assertNull(mesh.step("plan", "foo").dryRun(), () -> mesh.story("plan"));
  }

  @Test
  void aPlanHasNotEndedBeforeItsPolicyIsGone() {
    auditing();
    mesh.dryRuns.down = true;
    mesh.commands.act("plan", PlanAction.ABORT, null, "ann");
    mesh.seconds(10);
    assertNull(mesh.plan("plan").endedAt());
    assertFalse(mesh.commands.allowedActions(mesh.plan("plan")).contains(PlanAction.DELETE));

    mesh.dryRuns.down = false;
    mesh.seconds(3);

    assertNotNull(mesh.plan("plan").endedAt());
    assertTrue(mesh.dryRuns.kept.isEmpty());
  }

  @Test
  void startsAgainWhenSomebodyDeletesIt() {
    auditing();
    mesh.seconds(20);
    mesh.dryRuns.kept.remove("foo");
    mesh.second();
    assertTrue(mesh.dryRuns.kept.containsKey("foo"), () -> mesh.story("plan"));

    mesh.seconds(25);

    assertEquals(Phase.AUDITING, mesh.phase("plan", "foo"), () -> mesh.story("plan"));
    assertTrue(mesh.story("plan").contains("somebody had deleted it"), () -> mesh.story("plan"));
    mesh.until("plan", "foo", Phase.LOCKED, 60);
  }

  @Test
  void isNotPlacedAgainForAPausedPlan() {
    auditing();
    mesh.commands.act("plan", PlanAction.PAUSE, null, "ann");
    mesh.second();
    mesh.dryRuns.kept.remove("foo");

    mesh.seconds(10);

    assertTrue(mesh.dryRuns.kept.isEmpty());
  }

  /** The facts hold such a policy from the beginning. */
  private static SimulatedMesh shown(boolean enforced) {
    return new SimulatedMesh(
            MeshBuilders.mesh(
                MeshBuilders.namespace("istio-system"),
                Worlds.injected("foo")
                    .with(
                        ns ->
                            new AuthorizationPolicy(
                                new DryRunPolicy(ns, Set.of()).ref(),
                                "v1",
                                Map.of(),
                                false,
                                enforced,
                                AuthorizationPolicy.Action.DENY,
                                Set.of(),
                                List.of())),
                Worlds.injected("bar")))
        .calls("bar/curl", "foo/httpbin");
  }

  @Test
  void asksNobodyForWhatTheFactsShow() {
    SimulatedMesh calm = shown(false);
    calm.start(plan());
    calm.until("plan", "foo", Phase.AUDITING, 60);

    calm.seconds(20);

    // Placed, and looked at once more when every proxy has it.
    assertEquals(2, calm.dryRuns.attempts, () -> calm.story("plan"));
  }

  @Test
  void isRemovedWhenTheFactsShowThatItIsEnforced() {
    SimulatedMesh altered = shown(true);
    altered.start(plan());
    altered.until("plan", "foo", Phase.AUDITING, 60);
    altered.seconds(2);
    altered.commands.act("plan", PlanAction.PAUSE, null, "ann");
    altered.second();
    altered.dryRuns.placement = new DryRunPolicies.Placement.Enforcing("it was altered");

    altered.seconds(3);

    assertTrue(altered.dryRuns.kept.isEmpty(), () -> altered.story("plan"));
    assertTrue(altered.story("plan").contains("it was altered"), () -> altered.story("plan"));
  }

  @Test
  void itsResultCountsForAsLongAsAnApprovalIsAwaited() {
    mesh.start(plan().approval(PlanSpec.Approval.NAMESPACE));
    mesh.until("plan", "foo", Phase.AWAITING_APPROVAL, 120);
    mesh.seconds(20);
    assertEquals(Phase.AWAITING_APPROVAL, mesh.phase("plan", "foo"), () -> mesh.story("plan"));
    String shown =
        ImpactHashes.impact(mesh.plan("plan"), new StepKey("foo"), mesh.observe()).hash();

    mesh.commands.approve("plan", "foo", shown, "go", "bob");

    mesh.until("plan", "foo", Phase.LOCKED, 60);
    assertEquals(2, mesh.dryRuns.effects, () -> mesh.story("plan"));
  }

  @Test
  void anOverrideIsNoResult() {
    mesh.start(plan());
    force(Gate.PLAINTEXT);
    mesh.until("plan", "foo", Phase.AUDITING, 60);
    mesh.seconds(3);
    mesh.calls("legacy/curl", "foo/httpbin");
    mesh.seconds(3);
    mesh.commands.override("plan", new StepKey("foo"), Set.of(Gate.AUDIT), "known", "ann");

    for (int i = 0; i < 20 && mesh.phase("plan", "foo") == Phase.AUDITING; i++) {
      mesh.second();
    }

    DryRun run = mesh.step("plan", "foo").dryRun();
    assertTrue(run == null || run.passedAt() == null, () -> mesh.story("plan"));
  }

  @Test
  void aPausedPlanLetsGoOfADryRunThatHasPassed() {
    auditing();
    mesh.seconds(2); // every proxy has it
    mesh.commands.act("plan", PlanAction.PAUSE, null, "ann");

    mesh.seconds(60);

    assertTrue(mesh.dryRuns.kept.isEmpty(), () -> mesh.story("plan"));
    assertEquals(2, mesh.dryRuns.effects);
    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"));
  }

  @Test
  void itsTimeBeginsWhenTheFactsShowItAndEveryProxyHasIt() {
    mesh.start(plan());
    mesh.until("plan", "foo", Phase.AUDITING, 60);
    mesh.informersStale = true;
    mesh.seconds(5);
    DryRun placed = Objects.requireNonNull(mesh.step("plan", "foo").dryRun());
    assertTrue(placed.there());
    assertNull(placed.placedAt());
    assertTrue(gate().message().contains("when every proxy has it"), gate().message());

    mesh.informersStale = false;
    mesh.seconds(2);

    DryRun counts = Objects.requireNonNull(mesh.step("plan", "foo").dryRun());
    assertNotNull(counts.placedAt());
  }

  /** Whoever may write policies in the namespace can let the dry run count fewer. */
  @Test
  void whatSomebodyChangedCountsAnewWhenItIsAsItWas() {
    auditing();
    mesh.seconds(2);
    Instant before = Objects.requireNonNull(mesh.step("plan", "foo").dryRun()).placedAt();
    SimulatedDryRuns.Kept kept = Objects.requireNonNull(mesh.dryRuns.kept.get("foo"));

    mesh.dryRuns.kept.put(
        "foo", new SimulatedDryRuns.Kept(kept.policy(), kept.marker(), "changed, and back"));
    mesh.seconds(5);

    DryRun again = Objects.requireNonNull(mesh.step("plan", "foo").dryRun());
    assertTrue(Objects.requireNonNull(again.placedAt()).isAfter(before), () -> mesh.story("plan"));
    assertEquals("changed, and back", again.version());
  }

  /** While a plan is paused, or nobody leads, nobody looks after its policy. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatWasDeletedOrChangedWhileNobodyLookedDoesNotPass(boolean deleted) {
    auditing();
    mesh.seconds(2);
    mesh.commands.act("plan", PlanAction.PAUSE, null, "ann");
    mesh.second();
    SimulatedDryRuns.Kept kept = Objects.requireNonNull(mesh.dryRuns.kept.remove("foo"));
    if (!deleted) {
      mesh.dryRuns.kept.put(
          "foo", new SimulatedDryRuns.Kept(kept.policy(), kept.marker(), "changed"));
    }
    mesh.seconds(3600);
    Instant resumed = mesh.clock.instant();

    mesh.commands.act("plan", PlanAction.RESUME, null, "ann");
    mesh.seconds(10);

    DryRun again = Objects.requireNonNull(mesh.step("plan", "foo").dryRun());
    assertNull(again.passedAt(), () -> mesh.story("plan"));
    assertTrue(Objects.requireNonNull(again.placedAt()).isAfter(resumed));
  }

  /** Facts may lag, and show what was there before a new one was placed. */
  @Test
  void itsTimeDoesNotBeginByWhatWasThereBefore() {
    mesh.start(plan());
    mesh.until("plan", "foo", Phase.AUDITING, 60);
    mesh.seconds(1);
    SimulatedDryRuns.Kept kept = Objects.requireNonNull(mesh.dryRuns.kept.get("foo"));
    mesh.seconds(1);
    mesh.informersStale = true;
    mesh.dryRuns.kept.put("foo", new SimulatedDryRuns.Kept(kept.policy(), kept.marker(), "next"));

    mesh.seconds(20);

    assertNull(Objects.requireNonNull(mesh.step("plan", "foo").dryRun()).placedAt());
    mesh.informersStale = false;
    mesh.seconds(5);
    assertNotNull(Objects.requireNonNull(mesh.step("plan", "foo").dryRun()).placedAt());
  }

  @Test
  void isNotPlacedByWhoLosesTheLeadAfterTheIntent() {
    mesh.start(plan());
    mesh.lease.leads =
        () -> {
          DryRun run =
              mesh.ledger.step("plan", new StepKey("foo")).map(s -> s.dryRun()).orElse(null);
          return run == null || !run.there();
        };

    mesh.seconds(60);

    assertTrue(Objects.requireNonNull(mesh.step("plan", "foo").dryRun()).there());
    assertEquals(0, mesh.dryRuns.attempts);
  }

  @Test
  void isRemovedByTheNextLeaderWhenTheOneThatPlacedItDiesAndThePlanIsAborted() {
    mesh.start(plan());
    mesh.dryRuns.haltAfter = 1;
    assertThrows(Halted.class, () -> mesh.seconds(60));
    mesh.commands.act("plan", PlanAction.ABORT, null, "ann");
    mesh.loop = mesh.leader();

    mesh.seconds(5);

    assertTrue(mesh.dryRuns.kept.isEmpty(), () -> mesh.story("plan"));
  }

  @Test
  void aPausedPlanKeepsItsDryRun() {
    auditing();
    mesh.commands.act("plan", PlanAction.PAUSE, null, "ann");
    mesh.seconds(20);
    assertTrue(mesh.dryRuns.kept.containsKey("foo"));
    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"));

    mesh.commands.act("plan", PlanAction.RESUME, null, "ann");

    mesh.until("plan", "foo", Phase.LOCKED, 60);
  }

  @Test
  void whatAStoppedLeaderPlacesTooLateIsFoundAndRemoved() {
    SimulatedMesh late =
        new SimulatedMesh(
            MeshBuilders.mesh(
                MeshBuilders.namespace("istio-system"),
                Worlds.injected("foo")
                    .with(
                        ns ->
                            new AuthorizationPolicy(
                                new DryRunPolicy(ns, Set.of()).ref(),
                                "v1",
                                Map.of(),
                                false,
                                false,
                                AuthorizationPolicy.Action.DENY,
                                Set.of(),
                                List.of()))));
    late.start(Specs.namespaces("foo"));
    DryRunPolicy policy = new DryRunPolicy("foo", Set.of());
    String marker = late.plan("plan").uid() + ":foo:1:2";
    late.dryRuns.kept.put("foo", new SimulatedDryRuns.Kept(policy, marker, "v1"));

    late.seconds(2);

    assertTrue(late.dryRuns.kept.isEmpty());
  }

  /** The dry run of a plan that lets plaintext pass, at its end, with a client that it refuses. */
  private void refusing() {
    mesh.start(plan().approval(PlanSpec.Approval.NAMESPACE));
    force(Gate.PLAINTEXT);
    mesh.until("plan", "foo", Phase.AUDITING, 60);
    mesh.calls("legacy/curl", "foo/httpbin");
    mesh.seconds(40);
    assertEquals(Reason.WOULD_BE_REFUSED, gate().reason(), gate().toString());
    mesh.commands.override("plan", new StepKey("foo"), Set.of(Gate.AUDIT), "known", "ann");
    assertEquals(
        List.of("foo/httpbin:8080"),
        mesh.step("plan", "foo").overrides().getLast().covers().get(Gate.AUDIT));
  }

  @Test
  void whoIsLetPassEndsItOnceItsTimeIsOver() {
    refusing();

    mesh.until("plan", "foo", Phase.AWAITING_APPROVAL, 60);
    mesh.seconds(20);

    assertEquals(Phase.AWAITING_APPROVAL, mesh.phase("plan", "foo"), () -> mesh.story("plan"));
    assertEquals(Reason.OVERRIDDEN, gate().reason());
    assertTrue(gate().message().contains("would have refused"), gate().message());
    assertEquals(2, mesh.dryRuns.effects, "one placed and one removed");
  }

  /** An override for a client whom it refused is not one for a dry run that has yet to be made. */
  @Test
  void anotherOneIsMadeThoughAnEarlierClientMayBeRefused() {
    refusing();
    mesh.until("plan", "foo", Phase.AWAITING_APPROVAL, 60);
    mesh.api.replace(
        Worlds.foo().with(MeshBuilders.pod("old").label("app", "httpbin").ports(8080)).build());
    mesh.until("plan", "foo", Phase.BLOCKED, 60);
    mesh.api.replace(Worlds.foo().build());

    mesh.until("plan", "foo", Phase.AUDITING, 60);
    mesh.seconds(20);

    assertEquals(Phase.AUDITING, mesh.phase("plan", "foo"), () -> mesh.story("plan"));
    assertEquals(Reason.AUDIT_RUNS, gate().reason());
    assertTrue(gate().message().contains("of others, the dry run refuses nobody"), gate()::message);
    mesh.until("plan", "foo", Phase.AWAITING_APPROVAL, 60);
  }

  @Test
  void anOverriddenAuditIsNotMade() {
    mesh.start(plan());
    mesh.commands.override("plan", new StepKey("foo"), Set.of(Gate.AUDIT), "not here", "ann");

    mesh.until("plan", "foo", Phase.LOCKED, 60);

    assertEquals(0, mesh.dryRuns.attempts);
  }

  @Test
  void writesNothingWhereManifestsAreOffered() {
    mesh.start(plan().manifest());

    mesh.seconds(60);

    assertEquals(0, mesh.dryRuns.attempts);
    assertEquals(Reason.AUDIT_IMPOSSIBLE, gate().reason());
  }

  private static SimulatedMesh calm() {
    AuditScenarioTest calm = new AuditScenarioTest();
    calm.mesh.start(plan());
    calm.mesh.untilPlan("plan", PlanPhase.COMPLETED, 120);
    return calm.mesh;
  }

  static Stream<Integer> everySave() {
    return IntStream.rangeClosed(3, calm().ledger.saves()).boxed();
  }

  private void survives() {
    for (int i = 0; i < 150; i++) {
      try {
        mesh.second();
      } catch (Halted e) {
        mesh.loop = mesh.leader();
      }
    }
    assertEquals(Phase.LOCKED, mesh.phase("plan", "foo"), () -> mesh.story("plan"));
    assertTrue(mesh.dryRuns.kept.isEmpty(), () -> mesh.story("plan"));
    assertEquals(2, mesh.dryRuns.effects);
  }

  @ParameterizedTest
  @MethodSource("everySave")
  void leavesNothingBehindWhereverTheLeaderDies(int save) {
    mesh.start(plan());
    mesh.ledger.haltAfter = save;

    survives();
  }

  static Stream<Integer> everyWrite() {
    return Stream.of(1, 2);
  }

  @ParameterizedTest
  @MethodSource("everyWrite")
  void leavesNothingBehindWhenTheLeaderDiesRightAfterAWrite(int effect) {
    mesh.start(plan());
    mesh.dryRuns.haltAfter = effect;

    survives();
  }

  @Test
  void passesInANamespaceThatIsKnownToBeIdle() {
    mesh.calls.clear();
    mesh.start(plan().noSamples(PlanSpec.NoSamples.PASS));

    mesh.until("plan", "foo", Phase.LOCKED, 120);

    assertEquals(2, mesh.dryRuns.effects);
  }
}
