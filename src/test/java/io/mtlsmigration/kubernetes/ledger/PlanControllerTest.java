// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.kubernetes.resource.Condition;
import io.mtlsmigration.kubernetes.resource.MigrationPlan;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.plan.LeastGates;
import io.mtlsmigration.plan.LedgerEntry;
import io.mtlsmigration.plan.PlanLimits;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanAction;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.Records;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.testing.Lease;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Plans that are made, changed and removed with kubectl. */
final class PlanControllerTest {

  private final KubectlStage stage = new KubectlStage();

  @AfterEach
  void stop() {
    stage.close();
  }

  @Test
  void takesAPlanThatWasMadeWithKubectl() {
    stage.apply("q4");

    stage.turn();

    assertEquals(PlanPhase.DRAFT, stage.plan("q4").phase());
    assertEquals("True Accepted", stage.says("q4", "Accepted"));
    assertEquals("False Draft", stage.says("q4", "Ready"));
    assertEquals("False Draft", stage.says("q4", "Progressing"));
    assertEquals("False AsExpected", stage.says("q4", "Degraded"));
    assertEquals("0/2", stage.object("q4").notes().progress());
    assertEquals("start", stage.object("q4").notes().waiting());
    assertEquals(
        List.of(MigrationPlan.FINALIZER),
        stage.object("q4").object().getMetadata().getFinalizers());
  }

  @Test
  void aPlanMadeWithKubectlIsTheOneMadeOverRest() {
    stage.apply("kubectl");
    stage.turn();
    PlanRecord made = stage.plan("kubectl");

    stage.commands.create(named(made.spec(), "rest"), "ann");
    stage.turn();

    PlanRecord rest = stage.plan("rest");
    assertEquals(made.spec(), named(rest.spec(), "kubectl"));
    assertEquals(made.waves(), rest.waves());
    assertEquals(made.generation(), rest.generation());
    assertEquals(
        stage.object("kubectl").notes().conditions().stream().map(Condition::reason).toList(),
        stage.object("rest").notes().conditions().stream().map(Condition::reason).toList());
  }

  static PlanSpec named(PlanSpec spec, String name) {
    return new PlanSpec(
        name,
        spec.target(),
        spec.scope(),
        spec.waves(),
        spec.gates(),
        spec.verification(),
        spec.onFailure(),
        spec.apply(),
        spec.adopt(),
        spec.exceptions(),
        PlanSpec.Start.ON_COMMAND);
  }

  @Test
  void refusesAPlanThatAsksForLessThanItHasTo() {
    LeastGates least =
        new LeastGates(
            PlanSpec.Approval.WAVE,
            Duration.ZERO,
            Duration.ZERO,
            false,
            PlanSpec.NoSamples.PASS,
            0,
            1,
            256);
    stage.restart(
        commands -> stage.mesh.commands(stage.ledger, PlanLimits.SANDBOX.withLeast(least)));
    stage.apply("q4");

    stage.turn();

    assertEquals("False Invalid", stage.says("q4", "Accepted"));
    String message = stage.condition("q4", "Accepted").message();
    assertTrue(message.contains("/spec/gates/approval"), message);
    assertTrue(message.contains("mtls-migration.gates.least.approval"), message);
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        argumentSet(
            "what cannot be read",
            Map.of("gates", Map.of("soak", "soon")),
            List.of("/spec/gates/soak: ")),
        argumentSet(
            "what the planner finds",
            Map.of("waves", List.of(Map.of("name", "a", "namespaces", List.of("istio-system")))),
            List.of("/spec/waves/0/namespaces/0: ")),
        argumentSet(
            "what goes beyond the limits",
            Map.of("gates", Map.of("plaintextWindow", "P400D")),
            List.of("/spec/gates/plaintextWindow: ")),
        argumentSet(
            "all of it at once",
            Map.of("gates", Map.of("soak", "soon", "audit", "late")),
            List.of("/spec/gates/soak: ", "/spec/gates/audit: ")));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void saysWhatIsWrongWithAPlan(Map<String, Object> spec, List<String> parts) {
    stage.apply("q4", spec, Map.of());

    stage.turn();

    assertTrue(stage.ledger.plans().isEmpty());
    assertEquals("False Invalid", stage.says("q4", "Accepted"));
    assertEquals("False NotAccepted", stage.says("q4", "Ready"));
    String message = stage.message("q4", "Accepted");
    parts.forEach(part -> assertTrue(message.contains(part), message));
    assertEquals(stage.object("q4").generation(), stage.object("q4").notes().observedGeneration());
  }

  @Test
  void takesAPlanThatHasBeenMended() {
    stage.apply("q4", Map.of("gates", Map.of("soak", "soon")), Map.of());
    stage.turn();

    stage.respec("q4", KubectlStage.spec());
    stage.turn();

    assertEquals("True Accepted", stage.says("q4", "Accepted"));
    assertEquals(PlanPhase.DRAFT, stage.plan("q4").phase());
  }

  @Test
  void namesThePlanThatIsInTheWay() {
    stage.apply("first", KubectlStage.spec(), Map.of(MigrationPlan.ACTION_ANNOTATION, "start"));
    stage.apply("second", KubectlStage.spec(), Map.of(MigrationPlan.ACTION_ANNOTATION, "start"));

    stage.turn();

    assertEquals(PlanPhase.RUNNING, stage.plan("first").phase());
    assertEquals(PlanPhase.DRAFT, stage.plan("second").phase());
    assertEquals("absent", stage.says("first", "Conflict"));
    assertEquals("True Overlap", stage.says("second", "Conflict"));
    assertEquals("False Conflict", stage.says("second", "Commanded"));
    String message = stage.message("second", "Conflict");
    assertTrue(message.contains("first") && message.contains("foo"), message);

    stage.commands.act("first", PlanAction.ABORT, null, "ann");
    stage.end("first", PlanPhase.ABORTED, Records.NOW);
    stage.later();
    assertEquals("absent", stage.says("second", "Conflict"));
  }

  @Test
  void isJudgedAgainThoughTheClockWasSetBack() {
    stage.apply("first");
    stage.turn();
    stage.commands.act("first", PlanAction.START, null, "ann");
    stage.apply("second");
    stage.turn();
    assertEquals("True Overlap", stage.says("second", "Conflict"));
    stage.clock.advance(Duration.ofHours(-2));
    stage.commands.act("first", PlanAction.ABORT, null, "ann");
    stage.end("first", PlanPhase.ABORTED, Records.NOW);

    stage.turn();

    assertEquals("absent", stage.says("second", "Conflict"));
  }

  @Test
  void leavesAnObjectToTheReplicaThatIsMakingIt() {
    stage.clock.advance(Duration.between(stage.clock.instant(), Instant.now()));
    stage.apply("q4");
    stage.edit(
        "q4", object -> object.getMetadata().setFinalizers(List.of(MigrationPlan.FINALIZER)));

    stage.turn();
    boolean atOnce = stage.ledger.plan("q4").isPresent();
    stage.later();

    assertEquals(false, atOnce);
    assertTrue(stage.ledger.plan("q4").isPresent());
  }

  static Stream<Arguments> edits() {
    Map<String, Object> scope = Map.of("namespaces", List.of("foo", "bar"));
    return Stream.of(
        argumentSet(
            "a looser gate",
            PlanAction.START,
            Map.of("scope", scope, "gates", Map.of("soak", "PT1M")),
            "False NotWhileRunning",
            "gates.soak"),
        argumentSet(
            "a tighter gate",
            PlanAction.START,
            Map.of("scope", scope, "gates", Map.of("soak", "PT2H")),
            "True Accepted",
            "works by this spec"),
        argumentSet(
            "another order",
            PlanAction.START,
            Map.of(
                "scope",
                scope,
                "waves",
                List.of(Map.of("name", "a", "namespaces", List.of("foo")))),
            "False NotWhileRunning",
            "waves"),
        argumentSet(
            "anything, of a draft",
            PlanAction.DELETE,
            Map.of("scope", Map.of("namespaces", List.of("bar")), "gates", Map.of("soak", "PT1M")),
            "True Accepted",
            "works by this spec"),
        argumentSet(
            "what cannot be read",
            PlanAction.START,
            Map.of("scope", scope, "gates", Map.of("soak", "soon")),
            "False Invalid",
            "/spec/gates/soak"),
        argumentSet(
            "a shorter window",
            PlanAction.START,
            Map.of("scope", scope, "gates", Map.of("plaintextWindow", "PT1H")),
            "False NotWhileRunning",
            "gates.plaintextWindow from PT24H to PT1H"),
        argumentSet(
            "one more client that may fail",
            PlanAction.START,
            Map.of("scope", scope, "verification", ignoring("10.0.0.0/8")),
            "False NotWhileRunning",
            "POST /api/v1/plans/q4/ignored-clients"),
        argumentSet(
            "a longer verification",
            PlanAction.START,
            Map.of("scope", scope, "verification", Map.of("duration", "PT1H")),
            "True Accepted",
            "works by this spec"),
        argumentSet(
            "a longer window, of a plan that has ended",
            PlanAction.ABORT,
            Map.of("scope", scope, "gates", Map.of("plaintextWindow", "PT48H")),
            "True Accepted",
            "works by this spec"),
        argumentSet(
            "anything looser, of a plan that has ended",
            PlanAction.ABORT,
            Map.of("scope", scope, "gates", Map.of("plaintextWindow", "PT1H")),
            "False Ended",
            "has ended"),
        argumentSet(
            "another order, of a plan that has ended",
            PlanAction.ABORT,
            Map.of(
                "scope",
                scope,
                "gates",
                Map.of("plaintextWindow", "PT48H"),
                "waves",
                List.of(Map.of("name", "a", "namespaces", List.of("foo")))),
            "False Ended",
            "has ended"));
  }

  private static Map<String, Object> ignoring(String cidr) {
    return Map.of("ignoreClients", List.of(Map.of("cidr", cidr)));
  }

  @ParameterizedTest
  @MethodSource("edits")
  void takesAChangeOrSaysWhyNot(
      PlanAction phase, Map<String, Object> spec, String accepted, String part) {
    stage.apply("q4");
    stage.turn();
    if (phase != PlanAction.DELETE) {
      stage.commands.act("q4", PlanAction.START, null, "ann");
    }
    if (phase == PlanAction.ABORT) {
      stage.commands.act("q4", PlanAction.ABORT, null, "ann");
      stage.end("q4", PlanPhase.ABORTED, Records.NOW);
    }
    PlanRecord before = stage.plan("q4");

    stage.respec("q4", spec);
    stage.turn();

    assertEquals(accepted, stage.says("q4", "Accepted"));
    assertTrue(stage.message("q4", "Accepted").contains(part), stage.message("q4", "Accepted"));
    boolean taken = accepted.startsWith("True");
    assertEquals(taken, !stage.plan("q4").spec().equals(before.spec()));
    assertEquals(2, stage.object("q4").notes().observedGeneration());
  }

  @Test
  void forgetsARefusedChangeThatIsTakenBack() {
    stage.apply("q4");
    stage.turn();
    stage.commands.act("q4", PlanAction.START, null, "ann");
    stage.respec(
        "q4", Map.of("scope", KubectlStage.spec().get("scope"), "gates", Map.of("soak", "PT1M")));
    stage.turn();
    String refused = stage.says("q4", "Accepted");
    PlanRecord running = stage.plan("q4");

    stage.respec("q4", KubectlStage.spec());
    stage.turn();

    assertEquals("False NotWhileRunning", refused);
    assertEquals("True Accepted", stage.says("q4", "Accepted"));
    assertEquals(running, stage.plan("q4"));
  }

  @Test
  void keepsAPlanThatIsDeletedBeforeItsEnd() {
    stage.apply("q4", KubectlStage.spec(), Map.of(MigrationPlan.ACTION_ANNOTATION, "start"));
    stage.turn();
    stage.delete("q4");
    assertTrue(stage.ledger.unanswered(stage.plan("q4")));

    stage.turn();

    assertEquals(PlanPhase.RUNNING, stage.plan("q4").phase());
    assertEquals("False NotEnded", stage.says("q4", "Deletable"));
    assertFalse(stage.ledger.unanswered(stage.plan("q4")), "it goes on until it has ended");
    assertTrue(stage.message("q4", "Deletable").contains("abort or rollback first"));
    assertTrue(stage.object("q4").notes().waiting().startsWith("end, to be deleted"));

    stage.annotate("q4", MigrationPlan.ACTION_ANNOTATION, "abort");
    stage.turn();
    assertEquals(PlanPhase.ABORTED, stage.plan("q4").phase());
    assertTrue(stage.message("q4", "Deletable").contains("under way has ended"));

    stage.end("q4", PlanPhase.ABORTED, Records.NOW);
    stage.turn();
    assertNull(stage.cluster.plans().withName("q4").get());
    assertNull(stage.cluster.steps().withName("q4.foo").get());
    assertTrue(stage.ledger.plans().isEmpty());
  }

  /** The way back is not forgotten by the way; a person may say that it is not wanted. */
  @Test
  void keepsAPlanWhosePoliciesAreInPlaceUntilItIsToldToKeepThem() {
    started();
    completed(locked(step("foo")));
    stage.delete("q4");
    stage.turn();
    assertEquals("False NotEnded", stage.says("q4", "Deletable"));
    assertTrue(stage.message("q4", "Deletable").contains("cleanup or rollback first"));
    assertTrue(stage.message("q4", "Deletable").contains(MigrationPlan.KEEP_ANNOTATION));

    stage.annotate("q4", MigrationPlan.KEEP_ANNOTATION, "no");
    stage.turn();
    assertNotNull(stage.cluster.plans().withName("q4").get());
    stage.annotate("q4", MigrationPlan.KEEP_ANNOTATION, "true");
    stage.turn();

    assertNull(stage.cluster.plans().withName("q4").get());
    assertNull(stage.cluster.steps().withName("q4.foo").get());
  }

  private static StepRecord locked(StepRecord step) {
    LedgerEntry lock =
        new LedgerEntry(
            ObjectRef.peerAuthentication("foo", "default"),
            "uid",
            null,
            PeerAuthentication.Spec.of(MtlsMode.STRICT),
            MtlsMode.PERMISSIVE,
            Map.of(),
            PolicyChange.Purpose.LOCK,
            "1",
            Records.NOW);
    return Records.wrote(in(step, Phase.LOCKED), lock);
  }

  static Stream<Arguments> unneeded() {
    return Stream.of(
        argumentSet("a draft", KubectlStage.spec(), false),
        argumentSet("one that was never taken", Map.of("gates", Map.of("soak", "soon")), true));
  }

  @ParameterizedTest
  @MethodSource("unneeded")
  void letsGoOfWhatWasNeverStarted(Map<String, Object> spec, boolean held) {
    stage.apply("q4", spec, Map.of());
    stage.turn();
    if (held) {
      stage.edit("q4", o -> o.getMetadata().setFinalizers(List.of(MigrationPlan.FINALIZER)));
    }
    stage.delete("q4");
    assertNotNull(stage.cluster.plans().withName("q4").get());

    stage.turn();

    assertNull(stage.cluster.plans().withName("q4").get());
  }

  @Test
  void goesOnWithADeletionThatWasCutOff() {
    PlanRecord plan = stage.ledger.save(Records.plan("q4"));
    stage.ledger.save(Records.step("q4", "foo"));
    stage.ledger.store().note(plan.name(), PlanStatusSummary::going);

    stage.turn();

    assertNull(stage.cluster.plans().withName("q4").get());
    assertNull(stage.cluster.steps().withName("q4.foo").get());
  }

  @Test
  void writesNothingWhileNothingHappens() {
    stage.apply("draft");
    stage.apply("running", KubectlStage.spec(), Map.of(MigrationPlan.ACTION_ANNOTATION, "start"));
    stage.apply("invalid", Map.of("gates", Map.of("soak", "soon")), Map.of());
    stage.turn();
    stage.respec("running", Map.of("scope", Map.of("namespaces", List.of("foo"))));
    stage.turn();
    stage.later();
    stage.ledger.flush();
    int before = stage.cluster.api.writes;

    for (int i = 0; i < 20; i++) {
      stage.later();
    }
    stage.restart(commands -> commands);
    stage.turn();

    assertEquals(before, stage.cluster.api.writes);
  }

  @Test
  void movesItsColumnsWhenAStepMoves() {
    stage.apply("q4", KubectlStage.spec(), Map.of(MigrationPlan.ACTION_ANNOTATION, "start"));
    stage.turn();
    String before = stage.object("q4").notes().progress();
    StepRecord step = stage.ledger.step("q4", new StepKey("foo")).orElseThrow();

    stage.ledger.save(in(step, Phase.LOCKED));
    stage.turn();
    String soon = stage.object("q4").notes().progress();
    stage.later();

    assertEquals(List.of("0/2", "0/2"), List.of(before, soon)); // not at every tick
    assertEquals("1/2", stage.object("q4").notes().progress());
    assertEquals(Map.of("LOCKED", 1, "PENDING", 1), stage.object("q4").notes().counts());
    // The mesh of this test stands still, so its view grows old.
    assertEquals("view, bar: wave", stage.object("q4").notes().waiting());
  }

  static StepRecord in(StepRecord step, Phase phase) {
    return StepRecord.begin(
            step.plan(), step.key(), step.namespaceUid(), phase, Records.NOW, step.reason(), "now")
        .withVersion(step.version());
  }

  @Test
  void saysWhenAPersonHasToDecide() {
    stage.apply("q4", KubectlStage.spec(), Map.of(MigrationPlan.ACTION_ANNOTATION, "start"));
    stage.turn();

    stage.ledger.save(
        in(stage.ledger.step("q4", new StepKey("foo")).orElseThrow(), Phase.ROLLED_BACK));
    stage.later();

    assertEquals("True RolledBack", stage.says("q4", "Degraded"));
    assertTrue(stage.message("q4", "Degraded").contains("foo"));
  }

  @Test
  void aCompletedPlanWithALockedStepThatRefusesClientsIsNotReady() {
    started();
    completed(
        Records.unhealthy(
            in(step("foo"), Phase.LOCKED), Reason.CLIENTS_REFUSED, "bar/curl is refused"));

    stage.later();

    assertEquals("False Unhealthy", stage.says("q4", "Ready"));
    assertTrue(stage.message("q4", "Ready").contains("foo: health"));
    assertEquals("True Unhealthy", stage.says("q4", "Degraded"));
    assertTrue(stage.message("q4", "Degraded").contains("foo"));
  }

  static Stream<Arguments> open() {
    return Stream.of(
        argumentSet("rolled back", Phase.ROLLED_BACK, "RolledBack"),
        argumentSet("made anew", Phase.PENDING, "Unsettled"),
        argumentSet("observed again", Phase.OBSERVING, "Unsettled"));
  }

  /** It stays COMPLETED, for another active plan has the namespace. */
  @ParameterizedTest
  @MethodSource("open")
  void aCompletedPlanWithAStepThatIsOpenAgainIsNotReady(Phase phase, String degraded) {
    started();
    completed(in(step("foo"), phase));

    stage.later();

    assertEquals("False Unsettled", stage.says("q4", "Ready"));
    assertTrue(stage.message("q4", "Ready").contains("foo: "), stage.message("q4", "Ready"));
    assertEquals("True " + degraded, stage.says("q4", "Degraded"));
    assertTrue(stage.message("q4", "Degraded").contains("foo"));
  }

  private StepRecord step(String namespace) {
    return stage.ledger.step("q4", new StepKey(namespace)).orElseThrow();
  }

  private void completed(StepRecord foo) {
    stage.ledger.save(foo);
    stage.ledger.save(in(step("bar"), Phase.LOCKED));
    stage.end("q4", PlanPhase.COMPLETED, Records.NOW);
  }

  private void started() {
    stage.apply("q4", KubectlStage.spec(), Map.of(MigrationPlan.ACTION_ANNOTATION, "start"));
    stage.turn();
  }

  @Test
  void keepsTheTimeOfAConditionThatSaysTheSame() {
    stage.apply("q4");
    stage.turn();
    String since = stage.condition("q4", "Ready").lastTransitionTime();
    stage.clock.advance(Duration.ofMinutes(1));
    stage.commands.act("q4", PlanAction.START, null, "ann");

    stage.turn();

    assertEquals(since, stage.condition("q4", "Ready").lastTransitionTime());
    assertEquals(
        stage.clock.instant().truncatedTo(java.time.temporal.ChronoUnit.SECONDS).toString(),
        stage.condition("q4", "Progressing").lastTransitionTime());
  }

  @Test
  void doesNothingUnlessItLeads() {
    Lease lost = new Lease(1);
    lost.leads = () -> false;
    stage.leadership = lost;
    stage.restart(commands -> commands);
    stage.apply("q4");

    stage.turn();

    assertTrue(stage.ledger.plans().isEmpty());
  }

  @Test
  void oneThatFailsHoldsUpNoOther() {
    stage.apply("a");
    stage.apply("b");
    stage.restart(commands -> InterceptedPlanCommands.killed(stage, "a"));

    stage.turn();

    assertEquals(List.of("b"), stage.ledger.plans().stream().map(PlanRecord::name).toList());

    stage.restart(commands -> commands);
    stage.turn();
    assertEquals(2, stage.ledger.plans().size());
  }

  @Test
  void carriesOnWhereAConflictStoppedIt() {
    stage.apply("q4");
    Map<String, String> labels = new HashMap<>(Map.of("team", "a"));
    stage
        .cluster
        .plans()
        .withName("q4")
        .edit(
            o -> {
              o.getMetadata().setLabels(labels);
              return o;
            });

    stage.turn(); // perhaps on an object that has changed meanwhile
    stage.see("q4");
    stage.turn();

    assertEquals("True Accepted", stage.says("q4", "Accepted"));
    assertEquals("a", stage.object("q4").object().getMetadata().getLabels().get("team"));
  }
}
