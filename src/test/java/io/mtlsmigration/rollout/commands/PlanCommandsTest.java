// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.commands;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.plan.ChangeWindow;
import io.mtlsmigration.plan.PlanLimits;
import io.mtlsmigration.plan.PlanReport;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.rollout.Approval;
import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.GateOverride;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.Limits;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanAction;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.RolloutScenario;
import io.mtlsmigration.rollout.SimulatedMesh;
import io.mtlsmigration.rollout.Specs;
import io.mtlsmigration.rollout.StepAction;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.gates.ImpactHashes;
import io.mtlsmigration.testing.AroundLedger;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What people may ask for, and what becomes of it. */
class PlanCommandsTest extends RolloutScenario {

  @Test
  void takesNoMorePlansThanMayBe() {
    PlanCommands commands =
        new PlanCommands(
            mesh.ledger,
            mesh::observe,
            mesh.clock,
            Limits.DEFAULT,
            PlanLimits.SANDBOX.withMaxPlans(2));
    commands.create(Specs.namespaces("foo").named("first").spec(), "ann");
    commands.create(Specs.namespaces("foo").named("second").spec(), "ann");

    CommandException.NotAllowed refused =
        refused(() -> commands.create(Specs.namespaces("foo").named("third").spec(), "ann"));

    assertEquals("TOO_MANY_PLANS", refused.code());
    assertTrue(String.valueOf(refused.getMessage()).contains("2 plans"), refused.getMessage());
  }

  /** What is shown is what was judged: of one report, not of two. */
  @Test
  void looksOnceAtTheMeshToPreviewADraft() {
    Specs spec = Specs.namespaces("foo").named("draft");
    PlanRecord draft = mesh.commands.create(spec.spec(), "ann");
    AtomicInteger looks = new AtomicInteger();
    PlanCommands commands =
        new PlanCommands(
            mesh.ledger,
            () -> {
              looks.incrementAndGet();
              return mesh.observe();
            },
            mesh.clock,
            Limits.DEFAULT,
            PlanLimits.SANDBOX);

    PlanReport report =
        commands.preview(
            "draft",
            spec.wave("first", "foo").spec(),
            draft.version(),
            false,
            Overriding.NOT_ASKED);

    assertEquals("first", report.waves().getFirst().name());
    assertEquals(2, looks.get(), "for the report, and for what it would open");
  }

  @Test
  void startsADraftThatSaysSoOnce() {
    mesh.commands.create(whenAccepted("q4", "foo"), "ann");
    mesh.commands.create(Specs.namespaces("bar").named("other").spec(), "ann");

    mesh.commands.startAccepted();

    assertEquals(PlanPhase.RUNNING, mesh.plan("q4").phase());
    assertEquals(PlanPhase.DRAFT, mesh.plan("other").phase());
    assertEquals("ann", mesh.ledger.events("q4").getFirst().actor());
  }

  /** What a person stopped stays stopped, whatever is applied, however often. */
  @ParameterizedTest
  @EnumSource(
      value = PlanAction.class,
      names = {"PAUSE", "ABORT", "ROLLBACK"})
  void neverStartsAgainWhatAPersonStopped(PlanAction stop) {
    mesh.commands.create(whenAccepted("q4", "foo"), "ann");
    mesh.commands.startAccepted();
    PlanPhase stopped = mesh.commands.act("q4", stop, null, "bob").phase();

    for (PlanSpec.Start again : List.of(PlanSpec.Start.ON_COMMAND, PlanSpec.Start.WHEN_ACCEPTED)) {
      PlanRecord plan = mesh.plan("q4");
      mesh.commands.replace("q4", plan.spec().starting(again), plan.version(), "git");
      mesh.commands.startAccepted();
    }

    assertEquals(stopped, mesh.plan("q4").phase());
    assertEquals(PlanSpec.Start.WHEN_ACCEPTED, mesh.plan("q4").spec().start());
  }

  @Test
  void startsADraftWhenTheOtherPlanIsCompleted() {
    mesh.calls("bar/curl", "foo/httpbin");
    start(Specs.namespaces("foo").named("first"));
    mesh.commands.create(whenAccepted("second", "foo"), "ann");
    mesh.commands.startAccepted();
    assertEquals(PlanPhase.DRAFT, mesh.plan("second").phase());
    assertTrue(waiting("second").contains("plan first already has foo"), waiting("second"));

    mesh.untilPlan("first", PlanPhase.COMPLETED, 200);
    mesh.commands.startAccepted();

    assertEquals(PlanPhase.RUNNING, mesh.plan("second").phase());
  }

  /** What a person stopped at night, no merge of last week starts again. */
  @ParameterizedTest
  @EnumSource(
      value = PlanAction.class,
      names = {"ABORT", "ROLLBACK"})
  void startsNoDraftOverWhatAPersonHasStopped(PlanAction stop) {
    start(Specs.namespaces("foo").named("first"));
    mesh.commands.create(whenAccepted("second", "foo"), "ann");

    mesh.commands.act("first", stop, null, "bob");
    mesh.seconds(60);
    mesh.commands.startAccepted();

    assertEquals(PlanPhase.DRAFT, mesh.plan("second").phase());
    assertTrue(waiting("second").contains("start it by command"), waiting("second"));
    mesh.commands.act("second", PlanAction.START, null, "bob");
    assertEquals(PlanPhase.RUNNING, mesh.plan("second").phase());
  }

  /** Its draft was taken by a replica, or an API server, whose clock is ahead. */
  @Test
  void startsNoDraftOfAClockThatIsAheadOverWhatAPersonHasStopped() {
    start(Specs.namespaces("foo").named("first"));
    mesh.clock.advance(Duration.ofSeconds(30));
    mesh.commands.create(whenAccepted("second", "foo"), "ann");
    mesh.clock.advance(Duration.ofSeconds(-29));

    mesh.commands.act("first", PlanAction.ABORT, null, "bob");
    mesh.seconds(60);
    mesh.commands.startAccepted();

    assertEquals(PlanPhase.DRAFT, mesh.plan("second").phase());
  }

  private String waiting(String plan) {
    return mesh.commands.waitingOn(mesh.plan(plan)).toString();
  }

  @Test
  void whoChangesADraftThatBeginsByItselfStartsIt() {
    mesh.commands.create(Specs.namespaces("foo").named("q4").spec(), "ann");
    PlanRecord draft = mesh.plan("q4");

    mesh.commands.replace("q4", whenAccepted("q4", "foo"), draft.version(), "bob");
    mesh.commands.startAccepted();

    assertEquals(PlanPhase.RUNNING, mesh.plan("q4").phase());
    assertEquals("bob", mesh.ledger.events("q4").getFirst().actor());
  }

  /** It says nothing about what is approved. */
  @Test
  void aChangedStartVoidsNoApproval() {
    start(Specs.namespaces("foo").named("q4"));
    PlanRecord running = mesh.plan("q4");

    PlanRecord changed =
        mesh.commands.replace(
            "q4", running.spec().starting(PlanSpec.Start.WHEN_ACCEPTED), running.version(), "git");

    assertEquals(running.generation(), changed.generation());
    assertEquals(PlanPhase.RUNNING, changed.phase());
  }

  private static PlanSpec whenAccepted(String name, String namespace) {
    return Specs.namespaces(namespace).named(name).spec().starting(PlanSpec.Start.WHEN_ACCEPTED);
  }

  private CommandException.NotAllowed refused(org.junit.jupiter.api.function.Executable command) {
    return assertThrows(CommandException.NotAllowed.class, command);
  }

  @Test
  void refusesASecondPlanForANamespaceAndNamesTheFirst() {
    start(Specs.namespaces("foo").named("first"));
    mesh.commands.create(Specs.namespaces("foo", "bar").named("second").spec(), "bob");

    CommandException.NotAllowed no =
        refused(() -> mesh.commands.act("second", PlanAction.START, null, "bob"));

    assertEquals("OVERLAP", no.code());
    assertTrue(no.getMessage().contains("first") && no.getMessage().contains("foo"));
    assertEquals(PlanPhase.DRAFT, mesh.plan("second").phase());
  }

  @Test
  void refusesASecondMeshPlan() {
    start(Specs.mesh().named("first"));
    mesh.commands.create(Specs.mesh().named("second").spec(), "bob");

    CommandException.NotAllowed no =
        refused(() -> mesh.commands.act("second", PlanAction.START, null, "bob"));

    assertTrue(no.getMessage().contains("first"));
  }

  @Test
  void aPlanThatIsBeingRolledBackStillHasItsNamespaces() {
    start(Specs.namespaces("foo").named("first"));
    mesh.until("first", "foo", Phase.VERIFYING, 60);
    mesh.commands.act("first", PlanAction.ROLLBACK, null, "ann");
    mesh.commands.create(Specs.namespaces("foo").named("second").spec(), "bob");

    refused(() -> mesh.commands.act("second", PlanAction.START, null, "bob"));

    mesh.untilPlan("first", PlanPhase.ROLLED_BACK, 20);
    mesh.commands.act("second", PlanAction.START, null, "bob");
  }

  @Test
  void aDraftHasNoNamespaces() {
    mesh.commands.create(Specs.namespaces("foo").named("draft").spec(), "ann");

    start(Specs.namespaces("foo").named("second"));

    assertEquals(PlanPhase.RUNNING, mesh.plan("second").phase());
  }

  @Test
  void refusesASecondPlanOfTheSameName() {
    mesh.commands.create(Specs.namespaces("foo").spec(), "ann");

    CommandException.NotAllowed no =
        refused(() -> mesh.commands.create(Specs.namespaces("bar").spec(), "ann"));

    assertEquals("ALREADY_EXISTS", no.code());
  }

  static Stream<Arguments> actions() {
    return Stream.of(
        argumentSet("draft", "", List.of(PlanAction.START, PlanAction.DELETE)),
        argumentSet(
            "running", "START", List.of(PlanAction.PAUSE, PlanAction.ABORT, PlanAction.ROLLBACK)),
        argumentSet(
            "paused",
            "START PAUSE",
            List.of(PlanAction.RESUME, PlanAction.ABORT, PlanAction.ROLLBACK, PlanAction.CLEANUP)),
        argumentSet("aborted", "START ABORT", List.of(PlanAction.ROLLBACK)),
        argumentSet("being rolled back", "START ROLLBACK", List.of()));
  }

  @ParameterizedTest
  @MethodSource("actions")
  void allowsOnlyWhatThePhaseAllows(String before, List<PlanAction> allowed) {
    mesh.commands.create(Specs.namespaces("foo").spec(), "ann");
    for (String action : before.isEmpty() ? List.<String>of() : List.of(before.split(" "))) {
      mesh.commands.act("plan", PlanAction.valueOf(action), null, "ann");
    }

    List<PlanAction> answer = mesh.commands.allowedActions(mesh.plan("plan"));

    assertEquals(allowed, answer);
    for (PlanAction action : PlanAction.values()) {
      if (!allowed.contains(action) && action != PlanAction.DELETE) {
        CommandException.NotAllowed no =
            refused(() -> mesh.commands.act("plan", action, null, "ann"));
        assertEquals(allowed.stream().map(Enum::name).toList(), no.allowedActions());
      }
    }
  }

  @Test
  void isNotDeletedBeforeItHasEnded() {
    start(Specs.namespaces("foo"));

    refused(() -> mesh.commands.delete("plan", mesh.plan("plan").version(), true, "ann"));

    mesh.untilPlan("plan", PlanPhase.COMPLETED, 60);
    CommandException.NotAllowed no =
        refused(() -> mesh.commands.delete("plan", mesh.plan("plan").version(), false, "ann"));
    assertEquals("POLICIES_IN_PLACE", no.code());
    assertEquals(List.of("ROLLBACK", "CLEANUP"), no.allowedActions());
    mesh.commands.delete("plan", mesh.plan("plan").version(), true, "ann");
    assertTrue(mesh.ledger.plans().isEmpty());
  }

  @Test
  void isNotDeletedWhileAWriteOfItMayStillLand() {
    start(Specs.namespaces("foo"));
    int[] asked = {0};
    mesh.lease.leads = () -> ++asked[0] < 2;
    mesh.seconds(60);
    assertEquals(1, mesh.step("plan", "foo").inFlight().size());
    PlanRecord plan = mesh.plan("plan");
    mesh.ledger.save(plan.withPhase(PlanPhase.ABORTED, plan.startedAt(), mesh.clock.instant()));

    CommandException.NotAllowed no =
        refused(() -> mesh.commands.delete("plan", mesh.plan("plan").version(), false, "ann"));

    assertEquals("POLICIES_IN_PLACE", no.code());
    assertTrue(String.valueOf(no.getMessage()).contains("foo/default"), no.getMessage());
    assertEquals(List.of("ROLLBACK", "CLEANUP"), no.allowedActions());
  }

  /** The process that was stopped before its write goes on, and nobody would know the way back. */
  @Test
  void isNotDeletedWhenUndoneWhileItsLockMayStillLand() {
    start(Specs.namespaces("foo"));
    int[] asked = {0};
    mesh.lease.leads = () -> ++asked[0] < 2;
    mesh.seconds(60);
    assertEquals(1, mesh.step("plan", "foo").inFlight().size());
    mesh.loop = mesh.leader();
    mesh.commands.act("plan", PlanAction.ROLLBACK, null, "ann");
    mesh.untilPlan("plan", PlanPhase.ROLLED_BACK, 60);

    CommandException.NotAllowed no =
        refused(() -> mesh.commands.delete("plan", mesh.plan("plan").version(), false, "ann"));

    assertEquals("POLICIES_IN_PLACE", no.code());
    mesh.commands.delete("plan", mesh.plan("plan").version(), true, "ann");
  }

  @Test
  void refusesAStaleVersion() {
    PlanRecord read = mesh.commands.create(Specs.namespaces("foo").spec(), "ann");
    mesh.commands.act("plan", PlanAction.START, null, "ann");

    assertThrows(
        CommandException.Stale.class,
        () -> mesh.commands.act("plan", PlanAction.PAUSE, read.version(), "ann"));
  }

  /** The loop saves a step between what a command reads and what it writes. */
  private final class Busy extends AroundLedger {
    private int saves;

    Busy(int saves) {
      super(mesh.ledger);
      this.saves = saves;
    }

    @Override
    public StepRecord save(StepRecord step) {
      if (saves-- > 0) {
        StepRecord now = mesh.ledger.step(step.plan(), step.key()).orElseThrow();
        mesh.ledger.save(now.withMessage("saved by the loop, " + saves));
      }
      return super.save(step);
    }
  }

  private StepRecord exempts(int saves, boolean asRead) {
    start(Specs.namespaces("foo"));
    StepRecord read = mesh.step("plan", "foo");
    return new PlanCommands(
            new Busy(saves), mesh::observe, mesh.clock, Limits.DEFAULT, PlanLimits.SANDBOX)
        .act(
            "plan",
            read.key(),
            StepAction.EXEMPT,
            "",
            asRead ? read.version() : null,
            "ann",
            Overriding.NOT_ASKED);
  }

  @Test
  void triesAgainWhatWasAskedWithoutAVersion() {
    StepRecord asked = exempts(3, false);

    assertEquals("saved by the loop, 0", asked.message());
    assertEquals(asked, mesh.step("plan", "foo"));
  }

  @Test
  void triesNothingAgainThatWasAskedForAVersion() {
    assertThrows(CommandException.Stale.class, () -> exempts(1, true));
  }

  @Test
  void triesNotForEver() {
    assertThrows(CommandException.Stale.class, () -> exempts(1_000, false));
  }

  static Stream<Arguments> changes() {
    return Stream.of(
        argumentSet("an added exception", true, base().except("foo", "httpbin", 9090)),
        argumentSet("a longer soak", true, base().soak(Duration.ofSeconds(9))),
        argumentSet("a stronger approval", true, base().approval(PlanSpec.Approval.NAMESPACE)),
        argumentSet("a first change window", true, base().window(window("Mon-Fri 09:00-16:00"))),
        argumentSet("a shorter soak", false, base().soak(Duration.ofSeconds(1))),
        argumentSet("no probes", false, base().probes(false)),
        argumentSet("silence taken as none", false, base().noSamples(PlanSpec.NoSamples.PASS)),
        argumentSet("more namespaces", false, Specs.namespaces("foo", "bar")),
        argumentSet("another failure policy", false, base().hold()),
        argumentSet("more refusals", false, base().maxRefusals(3)),
        argumentSet("adoption", false, base().adopt()));
  }

  private static Specs base() {
    return Specs.namespaces("foo");
  }

  private static ChangeWindow window(String text) {
    return ChangeWindow.parse(text + " Europe/Berlin");
  }

  @ParameterizedTest
  @MethodSource("changes")
  void takesOnlyMoreExceptionsAndTighterGatesWhileItRuns(boolean taken, Specs next) {
    start(base());
    PlanRecord plan = mesh.plan("plan");

    if (taken) {
      PlanRecord changed = mesh.commands.replace("plan", next.spec(), plan.version(), "ann");
      assertEquals(2, changed.generation());
    } else {
      refused(() -> mesh.commands.replace("plan", next.spec(), plan.version(), "ann"));
      assertEquals(plan, mesh.plan("plan"));
    }
  }

  @Test
  void anApprovalLocksExactlyWhatWasShown() {
    start(base().approval(PlanSpec.Approval.NAMESPACE));
    mesh.until("plan", "foo", Phase.AWAITING_APPROVAL, 60);
    String shown = ImpactHashes.impact(mesh.plan("plan"), FOO, mesh.observe()).hash();
    mesh.seconds(20);
    assertEquals(0, mesh.api.effects());
    mesh.commands.approve("plan", "foo", shown, "go", "bob");

    mesh.until("plan", "foo", Phase.LOCKED, 60);

    assertEquals("bob", mesh.plan("plan").approvals().getFirst().by());
  }

  @Test
  void anApprovalOfAnotherImpactIsRefused() {
    start(base().approval(PlanSpec.Approval.NAMESPACE));
    mesh.until("plan", "foo", Phase.AWAITING_APPROVAL, 60);

    CommandException.NotAllowed no =
        refused(() -> mesh.commands.approve("plan", "foo", "0000", "go", "bob"));

    assertEquals("IMPACT_CHANGED", no.code());
  }

  /** Nobody has seen that impact under these terms. */
  @Test
  void anApprovalOfWhatWasShownUnderOtherTermsIsRefused() {
    start(base().approval(PlanSpec.Approval.NAMESPACE).soak(Duration.ofSeconds(10)));
    mesh.until("plan", "foo", Phase.AWAITING_APPROVAL, 60);
    String shown = ImpactHashes.impact(mesh.plan("plan"), FOO, mesh.observe()).hash();
    mesh.commands.replace(
        "plan",
        base().approval(PlanSpec.Approval.NAMESPACE).soak(Duration.ofSeconds(11)).spec(),
        mesh.plan("plan").version(),
        "ann");

    CommandException.NotAllowed no =
        refused(() -> mesh.commands.approve("plan", "foo", shown, "go", "bob"));

    assertEquals("IMPACT_CHANGED", no.code());
  }

  @Test
  void anApprovalLetsThePlanTakeOverAPersonsMode() {
    mesh.kubectl("foo", "default", MtlsMode.PERMISSIVE);
    start(base());
    mesh.until("plan", "foo", Phase.BLOCKED, 60);
    List<Awaited> awaited = mesh.commands.awaited(mesh.plan("plan"));

    mesh.commands.approve("plan", "foo", awaited.getFirst().impactHash(), "it is mine", "bob");

    mesh.until("plan", "foo", Phase.LOCKED, 60);
    assertEquals(List.of("foo"), awaited.stream().map(Awaited::subject).toList());
    assertEquals(1, mesh.api.effects());
    assertEquals(List.of(), mesh.commands.awaited(mesh.plan("plan")));
  }

  @Test
  void anApprovalDoesNotTakeOverWhatAPersonHasChangedSince() {
    mesh.kubectl("foo", "default", MtlsMode.PERMISSIVE);
    start(base());
    mesh.until("plan", "foo", Phase.BLOCKED, 60);
    mesh.commands.approve("plan", "foo", null, "it is mine", "bob");
    mesh.kubectl("foo", "default", MtlsMode.UNSET);

    mesh.seconds(60);

    assertEquals(Phase.BLOCKED, mesh.phase("plan", "foo"));
    assertEquals(0, mesh.api.effects());
  }

  @Test
  void namesWhatWaitsForConsentWithTheImpactThatItIsAbout() {
    start(
        Specs.namespaces("foo", "bar")
            .wave("first", "foo")
            .wave("rest", "bar")
            .approval(PlanSpec.Approval.WAVE));
    List<Awaited> before = mesh.commands.awaited(mesh.plan("plan"));
    mesh.until("plan", "foo", Phase.AWAITING_APPROVAL, 60);

    List<Awaited> awaited = mesh.commands.awaited(mesh.plan("plan"));

    assertEquals(List.of(), before);
    assertEquals(List.of("wave:first", "foo"), awaited.stream().map(Awaited::subject).toList());
    mesh.commands.approve("plan", "wave:first", awaited.getFirst().impactHash(), "go", "bob");
    mesh.until("plan", "foo", Phase.LOCKED, 60);
  }

  @Test
  void tellsOfADraftWhichPlanIsInItsWay() {
    start(Specs.namespaces("foo").named("first"));
    mesh.commands.create(Specs.namespaces("foo", "bar").named("second").spec(), "bob");
    mesh.commands.create(Specs.namespaces("bar").named("third").spec(), "bob");

    String conflict = mesh.commands.conflict(mesh.plan("second")).orElseThrow();

    assertTrue(conflict.contains("first") && conflict.contains("foo"), conflict);
    assertTrue(mesh.commands.conflict(mesh.plan("third")).isEmpty());
  }

  @Test
  void namesForEachWaveWhatEarlierOnesHaveLeft() {
    start(Specs.namespaces("foo", "bar").wave("first", "foo").wave("rest", "bar"));

    mesh.seconds(1);

    Waiting bar =
        mesh.commands.waitingOn(mesh.plan("plan")).stream()
            .filter(w -> w.subject().equals("bar"))
            .findFirst()
            .orElseThrow();
    assertEquals(Reason.WAITS_FOR_WAVE, bar.reason());
    assertEquals("waits for earlier waves: foo (observing)", bar.message());
    assertEquals(0, mesh.commands.progress(mesh.plan("plan")).done());
  }

  @Test
  void aChangeOfThePlanVoidsItsApprovals() {
    start(base().approval(PlanSpec.Approval.NAMESPACE).soak(Duration.ofSeconds(10)));
    mesh.seconds(3);
    mesh.commands.approve("plan", "foo", null, "go", "bob");
    PlanRecord plan = mesh.plan("plan");
    mesh.commands.replace(
        "plan",
        base().approval(PlanSpec.Approval.NAMESPACE).soak(Duration.ofSeconds(11)).spec(),
        plan.version(),
        "ann");

    mesh.seconds(60);

    assertEquals(Phase.AWAITING_APPROVAL, mesh.phase("plan", "foo"));
    assertEquals(Reason.APPROVAL_VOIDED, gate(Gate.APPROVAL).reason());
    assertEquals(0, mesh.api.effects());
  }

  private GateResult gate(Gate gate) {
    return Objects.requireNonNull(mesh.step("plan", "foo").gate(gate));
  }

  @Test
  void aChangeOfTheImpactVoidsAnApproval() {
    start(base().approval(PlanSpec.Approval.NAMESPACE).soak(Duration.ofSeconds(10)));
    mesh.seconds(3);
    mesh.commands.approve("plan", "foo", null, "go", "bob");
    mesh.kubectl("foo", "default", MtlsMode.PERMISSIVE);

    mesh.seconds(60);

    assertEquals(Reason.APPROVAL_VOIDED, gate(Gate.APPROVAL).reason());
    assertEquals(0, mesh.api.effects());
  }

  @Test
  void anApprovalDoesNotOutliveTheWayBack() {
    start(
        Specs.namespaces("foo", "bar")
            .wave("first", "foo", "bar")
            .approval(PlanSpec.Approval.NAMESPACE));
    mesh.until("plan", "foo", Phase.AWAITING_APPROVAL, 60);
    mesh.commands.approve("plan", "foo", null, "go", "bob");
    mesh.until("plan", "foo", Phase.LOCKED, 60);
    mesh.commands.act("plan", FOO, StepAction.ROLLBACK, "", "ann");
    mesh.until("plan", "foo", Phase.ROLLED_BACK, 60);
    mesh.commands.act("plan", FOO, StepAction.RETRY, "", "ann");

    mesh.until("plan", "foo", Phase.AWAITING_APPROVAL, 60);
    mesh.seconds(20);

    assertEquals(Phase.AWAITING_APPROVAL, mesh.phase("plan", "foo"), () -> mesh.story("plan"));
    assertEquals(Reason.APPROVAL_VOIDED, gate(Gate.APPROVAL).reason());
    mesh.commands.approve("plan", "foo", null, "once more", "bob");
    mesh.until("plan", "foo", Phase.LOCKED, 60);
  }

  /** A ledger in which somebody deletes the record of a step, by kubectl. */
  private static final class Losing extends AroundLedger {
    private boolean lost;

    Losing(RolloutLedger kept) {
      super(kept);
    }

    @Override
    public List<StepRecord> steps(String plan) {
      return super.steps(plan).stream().filter(step -> !isLost(plan, step.key())).toList();
    }

    @Override
    public Optional<StepRecord> step(String plan, StepKey key) {
      return isLost(plan, key) ? Optional.empty() : super.step(plan, key);
    }

    @Override
    public StepRecord save(StepRecord step) {
      boolean anew = isLost(step.plan(), step.key());
      lost &= !anew;
      return super.save(
          anew
              ? step.withVersion(super.step(step.plan(), step.key()).orElseThrow().version())
              : step);
    }

    private boolean isLost(String plan, StepKey key) {
      return lost && plan.equals("plan") && key.equals(FOO);
    }
  }

  /** It was called undone, and STRICT stayed in force. */
  @Test
  void anUndoTakesBackALockWhoseRecordIsLost() {
    start(base());
    mesh.until("plan", "foo", Phase.LOCKED, 120);
    mesh.second();
    assertEquals(PlanPhase.COMPLETED, mesh.plan("plan").phase());
    Losing losing = new Losing(mesh.ledger);
    mesh.loop = mesh.loop(losing);
    losing.lost = true;

    mesh.commands.act("plan", PlanAction.ROLLBACK, null, "ann");
    mesh.seconds(60);

    assertEquals(
        List.of(), mesh.observe().modes().snapshot().namespace("foo").peerAuthentications());
    assertTrue(mesh.plan("plan").endedAt() != null);
  }

  /** One that was there before has no mark, and nobody knows how it was. */
  @Test
  void anUndoNamesALockWhoseRecordIsLostAndThatItCannotTakeBack() {
    mesh.kubectl("foo", "default", MtlsMode.PERMISSIVE);
    start(base().adopt());
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 120);
    Losing losing = new Losing(mesh.ledger);
    mesh.loop = mesh.loop(losing);
    losing.lost = true;

    mesh.commands.act("plan", PlanAction.ROLLBACK, null, "ann");
    mesh.seconds(10);

    Event ended =
        mesh.ledger.events("plan").stream()
            .filter(event -> event.subject().isEmpty() && event.reason() == Reason.UNDONE)
            .findFirst()
            .orElseThrow();
    assertTrue(ended.message().contains("PeerAuthentication foo/default"), ended.message());
  }

  /** It was taken for a lock that was found in part, which is completed or taken back. */
  @Test
  void anExemptNamespaceWhoseRecordIsLostStaysOpen() {
    mesh.calls("legacy/curl", "bar/httpbin");
    start(Specs.namespaces("foo", "bar").wave("first", "foo", "bar"));
    mesh.seconds(3);
    mesh.commands.act("plan", FOO, StepAction.EXEMPT, "", "ann");
    mesh.seconds(10);
    assertEquals(1, mesh.step("plan", "foo").ledger().size());
    Losing losing = new Losing(mesh.ledger);
    mesh.loop = mesh.loop(losing);
    losing.lost = true;

    mesh.seconds(120);

    assertEquals(Phase.EXEMPT, mesh.phase("plan", "foo"), () -> mesh.story("plan"));
    assertEquals(1, facts("foo").peerAuthentications().size());
    mesh.commands.act("plan", PlanAction.ROLLBACK, null, "ann");
    mesh.untilPlan("plan", PlanPhase.ROLLED_BACK, 60);
    assertEquals(List.of(), facts("foo").peerAuthentications());
  }

  /** Nothing was said, progress was 100 %, and nobody watched the lock any more. */
  @Test
  void aCompletedPlanThatLosesARecordIsNotDone() {
    start(base());
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 120);
    Losing losing = new Losing(mesh.ledger);
    mesh.loop = mesh.loop(losing);
    losing.lost = true;

    mesh.second();

    assertEquals(PlanPhase.PAUSED, mesh.plan("plan").phase(), () -> mesh.story("plan"));
    assertEquals(0, mesh.commands.progress(mesh.plan("plan")).done());
    List<Event> told =
        mesh.ledger.events("plan").stream()
            .filter(event -> event.reason() == Reason.EVIDENCE_LOST)
            .toList();
    assertEquals(List.of("", "foo"), told.stream().map(Event::subject).toList());
    told.forEach(
        event ->
            assertTrue(
                event.message().contains("PeerAuthentication foo/default"), event.message()));
    mesh.until("plan", "foo", Phase.LOCKED, 60);
    mesh.commands.act("plan", PlanAction.RESUME, null, "ann");
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 10);
    assertEquals(MtlsMode.STRICT, mesh.mode("foo"), () -> mesh.story("plan"));
    mesh.commands.act("plan", PlanAction.ROLLBACK, null, "ann");
    mesh.untilPlan("plan", PlanPhase.ROLLED_BACK, 60);
    assertEquals(List.of(), facts("foo").peerAuthentications());
  }

  /** It is found to be STRICT then, and how it was before nobody knows. */
  @Test
  void aCompletedPlanThatLosesARecordOfAPolicyOfBeforeNamesIt() {
    mesh.kubectl("foo", "default", MtlsMode.PERMISSIVE);
    start(base().adopt());
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 120);
    Losing losing = new Losing(mesh.ledger);
    mesh.loop = mesh.loop(losing);
    losing.lost = true;
    mesh.second();
    String message = mesh.step("plan", "foo").message();
    assertTrue(message.contains("PeerAuthentication foo/default"), message);
    mesh.commands.act("plan", PlanAction.RESUME, null, "ann");
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 120);
    assertTrue(mesh.step("plan", "foo").found());

    mesh.commands.act("plan", PlanAction.ROLLBACK, null, "ann");
    mesh.untilPlan("plan", PlanPhase.ROLLED_BACK, 60);

    String ended = mesh.ledger.events("plan").getFirst().message();
    assertTrue(ended.contains("PeerAuthentication foo/default"), ended);
  }

  /** As one whose object somebody has deleted: what was left of the way back was a mark. */
  @Test
  void aCompletedPlanThatLosesARecordAndTakesNothingUpIsNotDeleted() {
    start(base());
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 120);
    Losing losing = new Losing(mesh.ledger);
    mesh.loop =
        mesh.loop(
            new AroundLedger(losing) {
              @Override
              public boolean startable(PlanRecord plan) {
                return false;
              }
            });
    losing.lost = true;
    mesh.second();
    assertEquals(PlanPhase.COMPLETED, mesh.plan("plan").phase(), () -> mesh.story("plan"));
    assertEquals(List.of(), mesh.step("plan", "foo").ledger());

    CommandException.NotAllowed no =
        refused(() -> mesh.commands.delete("plan", mesh.plan("plan").version(), false, "ann"));

    assertEquals("POLICIES_IN_PLACE", no.code());
    assertTrue(String.valueOf(no.getMessage()).contains("foo/default"), no.getMessage());
  }

  /** Another plan has the namespace, and leaves the lock to nobody who would take it back. */
  @Test
  void aCompletedPlanThatLosesARecordOpensNothingOfAnotherPlan() {
    start(base());
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 120);
    mesh.start(Specs.namespaces("foo").named("next"));
    mesh.commands.act("next", PlanAction.PAUSE, null, "ann");
    Losing losing = new Losing(mesh.ledger);
    mesh.loop = mesh.loop(losing);
    losing.lost = true;

    mesh.seconds(60);

    assertEquals(PlanPhase.COMPLETED, mesh.plan("plan").phase(), () -> mesh.story("plan"));
    assertEquals(MtlsMode.STRICT, mesh.mode("foo"), () -> mesh.story("plan"));
    List<Waiting> waiting = mesh.commands.waitingOn(mesh.plan("plan"));
    assertEquals(Reason.EVIDENCE_LOST, waiting.getFirst().reason());
  }

  /** It was 100 %, waited for nothing, and could be deleted with the way back of the policy. */
  @Test
  void anAbortedPlanThatLosesARecordNamesIt() {
    mesh.calls("legacy/curl", "bar/httpbin");
    start(Specs.namespaces("foo", "bar").wave("first", "foo", "bar"));
    mesh.until("plan", "foo", Phase.LOCKED, 60);
    mesh.commands.act("plan", PlanAction.ABORT, null, "ann");
    mesh.untilPlan("plan", PlanPhase.ABORTED, 10);
    Losing losing = new Losing(mesh.ledger);
    losing.lost = true;
    PlanCommands commands =
        new PlanCommands(losing, mesh::observe, mesh.clock, Limits.DEFAULT, PlanLimits.SANDBOX);
    PlanRecord plan = mesh.plan("plan");
    Waiting waiting = commands.waitingOn(plan).getFirst();

    assertEquals("foo", waiting.subject());
    assertTrue(waiting.message().contains("PeerAuthentication foo/default"), waiting.message());
    assertEquals(2, commands.progress(plan).total());
    // Another record does not make up for it.
    StepRecord other =
        mesh.ledger.save(
            StepRecord.begin(
                "plan",
                new StepKey("legacy"),
                "",
                Phase.SKIPPED,
                mesh.clock.instant(),
                Reason.REQUESTED,
                ""));
    assertEquals("legacy", other.key().namespace());
    CommandException.NotAllowed no =
        refused(() -> commands.delete("plan", plan.version(), false, "ann"));
    assertEquals("POLICIES_IN_PLACE", no.code());
  }

  /** It was locked, though a person had said that it stays open, or had not retried it. */
  @ParameterizedTest
  @EnumSource(names = {"EXEMPT", "SKIP", "ROLLBACK"})
  void whatAPersonDecidedIsNotUndoneByTheLossOfItsRecord(StepAction decided) {
    mesh.calls("legacy/curl", "bar/httpbin");
    mesh.kubectl("foo", "default", MtlsMode.PERMISSIVE);
    Losing losing = new Losing(mesh.ledger);
    mesh.loop = mesh.loop(losing);
    start(Specs.namespaces("foo", "bar").wave("first", "foo", "bar").adopt());
    mesh.until("plan", "foo", decided == StepAction.ROLLBACK ? Phase.LOCKED : Phase.OBSERVING, 60);
    mesh.commands.act("plan", FOO, decided, "", "ann");
    mesh.seconds(20);
    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"), () -> mesh.story("plan"));
    losing.lost = true;

    mesh.seconds(60);

    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"), () -> mesh.story("plan"));
    Waiting waiting =
        mesh.commands.waitingOn(mesh.plan("plan")).stream()
            .filter(one -> one.subject().equals("foo"))
            .findFirst()
            .orElseThrow();
    assertEquals("person", waiting.gate());
    mesh.commands.act("plan", FOO, StepAction.RETRY, "", "ann");
    mesh.until("plan", "foo", Phase.LOCKED, 60);
  }

  /** As of a plan that a backup has restored with its status, and without its steps. */
  @ParameterizedTest
  @EnumSource(names = {"SKIP", "ROLLBACK"})
  void whatAPersonDecidedIsNotUndoneByTheLossOfAllRecords(StepAction decided) {
    mesh.calls("legacy/curl", "bar/httpbin");
    start(Specs.namespaces("foo", "bar").wave("first", "foo", "bar"));
    mesh.until("plan", "foo", decided == StepAction.ROLLBACK ? Phase.LOCKED : Phase.OBSERVING, 60);
    mesh.commands.act("plan", FOO, decided, "", "ann");
    mesh.seconds(660);
    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"), () -> mesh.story("plan"));
    mesh.loop = mesh.leader();
    LosingAll losing = new LosingAll(mesh.ledger);
    mesh.loop = mesh.loop(losing);

    mesh.seconds(120);

    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"), () -> mesh.story("plan"));
    assertEquals(Reason.EVIDENCE_LOST, mesh.step("plan", "foo").reason());
    mesh.commands.act("plan", FOO, StepAction.RETRY, "", "ann");
    mesh.until("plan", "foo", Phase.LOCKED, 120);
  }

  /** Each step is gone until it is saved again. */
  private static final class LosingAll extends AroundLedger {
    private final Set<StepKey> there = new HashSet<>();

    LosingAll(RolloutLedger kept) {
      super(kept);
    }

    @Override
    public List<StepRecord> steps(String plan) {
      return super.steps(plan).stream().filter(step -> there.contains(step.key())).toList();
    }

    @Override
    public Optional<StepRecord> step(String plan, StepKey key) {
      return super.step(plan, key).filter(step -> there.contains(key));
    }

    @Override
    public StepRecord save(StepRecord step) {
      boolean anew = there.add(step.key());
      return super.save(
          anew
              ? step.withVersion(super.step(step.plan(), step.key()).orElseThrow().version())
              : step);
    }
  }

  /** A pod without a proxy served, of which only the record knew. */
  @Test
  void aRecordThatIsLostWhileNobodyLedTakesNoSilenceAlong() {
    mesh.api.replace(Worlds.foo().with(pod("old").label("app", "httpbin")).build());
    start(Specs.namespaces("bar", "foo").wave("first", "bar").wave("second", "foo"));
    mesh.seconds(660);
    assertEquals(Reason.PODS_UNCAPTURED, gate(Gate.CAPTURE).reason());
    mesh.api.replace(Worlds.foo().build());
    mesh.loop = mesh.leader();
    Losing losing = new Losing(mesh.ledger);
    mesh.loop = mesh.loop(losing);
    losing.lost = true;
    Instant since = mesh.clock.instant();

    mesh.until("plan", "foo", Phase.LOCKED, 120);

    Duration window = base().spec().gates().plaintextWindow();
    assertTrue(
        !mesh.step("plan", "foo").since().isBefore(since.plus(window)), () -> mesh.story("plan"));
  }

  /** It was aborted before it had begun any step of the namespace. */
  @Test
  void anAbortedPlanMissesNoRecordThatNeverWas() {
    mesh.calls("legacy/curl", "bar/httpbin");
    start(Specs.namespaces("foo", "bar").wave("first", "foo", "bar"));
    mesh.commands.act("plan", PlanAction.ABORT, null, "ann");
    mesh.untilPlan("plan", PlanPhase.ABORTED, 10);
    Losing losing = new Losing(mesh.ledger);
    losing.lost = true;
    PlanCommands commands =
        new PlanCommands(losing, mesh::observe, mesh.clock, Limits.DEFAULT, PlanLimits.SANDBOX);

    assertEquals(
        List.of(),
        commands.waitingOn(mesh.plan("plan")).stream()
            .filter(one -> one.reason() == Reason.EVIDENCE_LOST)
            .toList());
  }

  /** As after an hour in which records could not be created: they are, in their order. */
  @Test
  void aRecordThatIsYetToBeCreatedIsNoLostOne() {
    start(Specs.namespaces("bar", "foo").wave("first", "bar").wave("second", "foo"));
    mesh.seconds(3);
    mesh.clock.advance(Duration.ofHours(1));
    Losing losing = new Losing(mesh.ledger);
    mesh.loop = mesh.loop(losing);
    losing.lost = true;

    mesh.second();

    assertFalse(losing.lost);
    assertEquals(Phase.PENDING, mesh.phase("plan", "foo"), () -> mesh.story("plan"));
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 200);
  }

  /** A record after it is there, so that it was, too. */
  @Test
  void aGapAmongTheRecordsIsALostOne() {
    start(Specs.namespaces("foo", "bar").wave("first", "foo").wave("second", "bar"));
    mesh.seconds(3);
    Losing losing = new Losing(mesh.ledger);
    mesh.loop = mesh.loop(losing);
    losing.lost = true;

    mesh.second();

    assertEquals(Phase.BLOCKED, mesh.phase("plan", "foo"), () -> mesh.story("plan"));
    assertEquals(Reason.EVIDENCE_LOST, mesh.step("plan", "foo").reason());
  }

  @Test
  void anApprovalDoesNotOutliveTheRecordOfItsStep() {
    start(base().approval(PlanSpec.Approval.NAMESPACE));
    mesh.until("plan", "foo", Phase.AWAITING_APPROVAL, 60);
    mesh.commands.approve("plan", "foo", null, "go", "bob");
    mesh.commands.act("plan", PlanAction.PAUSE, null, "ann");
    Losing losing = new Losing(mesh.ledger);
    mesh.loop = mesh.loop(losing);
    losing.lost = true;
    mesh.commands.act("plan", PlanAction.RESUME, null, "ann");

    mesh.until("plan", "foo", Phase.AWAITING_APPROVAL, 60);
    mesh.seconds(20);

    assertEquals(Phase.AWAITING_APPROVAL, mesh.phase("plan", "foo"), () -> mesh.story("plan"));
    assertEquals(Reason.APPROVAL_VOIDED, gate(Gate.APPROVAL).reason());
    mesh.commands.approve("plan", "foo", null, "once more", "bob");
    mesh.until("plan", "foo", Phase.LOCKED, 60);
  }

  @Test
  void whatHasNotBegunIsNotApproved() {
    start(base().approval(PlanSpec.Approval.NAMESPACE));
    Losing losing = new Losing(mesh.ledger);
    losing.lost = true;
    PlanCommands commands =
        new PlanCommands(losing, mesh::observe, mesh.clock, Limits.DEFAULT, PlanLimits.SANDBOX);

    CommandException.NotAllowed no =
        refused(() -> commands.approve("plan", "foo", null, "go", null, "bob"));

    assertEquals("PHASE", no.code());
  }

  @Test
  void anApprovedWaveIsNotVoidedByItsOwnLocks() {
    start(
        Specs.namespaces("foo", "bar")
            .wave("first", "foo", "bar")
            .approval(PlanSpec.Approval.WAVE));
    mesh.calls("legacy/curl", "bar/httpbin", Duration.ZERO, Duration.ofSeconds(15));
    mesh.until("plan", "foo", Phase.AWAITING_APPROVAL, 60);
    mesh.seconds(60);
    mesh.commands.approve("plan", "wave:first", null, "go", "bob");

    mesh.untilPlan("plan", PlanPhase.COMPLETED, 100);

    assertEquals(MtlsMode.STRICT, mesh.mode("bar"));
  }

  @Test
  void consentToANamespaceThatIsCalledMeshIsNoneToTheMesh() {
    mesh = new SimulatedMesh(mesh(namespace("istio-system"), Worlds.injected("mesh")));
    start(Specs.mesh().approval(PlanSpec.Approval.NAMESPACE));
    mesh.until("plan", "namespace:mesh", Phase.AWAITING_APPROVAL, 60);
    List<Awaited> awaited = mesh.commands.awaited(mesh.plan("plan"));

    mesh.commands.approve(
        "plan", new StepKey("mesh").toString(), awaited.getFirst().impactHash(), "go", "bob");

    mesh.until("plan", "namespace:mesh", Phase.LOCKED, 60);
    mesh.until("plan", "mesh", Phase.AWAITING_APPROVAL, 60);
    mesh.seconds(60);
    assertEquals(Phase.AWAITING_APPROVAL, mesh.phase("plan", "mesh"), () -> mesh.story("plan"));
    mesh.commands.approve("plan", "mesh", null, "go", "bob");
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 60);
    assertEquals(
        List.of("namespace:mesh", "mesh"),
        mesh.plan("plan").approvals().stream().map(Approval::subject).toList());
  }

  @Test
  void consentToNothingIsNoneToTheMesh() {
    start(Specs.mesh().approval(PlanSpec.Approval.NAMESPACE));

    assertThrows(
        CommandException.NotFound.class,
        () -> mesh.commands.approve("plan", "", null, "go", "bob"));

    assertEquals(List.of(), mesh.plan("plan").approvals());
  }

  @Test
  void anOverrideLetsAGatePassOnceAndIsKept() {
    mesh.calls("legacy/curl", "foo/httpbin", Duration.ZERO, Duration.ofSeconds(10));
    start(base());
    mesh.seconds(8);
    mesh.commands.override("plan", FOO, Set.of(Gate.PLAINTEXT), "legacy may fail", "bob");

    mesh.until("plan", "foo", Phase.LOCKED, 60);

    GateOverride kept = mesh.step("plan", "foo").overrides().getFirst();
    assertTrue(kept.used());
    assertEquals("bob", kept.by());
    assertEquals("legacy may fail", kept.comment());
  }

  @Test
  void aUsedOverrideDoesNotServeTwice() {
    mesh.calls("legacy/curl", "foo/httpbin");
    start(base());
    mesh.seconds(8);
    mesh.commands.override("plan", FOO, Set.of(Gate.PLAINTEXT), "legacy may fail", "bob");
    mesh.until("plan", "foo", Phase.ROLLED_BACK, 60);
    mesh.commands.act("plan", FOO, StepAction.RETRY, "", "ann");

    mesh.seconds(60);

    assertEquals(Phase.OBSERVING, mesh.phase("plan", "foo"));
    assertEquals(Reason.PLAINTEXT_CLIENTS, gate(Gate.PLAINTEXT).reason());
  }

  /** The record of a step has to fit into one object, whatever is said in how many of them. */
  @Test
  void keepsTheLatestOverrides() {
    start(base());
    mesh.seconds(2);
    for (int i = 0; i < 30; i++) {
      String comment = i + " " + "why ".repeat(10_000);
      mesh.commands.override("plan", FOO, Set.of(Gate.PLAINTEXT), comment, "bob");
    }

    List<GateOverride> kept = mesh.step("plan", "foo").overrides();
    assertEquals(20, kept.size());
    assertTrue(kept.getLast().comment().startsWith("29 "));
    assertTrue(kept.stream().mapToInt(one -> one.comment().length()).sum() < 200_000);
  }

  @Test
  void neverOverridesSync() {
    start(base());
    mesh.seconds(2);

    assertThrows(
        CommandException.Invalid.class,
        () -> mesh.commands.override("plan", FOO, Set.of(Gate.SYNC), "trust me", "bob"));
  }

  @ParameterizedTest
  @EnumSource(
      value = Phase.class,
      names = {"OBSERVING", "LOCKING", "VERIFYING", "LOCKED"})
  void aPauseMakesNoNewLocksButVerificationGoesOn(Phase at) {
    start(base());
    reach(at);
    int effects = mesh.api.effects();
    if (at != Phase.LOCKED) {
      mesh.commands.act("plan", PlanAction.PAUSE, null, "ann");
    }

    mesh.seconds(60);

    assertEquals(effects, mesh.api.effects());
    assertEquals(at == Phase.OBSERVING ? Phase.READY : Phase.LOCKED, mesh.phase("plan", "foo"));
    if (at == Phase.OBSERVING) {
      assertFalse(mesh.commands.waitingOn(mesh.plan("plan")).isEmpty());
      mesh.commands.act("plan", PlanAction.RESUME, null, "ann");
      mesh.until("plan", "foo", Phase.LOCKED, 60);
    }
  }

  private void reach(Phase at) {
    for (int i = 0; i < 100 && mesh.phase("plan", "foo") != at; i++) {
      mesh.second();
    }
    assertEquals(at, mesh.phase("plan", "foo"));
  }

  @ParameterizedTest
  @EnumSource(
      value = Phase.class,
      names = {"OBSERVING", "LOCKING", "VERIFYING"})
  void anAbortLeavesWhatIsLockedAndFinishesWhatIsInTheMiddle(Phase at) {
    start(base());
    reach(at);
    mesh.commands.act("plan", PlanAction.ABORT, null, "ann");

    mesh.untilPlan("plan", PlanPhase.ABORTED, 60);

    boolean locked = at != Phase.OBSERVING;
    assertEquals(locked ? MtlsMode.STRICT : MtlsMode.PERMISSIVE, mesh.mode("foo"));
    assertEquals(locked ? Phase.LOCKED : Phase.OBSERVING, mesh.phase("plan", "foo"));
  }

  @Test
  void anAbortedPlanStillRollsBackWhatFailsItsVerification() {
    start(base());
    reach(Phase.VERIFYING);
    mesh.commands.act("plan", PlanAction.ABORT, null, "ann");
    mesh.calls("legacy/curl", "foo/httpbin");

    mesh.untilPlan("plan", PlanPhase.ABORTED, 60);

    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"));
  }

  @Test
  void aPausedPlanStillRollsBack() {
    start(base());
    reach(Phase.VERIFYING);
    mesh.commands.act("plan", PlanAction.PAUSE, null, "ann");
    mesh.calls("legacy/curl", "foo/httpbin");

    mesh.until("plan", "foo", Phase.ROLLED_BACK, 10);

    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"));
  }

  @Test
  void aWindowThatClosesWhileVerifyingStopsNothing() {
    // 09:00 UTC is 11:00 in Berlin; the window closes a minute later.
    start(base().window(window("Mon-Fri 10:00-11:01")).soak(Duration.ofSeconds(45)));
    reach(Phase.VERIFYING);
    mesh.clock.advance(Duration.ofSeconds(20));
    mesh.calls("legacy/curl", "foo/httpbin");

    mesh.second();

    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"));
  }

  /** A namespace that was left alone for a while has not soaked meanwhile. */
  @ParameterizedTest
  @EnumSource(
      value = StepAction.class,
      names = {"EXEMPT", "SKIP"})
  void soaksAnewAfterARetry(StepAction aside) {
    start(
        Specs.namespaces("foo", "bar")
            .wave("first", "foo", "bar")
            .approval(PlanSpec.Approval.NAMESPACE));
    mesh.until("plan", "foo", Phase.AWAITING_APPROVAL, 60);
    mesh.commands.act("plan", FOO, aside, "not today", "ann");
    mesh.second();
    assertNull(mesh.step("plan", "foo").heldSince());
    assertEquals(List.of(), mesh.step("plan", "foo").gates());
    mesh.seconds(30);
    mesh.commands.act("plan", FOO, StepAction.RETRY, "", "ann");
    Instant asked = mesh.clock.instant();

    mesh.until("plan", "foo", Phase.AWAITING_APPROVAL, 60);

    Duration soaked = Duration.between(asked, mesh.clock.instant());
    assertTrue(soaked.compareTo(base().spec().gates().soak()) >= 0, soaked::toString);
    assertTrue(
        mesh.step("plan", "foo").gates().stream().noneMatch(g -> g.evaluatedAt().isBefore(asked)),
        () -> mesh.story("plan"));
  }

  @Test
  void soaksAnewAfterARollback() {
    start(base().hold());
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.commands.act("plan", FOO, StepAction.ROLLBACK, "", "ann");
    mesh.until("plan", "foo", Phase.ROLLED_BACK, 20);
    mesh.seconds(30);
    mesh.commands.act("plan", FOO, StepAction.RETRY, "", "ann");
    Instant asked = mesh.clock.instant();

    mesh.until("plan", "foo", Phase.VERIFYING, 60);

    Duration soaked = Duration.between(asked, mesh.clock.instant());
    assertTrue(soaked.compareTo(base().spec().gates().soak()) >= 0, soaked::toString);
  }

  @Test
  void locksNothingOutsideItsWindows() {
    start(base().window(window("Mon-Fri 14:00-15:00")));

    mesh.seconds(60);

    assertEquals(Phase.READY, mesh.phase("plan", "foo"));
    assertTrue(gate(Gate.WINDOW).message().contains("2026-06-01T12:00:00Z"));
    assertEquals(0, mesh.api.effects());
  }

  /** Two people ask before the loop has carried out what the first one wants. */
  @Test
  void whatWasAskedForIsNotReplacedByWhatSomebodyElseAsksFor() {
    start(Specs.namespaces("foo", "bar").wave("first", "foo").wave("rest", "bar"));
    mesh.until("plan", "foo", Phase.LOCKED, 100);
    mesh.commands.act("plan", FOO, StepAction.ROLLBACK, "", "ann");
    mesh.until("plan", "foo", Phase.ROLLED_BACK, 60);
    mesh.commands.act("plan", FOO, StepAction.EXEMPT, "legacy stays", "ann");

    CommandException.NotAllowed refused =
        assertThrows(
            CommandException.NotAllowed.class,
            () -> mesh.commands.act("plan", FOO, StepAction.RETRY, "", "bob"));

    assertTrue(refused.getMessage().contains("exempt"), refused.getMessage());
    assertTrue(refused.getMessage().contains("ann"), refused.getMessage());
    mesh.until("plan", "foo", Phase.EXEMPT, 60);
  }

  @ParameterizedTest
  @EnumSource(
      value = StepAction.class,
      names = {"EXEMPT", "ROLLBACK"})
  void aRollbackWaitsForNothingThatWasAskedForBefore(StepAction before) {
    start(Specs.namespaces("foo", "bar").wave("first", "foo").wave("rest", "bar"));
    mesh.until("plan", "foo", Phase.LOCKED, 100);
    mesh.commands.act("plan", FOO, before, "", "bob");

    mesh.commands.act("plan", FOO, StepAction.ROLLBACK, "clients fail", "ann");

    mesh.until("plan", "foo", Phase.ROLLED_BACK, 60);
  }

  @Test
  void alwaysSaysWhatARunningPlanWaitsFor() {
    mesh.calls("legacy/curl", "foo/httpbin", Duration.ZERO, Duration.ofSeconds(20));
    start(Specs.mesh());

    for (int i = 0; i < 200 && mesh.plan("plan").phase() == PlanPhase.RUNNING; i++) {
      List<Waiting> waiting = mesh.commands.waitingOn(mesh.plan("plan"));
      assertFalse(waiting.isEmpty());
      waiting.forEach(w -> assertFalse(w.message().isBlank(), w.toString()));
      mesh.second();
    }

    assertEquals(PlanPhase.COMPLETED, mesh.plan("plan").phase());
    assertEquals(List.of(), mesh.commands.waitingOn(mesh.plan("plan")));
    assertEquals(100, mesh.commands.progress(mesh.plan("plan")).percent());
  }

  @Test
  void saysBeforeAnyPlanWhetherANamespaceCouldBeLocked() {
    mesh.seconds(25);
    assertEquals(Readiness.Verdict.READY, mesh.commands.readiness("foo", null).verdict());
    mesh.calls("legacy/curl", "foo/httpbin");
    mesh.seconds(3);

    Readiness readiness = mesh.commands.readiness("foo", null);

    assertEquals(Readiness.Verdict.BLOCKED, readiness.verdict());
    assertEquals("defaults", readiness.basis());
    assertEquals(10, readiness.gates().size());
  }

  @Test
  void saysBeforeAnyPlanThatStrictRefusedPlaintextUntilNow() {
    mesh.kubectl("foo", "default", MtlsMode.STRICT);
    mesh.seconds(65);
    mesh.kubectl("foo", "default", null);
    mesh.seconds(65);

    Readiness readiness = mesh.commands.readiness("foo", null);

    assertEquals(Readiness.Verdict.INCONCLUSIVE, readiness.verdict());
    assertTrue(
        readiness.servers().stream().anyMatch(s -> s.reason() == Reason.STRICT_WITHIN_WINDOW),
        readiness::toString);
  }

  @Test
  void saysThatNobodyKnowsWhenEvidenceIsDown() {
    mesh.seconds(3);
    mesh.evidenceDown = true;

    Readiness readiness = mesh.commands.readiness("foo", null);

    assertEquals(Readiness.Verdict.INCONCLUSIVE, readiness.verdict());
  }
}
