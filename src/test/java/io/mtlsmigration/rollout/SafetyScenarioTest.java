// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.MeshBuilders;
import io.mtlsmigration.mesh.MeshSettings;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectMeta;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.Unreadable;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.rollout.commands.CommandException;
import io.mtlsmigration.rollout.commands.Waiting;
import io.mtlsmigration.rollout.decisions.LockedHealth;
import io.mtlsmigration.rollout.loop.TickReport;
import io.mtlsmigration.testing.Halted;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The safety rules, each named for what would go wrong without it. */
class SafetyScenarioTest extends RolloutScenario {

  @Test
  void theRootNamespaceIsNeverInAWave() {
    in(
        MeshBuilders.mesh(
            namespace("istio-system").with(sidecarPod("addon")), Worlds.foo(), Worlds.bar()));
    start(Specs.mesh());

    mesh.untilPlan("plan", PlanPhase.COMPLETED, 200);

    assertTrue(mesh.ledger.step("plan", new StepKey("istio-system")).isEmpty());
    assertEquals(1, facts("istio-system").peerAuthentications().size());
  }

  @Test
  void asksForAnExplicitPermissiveBeforeTheMeshIsLocked() {
    start(Specs.mesh());
    mesh.commands.act("plan", FOO, StepAction.EXEMPT, "cannot", "ann");
    mesh.second();
    assertEquals(MtlsMode.PERMISSIVE, policyMode("foo", "default"));

    mesh.untilPlan("plan", PlanPhase.COMPLETED, 200);

    assertEquals(MtlsMode.STRICT, mesh.meshMode());
    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"));
  }

  private MtlsMode policyMode(String namespace, String name) {
    return Objects.requireNonNull(mesh.policy(namespace, name)).spec().mode();
  }

  @Test
  void aSkippedNamespaceBlocksTheMeshStepByName() {
    start(Specs.mesh());
    mesh.commands.act("plan", FOO, StepAction.SKIP, "later", "ann");

    mesh.seconds(120);

    assertEquals(Phase.PENDING, mesh.phase("plan", "mesh"));
    assertEquals(MtlsMode.PERMISSIVE, mesh.meshMode());
    assertTrue(
        mesh.commands.waitingOn(mesh.plan("plan")).stream()
            .anyMatch(w -> w.subject().equals("mesh") && w.message().contains("foo (skipped)")));
  }

  @Test
  void writesAnExplicitPermissiveWhenRolledBackUnderAStrictMesh() {
    start(Specs.mesh());
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 200);
    mesh.commands.act("plan", FOO, StepAction.ROLLBACK, "", "ann");

    mesh.until("plan", "foo", Phase.ROLLED_BACK, 10);

    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"));
    assertEquals(MtlsMode.PERMISSIVE, policyMode("foo", "default"));
  }

  @Test
  void undoesAWholePlanMeshFirst() {
    start(Specs.mesh());
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 200);
    int before = mesh.api.applied.size();
    mesh.commands.act("plan", PlanAction.ROLLBACK, null, "ann");

    mesh.untilPlan("plan", PlanPhase.ROLLED_BACK, 30);

    assertEquals("istio-system", mesh.api.applied.get(before).change().ref().namespace());
    assertNull(mesh.policy("foo", "default"));
    assertNull(mesh.policy("bar", "default"));
    assertNull(mesh.policy("istio-system", "default"));
  }

  @Test
  void seesWhenSomebodyWeakensALockedNamespaceAndWhenItIsMended() {
    start(Specs.namespaces("foo"));
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 100);
    mesh.kubectl("foo", "default", MtlsMode.PERMISSIVE);
    mesh.seconds(7);
    assertEquals(Phase.DRIFTED, mesh.phase("plan", "foo"));
    assertTrue(
        mesh.ledger.events("plan").stream()
            .anyMatch(e -> e.type() == Event.Type.DRIFT_FOUND && e.message().contains("default")));

    mesh.kubectl("foo", "default", MtlsMode.STRICT);
    mesh.until("plan", "foo", Phase.LOCKED, 10);
  }

  /** As by the label of a revision that has no istiod: no proxy heeds the policy any more. */
  @Test
  void seesWhenSomebodyMakesThePolicyOfALockedNamespaceUnreadable() {
    start(Specs.namespaces("foo"));
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 100);

    mesh.api.spoil(
        ObjectRef.peerAuthentication("foo", "default"), "/metadata/labels/istio.io~1rev");

    mesh.until("plan", "foo", Phase.DRIFTED, 20);
    assertTrue(mesh.step("plan", "foo").message().contains("default"));
  }

  /** As by the label of the revision that all proxies have: it opens what its text says. */
  @Test
  void seesAPolicyThatCannotBeReadInALockedNamespace() {
    start(Specs.namespaces("foo"));
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 100);

    mesh.api.spoil(ObjectRef.peerAuthentication("foo", "hole"), "/metadata/labels/istio.io~1rev");

    mesh.until("plan", "foo", Phase.DRIFTED, 20);
    assertTrue(mesh.step("plan", "foo").message().contains("hole"));
  }

  @Test
  void verifiesNothingBesideAPolicyThatCannotBeRead() {
    start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.VERIFYING, 60);

    mesh.api.spoil(ObjectRef.peerAuthentication("foo", "hole"), "/metadata/labels/istio.io~1rev");

    mesh.until("plan", "foo", Phase.DRIFTED, 60);
  }

  /** It may as well be in force nowhere. */
  @Test
  void helpsWhoeverIsRefusedBesideAPolicyThatCannotBeRead() {
    start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.api.spoil(ObjectRef.peerAuthentication("foo", "hole"), "/metadata/labels/istio.io~1rev");
    mesh.seconds(2);

    mesh.calls("legacy/curl", "foo/httpbin");

    mesh.until("plan", "foo", Phase.ROLLED_BACK, 60);
  }

  /** Whoever opened it for a moment had skipped that anybody looked whom it harms. */
  @Test
  void verifiesAnewWhatWasOpenedBeforeItWasVerified() {
    start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.kubectl("foo", "default", MtlsMode.PERMISSIVE);
    mesh.until("plan", "foo", Phase.DRIFTED, 10);

    mesh.kubectl("foo", "default", MtlsMode.STRICT);
    mesh.until("plan", "foo", Phase.VERIFYING, 10);

    assertFalse(mesh.step("plan", "foo").held());
    mesh.until("plan", "foo", Phase.LOCKED, 100);
  }

  @Test
  void seesAWorkloadPolicyThatOpensAPortOfALockedNamespace() {
    start(Specs.namespaces("foo"));
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 100);
    mesh.api.kubectl(
        ObjectRef.peerAuthentication("foo", "hole"),
        new PeerAuthentication.Spec(
            Map.of("app", "httpbin"), MtlsMode.UNSET, Map.of(8080, MtlsMode.PERMISSIVE)));

    mesh.until("plan", "foo", Phase.DRIFTED, 10);

    assertTrue(mesh.step("plan", "foo").message().contains("hole"));
  }

  /** While it was STRICT nobody could send plaintext, whoever wanted to. */
  @Test
  void doesNotLockAgainBeforePlaintextCouldBeSeenForTheWindow() {
    mesh.calls("legacy/curl", "bar/httpbin");
    start(Specs.namespaces("foo", "bar").wave("all", "foo", "bar").adopt());
    mesh.until("plan", "foo", Phase.LOCKED, 100);
    mesh.kubectl("foo", "default", MtlsMode.PERMISSIVE);
    mesh.until("plan", "foo", Phase.DRIFTED, 10);
    mesh.commands.act("plan", FOO, StepAction.RETRY, "", "ann");
    mesh.until("plan", "foo", Phase.OBSERVING, 5);

    mesh.seconds(15);

    assertEquals(Phase.OBSERVING, mesh.phase("plan", "foo"));
    GateResult said = mesh.step("plan", "foo").gate(Gate.PLAINTEXT);
    assertEquals(Reason.STRICT_WITHIN_WINDOW, said == null ? null : said.reason());
    mesh.until("plan", "foo", Phase.LOCKED, 100);
  }

  /** What the plan found before was another object of that name. */
  @Test
  void anUndoLeavesWhatAPersonHasMadeAnewAsItWas() {
    mesh.calls("legacy/curl", "bar/httpbin");
    start(Specs.namespaces("foo", "bar").wave("all", "foo", "bar").adopt());
    mesh.until("plan", "foo", Phase.LOCKED, 100);
    mesh.kubectl("foo", "default", null);
    mesh.kubectl("foo", "default", MtlsMode.PERMISSIVE);
    mesh.until("plan", "foo", Phase.DRIFTED, 10);
    mesh.commands.act("plan", FOO, StepAction.RETRY, "", "ann");
    mesh.until("plan", "foo", Phase.LOCKED, 100);

    mesh.commands.act("plan", PlanAction.ROLLBACK, null, "ann");
    mesh.untilPlan("plan", PlanPhase.ROLLED_BACK, 100);

    PeerAuthentication theirs = mesh.policy("foo", "default");
    assertEquals(MtlsMode.PERMISSIVE, theirs == null ? null : theirs.spec().mode());
  }

  /** Mesh-wide STRICT holds up only namespaces of a plan that may have made it. */
  @Test
  void anUndoThatHasYetToBeginWaitsForNoMesh() {
    start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.LOCKED, 100);
    mesh.commands.act("plan", PlanAction.ROLLBACK, null, "ann");

    Waiting waiting = mesh.commands.waitingOn(mesh.plan("plan")).getFirst();
    assertEquals(
        "rollback is still STRICT", waiting.gate() + " " + waiting.message().split(":")[0]);
    mesh.until("plan", "foo", Phase.ROLLED_BACK, 30);
    assertTrue(mesh.commands.waitingOn(mesh.plan("plan")).isEmpty());
  }

  /** Its deletion would be accepted, and change nothing: istiod obeys what is still there. */
  @Test
  void anUndoOpensAPolicyThatAFinalizerWouldKeep() {
    start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.LOCKED, 100);
    mesh.api.hold(ObjectRef.peerAuthentication("foo", "default"));
    mesh.commands.act("plan", FOO, StepAction.ROLLBACK, "", "ann");

    mesh.until("plan", "foo", Phase.ROLLED_BACK, 30);

    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"));
    assertEquals(MtlsMode.UNSET, policyMode("foo", "default"));
    String said = mesh.step("plan", "foo").message();
    assertTrue(said.contains("take the finalizer away, then delete it"), said);
    mesh.seconds(60);
    assertEquals(Phase.ROLLED_BACK, mesh.phase("plan", "foo"));
    mesh.commands.act("plan", PlanAction.RESUME, null, "ann");
    mesh.commands.act("plan", FOO, StepAction.RETRY, "", "ann");
    mesh.until("plan", "foo", Phase.LOCKED, 200);
  }

  @Test
  void startsAgainWhenTheNamespaceIsMadeAnew() {
    start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.api.replace(reborn(facts("foo"), "uid-second"));

    mesh.second();

    StepRecord step = mesh.step("plan", "foo");
    assertEquals("uid-second", step.namespaceUid());
    assertTrue(step.ledger().isEmpty());
    assertTrue(
        mesh.ledger.events("plan").stream()
            .anyMatch(e -> e.reason() == Reason.NAMESPACE_RECREATED && e.to().equals("PENDING")));
    mesh.until("plan", "foo", Phase.LOCKED, 60);
  }

  /** Nobody knew of its labels when the plan was made. */
  @Test
  void aNamespaceMadeAnewIsNotLockedBelowWhatItAsksFor() {
    start(Specs.namespaces("foo"));
    mesh.seconds(2);
    NamespaceFacts labelled =
        Worlds.foo().label("mtls-migration.io/least-approval", "namespace").build();
    mesh.api.replace(reborn(labelled, "uid-second"));

    mesh.seconds(60);

    assertEquals(Phase.AWAITING_APPROVAL, mesh.phase("plan", "foo"), mesh.story("plan"));
    GateResult held = mesh.step("plan", "foo").gate(Gate.APPROVAL);
    assertEquals(Reason.BELOW_LEAST, held == null ? null : held.reason());
  }

  @Test
  void aNamespaceThatIsGoneHoldsNobody() {
    start(Specs.mesh());
    mesh.seconds(3);
    mesh.api.remove("foo");

    mesh.untilPlan("plan", PlanPhase.COMPLETED, 200);

    assertEquals(Phase.SKIPPED, mesh.phase("plan", "foo"));
    assertEquals(Reason.NAMESPACE_GONE, mesh.step("plan", "foo").reason());
  }

  @Test
  void aNewNamespaceJoinsTheLastWaveOfARunningMeshPlan() {
    start(Specs.mesh().noSamples(PlanSpec.NoSamples.PASS));
    mesh.seconds(3);
    mesh.api.replace(Worlds.injected("late").build());

    mesh.untilPlan("plan", PlanPhase.COMPLETED, 200);

    assertEquals(Phase.LOCKED, mesh.phase("plan", "late"));
    assertTrue(mesh.plan("plan").waves().getLast().namespaces().contains("late"));
  }

  @Test
  void aNamespaceBornBetweenTheCheckAndTheMeshWriteStaysOpenUntilItIsJudged() {
    start(Specs.mesh().noSamples(PlanSpec.NoSamples.PASS));
    mesh.api.beforeApply =
        intent -> {
          boolean ready =
              mesh.phase("plan", "mesh") == Phase.LOCKING
                  && mesh.api.snapshot().namespace("late") == null;
          if (ready) {
            mesh.api.replace(Worlds.injected("late").build());
          }
        };

    mesh.until("plan", "mesh", Phase.LOCKING, 100);

    assertEquals(MtlsMode.STRICT, mesh.meshMode());
    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("late"), mesh.story("plan"));
    assertTrue(
        mesh.ledger.events("plan").stream()
            .anyMatch(
                e -> e.reason() == Reason.BORN_DURING_LOCKDOWN && e.subject().equals("late")));
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 200);
    assertEquals(MtlsMode.STRICT, mesh.mode("late"));
  }

  /** Admission takes its time: the write is decided seconds before it is stored. */
  @Test
  void aPodThatCameWhileTheMeshWriteWasAdmittedIsOlderThanIt() {
    start(Specs.mesh().noSamples(PlanSpec.NoSamples.PASS));
    mesh.api.beforeApply =
        intent -> {
          if (mesh.phase("plan", "mesh") == Phase.LOCKING
              && mesh.api.snapshot().namespace("late") == null) {
            mesh.clock.advance(Duration.ofSeconds(2));
            Instant born = mesh.clock.instant();
            mesh.api.replace(namespace("late").with(sidecarPod("app").createdAt(born)).build());
            mesh.clock.advance(Duration.ofSeconds(1));
          }
        };

    mesh.until("plan", "mesh", Phase.LOCKING, 100);

    assertEquals(MtlsMode.STRICT, mesh.meshMode());
    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("late"), mesh.story("plan"));
  }

  /** Pods, policies and plans are dated by the one clock, what is read of them by the other. */
  @Test
  void nothingIsLockedWhileClocksAreApartAndWhatIsLockedIsTakenBack() {
    mesh.apart = "this machine's clock is PT5M ahead of the API server's";
    start(Specs.namespaces("foo"));
    mesh.seconds(60);
    assertEquals(Phase.OBSERVING, mesh.phase("plan", "foo"), mesh.story("plan"));
    GateResult sync = Objects.requireNonNull(mesh.step("plan", "foo").gate(Gate.SYNC));
    assertEquals(GateResult.Result.INCONCLUSIVE, sync.result());
    assertTrue(sync.message().contains("PT5M ahead"), sync.message());

    mesh.apart = "";
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.apart = "this machine's clock is PT5M behind the API server's";
    mesh.seconds(60);
    assertEquals(Phase.VERIFYING, mesh.phase("plan", "foo"), mesh.story("plan"));
    mesh.commands.act("plan", PlanAction.ROLLBACK, null, "ann");
    mesh.until("plan", "foo", Phase.ROLLED_BACK, 60);
    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"));
  }

  @Test
  void aNamespaceThatGetsItsFirstProxyJoinsInsteadOfStayingOpen() {
    start(Specs.mesh().noSamples(PlanSpec.NoSamples.PASS));
    mesh.seconds(3);
    assertEquals(Phase.EXEMPT, mesh.phase("plan", "legacy"));
    mesh.api.replace(facts("legacy").withPods(List.of(sidecarPod("curl").build("legacy"))));

    mesh.untilPlan("plan", PlanPhase.COMPLETED, 200);

    assertEquals(Phase.LOCKED, mesh.phase("plan", "legacy"));
  }

  @Test
  void aNamespaceBornAfterTheObservationHoldsTheMeshWrite() {
    Specs specs = Specs.mesh().noSamples(PlanSpec.NoSamples.PASS);
    start(specs);
    int seconds = 0;
    while (mesh.phase("plan", "mesh") != Phase.LOCKING) {
      mesh.second();
      seconds++;
    }
    in(Worlds.task());
    start(specs);
    mesh.seconds(seconds - 1);
    mesh.clock.advance(java.time.Duration.ofSeconds(1));
    mesh.world();
    mesh.api.replace(Worlds.injected("late").build());

    mesh.tick();

    assertEquals(MtlsMode.PERMISSIVE, mesh.meshMode(), mesh.story("plan"));
  }

  @Test
  void namespacesWaitUntilTheMeshIsUndone() {
    start(Specs.mesh());
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 200);
    mesh.api.refusal = new WriteResult.Refused("ratchet");
    mesh.api.refusalNamespace = "istio-system";
    mesh.commands.act("plan", PlanAction.ROLLBACK, null, "ann");

    mesh.seconds(20);

    assertEquals(MtlsMode.STRICT, policyMode("foo", "default"));
    assertEquals(Phase.LOCKED, mesh.phase("plan", "foo"));
    mesh.api.refusal = null;
    mesh.untilPlan("plan", PlanPhase.ROLLED_BACK, 20);
  }

  /** A pod that no istiod will ever know is enough for that. */
  @Test
  void namespacesAreOpenedThoughAProxyHasNotHeardThatTheMeshIs() {
    start(Specs.mesh());
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 200);
    mesh.lagging.add("bar");
    mesh.commands.act("plan", PlanAction.ROLLBACK, null, "ann");

    mesh.seconds(20);

    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"), mesh.story("plan"));
    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("bar"));
    assertEquals(Phase.ROLLED_BACK, mesh.phase("plan", "foo"));
    assertEquals(Phase.ROLLING_BACK, mesh.phase("plan", "mesh"));
    assertNull(mesh.plan("plan").endedAt());
    assertTrue(mesh.step("plan", "mesh").message().contains("bar/httpbin"));
    mesh.lagging.clear();
    mesh.untilPlan("plan", PlanPhase.ROLLED_BACK, 30);
  }

  @Test
  void namespacesAreOpenedThoughTheMeshIsAControllersByNow() {
    start(Specs.mesh());
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 200);
    NamespaceFacts root = mesh.api.snapshot().root();
    mesh.api.replace(
        root.withPeerAuthentications(
            root.peerAuthentications().stream()
                .map(policy -> new PeerAuthentication(argo(policy.meta()), policy.spec()))
                .toList()));
    mesh.commands.act("plan", PlanAction.ROLLBACK, null, "ann");

    mesh.seconds(20);

    assertEquals(MtlsMode.STRICT, mesh.meshMode());
    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"), mesh.story("plan"));
    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("bar"));
    assertTrue(
        waitsFor("mesh").message().contains("belongs to the controller"),
        waitsFor("mesh").message());
    mesh.kubectl("istio-system", "default", null);
    mesh.untilPlan("plan", PlanPhase.ROLLED_BACK, 30);
    assertNull(mesh.policy("foo", "default"));
  }

  @Test
  void aPersonOpensANamespaceThatWaitsForTheMesh() {
    start(Specs.mesh());
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 200);
    mesh.api.refusal = new WriteResult.Refused("ratchet");
    mesh.api.refusalNamespace = "istio-system";
    mesh.commands.act("plan", PlanAction.ROLLBACK, null, "ann");
    mesh.seconds(5);
    assertTrue(waitsFor("foo").message().contains("mesh-wide STRICT"));
    assertEquals(
        List.of(StepAction.ROLLBACK),
        mesh.commands.allowedActions(mesh.plan("plan"), mesh.step("plan", "foo")));

    mesh.commands.act("plan", FOO, StepAction.ROLLBACK, "", "ann");
    mesh.until("plan", "foo", Phase.ROLLED_BACK, 10);

    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"));
    assertEquals(MtlsMode.STRICT, mesh.mode("bar"));
    mesh.api.refusal = null;
    mesh.untilPlan("plan", PlanPhase.ROLLED_BACK, 30);
    assertNull(mesh.policy("foo", "default"));
    assertEquals(
        List.of(), mesh.commands.allowedActions(mesh.plan("plan"), mesh.step("plan", "foo")));
  }

  private static ObjectMeta argo(ObjectMeta meta) {
    return new ObjectMeta(
        meta.ref(),
        meta.uid(),
        meta.resourceVersion(),
        meta.createdAt(),
        meta.labels(),
        Map.of("argocd.argoproj.io/tracking-id", "mesh:root"),
        meta.owners());
  }

  private Waiting waitsFor(String subject) {
    return mesh.commands.waitingOn(mesh.plan("plan")).stream()
        .filter(waiting -> waiting.subject().equals(subject))
        .findFirst()
        .orElseThrow();
  }

  private void lockedAfterDisable() {
    in(
        MeshBuilders.mesh(
            namespace("istio-system"),
            Worlds.injected("foo").with(policy("default", MtlsMode.DISABLE)),
            Worlds.bar()));
    start(Specs.namespaces("foo").noSamples(PlanSpec.NoSamples.PASS));
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 200);
  }

  /** Its proxies would go on refusing what the way back has told clients to send. */
  @Test
  void isNotDisabledAgainBeforeClientsAndProxiesHaveFollowed() {
    lockedAfterDisable();
    mesh.lagging.add("foo");
    mesh.commands.act("plan", PlanAction.ROLLBACK, null, "ann");

    mesh.seconds(120);

    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"), mesh.story("plan"));
    assertTrue(waitsFor("foo").message().contains("DISABLE"), waitsFor("foo").message());
    assertTrue(waitsFor("foo").message().contains("foo/httpbin"), waitsFor("foo").message());
    mesh.lagging.clear();
    mesh.untilPlan("plan", PlanPhase.ROLLED_BACK, 60);
    assertEquals(MtlsMode.DISABLE, mesh.mode("foo"));
  }

  @Test
  void connectionsDrainBeforeDisableIsBackThoughEveryProxyHasFollowed() {
    lockedAfterDisable();
    int before = mesh.api.applied.size();
    mesh.commands.act("plan", PlanAction.ROLLBACK, null, "ann");

    mesh.untilPlan("plan", PlanPhase.ROLLED_BACK, 100);

    List<WriteIntent> made = mesh.api.applied.subList(before, mesh.api.applied.size());
    assertEquals(
        List.of(MtlsMode.PERMISSIVE, MtlsMode.DISABLE),
        made.stream().map(intent -> intent.change().after().mode()).toList());
    assertFalse(
        made.getLast().at().isBefore(made.getFirst().at().plus(mesh.limits.drain())),
        mesh.story("plan"));
  }

  /** By a clock that leaps, everything is long ago; connections are as old as they are. */
  @Test
  void connectionsDrainBeforeDisableIsBackThoughTheClockLeaps() {
    lockedAfterDisable();
    mesh.commands.act("plan", PlanAction.ROLLBACK, null, "ann");
    mesh.seconds(2);
    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"), mesh.story("plan"));

    mesh.clock.advance(Duration.ofHours(2));
    mesh.seconds(2);

    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"), mesh.story("plan"));
    mesh.untilPlan("plan", PlanPhase.ROLLED_BACK, 100);
    assertEquals(MtlsMode.DISABLE, mesh.mode("foo"));
  }

  /** They are opened all the same. */
  @Test
  void theMeshIsNotDisabledAgainBeforeItsNamespacesHaveFollowed() {
    in(
        MeshBuilders.mesh(
            Worlds.root(MtlsMode.DISABLE), Worlds.injected("foo"), Worlds.injected("bar")));
    start(Specs.mesh().noSamples(PlanSpec.NoSamples.PASS));
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 400);
    mesh.lagging.add("bar");
    mesh.commands.act("plan", PlanAction.ROLLBACK, null, "ann");

    mesh.seconds(120);

    assertEquals(MtlsMode.PERMISSIVE, mesh.meshMode(), mesh.story("plan"));
    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"));
    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("bar"));
    int before = mesh.api.applied.size();
    mesh.lagging.clear();
    mesh.untilPlan("plan", PlanPhase.ROLLED_BACK, 200);
    assertEquals(MtlsMode.DISABLE, mesh.meshMode(), mesh.story("plan"));
    assertEquals(MtlsMode.DISABLE, mesh.mode("foo"));
    assertTrue(mesh.api.applied.size() > before);
  }

  @Test
  void theMeshIsNotLockedOverAnExemptionThatItsOwnerHasTakenBackUnseen() {
    start(Specs.mesh());
    mesh.until("plan", "bar", Phase.OBSERVING, 60);
    mesh.commands.act("plan", new StepKey("bar"), StepAction.EXEMPT, "hopeless", "ann");
    mesh.until("plan", "mesh", Phase.OBSERVING, 120);
    mesh.informersStale = true;
    mesh.kubectl("bar", "default", null);

    mesh.seconds(60);

    assertEquals(MtlsMode.PERMISSIVE, mesh.meshMode(), mesh.story("plan"));
    assertTrue(
        mesh.step("plan", "mesh").message().contains("policies of namespace bar"),
        mesh.step("plan", "mesh").message());
  }

  /** It has pods again in the morning, and no policy of its own then. */
  @Test
  void theMeshIsNotLockedOverAnExemptionThatIsNotInForceWhileItHasNoPods() {
    mesh =
        new SimulatedMesh(
            MeshBuilders.mesh(
                namespace("istio-system"),
                Worlds.foo(),
                namespace("pay")
                    .with(sidecarPod("web").ports(8080), sidecarPod("curl"))
                    .with(service("web").port(80, 8080))));
    mesh.start(Specs.mesh());
    mesh.until("plan", "pay", Phase.OBSERVING, 60);
    mesh.commands.act("plan", new StepKey("pay"), StepAction.EXEMPT, "hopeless", "ann");
    mesh.until("plan", "mesh", Phase.OBSERVING, 120);
    mesh.api.replace(mesh.observe().modes().namespace("pay").facts().withPods(List.of()));
    mesh.kubectl("pay", "default", null);

    mesh.seconds(100);

    assertEquals(MtlsMode.PERMISSIVE, mesh.meshMode(), mesh.story("plan"));
  }

  /** It would begin to lock and stop again for ever. */
  @Test
  void anOverrideOfTheGateCaptureLocksNothingWhereNothingIsCaptured() {
    in(
        MeshBuilders.mesh(
            namespace("istio-system"),
            Worlds.foo()
                .with(pod("old").of("Deployment", "old").ports(8080))
                .with(service("old").port(80, 8080)),
            Worlds.bar()));
    start(Specs.namespaces("foo"));
    mesh.seconds(3);
    mesh.commands.override("plan", FOO, Set.of(Gate.CAPTURE), "known", "ann");
    NamespaceFacts foo = facts("foo");
    mesh.api.replace(
        foo.withPods(foo.pods().stream().filter(pod -> !pod.dataPlane().captured()).toList()));

    mesh.seconds(60);

    GateResult capture = Objects.requireNonNull(mesh.step("plan", "foo").gate(Gate.CAPTURE));
    assertEquals(Reason.NOTHING_CAPTURED, capture.reason(), () -> mesh.story("plan"));
    CommandException.Invalid refused =
        assertThrows(
            CommandException.Invalid.class,
            () -> mesh.commands.override("plan", FOO, Set.of(Gate.CAPTURE), "known", "ann"));
    assertEquals("NOT_OVERRIDABLE", refused.problems().getFirst().code());
  }

  /** No step but the mesh's locks them. */
  @Test
  void theMeshIsNotLockedOverPlaintextToPodsOfTheRootNamespace() {
    mesh =
        new SimulatedMesh(
            MeshBuilders.mesh(
                namespace("istio-system")
                    .with(sidecarPod("addon").ports(8080), pod("istiod").ports(15012))
                    .with(service("addon").port(80, 8080), service("istiod").port(15012, 15012)),
                Worlds.foo(),
                Worlds.legacy()));
    mesh.start(Specs.mesh());
    mesh.calls("legacy/curl", "istio-system/addon");
    mesh.until("plan", "foo", Phase.LOCKED, 200);
    mesh.seconds(100);

    assertEquals(MtlsMode.PERMISSIVE, mesh.meshMode(), () -> mesh.story("plan"));
    GateResult gate = Objects.requireNonNull(mesh.step("plan", "mesh").gate(Gate.PLAINTEXT));
    assertEquals(Reason.PLAINTEXT_CLIENTS, gate.reason());
    mesh.calls.clear();
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 300);
  }

  /** The way back from mesh-wide STRICT waits for no policy that it does not touch. */
  @Test
  void theMeshIsRolledBackThoughPoliciesOfOthersAreNotSeenYet() {
    start(Specs.mesh());
    mesh.until("plan", "mesh", Phase.VERIFYING, 300);
    mesh.commands.act("plan", StepKey.MESH, StepAction.ROLLBACK, "", "ann");
    mesh.informersStale = true;
    mesh.kubectl("bar", "other", MtlsMode.PERMISSIVE);

    mesh.seconds(5);

    assertEquals(MtlsMode.PERMISSIVE, mesh.meshMode(), mesh.story("plan"));
  }

  @Test
  void asksTheApiServerBeforeItBeginsToWeaken() {
    start(Specs.namespaces("foo"));
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 100);
    mesh.api.refusal = new WriteResult.Refused("ratchet");
    mesh.commands.act("plan", FOO, StepAction.ROLLBACK, "", "ann");

    mesh.seconds(3);

    assertTrue(mesh.step("plan", "foo").message().contains("ratchet"));
    assertEquals(List.of(), mesh.step("plan", "foo").inFlight());
    assertFalse(
        mesh.ledger.events("plan").stream().anyMatch(e -> e.type() == Event.Type.WRITE_FAILED));
    mesh.api.refusal = null;
    mesh.until("plan", "foo", Phase.ROLLED_BACK, 10);
  }

  @Test
  void isNotRolledBackBeforeEveryProxyHasIt() {
    start(Specs.namespaces("foo"));
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 100);
    mesh.api.afterApply = intent -> mesh.proxiesStale = true;
    mesh.probesDown = true;
    mesh.commands.act("plan", FOO, StepAction.ROLLBACK, "", "ann");

    mesh.seconds(20);

    assertEquals(Phase.ROLLING_BACK, mesh.phase("plan", "foo"));
    mesh.proxiesStale = false;
    mesh.probesDown = false;
    mesh.until("plan", "foo", Phase.ROLLED_BACK, 10);
  }

  @Test
  void doesNotLockTheMeshWhileProxiesOfAnyNamespaceLag() {
    start(Specs.mesh());
    mesh.until("plan", "foo", Phase.LOCKED, 200);
    mesh.lagging.add("foo");

    mesh.seconds(200);

    assertEquals(MtlsMode.PERMISSIVE, mesh.meshMode());
    GateResult sync = Objects.requireNonNull(mesh.step("plan", "mesh").gate(Gate.SYNC));
    assertEquals(Reason.PROXIES_NOT_SYNCED, sync.reason());
    assertTrue(sync.message().contains("foo/httpbin"), sync.message());
    mesh.lagging.clear();
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 200);
    assertEquals(MtlsMode.STRICT, mesh.meshMode());
  }

  @Test
  void namesTheProxiesThatALockWaitsFor() {
    start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.LOCKING, 60);
    mesh.lagging.add("foo");

    mesh.seconds(4);

    StepRecord step = mesh.step("plan", "foo");
    assertEquals(Phase.LOCKING, step.phase());
    assertTrue(step.message().contains("foo/httpbin"), step.message());
  }

  @Test
  void aSnapshotThatLagsBehindItsOwnWriteIsNotBelieved() {
    start(Specs.namespaces("foo"));
    mesh.api.afterApply = intent -> mesh.informersStale = true;
    mesh.until("plan", "foo", Phase.LOCKING, 60);

    mesh.seconds(4);

    assertEquals(Phase.LOCKING, mesh.phase("plan", "foo"));
    assertEquals(1, mesh.api.effects());
    assertFalse(
        mesh.ledger.events("plan").stream().anyMatch(e -> e.type() == Event.Type.WRITE_FAILED),
        mesh.story("plan"));
    mesh.informersStale = false;
    mesh.until("plan", "foo", Phase.LOCKED, 60);
  }

  @Test
  void leavesAPolicyOfArgoCdAloneAndOffersTheManifest() {
    in(MeshBuilders.mesh(namespace("istio-system"), Worlds.foo(), Worlds.bar()));
    NamespaceFacts foo = facts("foo");
    mesh.api.replace(
        foo.withPeerAuthentications(
            List.of(
                new PeerAuthentication(
                    new ObjectMeta(
                        ObjectRef.peerAuthentication("foo", "default"),
                        "uid-argo",
                        "7",
                        MeshBuilders.EPOCH,
                        Map.of(),
                        Map.of("argocd.argoproj.io/tracking-id", "mesh:foo"),
                        List.of(new ObjectMeta.FieldOwner("argocd-controller", true, true))),
                    PeerAuthentication.Spec.of(MtlsMode.PERMISSIVE)))));
    start(Specs.namespaces("foo"));

    mesh.until("plan", "foo", Phase.BLOCKED, 30);

    GateResult sync = Objects.requireNonNull(mesh.step("plan", "foo").gate(Gate.SYNC));
    assertEquals(Reason.POLICY_OWNED_BY_OTHER, sync.reason());
    assertTrue(sync.message().contains("MANIFEST"), sync.message());
    mesh.seconds(60);
    assertEquals(0, mesh.api.effects());
  }

  @Test
  void writesNothingInManifestModeAndWaitsUntilTheModeShows() {
    start(Specs.namespaces("foo").manifest());
    mesh.until("plan", "foo", Phase.LOCKING, 60);
    mesh.seconds(20);
    assertEquals(Phase.LOCKING, mesh.phase("plan", "foo"));
    assertEquals(0, mesh.api.effects());
    assertTrue(
        mesh.commands.waitingOn(mesh.plan("plan")).stream()
            .anyMatch(w -> w.reason() == Reason.MANIFEST_AWAITED));
    mesh.kubectl("foo", "default", MtlsMode.STRICT);

    mesh.until("plan", "foo", Phase.LOCKED, 60);

    assertEquals(0, mesh.api.effects());
  }

  /** Whoever merges it takes hours, in which a gate may not hold; it was LOCKED unverified. */
  @Test
  void aManifestThatIsAppliedWhenAGateHasBrokenIsVerified() {
    start(Specs.namespaces("foo").manifest());
    mesh.until("plan", "foo", Phase.LOCKING, 60);
    mesh.calls("legacy/curl", "foo/httpbin");
    mesh.until("plan", "foo", Phase.OBSERVING, 60);

    mesh.kubectl("foo", "default", MtlsMode.STRICT);
    mesh.seconds(30);

    assertEquals(Phase.VERIFYING, mesh.phase("plan", "foo"), () -> mesh.story("plan"));
    assertTrue(mesh.step("plan", "foo").held(), () -> mesh.story("plan"));
  }

  /** Its exception is merged later, or never: the excepted port refuses its clients until then. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aManifestThatIsAppliedInPartIsTold(boolean early) {
    start(
        Specs.namespaces("foo")
            .manifest()
            .soak(Duration.ofSeconds(early ? 300 : 5))
            .except("foo", "httpbin", 8080));
    if (early) {
      mesh.seconds(5);
    } else {
      mesh.until("plan", "foo", Phase.LOCKING, 60);
    }
    mesh.kubectl("foo", "default", MtlsMode.STRICT);
    mesh.seconds(30);

    assertEquals(Phase.LOCKING, mesh.phase("plan", "foo"), () -> mesh.story("plan"));
    assertTrue(
        mesh.step("plan", "foo")
            .message()
            .contains("apply PeerAuthentication foo/plaintext-httpbin"),
        () -> mesh.step("plan", "foo").message());
  }

  /** It had offered it from the first day; the undo waited for nobody. */
  @Test
  void aManifestThatIsAppliedBeforeTheGatesHoldIsTakenBackWithItsPlan() {
    start(Specs.namespaces("foo").manifest().soak(Duration.ofSeconds(30)));
    mesh.seconds(5);
    mesh.kubectl("foo", "default", MtlsMode.STRICT);
    mesh.until("plan", "foo", Phase.LOCKED, 60);
    assertTrue(
        mesh.ledger.events("plan").stream().anyMatch(e -> e.to().equals("VERIFYING")),
        () -> mesh.story("plan"));

    mesh.commands.act("plan", PlanAction.ROLLBACK, null, "ann");
    mesh.seconds(20);

    assertEquals(Phase.ROLLING_BACK, mesh.phase("plan", "foo"), () -> mesh.story("plan"));
    mesh.kubectl("foo", "default", null);
    mesh.untilPlan("plan", PlanPhase.ROLLED_BACK, 60);
  }

  /**
   * Whoever merges it may not know: it refused clients, and the step said what it had waited for.
   */
  @ParameterizedTest
  @CsvSource({"ABORT, 60", "ABORT, 0", "ROLLBACK, 60"})
  void aManifestThatIsAppliedWhenItsPlanWasStoppedIsTold(PlanAction stop, int soak) {
    start(
        Specs.namespaces("foo", "bar")
            .manifest()
            .wave("1", "foo")
            .wave("2", "bar")
            .soak(Duration.ofSeconds(soak)));
    mesh.seconds(20);
    mesh.commands.act("plan", stop, null, "ann");
    mesh.seconds(20);
    assertNotNull(mesh.plan("plan").endedAt(), mesh.story("plan"));

    for (String namespace : List.of("foo", "bar")) {
      Phase before = mesh.phase("plan", namespace);
      mesh.kubectl(namespace, "default", MtlsMode.STRICT);
      mesh.seconds(20);

      assertEquals(before, mesh.phase("plan", namespace));
      String message = mesh.step("plan", namespace).message();
      assertTrue(message.contains("nobody verifies it"), message);
      assertTrue(message.endsWith("PeerAuthentication " + namespace + "/default"), message);
      assertEquals(
          1,
          mesh.ledger.events("plan").stream()
              .filter(e -> e.subject().equals(namespace) && e.type() == Event.Type.DRIFT_FOUND)
              .count(),
          mesh.story("plan"));
      mesh.kubectl(namespace, "default", null);
      mesh.seconds(5);
      assertEquals("the plan is stopped", mesh.step("plan", namespace).message());
    }
  }

  /** Nothing has opened it yet, and the plan that waited for that is over. */
  @ParameterizedTest
  @EnumSource(
      value = PlanAction.class,
      names = {"ROLLBACK", "CLEANUP"})
  void aManifestOfWhatWasExemptedSinceIsTakenBackToo(PlanAction undo) {
    start(Specs.namespaces("foo", "bar").wave("all", "foo", "bar").manifest());
    mesh.until("plan", "foo", Phase.LOCKING, 60);
    mesh.kubectl("foo", "default", MtlsMode.STRICT);
    mesh.until("plan", "foo", Phase.LOCKED, 60);
    mesh.commands.act("plan", FOO, StepAction.EXEMPT, "", "ann");
    mesh.until("plan", "foo", Phase.EXEMPT, 5);
    mesh.commands.act("plan", PlanAction.PAUSE, null, "ann");
    mesh.seconds(3);
    mesh.commands.act("plan", undo, null, "ann");
    mesh.seconds(20);

    assertNull(mesh.plan("plan").endedAt(), () -> mesh.story("plan"));
    assertTrue(waitsFor("foo").message().contains("taken back where it is kept"));
    mesh.kubectl("foo", "default", null);
    mesh.until("plan", "foo", Phase.ROLLED_BACK, 60).seconds(5);
    assertNotNull(mesh.plan("plan").endedAt(), () -> mesh.story("plan"));
  }

  /** Whoever merges it may not know that the namespace was exempted, nor that the plan is over. */
  @Test
  void aManifestOfWhatWasExemptedIsToldWhenItIsAppliedAfterTheEnd() {
    start(
        Specs.namespaces("foo", "bar")
            .wave("all", "foo", "bar")
            .manifest()
            .soak(Duration.ofMinutes(5)));
    mesh.seconds(20);
    mesh.commands.act("plan", FOO, StepAction.EXEMPT, "", "ann");
    mesh.until("plan", "foo", Phase.EXEMPT, 5);
    mesh.commands.act("plan", PlanAction.ROLLBACK, null, "ann");
    mesh.untilPlan("plan", PlanPhase.ROLLED_BACK, 20).seconds(5);
    assertNotNull(mesh.plan("plan").endedAt(), () -> mesh.story("plan"));
    mesh.kubectl("foo", "default", MtlsMode.STRICT);
    mesh.seconds(20);

    String message = mesh.step("plan", "foo").message();
    assertTrue(message.contains("nobody verifies it"), message);
  }

  /** It was a person's before the plan, and stays so. */
  @Test
  void strictOfBeforeThatWasExemptedIsLeftWhenItsPlanIsRolledBack() {
    mesh.kubectl("foo", "default", MtlsMode.STRICT);
    mesh.calls.clear();
    start(
        Specs.namespaces("foo", "bar")
            .wave("all", "foo", "bar")
            .manifest()
            .noSamples(PlanSpec.NoSamples.PASS));
    mesh.until("plan", "foo", Phase.LOCKED, 60);
    mesh.commands.act("plan", FOO, StepAction.EXEMPT, "", null, "ann", (plan, what) -> {});
    mesh.until("plan", "foo", Phase.EXEMPT, 5);
    mesh.commands.act("plan", PlanAction.ROLLBACK, null, "ann");
    mesh.seconds(20);

    assertNotNull(mesh.plan("plan").endedAt(), () -> mesh.story("plan"));
  }

  /** Nobody wants it locked, and whoever merges it may not know. */
  @ParameterizedTest
  @EnumSource(
      value = StepAction.class,
      names = {"ROLLBACK", "SKIP"})
  void aManifestThatIsAppliedWhereNobodyWantsALockIsTold(StepAction left) {
    start(Specs.namespaces("foo", "bar").wave("all", "foo", "bar").manifest());
    mesh.until("plan", "foo", Phase.LOCKING, 60);
    mesh.kubectl("foo", "default", MtlsMode.STRICT);
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.kubectl("foo", "default", null);
    mesh.until("plan", "foo", Phase.DRIFTED, 20);
    mesh.commands.act("plan", FOO, left, "", "ann");
    mesh.until("plan", "foo", left == StepAction.SKIP ? Phase.SKIPPED : Phase.ROLLED_BACK, 60);
    mesh.commands.act("plan", PlanAction.PAUSE, null, "ann");
    mesh.kubectl("foo", "default", MtlsMode.STRICT);
    mesh.seconds(20);

    String message = mesh.step("plan", "foo").message();
    assertTrue(message.contains("nobody verifies it"), message);
    assertTrue(message.endsWith("retry the step: PeerAuthentication foo/default"), message);
    mesh.kubectl("foo", "default", null);
    mesh.seconds(5);
    assertEquals("what others had applied is taken back", mesh.step("plan", "foo").message());
    assertEquals(
        1,
        mesh.ledger.events("plan").stream()
            .filter(e -> e.type() == Event.Type.DRIFT_FOUND && e.reason() == Reason.ALREADY_STRICT)
            .count(),
        () -> mesh.story("plan"));
  }

  @Test
  void aManifestThatIsAppliedWhereAPlanThatIsDoneHasSkippedIsTold() {
    start(Specs.namespaces("foo").manifest());
    mesh.until("plan", "foo", Phase.OBSERVING, 60);
    mesh.commands.act("plan", FOO, StepAction.SKIP, "", "ann");
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 20);
    mesh.kubectl("foo", "default", MtlsMode.STRICT);
    mesh.seconds(20);

    String message = mesh.step("plan", "foo").message();
    assertTrue(message.contains("the step is skipped: nobody verifies it"), message);
    assertTrue(message.contains("make a plan for it"), message);
  }

  /** It said for ever that it stays open. */
  @Test
  void anExemptionThatSomebodyHasClosedAfterThePlansEndIsTold() {
    start(Specs.namespaces("foo", "bar").wave("all", "foo", "bar").soak(Duration.ofMinutes(5)));
    mesh.until("plan", "foo", Phase.OBSERVING, 60);
    mesh.commands.act("plan", FOO, StepAction.EXEMPT, "", "ann");
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 900).seconds(5);
    mesh.kubectl("foo", "default", MtlsMode.STRICT);
    mesh.seconds(5);

    String message = mesh.step("plan", "foo").message();
    assertTrue(message.contains("it is left to them"), message);
    assertEquals(MtlsMode.STRICT, mesh.mode("foo"), () -> mesh.story("plan"));
    mesh.kubectl("foo", "default", MtlsMode.PERMISSIVE);
    mesh.seconds(5);
    assertEquals("stays open by a policy of its own", mesh.step("plan", "foo").message());
  }

  /** The plan had said that it does not touch it. */
  @Test
  void strictThatAPersonHasSetAgainAfterTheUndoIsNotCleanedUp() {
    start(Specs.namespaces("foo").adopt());
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 100);
    mesh.kubectl("foo", "default", MtlsMode.PERMISSIVE);
    mesh.until("plan", "foo", Phase.DRIFTED, 20);
    mesh.commands.act("plan", PlanAction.ROLLBACK, null, "ann");
    mesh.until("plan", "foo", Phase.ROLLED_BACK, 60).seconds(5);
    assertNotNull(mesh.plan("plan").endedAt(), () -> mesh.story("plan"));

    mesh.kubectl("foo", "default", MtlsMode.STRICT);
    mesh.seconds(5);
    mesh.commands.act("plan", PlanAction.CLEANUP, null, "ann");
    mesh.seconds(30);

    assertEquals(MtlsMode.STRICT, mesh.mode("foo"), () -> mesh.story("plan"));
    assertNotNull(mesh.plan("plan").endedAt(), () -> mesh.story("plan"));
  }

  /** It was the plan's, and is: Git had reverted it, and has it again. */
  @Test
  void aManifestThatIsRevertedAndAppliedAgainStaysThePlans() {
    manifestInForce();
    mesh.kubectl("foo", "default", null);
    mesh.until("plan", "foo", Phase.DRIFTED, 20);
    mesh.commands.act("plan", FOO, StepAction.RETRY, "", "ann");
    mesh.until("plan", "foo", Phase.OBSERVING, 5);
    mesh.kubectl("foo", "default", MtlsMode.STRICT);
    mesh.until("plan", "foo", Phase.LOCKED, 60);

    mesh.commands.act("plan", PlanAction.ROLLBACK, null, "ann");
    mesh.seconds(20);

    assertEquals(Phase.ROLLING_BACK, mesh.phase("plan", "foo"), () -> mesh.story("plan"));
  }

  /** What was STRICT before is nobody's to open, and not waited for. */
  @Test
  void aManifestPlanThatFoundStrictLeavesItWhenItIsRolledBack() {
    mesh.kubectl("foo", "default", MtlsMode.STRICT);
    mesh.calls.clear();
    start(Specs.namespaces("foo").manifest().noSamples(PlanSpec.NoSamples.PASS));
    mesh.until("plan", "foo", Phase.LOCKED, 60);

    mesh.commands.act("plan", PlanAction.ROLLBACK, null, "ann");
    mesh.seconds(20);

    assertNotNull(mesh.plan("plan").endedAt(), mesh.story("plan"));
    assertEquals(List.of(), mesh.commands.waitingOn(mesh.plan("plan")));
    assertEquals(MtlsMode.STRICT, mesh.mode("foo"));
    assertEquals(0, mesh.api.effects());
  }

  /** Whoever takes a manifest back is not yet believed: proxies and probes are. */
  @Test
  void aManifestThatIsTakenBackIsUndoneWhenClientsNoticeIt() {
    manifestInForce();
    mesh.commands.act("plan", PlanAction.ROLLBACK, null, "ann");
    mesh.seconds(5);
    mesh.proxiesStale = true;
    mesh.kubectl("foo", "default", null);

    mesh.seconds(30);

    assertEquals(Phase.ROLLING_BACK, mesh.phase("plan", "foo"), mesh.story("plan"));
    assertTrue(waitsFor("foo").message().contains("foo/httpbin"), waitsFor("foo").message());
    mesh.lyingSync = true;
    mesh.seconds(30);
    assertEquals(Phase.ROLLING_BACK, mesh.phase("plan", "foo"), mesh.story("plan"));
    assertTrue(waitsFor("foo").message().contains("still refused"), waitsFor("foo").message());
    mesh.proxiesStale = false;
    mesh.untilPlan("plan", PlanPhase.ROLLED_BACK, 20);
  }

  /** Written while the namespace was locked, it changed nothing then. */
  @Test
  void aRollbackTellsOfStrictThatSomebodyWroteSince() {
    start(Specs.namespaces("foo"));
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 100);
    mesh.api.kubectl(
        ObjectRef.peerAuthentication("foo", "other"),
        new PeerAuthentication.Spec(Map.of("app", "httpbin"), MtlsMode.STRICT, Map.of()));
    mesh.seconds(5);
    mesh.commands.act("plan", PlanAction.ROLLBACK, null, "ann");

    mesh.until("plan", "foo", Phase.ROLLED_BACK, 60);

    String message = mesh.step("plan", "foo").message();
    assertTrue(
        message.startsWith(
            "what was written is taken back, but STRICT stays in force by PeerAuthentication"
                + " foo/other"),
        message);
  }

  @Test
  void aManifestThatIsTakenBackUnderAStrictMeshIsNotCalledPreviousModes() {
    manifestInForce();
    mesh.kubectl("istio-system", "default", MtlsMode.STRICT);
    mesh.commands.act("plan", PlanAction.ROLLBACK, null, "ann");
    mesh.seconds(5);
    mesh.kubectl("foo", "default", null);

    mesh.until("plan", "foo", Phase.ROLLED_BACK, 60);

    String message = mesh.step("plan", "foo").message();
    assertFalse(message.contains("previous modes are in force"), message);
    assertTrue(message.contains("istio-system/default"), message);
    assertTrue(message.contains("STRICT"), message);
  }

  @Test
  void aManifestIsCleanedUpWhenItIsTakenBack() {
    manifestInForce();
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 60);
    mesh.commands.act("plan", PlanAction.CLEANUP, null, "ann");
    mesh.seconds(30);

    assertEquals(Phase.ROLLING_BACK, mesh.phase("plan", "foo"), mesh.story("plan"));
    assertTrue(waitsFor("foo").message().contains("manifest"), waitsFor("foo").message());
    assertNull(mesh.plan("plan").endedAt());
    mesh.kubectl("foo", "default", null);
    mesh.until("plan", "foo", Phase.ROLLED_BACK, 60);
    mesh.seconds(5);
    assertNotNull(mesh.plan("plan").endedAt(), mesh.story("plan"));
  }

  @Test
  void aViewFromBeforeAManifestWasAppliedShowsNoUndo() {
    start(Specs.namespaces("foo").manifest());
    mesh.until("plan", "foo", Phase.LOCKING, 60);
    mesh.informersStale = true;
    mesh.kubectl("foo", "default", MtlsMode.STRICT);
    mesh.seconds(2);
    mesh.commands.act("plan", PlanAction.ROLLBACK, null, "ann");

    mesh.seconds(60);

    assertEquals(Phase.ROLLING_BACK, mesh.phase("plan", "foo"), mesh.story("plan"));
    assertNull(mesh.plan("plan").endedAt());
    mesh.informersStale = false;
    mesh.seconds(5);
    assertTrue(waitsFor("foo").message().contains("manifest"), waitsFor("foo").message());
    mesh.kubectl("foo", "default", null);
    mesh.untilPlan("plan", PlanPhase.ROLLED_BACK, 60);
  }

  private void manifestInForce() {
    start(Specs.namespaces("foo").manifest());
    mesh.until("plan", "foo", Phase.LOCKING, 60);
    mesh.kubectl("foo", "default", MtlsMode.STRICT);
    mesh.until("plan", "foo", Phase.LOCKED, 60);
  }

  @Test
  void holdsInManifestModeInsteadOfRollingBack() {
    start(Specs.namespaces("foo").manifest());
    mesh.until("plan", "foo", Phase.LOCKING, 60);
    mesh.kubectl("foo", "default", MtlsMode.STRICT);
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.calls("legacy/curl", "foo/httpbin");
    mesh.seconds(10);
    assertTrue(mesh.step("plan", "foo").held());
    mesh.commands.act("plan", FOO, StepAction.ROLLBACK, "", "ann");
    mesh.seconds(10);
    assertEquals(Phase.ROLLING_BACK, mesh.phase("plan", "foo"));

    mesh.kubectl("foo", "default", null);
    mesh.until("plan", "foo", Phase.ROLLED_BACK, 10);
  }

  @Test
  void patchesTheOldestPolicyAndNotANewerDefaultBesideIt() {
    in(
        MeshBuilders.mesh(
            namespace("istio-system"),
            Worlds.injected("foo")
                .with(
                    policy("ours", MtlsMode.PERMISSIVE).createdAt(1),
                    policy("default", MtlsMode.PERMISSIVE).createdAt(2)),
            Worlds.bar()));
    start(Specs.namespaces("foo"));

    mesh.untilPlan("plan", PlanPhase.COMPLETED, 100);

    assertEquals(MtlsMode.STRICT, policyMode("foo", "ours"));
    assertEquals(MtlsMode.PERMISSIVE, policyMode("foo", "default"));
    assertEquals(MtlsMode.STRICT, mesh.mode("foo"));
  }

  @Test
  void goesFromDisableThroughPermissiveAndDrainsBeforeStrict() {
    in(
        MeshBuilders.mesh(
            namespace("istio-system"),
            Worlds.injected("foo").with(policy("default", MtlsMode.DISABLE)),
            Worlds.bar()));
    mesh.calls.clear();
    start(Specs.namespaces("foo").noSamples(PlanSpec.NoSamples.PASS).soak(java.time.Duration.ZERO));
    mesh.seconds(2);
    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"), mesh.story("plan"));

    mesh.untilPlan("plan", PlanPhase.COMPLETED, 200);

    assertEquals(
        List.of("ENABLE", "LOCK"),
        mesh.api.applied.stream().map(i -> i.change().purpose().name()).toList());
    WriteIntent enable = mesh.api.applied.get(0);
    WriteIntent lock = mesh.api.applied.get(1);
    assertFalse(lock.at().isBefore(enable.at().plus(mesh.limits.drain())));
  }

  /** Whoever sets DISABLE again has thought otherwise of what the plan opened. */
  @Test
  void leavesToPeopleWhatTheyHaveDisabledAgain() {
    disabledAgainInLocking();

    mesh.until("plan", "foo", Phase.BLOCKED, 10);
    mesh.seconds(60);

    assertEquals(MtlsMode.DISABLE, mesh.mode("foo"), mesh.story("plan"));
    Waiting waiting = mesh.commands.waitingOn(mesh.ledger.plan("plan").orElseThrow()).getFirst();
    assertEquals(Reason.DISABLE_IN_FORCE, waiting.reason());
    assertTrue(waiting.message().contains("set DISABLE again"), waiting.message());
    mesh.kubectl("foo", "default", MtlsMode.PERMISSIVE);
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 200);
  }

  @Test
  void opensWhatPeopleHaveDisabledAgainWhenTheyAskForARetry() {
    disabledAgainInLocking();
    mesh.until("plan", "foo", Phase.BLOCKED, 10);

    mesh.commands.act("plan", FOO, StepAction.RETRY, "", "ann");

    mesh.untilPlan("plan", PlanPhase.COMPLETED, 200);
  }

  private void disabledAgainInLocking() {
    in(
        MeshBuilders.mesh(
            namespace("istio-system"),
            Worlds.injected("foo").with(policy("default", MtlsMode.DISABLE)),
            Worlds.bar()));
    start(
        Specs.namespaces("foo")
            .noSamples(PlanSpec.NoSamples.PASS)
            .soak(java.time.Duration.ZERO)
            .adopt());
    mesh.seconds(2);
    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"), mesh.story("plan"));
    mesh.kubectl("foo", "default", MtlsMode.DISABLE);
  }

  @Test
  void rollsBackToPermissiveByItselfAndToDisableOnlyWhenAPersonAsks() {
    in(
        MeshBuilders.mesh(
            namespace("istio-system"),
            Worlds.injected("foo").with(policy("default", MtlsMode.DISABLE)),
            Worlds.bar(),
            Worlds.legacy()));
    start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.VERIFYING, 100);
    mesh.calls("legacy/curl", "foo/httpbin");
    mesh.until("plan", "foo", Phase.ROLLED_BACK, 20);
    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"));
    mesh.commands.act("plan", PlanAction.ROLLBACK, null, "ann");

    mesh.untilPlan("plan", PlanPhase.ROLLED_BACK, 30);

    assertEquals(MtlsMode.DISABLE, mesh.mode("foo"));
  }

  @Test
  void anUnreadablePolicyBlocksAndCannotBeWavedThrough() {
    NamespaceFacts foo = facts("foo");
    mesh.api.replace(
        new NamespaceFacts(
            foo.name(),
            foo.uid(),
            foo.labels(),
            foo.annotations(),
            false,
            foo.pods(),
            foo.services(),
            foo.endpointSlices(),
            foo.peerAuthentications(),
            foo.destinationRules(),
            foo.sidecars(),
            foo.others(),
            List.of(
                new Unreadable(
                    ObjectRef.peerAuthentication("foo", "odd"), "/spec/mtls/mode", "unknown"))));
    start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.BLOCKED, 10);

    assertThrows(
        CommandException.Invalid.class,
        () ->
            mesh.commands.override("plan", FOO, java.util.Set.of(Gate.HAZARDS), "trust me", "ann"));

    mesh.seconds(60);
    assertEquals(0, mesh.api.effects());
    mesh.api.replace(foo);
    mesh.until("plan", "foo", Phase.LOCKED, 60);
  }

  @Test
  void blocksOnAnUnreadablePolicyOfTheRootNamespaceWhateverIsOverridden() {
    NamespaceFacts root = facts("istio-system");
    mesh.api.replace(
        new NamespaceFacts(
            root.name(),
            root.uid(),
            root.labels(),
            root.annotations(),
            false,
            root.pods(),
            root.services(),
            root.endpointSlices(),
            root.peerAuthentications(),
            root.destinationRules(),
            root.sidecars(),
            root.others(),
            List.of(
                new Unreadable(
                    ObjectRef.peerAuthentication("istio-system", "odd"),
                    "/spec/mtls/mode",
                    "unknown"))));
    start(Specs.namespaces("foo"));
    mesh.seconds(5);

    assertThrows(
        CommandException.Invalid.class,
        () ->
            mesh.commands.override("plan", FOO, java.util.Set.of(Gate.HAZARDS), "trust me", "ann"));
  }

  @Test
  void oneFailingNamespaceHoldsNoOther() {
    start(Specs.namespaces("foo", "bar").wave("all", "foo", "bar"));
    mesh.api.beforeApply =
        intent -> {
          if (intent.change().ref().namespace().equals("foo")) {
            throw new IllegalStateException("broken");
          }
        };

    mesh.until("plan", "bar", Phase.LOCKED, 100);

    TickReport report = Objects.requireNonNull(mesh.last);
    assertEquals(List.of("foo"), report.failures().stream().map(f -> f.subject()).toList());
    assertEquals(Phase.LOCKING, mesh.phase("plan", "foo"));
  }

  @Test
  void anUnchangedStepIsNotSaved() {
    start(Specs.namespaces("foo"));
    mesh.calls("legacy/curl", "foo/httpbin");
    mesh.seconds(25);
    int saves = mesh.ledger.stepSaves;

    mesh.seconds(20);

    assertEquals(saves, mesh.ledger.stepSaves, mesh.story("plan"));
  }

  @Test
  void addsAnExceptionToALockedNamespaceOfARunningPlan() {
    start(Specs.namespaces("foo", "bar").wave("w", "foo").wave("x", "bar"));
    mesh.until("plan", "foo", Phase.LOCKED, 60);
    PlanRecord plan = mesh.plan("plan");
    PlanSpec next =
        Specs.namespaces("foo", "bar")
            .wave("w", "foo")
            .wave("x", "bar")
            .except("foo", "httpbin", 9090)
            .spec();
    mesh.commands.replace("plan", next, plan.version(), "ann");

    mesh.seconds(3);

    assertTrue(mesh.effective().get("foo/httpbin").contains("9090=PERMISSIVE"));
    assertEquals(Phase.LOCKED, mesh.phase("plan", "foo"));
  }

  @Test
  void neverWritesOnAStaleObservation() {
    mesh.snapshotAge = java.time.Duration.ofSeconds(31);
    start(Specs.namespaces("foo"));

    mesh.seconds(60);

    assertEquals(0, mesh.api.effects());
    assertEquals(
        Reason.STALE_OBSERVATION,
        Objects.requireNonNull(mesh.step("plan", "foo").gate(Gate.HAZARDS)).reason());
  }

  @Test
  void isNotCompleteBeforeAnExemptionIsInForce() {
    in(
        MeshBuilders.mesh(
            namespace("istio-system").with(policy("default", MtlsMode.STRICT)),
            Worlds.foo(),
            Worlds.bar()));
    mesh.api.down = true;
    start(Specs.mesh());
    mesh.commands.act("plan", FOO, StepAction.EXEMPT, "", null, "ann", (plan, what) -> {});
    mesh.seconds(20);
    assertEquals(PlanPhase.RUNNING, mesh.plan("plan").phase());
    assertTrue(
        mesh.commands.waitingOn(mesh.plan("plan")).stream()
            .anyMatch(w -> w.subject().equals("foo")),
        mesh.commands.waitingOn(mesh.plan("plan")).toString());
    mesh.api.down = false;

    mesh.untilPlan("plan", PlanPhase.COMPLETED, 20);

    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"));
  }

  @Test
  void undoesASecondObjectToWhatWasThereBeforeTheFirstAndOpensWhatItHadLocked() {
    in(
        MeshBuilders.mesh(
            namespace("istio-system").with(policy("default", MtlsMode.STRICT)),
            Worlds.foo(),
            Worlds.injected("bar").with(policy("own", MtlsMode.PERMISSIVE))));
    Map<String, String> before = mesh.effective();
    mesh.commands.create(Specs.mesh().except("foo", "httpbin", 9090).spec(), "ann");
    mesh.commands.act("plan", PlanAction.START, null, "ann", (plan, what) -> {});
    mesh.commands.act("plan", FOO, StepAction.EXEMPT, "", null, "ann", (plan, what) -> {});
    mesh.seconds(2);
    mesh.commands.act("plan", FOO, StepAction.RETRY, "", "ann");
    mesh.until("plan", "foo", Phase.LOCKED, 120);
    mesh.commands.act("plan", PlanAction.ROLLBACK, null, "ann");

    mesh.untilPlan("plan", PlanPhase.ROLLED_BACK, 60);

    before.put("foo/curl", "PERMISSIVE {}");
    before.put("foo/httpbin", "PERMISSIVE {}");
    assertEquals(before, mesh.effective());
  }

  @Test
  void makesNoLockThatAPauseHasOvertaken() {
    start(Specs.namespaces("foo", "bar").wave("all", "foo", "bar"));
    mesh.api.beforeApply =
        intent -> {
          mesh.api.beforeApply = i -> {};
          mesh.commands.act("plan", PlanAction.PAUSE, null, "ann");
        };

    mesh.seconds(60);

    assertEquals(1, mesh.api.effects());
  }

  @Test
  void makesNoLockOnFactsThatGrewOldWhileTheTickWentOn() {
    start(Specs.namespaces("foo", "bar").wave("all", "foo", "bar"));
    mesh.api.beforeApply =
        intent -> {
          mesh.api.beforeApply = i -> {};
          mesh.clock.advance(java.time.Duration.ofSeconds(31));
        };

    mesh.seconds(6);

    assertEquals(1, mesh.api.effects());
  }

  @Test
  void forgetsWhatWasAskedOfANamespaceThatIsGone() {
    start(Specs.namespaces("foo"));
    mesh.seconds(3);
    mesh.commands.act("plan", FOO, StepAction.SKIP, "", "ann");
    mesh.api.remove("foo");

    mesh.seconds(3);

    assertEquals(Phase.SKIPPED, mesh.phase("plan", "foo"));
    assertEquals(List.of(), Objects.requireNonNull(mesh.last).failures());
  }

  @Test
  void waitsOutTheDrainOfAnEnableThatWasFoundAfterACrash() {
    in(
        MeshBuilders.mesh(
            namespace("istio-system"),
            Worlds.injected("foo").with(policy("default", MtlsMode.DISABLE)),
            Worlds.bar()));
    start(Specs.namespaces("foo").soak(java.time.Duration.ZERO));
    mesh.api.haltAfter = 1;
    assertThrows(Halted.class, () -> mesh.seconds(10));
    mesh.clock.advance(java.time.Duration.ofSeconds(20));
    mesh.loop = mesh.leader();
    mesh.second();

    java.time.Instant found = Objects.requireNonNull(mesh.step("plan", "foo").lastWrite());

    assertEquals(mesh.clock.instant(), found);
  }

  @Test
  void goesOnWhenTheApiServerIsBack() {
    start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.OBSERVING, 5);
    mesh.api.down = true;
    mesh.seconds(60);
    assertEquals(0, mesh.api.effects());
    mesh.api.down = false;

    mesh.untilPlan("plan", PlanPhase.COMPLETED, 60);
  }

  @Test
  void someoneElsesLockIsFoundAndNotOurs() {
    mesh.kubectl("foo", "default", MtlsMode.STRICT);
    start(Specs.namespaces("foo"));

    mesh.untilPlan("plan", PlanPhase.COMPLETED, 10);

    assertEquals(Reason.ALREADY_STRICT, mesh.step("plan", "foo").reason());
    assertEquals(
        new ArrayList<>(),
        mesh.commands.allowedActions(mesh.plan("plan"), mesh.step("plan", "foo")));
  }

  /** The gates were not what let it through, and some had never been asked. */
  @Test
  void aLockThatWasFoundShowsNoGatesAsIfItHadPassedThem() {
    mesh.kubectl("foo", "default", MtlsMode.STRICT);
    start(Specs.namespaces("foo").approval(PlanSpec.Approval.NAMESPACE));

    mesh.untilPlan("plan", PlanPhase.COMPLETED, 10);

    assertEquals(Reason.ALREADY_STRICT, mesh.step("plan", "foo").reason());
    assertEquals(List.of(), mesh.step("plan", "foo").gates());
    assertNull(mesh.step("plan", "foo").heldSince());
  }

  @Test
  void aLockThatWasMadeKeepsTheGatesItWasDecidedOn() {
    start(Specs.namespaces("foo"));

    mesh.untilPlan("plan", PlanPhase.COMPLETED, 100);

    assertEquals(Gate.values().length, mesh.step("plan", "foo").gates().size());
  }

  /** Nobody wants an undone plan's namespaces STRICT any more, so nobody is warned. */
  @ParameterizedTest
  @EnumSource(
      value = PlanAction.class,
      names = {"ROLLBACK", "CLEANUP"})
  void aPlanThatIsUndoneWatchesNothing(PlanAction undo) {
    mesh.kubectl("foo", "default", MtlsMode.STRICT);
    start(Specs.namespaces("foo"));
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 10);
    mesh.commands.act("plan", undo, null, "ann");
    mesh.seconds(10);
    int told = mesh.ledger.events("plan").size();

    mesh.kubectl("foo", "default", MtlsMode.PERMISSIVE);
    mesh.seconds(10);
    mesh.kubectl("foo", "default", MtlsMode.STRICT);
    mesh.seconds(10);

    assertEquals(Phase.LOCKED, mesh.phase("plan", "foo"));
    assertEquals(told, mesh.ledger.events("plan").size(), () -> mesh.story("plan"));
  }

  /** It does not know whether the namespace is STRICT, so it does not say that it is. */
  @ParameterizedTest
  @EnumSource(
      value = PlanAction.class,
      names = {"ROLLBACK", "CLEANUP"})
  void aPlanThatIsUndoneClaimsNothing(PlanAction undo) {
    mesh.kubectl("foo", "default", MtlsMode.STRICT);
    start(Specs.namespaces("foo"));
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 10);
    assertEquals(Map.of(Phase.LOCKED, 1), OwningPlan.byPhase(mesh.ledger));

    mesh.commands.act("plan", undo, null, "ann");
    mesh.seconds(10);
    mesh.kubectl("foo", "default", MtlsMode.PERMISSIVE);
    mesh.seconds(10);

    assertEquals(Map.of(), OwningPlan.byPhase(mesh.ledger));
    assertTrue(mesh.step("plan", "foo").message().contains("nobody watches"));
  }

  @Test
  void aPlanThatIsUndoneTellsOfNoHarmByWhatItHasFound() {
    mesh.kubectl("foo", "default", MtlsMode.STRICT);
    start(Specs.namespaces("foo"));
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 10);
    mesh.api.settings(new MeshSettings("istio-system", "cluster.local", false, true));
    mesh.seconds(20);
    assertNotNull(mesh.step("plan", "foo").health());

    mesh.commands.act("plan", PlanAction.CLEANUP, null, "ann");
    mesh.seconds(20);

    assertNull(mesh.step("plan", "foo").health(), () -> mesh.story("plan"));
  }

  /** The mesh opens first, and what keeps it closed may take long. */
  @Test
  void aPlanThatIsBeingUndoneTellsOfHarmByItsOwnLocks() {
    start(Specs.mesh());
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 200);
    mesh.api.refusal = new WriteResult.Refused("no");
    mesh.commands.act("plan", PlanAction.ROLLBACK, null, "ann");
    mesh.seconds(10);
    mesh.api.settings(new MeshSettings("istio-system", "cluster.local", false, true));

    mesh.seconds(20);

    assertEquals(Phase.LOCKED, mesh.phase("plan", "foo"), () -> mesh.story("plan"));
    assertNotNull(mesh.step("plan", "foo").health(), () -> mesh.story("plan"));
    assertFalse(
        LockedHealth.of(mesh.plan("plan"), mesh.step("plan", "foo"), mesh.observe(), Limits.DEFAULT)
            .isEmpty());
    mesh.api.refusal = null;
    mesh.until("plan", "foo", Phase.ROLLED_BACK, 200);
  }

  @Test
  void driftOfAnUndonePlanIsNotTakenUpAgain() {
    mesh.kubectl("foo", "default", MtlsMode.STRICT);
    start(Specs.namespaces("foo"));
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 10);
    mesh.kubectl("foo", "default", MtlsMode.PERMISSIVE);
    mesh.until("plan", "foo", Phase.DRIFTED, 10);
    mesh.commands.act("plan", PlanAction.CLEANUP, null, "ann");
    mesh.untilPlan("plan", PlanPhase.CLEANED_UP, 10);

    mesh.kubectl("foo", "default", MtlsMode.STRICT);
    mesh.seconds(10);

    assertEquals(Phase.DRIFTED, mesh.phase("plan", "foo"));
  }

  @ParameterizedTest
  @EnumSource(
      value = PlanAction.class,
      names = {"PAUSE", "ABORT"})
  void aPlanThatStandsStillGoesOnWatching(PlanAction stop) {
    mesh.kubectl("foo", "default", MtlsMode.STRICT);
    start(Specs.namespaces("foo", "bar").wave("first", "foo", "bar"));
    mesh.until("plan", "foo", Phase.LOCKED, 10);
    mesh.commands.act("plan", stop, null, "ann");
    mesh.seconds(5);

    mesh.kubectl("foo", "default", MtlsMode.PERMISSIVE);

    mesh.until("plan", "foo", Phase.DRIFTED, 10);
  }
}
