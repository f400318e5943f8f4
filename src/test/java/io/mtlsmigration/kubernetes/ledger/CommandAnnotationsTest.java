// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import static io.mtlsmigration.kubernetes.resource.MigrationPlan.ACTION_ANNOTATION;
import static io.mtlsmigration.kubernetes.resource.MigrationPlan.APPROVE_ANNOTATION;
import static io.mtlsmigration.kubernetes.resource.MigrationPlan.COMMENT_ANNOTATION;
import static io.mtlsmigration.kubernetes.resource.MigrationPlan.IGNORE_ANNOTATION;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.plan.PlanWindows;
import io.mtlsmigration.rollout.Approval;
import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanAction;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.commands.Overriding;
import io.mtlsmigration.rollout.commands.WindowChange;
import io.mtlsmigration.rollout.gates.ImpactHashes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands by annotation. */
final class CommandAnnotationsTest {

  private final KubectlStage stage = new KubectlStage();

  @AfterEach
  void stop() {
    stage.close();
  }

  private void begin(String actions) {
    begin(KubectlStage.spec(), actions);
  }

  private void approving(String actions) {
    Map<String, Object> spec = new HashMap<>(KubectlStage.spec());
    spec.put("gates", Map.of("approval", "NAMESPACE"));
    begin(spec, actions);
  }

  private void begin(Map<String, Object> spec, String actions) {
    stage.apply("q4", spec, Map.of());
    stage.turn();
    for (String action : actions.isEmpty() ? List.<String>of() : List.of(actions.split(" "))) {
      stage.commands.act("q4", PlanAction.valueOf(action), null, "ann");
    }
    stage.see("q4");
  }

  static Stream<Arguments> actions() {
    return Stream.of(
        argumentSet("start", "", "start", PlanPhase.RUNNING, "True CarriedOut", "RUNNING"),
        argumentSet("pause", "START", "pause", PlanPhase.PAUSED, "True CarriedOut", "PAUSED"),
        argumentSet(
            "resume", "START PAUSE", "resume", PlanPhase.RUNNING, "True CarriedOut", "RUNNING"),
        argumentSet("abort", "START", "abort", PlanPhase.ABORTED, "True CarriedOut", "ABORTED"),
        argumentSet(
            "rollback", "START", "rollback", PlanPhase.ROLLED_BACK, "True CarriedOut", "ROLLED"),
        argumentSet(
            "start, once more", "START", "start", PlanPhase.RUNNING, "True CarriedOut", "is RUNN"),
        argumentSet(
            "start of a paused plan",
            "START PAUSE",
            "start",
            PlanPhase.PAUSED,
            "False NotAllowed",
            "allowed now: resume, abort, rollback"),
        argumentSet(
            "pause of a draft",
            "",
            "pause",
            PlanPhase.DRAFT,
            "False NotAllowed",
            "allowed now: start, delete"),
        argumentSet(
            "cleanup before the end",
            "START",
            "cleanup",
            PlanPhase.RUNNING,
            "False NotAllowed",
            "allowed now: pause, abort, rollback"),
        argumentSet(
            "what does not exist",
            "",
            "Start",
            PlanPhase.DRAFT,
            "False UnknownAction",
            "allowed now: start, delete"));
  }

  @ParameterizedTest
  @MethodSource("actions")
  void carriesOutOrSaysWhyNot(
      String before, String action, PlanPhase phase, String commanded, String part) {
    begin(before);
    stage.annotate("q4", ACTION_ANNOTATION, action);

    stage.turn();

    assertEquals(phase, stage.plan("q4").phase());
    assertEquals(commanded, stage.says("q4", "Commanded"));
    assertTrue(stage.message("q4", "Commanded").contains(part), stage.message("q4", "Commanded"));
    assertNull(stage.annotation("q4", ACTION_ANNOTATION));
  }

  /** What the annotation leads to, as the plan of its name that was made since shows it. */
  @ParameterizedTest
  @CsvSource({
    "'',          start,           action",
    "START,       pause,           action",
    "START,       abort,           action",
    "START,       rollback,        action",
    "START,       foo@HASH,        approve",
    "START,       legacy/curl why, ignore-client",
  })
  void commandsNoPlanThatWasMadeAnewSince(String before, String text, String annotation) {
    approving("");
    String hash = ImpactHashes.of(stage.plan("q4"), new StepKey("foo"), stage.mesh);
    stage.annotate("q4", "mtls-migration.io/" + annotation, text.replace("HASH", hash));
    CachedPlan first = stage.object("q4");
    PlanRecord record = stage.plan("q4");
    stage.commands.delete("q4", record.version(), false, "ann");
    stage.see("q4");
    approving(before);
    PlanRecord second = stage.plan("q4");

    new CommandAnnotations(stage.ledger, stage.commands, new Conditions(stage.clock.instant(), 1))
        .carryOut(first, record);

    assertEquals(second, stage.plan("q4"));
  }

  @Test
  void canBeCommandedAgainAfterARefusal() {
    begin("");
    stage.annotate("q4", ACTION_ANNOTATION, "pause");
    stage.turn();
    stage.annotate("q4", ACTION_ANNOTATION, "start");

    stage.turn();

    assertEquals("True CarriedOut", stage.says("q4", "Commanded"));
    assertEquals(PlanPhase.RUNNING, stage.plan("q4").phase());
  }

  @ParameterizedTest
  @EnumSource(
      value = PlanAction.class,
      names = {"START", "PAUSE", "ABORT", "ROLLBACK"})
  void doesNotRepeatWhatWasDoneBeforeItWasKilled(PlanAction action) {
    begin(action == PlanAction.START ? "" : "START");
    stage.annotate("q4", ACTION_ANNOTATION, action.name().toLowerCase(java.util.Locale.ROOT));
    stage.restart(commands -> InterceptedPlanCommands.killed(stage, "q4"));
    stage.turn();
    assertNotNull(stage.annotation("q4", ACTION_ANNOTATION));
    String version = stage.plan("q4").version();

    stage.restart(commands -> commands);
    stage.turn();

    assertNull(stage.annotation("q4", ACTION_ANNOTATION));
    assertEquals(version, stage.plan("q4").version());
    assertEquals("True CarriedOut", stage.says("q4", "Commanded"));
  }

  @Test
  void ratherLosesThanRepeatsWhatSetsInMotionAgain() {
    begin("START PAUSE");
    stage.annotate("q4", ACTION_ANNOTATION, "resume");
    stage.restart(commands -> InterceptedPlanCommands.killed(stage, "q4"));
    stage.turn();
    assertEquals(PlanPhase.RUNNING, stage.plan("q4").phase());
    stage.commands.act("q4", PlanAction.PAUSE, null, "bob");

    stage.restart(commands -> commands);
    stage.turn();

    assertEquals(PlanPhase.PAUSED, stage.plan("q4").phase());
  }

  /** This process stood still while others led: what it had read was carried out, and more. */
  private void turnBehind(String command, Runnable meanwhile) {
    stage.restart(commands -> InterceptedPlanCommands.behind(stage, command, meanwhile));
    stage.turn();
  }

  @Test
  void resumesNothingThatWasPausedSinceItWasAskedFor() {
    begin("START PAUSE");
    stage.annotate("q4", ACTION_ANNOTATION, "resume");

    turnBehind(
        "act",
        () -> {
          stage.commands.act("q4", PlanAction.RESUME, null, "bob");
          stage.commands.act("q4", PlanAction.PAUSE, null, "bob");
        });

    assertEquals(PlanPhase.PAUSED, stage.plan("q4").phase());
    assertEquals("False Stale", stage.says("q4", "Commanded"));
  }

  @Test
  void pausesNothingOnceAnotherLeaderHasDoneItAndSomebodyHasResumedIt() {
    begin("START");
    stage.annotate("q4", ACTION_ANNOTATION, "pause");

    turnBehind(
        "act",
        () -> {
          stage.commands.act("q4", PlanAction.PAUSE, null, "bob");
          taken(ACTION_ANNOTATION);
          stage.commands.act("q4", PlanAction.RESUME, null, "bob");
        });

    assertEquals(PlanPhase.RUNNING, stage.plan("q4").phase());
  }

  @Test
  void approvesNothingAgainOnceAnotherLeaderHasDoneIt() {
    String hash = awaitApproval();
    stage.annotate("q4", APPROVE_ANNOTATION, "wave:first@" + hash);

    turnBehind(
        "approve",
        () -> {
          stage.commands.approve("q4", "wave:first", hash, "", null, "bob");
          taken(APPROVE_ANNOTATION);
          StepRecord foo = stage.ledger.step("q4", new StepKey("foo")).orElseThrow();
          stage.ledger.save(foo.withAttempt(foo.attempt() + 1));
        });

    assertEquals(
        List.of("bob"),
        stage.plan("q4").approvals().stream().map(Approval::by).distinct().toList());
  }

  private void taken(String annotation) {
    stage.edit("q4", object -> object.getMetadata().getAnnotations().remove(annotation));
  }

  @Test
  void keepsACommandUntilTheServerTakesIt() {
    begin("");
    stage.annotate("q4", ACTION_ANNOTATION, "start");
    stage.cluster.api.down = true;
    stage.turn();
    stage.cluster.api.down = false;

    stage.turn();

    assertEquals(PlanPhase.RUNNING, stage.plan("q4").phase());
    assertNull(stage.annotation("q4", ACTION_ANNOTATION));
  }

  @Test
  void startsNothingThatIsBeingDeleted() {
    begin("START");
    stage.commands.act("q4", PlanAction.PAUSE, null, "ann");
    stage.delete("q4");
    stage.annotate("q4", ACTION_ANNOTATION, "start");

    stage.turn();

    assertEquals("False Deleting", stage.says("q4", "Commanded"));
    assertEquals(PlanPhase.PAUSED, stage.plan("q4").phase());
  }

  private void startsWithAnEditThatIsNotAccepted() {
    begin("");
    stage.respec(
        "q4",
        Map.of("scope", Map.of("namespaces", List.of("foo")), "gates", Map.of("soak", "soon")));
    stage.annotate("q4", ACTION_ANNOTATION, "start");
  }

  /** Who commands it has the edited plan in mind, without bar. */
  @Test
  void startsAPlanOnceItsEditIsAccepted() {
    startsWithAnEditThatIsNotAccepted();

    stage.turn();
    stage.turn();

    assertEquals(PlanPhase.DRAFT, stage.plan("q4").phase());
    assertEquals("False NotAccepted", stage.says("q4", "Commanded"));
    stage.respec("q4", Map.of("scope", Map.of("namespaces", List.of("foo"))));
    stage.turn();
    assertEquals("True CarriedOut", stage.says("q4", "Commanded"));
    assertEquals(PlanPhase.RUNNING, stage.plan("q4").phase());
    assertEquals(List.of("foo"), stage.plan("q4").spec().scope().namespaces());
  }

  /** Who asked for the start has another edit in mind, and who makes this one may not start it. */
  @Test
  void startsNoEditOverRestThatComesBeforeTheOneThatItWaitsFor() {
    startsWithAnEditThatIsNotAccepted();
    stage.turn();

    PlanWindows windows = PlanWindows.of(stage.plan("q4").spec());
    PlanWindows longer =
        new PlanWindows(
            windows.plaintextWindow(),
            windows.soak().plusHours(1),
            windows.audit(),
            windows.verificationDuration());
    stage.commands.changeWindows(
        "q4", new WindowChange(longer, false, ""), null, "bob", Overriding.NOT_ASKED);
    stage.see("q4");
    stage.later();
    stage.turn();

    assertEquals(PlanPhase.DRAFT, stage.plan("q4").phase());
    assertNull(stage.annotation("q4", ACTION_ANNOTATION));
  }

  /** Who resumes it has the edited plan in mind; without it, foo is locked with its exception. */
  @Test
  void resumesNoPlanOfWhichAnEditIsNotAccepted() {
    begin("START");
    stage.commands.act("q4", PlanAction.PAUSE, null, "ann");
    stage.see("q4");
    stage.respec(
        "q4",
        Map.of("scope", Map.of("namespaces", List.of("foo")), "gates", Map.of("soak", "soon")));
    stage.annotate("q4", ACTION_ANNOTATION, "resume");

    stage.turn();

    assertEquals("False NotAccepted", stage.says("q4", "Commanded"));
    assertEquals(PlanPhase.PAUSED, stage.plan("q4").phase());
    assertNull(stage.annotation("q4", ACTION_ANNOTATION));
  }

  private String awaitApproval() {
    stage.apply(
        "q4",
        Map.of(
            "scope",
            Map.of("namespaces", List.of("foo", "bar")),
            "waves",
            List.of(
                Map.of("name", "first", "namespaces", List.of("foo")),
                Map.of("name", "rest", "namespaces", List.of("bar"))),
            "gates",
            Map.of("approval", "WAVE")),
        Map.of(ACTION_ANNOTATION, "start"));
    stage.turn();
    stage.ledger.save(
        PlanControllerTest.in(
            stage.ledger.step("q4", new StepKey("foo")).orElseThrow(), Phase.AWAITING_APPROVAL));
    stage.later();
    stage.see("q4");
    return stage.object("q4").notes().awaiting().getFirst().impactHash();
  }

  @Test
  void showsWhatIsToBeApproved() {
    String hash = awaitApproval();

    assertEquals(
        List.of("wave:first", "foo"),
        stage.object("q4").notes().awaiting().stream().map(s -> s.name()).toList());
    assertEquals(64, hash.length());
  }

  static Stream<Arguments> approvals() {
    return Stream.of(
        argumentSet("what is shown", "wave:first", "True CarriedOut", "approved", true),
        argumentSet("the impact by name", "wave:first@HASH", "True CarriedOut", "approved", true),
        argumentSet("another impact", "wave:first@beef", "False ImpactChanged", "HASH", false),
        argumentSet("what is not shown", "bar", "False NotShown", "bar@HASH", false),
        argumentSet("what is not in the plan", "x@beef", "False NotFound", "no step for x", false));
  }

  @ParameterizedTest
  @MethodSource("approvals")
  void approvesWhatWasLookedAt(String text, String commanded, String part, boolean given) {
    String hash = awaitApproval();
    stage.annotate("q4", COMMENT_ANNOTATION, "go");
    stage.annotate("q4", APPROVE_ANNOTATION, text.replace("HASH", hash));

    stage.turn();

    assertEquals(commanded, stage.says("q4", "Commanded"));
    String message = stage.message("q4", "Commanded");
    String expected = text.contains("beef") ? part.replace("HASH", hash) : part;
    assertTrue(message.contains(expected), message);
    assertEquals(
        given ? List.of("foo go", "wave:first go") : List.of(),
        stage.plan("q4").approvals().stream().map(a -> a.subject() + " " + a.comment()).toList());
    assertNull(stage.annotation("q4", APPROVE_ANNOTATION));
    assertNull(stage.annotation("q4", COMMENT_ANNOTATION));
  }

  @Test
  void approvesOnceThoughKilledInBetween() {
    awaitApproval();
    stage.annotate("q4", APPROVE_ANNOTATION, "foo");
    stage.restart(commands -> InterceptedPlanCommands.killed(stage, "q4"));
    stage.turn();

    stage.restart(commands -> commands);
    stage.turn();

    assertEquals(
        List.of("foo"), stage.plan("q4").approvals().stream().map(Approval::subject).toList());
    assertNull(stage.annotation("q4", APPROVE_ANNOTATION));
  }

  /** The attempt that it was given for has failed, and with it the approval. */
  @ParameterizedTest
  @ValueSource(strings = {"foo", "wave:first"})
  void approvesTheNextAttemptAnew(String subject) {
    awaitApproval();
    stage.annotate("q4", APPROVE_ANNOTATION, subject);
    stage.turn();
    StepRecord foo = stage.ledger.step("q4", new StepKey("foo")).orElseThrow();
    stage.ledger.save(foo.withAttempt(foo.attempt() + 1));

    stage.annotate("q4", APPROVE_ANNOTATION, subject);
    stage.turn();

    assertEquals(
        List.of(foo.attempt() + 1),
        stage.plan("q4").approvals().stream()
            .filter(approval -> approval.subject().equals("foo"))
            .map(Approval::attempt)
            .toList());
  }

  static Stream<Arguments> clients() {
    return Stream.of(
        argumentSet("a workload", "legacy/curl goes in May", "CarriedOut", "legacy/curl"),
        argumentSet("addresses", " 10.0.9.0/24  goes in May ", "CarriedOut", "10.0.9.0/24"),
        argumentSet("of IPv6", "fd00:9::/64 goes in May", "CarriedOut", "fd00:9::/64"),
        argumentSet("a namespace", "legacy/* goes in May", "CarriedOut", "legacy/*"),
        argumentSet("without a why", "legacy/curl", "Invalid", ""),
        argumentSet("nobody", "curl goes in May", "Invalid", ""),
        argumentSet("nothing", "", "Invalid", ""));
  }

  @ParameterizedTest
  @MethodSource("clients")
  void letsAClientFail(String text, String reason, String ignored) {
    awaitApproval();
    stage.annotate("q4", IGNORE_ANNOTATION, text);

    stage.turn();

    boolean taken = reason.equals("CarriedOut");
    assertEquals((taken ? "True " : "False ") + reason, stage.says("q4", "Commanded"));
    assertEquals(
        taken ? List.of(ignored) : List.of(),
        stage.plan("q4").spec().verification().ignoreClients().stream()
            .map(c -> c.workload() == null ? c.cidr() : c.workload())
            .toList());
    assertEquals(
        taken ? List.of("goes in May") : List.of(),
        stage.ledger.events("q4").stream()
            .filter(e -> e.type() == Event.Type.OVERRIDDEN)
            .map(e -> e.message().replaceAll(".*: ", ""))
            .toList());
    assertNull(stage.annotation("q4", IGNORE_ANNOTATION));
  }
}
