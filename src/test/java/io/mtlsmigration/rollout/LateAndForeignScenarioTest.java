// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.DestinationRule;
import io.mtlsmigration.mesh.MeshBuilders;
import io.mtlsmigration.mesh.MeshSettings;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.probe.ProbeOutcome;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What others do in the middle of a step, and what becomes known late. */
class LateAndForeignScenarioTest extends RolloutScenario {

  /** STRICT refused everybody during the window: another plan has just been cleaned up. */
  @Test
  void timeUnderStrictOfAnotherPlanIsNoPartOfTheWindow() {
    start(Specs.namespaces("foo"));
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 100);
    mesh.seconds(60);
    mesh.commands.act("plan", PlanAction.CLEANUP, null, "ann");
    mesh.untilPlan("plan", PlanPhase.CLEANED_UP, 30);
    start(Specs.namespaces("foo").named("second"));
    int n = 0;
    while (mesh.mode("foo") != MtlsMode.STRICT && n < 100) {
      mesh.second();
      n++;
    }
    assertTrue(n >= 20, "STRICT after " + n + " s, window 20 s: " + mesh.story("second"));
  }

  /** Two replicas that did not know of each other's commands have started both. */
  @Test
  void ofTwoPlansForANamespaceTheSecondWaits() {
    start(Specs.namespaces("foo"));
    mesh.seconds(1);
    PlanRecord first = mesh.plan("plan");
    mesh.ledger.save(first.withPhase(PlanPhase.PAUSED, first.startedAt(), null));
    mesh.startElsewhere(Specs.namespaces("foo").named("second"), first);

    mesh.seconds(100);

    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"), mesh.story("second"));
    assertTrue(
        mesh.step("second", "foo").message().contains("plan plan already has foo"),
        mesh.story("second"));
    mesh.commands.act("plan", PlanAction.ABORT, null, "ann");
    mesh.untilPlan("second", PlanPhase.COMPLETED, 100);
  }

  /** The write of STRICT whose end nobody knows. */
  private WriteIntent hang() {
    WriteIntent[] held = new WriteIntent[1];
    mesh.api.beforeApply =
        intent -> {
          if (intent.change().purpose() == PolicyChange.Purpose.LOCK && held[0] == null) {
            held[0] = intent;
            throw new IllegalStateException("stands still");
          }
        };
    for (int i = 0; i < 100 && held[0] == null; i++) {
      mesh.second();
    }
    mesh.api.beforeApply = i -> {};
    return Objects.requireNonNull(held[0]);
  }

  /** Aborted while the write's end is not known; then it happens. */
  @Test
  void aWriteThatLandsAfterAnAbortIsTakenBack() {
    start(Specs.namespaces("foo"));
    WriteIntent late = hang();
    mesh.commands.act("plan", PlanAction.ABORT, null, "ann");
    mesh.untilPlan("plan", PlanPhase.ABORTED, 10);
    mesh.api.apply(late, false);
    mesh.seconds(60);
    assertEquals(
        MtlsMode.PERMISSIVE, mesh.mode("foo"), mesh.step("plan", "foo") + mesh.story("plan"));
  }

  /** The way back begins with another object than the one whose write's end is not known. */
  @Test
  void aWriteThatLandsAfterAnotherObjectsWayBackIsTakenBack() {
    mesh.kubectl("foo", "default", MtlsMode.PERMISSIVE);
    start(Specs.namespaces("foo").adopt().except("foo", "httpbin", 8080));
    WriteIntent late = hang();
    assertEquals("default", late.change().ref().name());
    mesh.commands.act("plan", PlanAction.ROLLBACK, null, "ann");
    mesh.seconds(10);
    assertTrue(
        facts("foo").peerAuthentications().stream().allMatch(p -> p.ref().name().equals("default")),
        mesh.story("plan"));
    assertInstanceOf(WriteResult.Applied.class, mesh.api.apply(late, true));
    mesh.seconds(60);
    assertEquals(
        MtlsMode.PERMISSIVE, mesh.mode("foo"), mesh.step("plan", "foo") + mesh.story("plan"));
  }

  private static final PeerAuthentication.Spec WITH_A_PORT =
      new PeerAuthentication.Spec(Map.of(), MtlsMode.STRICT, Map.of(9000, MtlsMode.PERMISSIVE));

  /** It lands after it was looked for, and somebody adds a port to what it made before the next. */
  @Test
  void aWriteThatLandsAndIsChangedBeforeItIsSeenIsKnown() {
    mesh.kubectl("foo", "default", MtlsMode.PERMISSIVE);
    start(Specs.namespaces("foo").adopt());
    WriteIntent late = hang();
    mesh.commands.act("plan", PlanAction.ABORT, null, "ann");
    mesh.untilPlan("plan", PlanPhase.ABORTED, 10);
    mesh.seconds(3);
    assertInstanceOf(WriteResult.Applied.class, mesh.api.apply(late, true));
    mesh.api.amend(late.change().ref(), WITH_A_PORT);

    mesh.seconds(60);

    assertEquals(List.of(MtlsMode.PERMISSIVE), before(), () -> mesh.story("plan"));
  }

  /** The same, right before the next leader makes that write itself. */
  @Test
  void aWriteThatLandsAndIsChangedBeforeItIsMadeAgainIsKnown() {
    mesh.kubectl("foo", "default", MtlsMode.PERMISSIVE);
    start(Specs.namespaces("foo").adopt());
    WriteIntent late = hang();
    mesh.api.beforeApply =
        intent -> {
          mesh.api.beforeApply = i -> {};
          assertInstanceOf(WriteResult.Applied.class, mesh.api.apply(late, true));
          mesh.api.amend(late.change().ref(), WITH_A_PORT);
        };

    mesh.seconds(60);

    assertEquals(List.of(MtlsMode.PERMISSIVE), before(), () -> mesh.story("plan"));
  }

  /** The modes that an undo of foo brings back. */
  private List<MtlsMode> before() {
    return mesh.step("plan", "foo").ledger().stream().map(entry -> entry.before().mode()).toList();
  }

  /**
   * A gate breaks while the write's end is not known; then it happens, with clients that it
   * refuses.
   */
  @Test
  void aWriteThatLandsWhenAGateFailsIsVerifiedAndRolledBack() {
    start(Specs.namespaces("foo"));
    WriteIntent late = hang();
    mesh.calls("legacy/curl", "foo/httpbin");
    mesh.seconds(3);
    assertEquals(Phase.OBSERVING, mesh.phase("plan", "foo"));
    mesh.api.apply(late, false);
    mesh.seconds(60);
    assertEquals(
        MtlsMode.PERMISSIVE,
        mesh.mode("foo"),
        mesh.step("plan", "foo").phase() + mesh.story("plan"));
  }

  /** A person was faster with STRICT, which harms; it is not ours to take back. */
  @Test
  void aPersonsStrictIsNotRolledBackByTheWay() {
    start(Specs.namespaces("foo"));
    mesh.api.beforeApply =
        intent -> {
          mesh.api.beforeApply = i -> {};
          mesh.kubectl("foo", "default", MtlsMode.STRICT);
          mesh.calls("legacy/curl", "foo/httpbin");
        };
    mesh.until("plan", "foo", Phase.VERIFYING, 100).seconds(60);
    assertEquals(MtlsMode.STRICT, mesh.mode("foo"));
    assertTrue(mesh.step("plan", "foo").held(), mesh.story("plan"));
    assertEquals(0, mesh.step("plan", "foo").automaticRollbacks());
  }

  /** Ours was deleted, and another STRICT was made: nothing is in force again. */
  @Test
  void isNotUndoneWhileAnotherPolicyIsStrict() {
    start(Specs.namespaces("foo"));
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 100);
    mesh.kubectl("foo", "team", MtlsMode.STRICT);
    mesh.kubectl("foo", "default", null);
    mesh.seconds(3);
    mesh.commands.act("plan", FOO, StepAction.ROLLBACK, "", "ann");
    mesh.seconds(30);
    assertEquals(MtlsMode.STRICT, mesh.mode("foo"));
    assertNotEquals(Phase.ROLLED_BACK, mesh.phase("plan", "foo"), mesh.story("plan"));
  }

  /** STRICT was opened before this process looked for the first time. */
  @Test
  void whatStrictRefusedBeforeTheFirstLookIsNotMeasured() {
    mesh.kubectl("foo", "default", MtlsMode.STRICT);
    mesh.seconds(60);
    mesh.kubectl("foo", "default", MtlsMode.PERMISSIVE);
    mesh.seconds(5);
    mesh.loop = mesh.leader();
    start(Specs.namespaces("foo").adopt());
    int n = 0;
    while (mesh.mode("foo") != MtlsMode.STRICT && n < 100) {
      mesh.second();
      n++;
    }
    assertTrue(n >= 14, "STRICT after " + n + " s, window 20 s: " + mesh.story("plan"));
    assertEquals(MtlsMode.STRICT, mesh.mode("foo"), mesh.story("plan"));
  }

  /** STRICT is opened by an exemption, and another leader goes on. */
  @Test
  void anotherLeaderKnowsWhenStrictWasOpened() {
    start(Specs.namespaces("foo", "bar").wave("all", "foo", "bar"));
    mesh.calls("legacy/curl", "bar/httpbin");
    mesh.until("plan", "foo", Phase.LOCKED, 100);
    mesh.seconds(30);
    mesh.commands.act("plan", FOO, StepAction.EXEMPT, "", "ann");
    mesh.second();
    mesh.loop = mesh.leader();
    mesh.second();
    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"));
    mesh.commands.act("plan", FOO, StepAction.RETRY, "", "ann");
    int n = 0;
    while (mesh.mode("foo") != MtlsMode.STRICT && n < 100) {
      mesh.second();
      n++;
    }
    assertTrue(
        n >= 18,
        "STRICT after " + n + " s " + mesh.step("plan", "foo").openSince() + mesh.story("plan"));
  }

  /** A server that hangs holds the way back for ever, and nothing is allowed. */
  @Test
  void aServerThatHangsHoldsNoUndoForEver() {
    start(Specs.namespaces("foo"));
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 100);
    mesh.failingProbes.addAll(List.of("foo/curl", "bar/curl", "legacy/curl"));
    mesh.commands.act("plan", PlanAction.ROLLBACK, null, "ann");
    mesh.seconds(600);
    PlanRecord plan = mesh.plan("plan");
    assertTrue(
        plan.endedAt() != null || !mesh.commands.allowedActions(plan).isEmpty(),
        mesh.step("plan", "foo").message());
  }

  /** A name that curl does not resolve says nothing of who listens. */
  @Test
  void whoDoesNotFindTheServerHasNotSeenThatNobodyListens() {
    start(Specs.namespaces("foo"));
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 100);
    mesh.failingProbes.addAll(List.of("foo/curl", "bar/curl", "legacy/curl"));
    mesh.failingExit = 6;
    mesh.commands.act("plan", PlanAction.ROLLBACK, null, "ann");

    mesh.seconds(20);

    assertEquals(Phase.ROLLING_BACK, mesh.phase("plan", "foo"), mesh.story("plan"));
  }

  /** What the leader before saw by probes, a leader without one knows no better. */
  @Test
  void aLeaderThatHasProbedNobodyCallsNoLockHealthy() {
    start(Specs.namespaces("foo"));
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 100);
    mesh.api.settings(new MeshSettings("istio-system", "cluster.local", false, true));
    mesh.seconds(20);
    assertNotNull(mesh.step("plan", "foo").health());

    mesh.loop = mesh.leader();
    mesh.unprobedYet = true;
    mesh.api.settings(new MeshSettings("istio-system", "cluster.local", true, true));
    mesh.seconds(40);
    assertNotNull(mesh.step("plan", "foo").health(), () -> mesh.story("plan"));

    mesh.unprobedYet = false;
    mesh.seconds(40);
    assertNull(mesh.step("plan", "foo").health(), () -> mesh.story("plan"));
  }

  /** As when no command runs any more in the pods of the client that was refused. */
  @Test
  void aLeaderThatCannotProbeWhoWasRefusedCallsNoLockHealthy() {
    start(Specs.namespaces("foo"));
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 100);
    mesh.api.settings(new MeshSettings("istio-system", "cluster.local", false, true));
    mesh.seconds(20);
    assertNotNull(mesh.step("plan", "foo").health());

    mesh.loop = mesh.leader();
    mesh.failingProbes.add("bar/curl");
    mesh.failingAs = ProbeOutcome.SKIPPED;
    mesh.api.settings(new MeshSettings("istio-system", "cluster.local", true, true));
    mesh.seconds(40);
    assertNotNull(mesh.step("plan", "foo").health(), () -> mesh.story("plan"));

    mesh.failingProbes.clear();
    mesh.seconds(40);
    assertNull(mesh.step("plan", "foo").health(), () -> mesh.story("plan"));
  }

  /** Of a large mesh a round covers a part; or the client is not probed by this leader at all. */
  @Test
  void aLeaderWhoseRoundsLeftOutWhoWasRefusedCallsNoLockHealthy() {
    start(Specs.namespaces("foo"));
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 100);
    mesh.api.settings(new MeshSettings("istio-system", "cluster.local", false, true));
    mesh.seconds(20);
    assertNotNull(mesh.step("plan", "foo").health());

    mesh.loop = mesh.leader();
    mesh.unprobed.add("foo/httpbin");
    mesh.api.settings(new MeshSettings("istio-system", "cluster.local", true, true));
    mesh.seconds(40);
    assertNotNull(mesh.step("plan", "foo").health(), () -> mesh.story("plan"));

    mesh.unprobed.clear();
    mesh.seconds(40);
    assertNull(mesh.step("plan", "foo").health(), () -> mesh.story("plan"));
  }

  /** What it saw when it led the last time says nothing of what another one has seen since. */
  @Test
  void aLeaderThatHasProbedBeforeAnotherOneCallsNoLockHealthy() {
    start(Specs.namespaces("foo"));
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 100);
    mesh.api.settings(new MeshSettings("istio-system", "cluster.local", false, true));
    mesh.seconds(20);
    StepRecord.Health seen = Objects.requireNonNull(mesh.step("plan", "foo").health());
    mesh.api.settings(new MeshSettings("istio-system", "cluster.local", true, true));
    mesh.seconds(40);
    assertNull(mesh.step("plan", "foo").health(), () -> mesh.story("plan"));

    mesh.probesDown = true;
    mesh.clock.advance(Duration.ofMinutes(20));
    mesh.ledger.save(
        mesh.step("plan", "foo")
            .withHealth(
                new StepRecord.Health(
                    mesh.clock.instant(), seen.reason(), seen.message(), seen.refused())));
    mesh.loop = mesh.leader();
    mesh.seconds(20);
    assertNotNull(mesh.step("plan", "foo").health(), () -> mesh.story("plan"));

    mesh.probesDown = false;
    mesh.seconds(20);
    assertNull(mesh.step("plan", "foo").health(), () -> mesh.story("plan"));
  }

  /** Who is refused later, while others still are, is remembered as well. */
  @Test
  void aLeaderRemembersWhoWasRefusedLater() {
    start(Specs.namespaces("foo"));
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 100);
    mesh.unprobed.add("foo/httpbin");
    mesh.api.settings(new MeshSettings("istio-system", "cluster.local", false, true));
    mesh.seconds(20);
    assertEquals(Set.of(), mesh.step("plan", "foo").health().refused());
    mesh.unprobed.clear();
    mesh.seconds(20);
    assertEquals(2, mesh.step("plan", "foo").health().refused().size());

    mesh.loop = mesh.leader();
    mesh.unprobed.add("foo/httpbin");
    mesh.api.settings(new MeshSettings("istio-system", "cluster.local", true, true));
    mesh.seconds(40);
    assertNotNull(mesh.step("plan", "foo").health(), () -> mesh.story("plan"));
  }

  /** Those of before are many, and get through by now. */
  @Test
  void whoIsRefusedAfterManyOthersIsRememberedAsWell() {
    start(Specs.namespaces("foo"));
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 100);
    mesh.api.settings(new MeshSettings("istio-system", "cluster.local", false, true));
    mesh.seconds(20);
    StepRecord.Health seen = Objects.requireNonNull(mesh.step("plan", "foo").health());
    Set<String> others =
        IntStream.range(0, 1_000)
            .mapToObj("bar/gone-%d to foo/httpbin:8000 at 10.0.0.1:8080"::formatted)
            .collect(Collectors.toSet());
    mesh.ledger.save(
        mesh.step("plan", "foo")
            .withHealth(
                new StepRecord.Health(seen.since(), seen.reason(), seen.message(), others)));

    mesh.seconds(20);

    StepRecord.Health now = Objects.requireNonNull(mesh.step("plan", "foo").health());
    assertEquals(seen.refused(), now.refused());
  }

  /** The first ailment is mended, another is there meanwhile. */
  @Test
  void healthTellsWhatIsWrongNow() {
    start(Specs.namespaces("foo"));
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 100);
    mesh.api.settings(new MeshSettings("istio-system", "cluster.local", false, true));
    mesh.seconds(20);
    assertNotNull(mesh.step("plan", "foo").health());
    NamespaceFacts late =
        Worlds.foo().with(pod("late").label("app", "httpbin").ports(8080)).build();
    mesh.api.replace(late.withPeerAuthentications(facts("foo").peerAuthentications()));
    mesh.seconds(10);
    mesh.api.settings(new MeshSettings("istio-system", "cluster.local", true, true));
    mesh.seconds(30);
    StepRecord.Health h = mesh.step("plan", "foo").health();
    assertTrue(h != null && h.reason() == Reason.PODS_UNCAPTURED, "" + h);
  }

  /** The write was not made, and somebody has touched no more than an annotation. */
  @Test
  void whoTouchesAnAnnotationHasNotWeakenedAnything() {
    in(
        MeshBuilders.mesh(
            namespace("istio-system"),
            Worlds.foo().with(policy("default", MtlsMode.PERMISSIVE)),
            Worlds.bar(),
            Worlds.legacy()));
    start(Specs.namespaces("foo").adopt());
    hang();
    mesh.kubectl("foo", "default", MtlsMode.PERMISSIVE);
    mesh.seconds(40);
    assertNotEquals(Phase.DRIFTED, mesh.phase("plan", "foo"), mesh.story("plan"));
  }

  /** A mesh plan takes in a namespace that another plan has. */
  @Test
  void aMeshPlanTakesInNoNamespaceOfAnotherPlan() {
    start(Specs.mesh().noSamples(PlanSpec.NoSamples.PASS));
    mesh.seconds(3);
    mesh.api.replace(Worlds.injected("late").build());
    mesh.world();
    start(Specs.namespaces("late").named("other").noSamples(PlanSpec.NoSamples.PASS));
    mesh.seconds(3);
    boolean both =
        mesh.ledger.step("plan", new StepKey("late")).isPresent()
            && mesh.ledger.step("other", new StepKey("late")).isPresent();
    assertFalse(both);
  }

  /** Another plan has bar; foo has drifted and nobody can retry it. */
  @Test
  void aDriftThatCannotBeRetriedIsTold() {
    start(Specs.namespaces("foo", "bar").wave("all", "foo", "bar"));
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 100);
    start(Specs.namespaces("bar").named("other").soak(Duration.ofHours(1)).window());
    mesh.commands.act("other", PlanAction.PAUSE, null, "ann");
    mesh.kubectl("foo", "default", MtlsMode.PERMISSIVE);
    mesh.seconds(30);
    assertEquals(Phase.DRIFTED, mesh.phase("plan", "foo"));
    assertTrue(
        mesh.commands
                .allowedActions(mesh.plan("plan"), mesh.step("plan", "foo"))
                .contains(StepAction.RETRY)
            || !mesh.commands.waitingOn(mesh.plan("plan")).isEmpty(),
        mesh.plan("plan").phase() + " " + mesh.commands.waitingOn(mesh.plan("plan")));
  }

  /** The object is touched every second. */
  @Test
  void findsDriftOfAnObjectThatIsTouchedAllTheTime() {
    start(Specs.namespaces("foo"));
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 100);
    mesh.api.afterApply = i -> {};
    int saves = mesh.ledger.saves();
    for (int i = 0; i < 60; i++) {
      mesh.kubectl("foo", "default", MtlsMode.STRICT);
      mesh.second();
    }
    int quiet = mesh.ledger.saves() - saves;
    mesh.kubectl("foo", "default", MtlsMode.PERMISSIVE);
    mesh.seconds(12);
    assertEquals(Phase.DRIFTED, mesh.phase("plan", "foo"));
    assertTrue(quiet < 5, "saves " + quiet);
  }

  /** A person asks once more for the exemption that another person had changed. */
  @Test
  void anExemptionCanBeAskedForAgain() {
    start(Specs.namespaces("foo", "bar").wave("all", "foo", "bar").adopt());
    mesh.calls("legacy/curl", "bar/httpbin");
    mesh.until("plan", "foo", Phase.LOCKED, 100);
    mesh.commands.act("plan", FOO, StepAction.EXEMPT, "", "ann");
    mesh.seconds(3);
    mesh.kubectl("foo", "default", MtlsMode.STRICT);
    mesh.seconds(10);
    mesh.commands.act("plan", FOO, StepAction.RETRY, "", "ann");
    mesh.until("plan", "foo", Phase.LOCKED, 60);
    mesh.commands.act("plan", FOO, StepAction.EXEMPT, "once more", "ann");
    mesh.seconds(20);
    assertEquals(
        MtlsMode.PERMISSIVE,
        mesh.mode("foo"),
        mesh.step("plan", "foo").phase() + " " + mesh.step("plan", "foo").message());
  }

  /** Whoever is exempt is asked for no approval: that one may approve is not what helps. */
  @Test
  void anExemptionThatAPersonsPolicyStandsInTheWayOfSaysWhatHelps() {
    start(Specs.namespaces("foo"));
    mesh.kubectl("foo", "default", MtlsMode.STRICT);
    mesh.calls("legacy/curl", "foo/httpbin");
    mesh.commands.act("plan", FOO, StepAction.EXEMPT, "", "ann");
    mesh.seconds(20);

    StepRecord step = mesh.step("plan", "foo");
    assertEquals(Phase.EXEMPT, step.phase());
    assertTrue(step.message().contains("a person's"), step.message());
    assertFalse(step.message().contains("approv"), step.message());
  }

  /** It is offered where it is asked for. */
  @Test
  void approvingIsOfferedWhereItTakesAPersonsPolicyOver() {
    start(Specs.namespaces("foo"));
    mesh.kubectl("foo", "default", MtlsMode.PERMISSIVE);
    mesh.until("plan", "foo", Phase.BLOCKED, 30);

    StepRecord blocked = mesh.step("plan", "foo");
    assertTrue(blocked.message().contains("approve this step"), blocked.message());
    assertTrue(
        mesh.commands.allowedActions(mesh.plan("plan"), blocked).contains(StepAction.APPROVE));
    mesh.commands.approve("plan", "foo", null, "", null, "ann");
    mesh.until("plan", "foo", Phase.LOCKED, 60);
  }

  /** Gates judge who calls; what was approved is the change of that policy, as it was shown. */
  @Test
  void aTakeoverStandsForAsLongAsThePolicyIsAsItWasShown() {
    NamespaceFacts legacy = facts("legacy");
    mesh.api.replace(legacy.withPods(List.of())); // such as a CronJob's, between two runs
    start(Specs.namespaces("foo").soak(Duration.ofHours(1)));
    mesh.kubectl("foo", "default", MtlsMode.PERMISSIVE);
    mesh.until("plan", "foo", Phase.BLOCKED, 30);
    mesh.commands.approve("plan", "foo", null, "", null, "ann");
    mesh.until("plan", "foo", Phase.OBSERVING, 30);

    mesh.api.replace(legacy);
    mesh.seconds(20);
    assertEquals(Phase.OBSERVING, mesh.phase("plan", "foo"), () -> mesh.story("plan"));
    mesh.kubectl("foo", "default", MtlsMode.DISABLE);
    mesh.until("plan", "foo", Phase.BLOCKED, 30);

    assertTrue(
        mesh.step("plan", "foo").gates().stream()
            .anyMatch(gate -> gate.message().contains("approve this step")),
        () -> mesh.story("plan"));
  }

  static Stream<Phase> unlocked() {
    return Stream.of(Phase.OBSERVING, Phase.LOCKING, Phase.VERIFYING);
  }

  @ParameterizedTest
  @MethodSource("unlocked")
  void aNamespaceThatIsBeingDeletedIsNotLocked(Phase when) {
    mesh.api.afterApply = intent -> mesh.proxiesStale = when == Phase.LOCKING;
    start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", when, 60);
    mesh.seconds(when == Phase.LOCKING ? 5 : 0);
    mesh.proxiesStale = false;
    mesh.api.replace(terminating(facts("foo")));

    mesh.seconds(120);

    assertEquals(when, mesh.phase("plan", "foo"));
    assertTrue(
        mesh.commands.waitingOn(mesh.plan("plan")).stream()
            .anyMatch(waiting -> waiting.message().contains("is being deleted")),
        mesh.commands.waitingOn(mesh.plan("plan")).toString());
  }

  private static NamespaceFacts terminating(NamespaceFacts f) {
    return new NamespaceFacts(
        f.name(),
        f.uid(),
        f.labels(),
        f.annotations(),
        true,
        f.pods(),
        f.services(),
        f.endpointSlices(),
        f.peerAuthentications(),
        f.destinationRules(),
        f.sidecars(),
        f.others(),
        f.unreadable());
  }

  /** Scaled to zero in the middle of a lock whose write was not made. */
  @Test
  void aWriteThatLandsWhenScaledToZeroIsVerified() {
    start(Specs.namespaces("foo"));
    WriteIntent late = hang();
    NamespaceFacts f = facts("foo");
    mesh.api.replace(f.withPods(List.of()));
    mesh.seconds(3);
    mesh.api.apply(late, false);
    mesh.seconds(5);
    mesh.api.replace(facts("foo").withPods(f.pods()));
    mesh.seconds(40);
    assertTrue(
        mesh.ledger.events("plan").stream().anyMatch(e -> e.to().equals("VERIFYING")),
        mesh.phase("plan", "foo") + mesh.story("plan"));
  }

  /** A rule that was made after the lock has clients refused; the lock is rolled back for it. */
  @Test
  void anUndoEndsWhereARuleMakesProbesCountAsPlaintext() {
    mesh.unnoticed = true;
    start(Specs.namespaces("foo"));
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 100);
    NamespaceFacts foo =
        Worlds.foo()
            .with(
                MeshBuilders.destinationRule("plain", "httpbin.foo.svc.cluster.local")
                    .tls(DestinationRule.ClientTlsMode.DISABLE))
            .build();
    mesh.api.replace(foo.withPeerAuthentications(facts("foo").peerAuthentications()));
    mesh.seconds(20);
    mesh.commands.act("plan", PlanAction.ROLLBACK, null, "ann");
    mesh.seconds(600);
    assertNotNull(
        mesh.plan("plan").endedAt(),
        mesh.mode("foo")
            + " "
            + mesh.step("plan", "foo").phase()
            + " "
            + mesh.step("plan", "foo").message());
  }

  /** A policy that a person makes after the approval is not among what was approved. */
  @ParameterizedTest
  @CsvSource({"default", "plaintext-httpbin"})
  @Timeout(60)
  void doesNotTakeOverAmidItsWritesWhatNobodyWasShown(String policy) {
    start(
        Specs.namespaces("foo")
            .except("foo", "httpbin", 8080)
            .approval(PlanSpec.Approval.NAMESPACE));
    mesh.until("plan", "foo", Phase.AWAITING_APPROVAL, 100);
    mesh.commands.approve("plan", "foo", null, "", null, "ann");
    mesh.until("plan", "foo", Phase.LOCKING, 30);
    while (mesh.step("plan", "foo").wrote().isEmpty()) {
      mesh.second();
    }
    assertEquals("plaintext-httpbin", mesh.step("plan", "foo").ledger().getFirst().ref().name());

    mesh.kubectl("foo", policy, MtlsMode.PERMISSIVE);
    mesh.seconds(60);

    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"), () -> mesh.story("plan"));
  }

  /** The exception's own policy is written before it; DISABLE is opened by a write of its own. */
  @ParameterizedTest
  @CsvSource({"PERMISSIVE, 1", "DISABLE, 2"})
  void takesOverAmidItsWritesWhatWasShown(MtlsMode mode, int approvals) {
    mesh =
        new SimulatedMesh(
            mesh(
                namespace("istio-system"),
                Worlds.foo().with(policy("default", mode).owner("kubectl", true))));
    mesh.start(
        Specs.namespaces("foo")
            .except("foo", "httpbin", 8080)
            .approval(PlanSpec.Approval.NAMESPACE));
    int approved = 0;
    for (int i = 0; i < 200 && mesh.phase("plan", "foo") != Phase.LOCKED; i++) {
      if (waitsForAPerson()) {
        mesh.commands.approve("plan", "foo", null, "", null, "ann");
        approved++;
      }
      mesh.second();
    }

    assertEquals(Phase.LOCKED, mesh.phase("plan", "foo"), () -> mesh.story("plan"));
    assertEquals(approvals, approved, () -> mesh.story("plan"));
  }

  @Test
  void anExceptionThatIsAddedAmidTheWritesAsksOnceMore() {
    mesh =
        new SimulatedMesh(
            mesh(
                namespace("istio-system"),
                Worlds.foo().with(policy("default", MtlsMode.PERMISSIVE).owner("kubectl", true))));
    mesh.start(
        Specs.namespaces("foo")
            .except("foo", "httpbin", 8080)
            .approval(PlanSpec.Approval.NAMESPACE));
    int approved = 0;
    boolean added = false;
    for (int i = 0; i < 300 && mesh.phase("plan", "foo") != Phase.LOCKED; i++) {
      if (waitsForAPerson()) {
        mesh.commands.approve("plan", "foo", null, "", null, "ann");
        approved++;
      }
      mesh.second();
      if (!added && !mesh.step("plan", "foo").wrote().isEmpty()) {
        added = true;
        LocalDate until = LocalDate.parse("2027-03-01");
        mesh.commands.addException(
            "plan",
            new PlanSpec.PolicyException(
                "foo", Map.of("app", "httpbin"), 8081, "team-a", "scrape", until, List.of()),
            null,
            "ann");
      }
    }

    assertEquals(Phase.LOCKED, mesh.phase("plan", "foo"), () -> mesh.story("plan"));
    assertEquals(2, approved, () -> mesh.story("plan"));
  }

  private boolean waitsForAPerson() {
    return List.of(Phase.BLOCKED, Phase.AWAITING_APPROVAL).contains(mesh.phase("plan", "foo"))
        && mesh.step("plan", "foo").gates().stream()
            .anyMatch(
                gate -> gate.gate() == Gate.APPROVAL && gate.result() != GateResult.Result.PASS);
  }
}
