// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.commands;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.DestinationRule.ClientTlsMode;
import io.mtlsmigration.mesh.MeshBuilders;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.plan.PlanLimits;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PlanSpec.IgnoredClient;
import io.mtlsmigration.plan.PlanWindows;
import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.Limits;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanAction;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.RolloutScenario;
import io.mtlsmigration.rollout.Specs;
import io.mtlsmigration.rollout.StepAction;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.testing.AroundLedger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Windows, and clients that may fail, are changed while a plan runs, by friends and others. */
final class TermsOfARunningPlanTest extends RolloutScenario {

  private static final IgnoredClient LEGACY = new IgnoredClient(null, "legacy/curl");
  private static final IgnoredClient RANGE = new IgnoredClient("10.0.0.0/16", null);

  /** May override, and says so whatever is asked. */
  private static final Overriding MAY = (plan, what) -> {};

  private static final Duration LONG = Duration.ofMinutes(5);

  private static Specs foo() {
    return Specs.namespaces("foo");
  }

  private PlanSpec spec() {
    return mesh.plan("plan").spec();
  }

  private static PlanSpec windows(PlanSpec spec, UnaryOperator<PlanWindows> change) {
    return change.apply(PlanWindows.of(spec)).in(spec);
  }

  private static PlanWindows plaintext(PlanWindows old, Duration window) {
    return new PlanWindows(window, old.soak(), old.audit(), old.verificationDuration());
  }

  private static PlanWindows verification(PlanWindows old, Duration window) {
    return new PlanWindows(old.plaintextWindow(), old.soak(), old.audit(), window);
  }

  private PlanRecord edit(PlanSpec next) {
    return mesh.commands.replace("plan", next, mesh.plan("plan").version(), "ann");
  }

  private PlanRecord change(PlanWindows next, String comment, Overriding caller) {
    return mesh.commands.changeWindows(
        "plan", new WindowChange(next, true, comment), null, "ann", caller);
  }

  private PlanRecord longer(Duration window) {
    return change(plaintext(PlanWindows.of(spec()), window), "", Overriding.NOT_ASKED);
  }

  private GateResult gate(Gate gate) {
    return mesh.step("plan", "foo").gate(gate);
  }

  static Stream<Arguments> tighter() {
    return Stream.of(
        change("a longer plaintext window", spec -> windows(spec, old -> plaintext(old, LONG))),
        change(
            "a longer soak",
            spec ->
                windows(
                    spec,
                    old ->
                        new PlanWindows(
                            old.plaintextWindow(), LONG, old.audit(), old.verificationDuration()))),
        change("a longer verification", spec -> windows(spec, old -> verification(old, LONG))),
        change("fewer clients that may fail", spec -> spec.heeding(LEGACY.id())),
        change(
            "a range within the one that may fail",
            spec -> spec.ignoring(List.of(LEGACY, new IgnoredClient("10.0.9.0/24", null)))),
        change(
            "fewer refusals",
            spec ->
                spec.with(
                    spec.gates(),
                    new PlanSpec.Verification(
                        spec.verification().duration(),
                        0,
                        0,
                        spec.verification().ignoreClients()))));
  }

  private static Arguments change(String name, UnaryOperator<PlanSpec> change) {
    return argumentSet(name, change);
  }

  private static Specs before() {
    return foo().maxRefusals(1).audit(Duration.ofSeconds(30)).ignore(LEGACY);
  }

  private void started() {
    mesh.commands.create(before().spec().ignoring(List.of(LEGACY, RANGE)), "ann");
    mesh.commands.act("plan", PlanAction.START, null, "ann");
    mesh.seconds(3);
  }

  @ParameterizedTest
  @MethodSource
  void tighter(UnaryOperator<PlanSpec> change) {
    started();
    PlanRecord old = mesh.plan("plan");

    PlanRecord changed = edit(change.apply(old.spec()));

    assertEquals(change.apply(old.spec()), changed.spec());
    assertEquals(old.generation() + 1, changed.generation());
    assertTrue(mesh.story("plan").contains("approvals and overrides are void"));
  }

  static Stream<Arguments> looser() {
    return Stream.of(
        change(
            "a shorter plaintext window",
            spec -> windows(spec, old -> plaintext(old, Duration.ofSeconds(1)))),
        change(
            "a shorter soak",
            spec ->
                windows(
                    spec,
                    old ->
                        new PlanWindows(
                            old.plaintextWindow(),
                            Duration.ZERO,
                            old.audit(),
                            old.verificationDuration()))),
        change(
            "no dry run",
            spec ->
                windows(
                    spec,
                    old ->
                        new PlanWindows(
                            old.plaintextWindow(), old.soak(), null, old.verificationDuration()))),
        change(
            "a shorter verification",
            spec -> windows(spec, old -> verification(old, Duration.ofSeconds(5)))),
        change("one more client", spec -> spec.ignoring(new IgnoredClient(null, "bar/curl"))),
        change(
            "a wider range", spec -> spec.ignoring(List.of(new IgnoredClient("10.0.0.0/8", null)))),
        change(
            "all of a namespace",
            spec -> spec.ignoring(List.of(new IgnoredClient(null, "legacy/*")))),
        change(
            "a longer window that hides a client",
            spec ->
                windows(spec, old -> plaintext(old, LONG))
                    .ignoring(new IgnoredClient(null, "bar/curl"))));
  }

  /** The same goes for {@code kubectl edit}, which is taken by this command. */
  @ParameterizedTest
  @MethodSource
  void looser(UnaryOperator<PlanSpec> change) {
    started();
    PlanRecord old = mesh.plan("plan");

    CommandException.NotAllowed no =
        assertThrows(CommandException.NotAllowed.class, () -> edit(change.apply(old.spec())));

    assertEquals("PHASE", no.code());
    assertTrue(String.valueOf(no.getMessage()).contains("with override"), no.getMessage());
    assertEquals(old, mesh.plan("plan"));
  }

  private PlanRecord shorter(String comment, Overriding caller) {
    return change(plaintext(PlanWindows.of(spec()), Duration.ofSeconds(5)), comment, caller);
  }

  @Test
  void aShorterWindowNeedsAReason() {
    started();

    CommandException.Invalid no =
        assertThrows(CommandException.Invalid.class, () -> shorter(" ", MAY));

    assertEquals("/override", no.problems().getFirst().pointer());
    assertTrue(
        no.problems().getFirst().detail().contains("gates.plaintextWindow from PT20S to PT5S"));
    assertEquals(before().spec().gates(), spec().gates());
  }

  @Test
  void aShorterWindowNeedsTheVerbOverride() {
    started();
    List<String> asked = new ArrayList<>();
    Overriding mayNot =
        (plan, what) -> {
          asked.add(plan + ": " + what);
          throw new CommandException.NotAllowed("FORBIDDEN", what, List.of());
        };

    assertThrows(CommandException.NotAllowed.class, () -> shorter("because", mayNot));

    assertEquals(1, asked.size());
    assertTrue(asked.getFirst().startsWith("plan: "), asked.getFirst());
    assertEquals(before().spec().gates(), spec().gates());
    assertThrows(CommandException.NotAllowed.class, () -> shorter("because", Overriding.NOT_ASKED));
  }

  @Test
  void whoMayOverrideMakesAWindowShorterAndIsTold() {
    started();

    shorter("they moved yesterday", MAY);

    assertEquals(Duration.ofSeconds(5), spec().gates().plaintextWindow());
    Event told =
        mesh.ledger.events("plan").stream()
            .filter(event -> event.type() == Event.Type.OVERRIDDEN)
            .findFirst()
            .orElseThrow();
    assertEquals("ann", told.actor());
    assertEquals(
        "less than before: gates.plaintextWindow from PT20S to PT5S: they moved yesterday",
        told.message());
  }

  @Test
  void aDraftHasNoWindowToHoldOnTo() {
    mesh.commands.create(foo().spec(), "ann");

    shorter("", Overriding.NOT_ASKED);

    assertEquals(Duration.ofSeconds(5), spec().gates().plaintextWindow());
  }

  /** A window that the mesh or the configuration cannot serve is told at its field. */
  @Test
  void aWindowThatIsImpossibleIsRefusedWhoeverAsks() {
    started();

    CommandException.Invalid no =
        assertThrows(CommandException.Invalid.class, () -> longer(Duration.ofDays(10_000)));

    assertEquals("/gates/plaintextWindow", no.problems().getFirst().pointer());
  }

  /** Two people have read the same plan. */
  @Test
  void theSecondOfTwoEditsIsStale() {
    started();
    PlanRecord read = mesh.plan("plan");
    mesh.commands.heed("plan", LEGACY.id(), read.version(), "ann");

    assertThrows(
        CommandException.Stale.class,
        () ->
            mesh.commands.changeWindows(
                "plan",
                new WindowChange(plaintext(PlanWindows.of(read.spec()), LONG), false, ""),
                read.version(),
                "bea",
                MAY));
    assertThrows(
        CommandException.Stale.class,
        () -> mesh.commands.heed("plan", RANGE.id(), read.version(), "bea"));
    assertEquals(List.of(RANGE), spec().verification().ignoreClients());
  }

  /** He let it pass when nobody older than 20 seconds counted. */
  @Test
  void anOverrideOfBeforeDoesNotServeALongerWindow() {
    mesh.calls("legacy/curl", "foo/httpbin", Duration.ZERO, Duration.ofSeconds(10));
    start(foo());
    mesh.seconds(12);
    mesh.commands.act("plan", PlanAction.PAUSE, null, "ann");
    mesh.commands.override("plan", FOO, Set.of(Gate.PLAINTEXT), "legacy may fail", "bob");

    longer(LONG);
    mesh.commands.act("plan", PlanAction.RESUME, null, "ann");
    mesh.seconds(60);

    assertEquals(Phase.OBSERVING, mesh.phase("plan", "foo"));
    assertEquals(Reason.PLAINTEXT_CLIENTS, gate(Gate.PLAINTEXT).reason());
  }

  /** It was given to a plan that let legacy fail, by which nobody would have been hurt. */
  @Test
  void aClientThatIsHeededAgainFailsTheGateAtTheNextTick() {
    mesh.calls("legacy/curl", "foo/httpbin");
    start(foo().ignore(LEGACY).soak(Duration.ofSeconds(30)));
    mesh.seconds(5);
    mesh.commands.override("plan", FOO, Set.of(Gate.PLAINTEXT), "legacy may fail", "bob");
    mesh.seconds(5);
    assertEquals(GateResult.Result.PASS, gate(Gate.PLAINTEXT).result());

    mesh.commands.heed("plan", LEGACY.id(), null, "ann");
    mesh.second();

    assertEquals(GateResult.Result.FAIL, gate(Gate.PLAINTEXT).result());
    mesh.seconds(90);
    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"));
  }

  /** A client whose own rule breaks it: with it on the list, no hazard is one. */
  @Test
  void aHazardOfAClientThatIsHeededAgainHoldsAtTheNextTick() {
    IgnoredClient evil = new IgnoredClient(null, "evil/agent");
    in(
        MeshBuilders.mesh(
            MeshBuilders.namespace("istio-system"),
            Worlds.foo(),
            Worlds.bar(),
            MeshBuilders.namespace("evil")
                .with(MeshBuilders.sidecarPod("agent"))
                .with(
                    MeshBuilders.destinationRule("off", "httpbin.foo.svc.cluster.local")
                        .tls(ClientTlsMode.DISABLE))));
    start(foo().ignore(evil).soak(Duration.ofMinutes(2)));
    mesh.seconds(10);
    assertEquals(GateResult.Result.PASS, gate(Gate.HAZARDS).result());

    mesh.commands.heed("plan", evil.id(), null, "ann");
    mesh.second();

    assertEquals(GateResult.Result.FAIL, gate(Gate.HAZARDS).result());
  }

  @Test
  void anApprovalOfBeforeIsVoid() {
    start(foo().approval(PlanSpec.Approval.NAMESPACE));
    mesh.until("plan", "foo", Phase.AWAITING_APPROVAL, 60);
    mesh.commands.act("plan", PlanAction.PAUSE, null, "ann");
    mesh.commands.approve("plan", "foo", null, "", "bea");

    shorter("because", MAY);
    mesh.commands.act("plan", PlanAction.RESUME, null, "ann");
    mesh.seconds(60);

    assertEquals(Phase.AWAITING_APPROVAL, mesh.phase("plan", "foo"));
    assertEquals(Reason.APPROVAL_VOIDED, gate(Gate.APPROVAL).reason());
  }

  /** They have held by the list as it was; by the one as it is, nobody has looked. */
  @Test
  void soakBeginsAnew() {
    start(foo().ignore(LEGACY).soak(Duration.ofSeconds(60)));
    mesh.seconds(40);
    assertNotEquals(null, mesh.step("plan", "foo").heldSince());

    mesh.commands.heed("plan", LEGACY.id(), null, "ann");
    mesh.second();

    assertEquals(mesh.clock.instant(), mesh.step("plan", "foo").heldSince());
  }

  @Test
  void aLongerVerificationCountsForTheOneThatRuns() {
    start(foo());
    mesh.until("plan", "foo", Phase.VERIFYING, 90);
    mesh.seconds(3);

    change(verification(PlanWindows.of(spec()), Duration.ofSeconds(60)), "", Overriding.NOT_ASKED);
    mesh.seconds(45);

    assertEquals(Phase.VERIFYING, mesh.phase("plan", "foo"));
    mesh.until("plan", "foo", Phase.LOCKED, 30);
  }

  @Test
  void whatIsLockedStaysLocked() {
    start(Specs.namespaces("foo", "bar"));
    mesh.until("plan", "foo", Phase.LOCKED, 90);

    longer(LONG);
    mesh.seconds(30);

    assertEquals(Phase.LOCKED, mesh.phase("plan", "foo"));
    assertEquals(MtlsMode.STRICT, mesh.mode("foo"));
  }

  @Test
  void aPlanThatHasEndedTakesThemForTheHealthOfWhatItHasLocked() {
    start(foo().ignore(LEGACY));
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 120);

    edit(spec().heeding(LEGACY.id()));
    mesh.commands.ignore("plan", new IgnoredClient(null, "bar/curl"), "gone", null, "olga");
    longer(LONG);

    assertEquals("bar/curl", spec().verification().ignoreClients().getFirst().workload());
    assertEquals(LONG, spec().gates().plaintextWindow());
    assertEquals(PlanPhase.COMPLETED, mesh.plan("plan").phase());
    assertThrows(CommandException.NotAllowed.class, () -> edit(spec().ignoring(LEGACY)));
  }

  @Test
  void aPlanThatIsUndoneTakesNone() {
    start(foo().ignore(LEGACY));
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 120);
    mesh.commands.act("plan", PlanAction.ROLLBACK, null, "ann");

    assertThrows(CommandException.NotAllowed.class, () -> longer(LONG));
    assertThrows(
        CommandException.NotAllowed.class,
        () -> mesh.commands.heed("plan", LEGACY.id(), null, "ann"));
    // A client that keeps the undo from ending may still be let fail.
    mesh.commands.ignore("plan", RANGE, "because", null, "ann");
    mesh.untilPlan("plan", PlanPhase.ROLLED_BACK, 120);
    assertThrows(
        CommandException.NotAllowed.class,
        () -> mesh.commands.ignore("plan", RANGE, "because", null, "ann"));
  }

  /** A ledger in which somebody makes the window longer once a lock has been decided. */
  private class Tightened extends AroundLedger {
    private boolean done;

    Tightened() {
      super(mesh.ledger);
    }

    @Override
    public StepRecord save(StepRecord step) {
      StepRecord saved = super.save(step);
      if (!done && step.phase() == Phase.LOCKING) {
        done = true;
        longer(LONG);
      }
      return saved;
    }
  }

  /** The same by another replica, of which the leader's watch has told nothing yet. */
  private final class TightenedElsewhere extends Tightened {
    private PlanRecord known;

    @Override
    public List<PlanRecord> plans() {
      List<PlanRecord> plans = super.plans();
      known = plans.getFirst();
      return plans;
    }

    @Override
    public Optional<PlanRecord> plan(String name) {
      return Optional.of(known);
    }

    @Override
    public Optional<PlanRecord> live(String name) {
      return mesh.ledger.plan(name);
    }
  }

  private void decidesByTheNewWindow(Tightened between) {
    mesh.calls("legacy/curl", "foo/httpbin", Duration.ZERO, Duration.ofSeconds(5));
    start(foo());
    mesh.loop = mesh.loop(between);

    mesh.seconds(120);

    assertTrue(between.done, () -> mesh.story("plan"));
    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"), () -> mesh.story("plan"));
    assertEquals(List.of(), mesh.step("plan", "foo").ledger());
    assertEquals(Reason.PLAINTEXT_CLIENTS, gate(Gate.PLAINTEXT).reason());
  }

  @Test
  void aLockThatIsBeingDecidedIsDecidedByTheNewWindow() {
    decidesByTheNewWindow(new Tightened());
  }

  @Test
  void aLockThatIsBeingDecidedIsDecidedByTheNewWindowOfAnotherReplica() {
    decidesByTheNewWindow(new TightenedElsewhere());
  }

  /**
   * Such as a pause by kubectl, of which the API server has not told yet when a lock is decided.
   */
  @Test
  void nothingIsLockedBeforeWhatAPersonHasAskedForIsAnswered() {
    AtomicBoolean asked = new AtomicBoolean(true);
    AtomicInteger saves = new AtomicInteger();
    start(foo());
    mesh.loop =
        mesh.loop(
            new AroundLedger(mesh.ledger) {
              @Override
              public boolean unanswered(PlanRecord plan) {
                return asked.get();
              }

              @Override
              public StepRecord save(StepRecord step) {
                saves.incrementAndGet();
                return super.save(step);
              }
            });

    mesh.until("plan", "foo", Phase.LOCKING, 120);
    mesh.seconds(2);
    saves.set(0);
    mesh.seconds(60);

    assertEquals(0, saves.get(), "a step that waits is not written anew each second");
    assertTrue(mesh.step("plan", "foo").message().startsWith("waits: "), () -> mesh.story("plan"));
    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"), () -> mesh.story("plan"));
    assertEquals(List.of(), mesh.step("plan", "foo").inFlight());
    asked.set(false);
    mesh.until("plan", "foo", Phase.LOCKED, 60);
  }

  /** Whoever is slow saves nothing over what has come in between. */
  @Test
  void anOverrideThatRacesALongerWindowDoesNotCount() {
    mesh.calls("legacy/curl", "foo/httpbin", Duration.ZERO, Duration.ofSeconds(10));
    start(foo());
    mesh.seconds(12);
    AroundLedger slow =
        new AroundLedger(mesh.ledger) {
          @Override
          public StepRecord save(StepRecord step) {
            longer(LONG);
            return super.save(step);
          }
        };
    new PlanCommands(slow, mesh::observe, mesh.clock, Limits.DEFAULT, PlanLimits.SANDBOX)
        .override("plan", FOO, Set.of(Gate.PLAINTEXT), "legacy may fail", false, null, "bob");

    mesh.seconds(60);

    assertFalse(mesh.commands.allowedActions(mesh.plan("plan")).isEmpty());
    assertEquals(Phase.OBSERVING, mesh.phase("plan", "foo"));
    assertTrue(
        mesh.commands
            .allowedActions(mesh.plan("plan"), mesh.step("plan", "foo"))
            .contains(StepAction.OVERRIDE));
  }
}
