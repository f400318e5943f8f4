// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import static io.mtlsmigration.mesh.MeshBuilders.destinationRule;
import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.DestinationRule;
import io.mtlsmigration.mesh.DestinationRule.ClientTlsMode;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.plan.ChangeWindow;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.Problem;
import io.mtlsmigration.probe.ProbeOutcome;
import io.mtlsmigration.rollout.commands.CommandException;
import io.mtlsmigration.rollout.commands.Waiting;
import io.mtlsmigration.rollout.gates.IgnoredClients;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A tenant with rights in one namespace wants another one to stay open for plaintext. */
class TenantAttackTest {

  private static final PlanSpec.IgnoredClient EVIL = new PlanSpec.IgnoredClient(null, "evil/agent");

  /** A pod that looks as if it had a sidecar, and a rule that has it send plaintext to foo. */
  private static MeshSnapshot evil() {
    return mesh(
        namespace("istio-system"),
        Worlds.foo(),
        Worlds.bar(),
        namespace("evil")
            .with(sidecarPod("agent"))
            .with(
                destinationRule("off", "httpbin.foo.svc.cluster.local")
                    .tls(ClientTlsMode.DISABLE)));
  }

  private static SimulatedMesh started(MeshSnapshot world, Specs specs) {
    SimulatedMesh mesh = new SimulatedMesh(world).calls("bar/curl", "foo/httpbin");
    mesh.commands.create(specs.spec(), "ann");
    mesh.commands.act("plan", PlanAction.START, null, "ann");
    return mesh;
  }

  @Test
  void aRuleForItsOwnClientsHoldsNoLockOnceTheyAreIgnored() {
    SimulatedMesh mesh = started(evil(), Specs.namespaces("foo").ignore(EVIL));

    mesh.until("plan", "foo", Phase.LOCKED, 90);

    assertEquals(MtlsMode.STRICT, mesh.mode("foo"));
  }

  @Test
  void theGateSaysHowToIgnoreThem() {
    SimulatedMesh mesh = started(evil(), Specs.namespaces("foo"));

    mesh.seconds(30);

    GateResult hazards = mesh.step("plan", "foo").gate(Gate.HAZARDS);
    assertEquals(Reason.HAZARD_FOUND, hazards.reason());
    assertTrue(offered(hazards.message(), "evil/agent"), hazards.message());
  }

  /** The API server stores any name of a subset; a record has to fit into an object. */
  @Test
  void aTenantMakesTheRecordOfAStepNoLongerByLongNames() {
    String longest = "v".repeat(1_000_000);
    SimulatedMesh mesh =
        started(
            mesh(
                namespace("istio-system"),
                Worlds.foo(),
                Worlds.bar(),
                namespace("evil")
                    .with(sidecarPod("agent"))
                    .with(
                        destinationRule("off", "httpbin.foo.svc.cluster.local")
                            .subset(
                                longest,
                                Map.of(),
                                new DestinationRule.TrafficPolicy(
                                    ClientTlsMode.DISABLE, false, false, Map.of())))),
            Specs.namespaces("foo"));

    mesh.seconds(30);

    GateResult hazards = mesh.step("plan", "foo").gate(Gate.HAZARDS);
    assertEquals(Reason.HAZARD_FOUND, hazards.reason());
    assertTrue(hazards.message().length() < 8_193, () -> "too long to print");
    assertTrue(hazards.message().contains("evil/off"), hazards.message());
    assertTrue(mesh.step("plan", "foo").toString().length() < 100_000);
    assertTrue(mesh.ledger.events("plan").toString().length() < 200_000);
  }

  /** Such as one that repeats a label of a tenant's metrics. */
  @Test
  void aSentenceOfARecordIsCut() {
    String message =
        new GateResult(
                Gate.PLAINTEXT,
                GateResult.Result.INCONCLUSIVE,
                Reason.NO_SAMPLES,
                "x".repeat(1_000_000),
                List.of(),
                Instant.EPOCH)
            .message();

    assertTrue(message.length() < 8_193, message);
    assertTrue(message.endsWith("x… and 991872 more characters"), message);
  }

  @Test
  void aRollbackSaysHowToIgnoreTheClientThatWasRefused() {
    SimulatedMesh mesh = started(Worlds.task(), Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.calls("legacy/curl", "foo/httpbin");

    mesh.until("plan", "foo", Phase.ROLLED_BACK, 10);

    Event rollback =
        mesh.ledger.events("plan").stream()
            .filter(e -> e.to().equals("ROLLING_BACK"))
            .findFirst()
            .orElseThrow();
    assertTrue(offered(rollback.message(), "legacy/curl"), rollback.message());
    Waiting waiting = mesh.commands.waitingOn(mesh.plan("plan")).getFirst();
    assertEquals("person", waiting.gate());
    assertTrue(offered(waiting.message(), "legacy/curl"), waiting.message());
  }

  /**
   * What is marked as a write of the plan, of which no record tells. What is no copy is taken back.
   */
  @ParameterizedTest
  @CsvSource({
    "1:9-1-default, mtls-migration, AWAITING_APPROVAL", // a copy
    "1:9-1-copy,    mtls-migration, ROLLED_BACK",
    "1:9-1,         mtls-migration, ROLLED_BACK", // of an earlier release
    "1:9-1-copy,    kubectl-edit,   AWAITING_APPROVAL"
  })
  void aMarkLocksNothingThatNobodyHasApproved(String mark, String manager, Phase end) {
    SimulatedMesh mesh =
        started(Worlds.task(), Specs.namespaces("foo").approval(PlanSpec.Approval.NAMESPACE));
    mesh.until("plan", "foo", Phase.AWAITING_APPROVAL, 60);
    mesh.api.marked(
        ObjectRef.peerAuthentication("foo", "copy"),
        new PeerAuthentication.Spec(Map.of("app", "curl"), MtlsMode.STRICT, Map.of()),
        mesh.plan("plan").uid() + ":foo:" + mark,
        manager);

    mesh.seconds(60);

    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"), () -> mesh.story("plan"));
    assertEquals(end, mesh.phase("plan", "foo"));
  }

  /** A finding, and a change window, that hold the lock of a plan that asks nobody. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aMarkLocksNothingThatAGateHolds(boolean hazard) {
    SimulatedMesh mesh =
        started(
            hazard ? evil() : Worlds.task(),
            hazard
                ? Specs.namespaces("foo")
                : Specs.namespaces("foo").window(ChangeWindow.parse("Sat-Sun 09:00-10:00 UTC")));
    mesh.seconds(30);
    mesh.api.marked(
        ObjectRef.peerAuthentication("foo", "forged"),
        new PeerAuthentication.Spec(Map.of("app", "curl"), MtlsMode.STRICT, Map.of()),
        mesh.plan("plan").uid() + ":foo:1:9-1-forged",
        PolicyWriter.FIELD_MANAGER);

    mesh.seconds(60);

    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"), () -> mesh.story("plan"));
  }

  /** It was called a lock of the plan, past every gate, and an undo would have deleted it. */
  @Test
  void aPolicyOfSomebodyElseIsNoLockOfThePlanWhateverItsMarkSays() {
    SimulatedMesh mesh = started(evil(), Specs.namespaces("foo").adopt());
    mesh.seconds(30);
    mesh.api.marked(
        ObjectRef.peerAuthentication("foo", "default"),
        PeerAuthentication.Spec.of(MtlsMode.STRICT),
        mesh.plan("plan").uid() + ":foo:1:9-1-default",
        "kubectl-create");
    mesh.seconds(60);

    mesh.commands.act("plan", PlanAction.ROLLBACK, null, "ann");
    mesh.untilPlan("plan", PlanPhase.ROLLED_BACK, 30);

    assertEquals(MtlsMode.STRICT, mesh.mode("foo"), () -> mesh.story("plan"));
    assertEquals(List.of(), mesh.step("plan", "foo").ledger());
  }

  /** Such as a write that comes late. An undo would have deleted it. */
  @Test
  void aCopyThatIsQuickerThanTheLockIsNotTheLock() {
    SimulatedMesh mesh = started(Worlds.task(), Specs.namespaces("foo").adopt());
    mesh.api.beforeApply =
        intent -> {
          mesh.api.beforeApply = next -> {};
          mesh.api.marked(
              intent.change().ref(),
              PeerAuthentication.Spec.of(MtlsMode.STRICT),
              mesh.plan("plan").uid() + ":foo:1:9-1-default",
              "kubectl-create");
        };
    mesh.until("plan", "foo", Phase.LOCKED, 90);

    mesh.commands.act("plan", PlanAction.ROLLBACK, null, "ann");
    mesh.untilPlan("plan", PlanPhase.ROLLED_BACK, 30);

    assertEquals(MtlsMode.STRICT, mesh.mode("foo"), () -> mesh.story("plan"));
  }

  @Test
  void aGateOpensOnceAPersonIgnoresThemWhileThePlanRuns() {
    SimulatedMesh mesh = started(evil(), Specs.namespaces("foo"));
    mesh.seconds(30);
    mesh.commands.ignore("plan", EVIL, "no client of foo", null, "olga");

    mesh.until("plan", "foo", Phase.LOCKED, 90);

    Event told =
        mesh.ledger.events("plan").stream()
            .filter(e -> e.type() == Event.Type.OVERRIDDEN)
            .findFirst()
            .orElseThrow();
    assertEquals("olga", told.actor());
    assertTrue(told.message().contains("no client of foo"), told.message());
    assertEquals(Map.of("client", "evil/agent"), told.evidence());
  }

  @Test
  void aNewNameDoesNotHelpWhereTheNamespaceIsIgnored() {
    SimulatedMesh mesh =
        started(evil(), Specs.namespaces("foo").ignore(new PlanSpec.IgnoredClient(null, "evil/*")));

    mesh.until("plan", "foo", Phase.LOCKED, 90);

    assertEquals(MtlsMode.STRICT, mesh.mode("foo"));
  }

  @Test
  void aLockThatIsHeldGoesOnThoughTheClientStillCalls() {
    SimulatedMesh mesh = started(Worlds.task(), Specs.namespaces("foo").hold());
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.calls("legacy/curl", "foo/httpbin");
    mesh.seconds(5);
    assertTrue(mesh.step("plan", "foo").held());
    mesh.commands.ignore(
        "plan", new PlanSpec.IgnoredClient(null, "legacy/curl"), "ok", null, "olga");
    mesh.commands.act("plan", new StepKey("foo"), StepAction.RETRY, "ignored", "ann");

    mesh.until("plan", "foo", Phase.LOCKED, 60);

    assertEquals(MtlsMode.STRICT, mesh.mode("foo"));
  }

  @Test
  void whoMayOnlyEditIgnoresNobody() {
    SimulatedMesh mesh = started(Worlds.task(), Specs.namespaces("foo"));
    PlanRecord plan = mesh.plan("plan");

    CommandException.NotAllowed refused =
        assertThrows(
            CommandException.NotAllowed.class,
            () ->
                mesh.commands.replace(
                    "plan", plan.spec().ignoring(EVIL), plan.version(), "edward"));

    assertTrue(refused.getMessage().contains("ignored-clients"), refused.getMessage());
  }

  @Test
  void nobodyIsIgnoredWithoutAWordOrAName() {
    SimulatedMesh mesh = started(Worlds.task(), Specs.namespaces("foo"));

    CommandException.Invalid refused =
        assertThrows(
            CommandException.Invalid.class,
            () ->
                mesh.commands.ignore(
                    "plan", new PlanSpec.IgnoredClient("10.0.0.300/8", null), " ", null, "olga"));

    assertEquals(
        List.of("/cidr", "/comment"), refused.problems().stream().map(Problem::pointer).toList());
  }

  /** Foo, bar, and one more namespace with a pod that probes are made from. */
  private static MeshSnapshot witness() {
    return mesh(
        namespace("istio-system"),
        Worlds.foo(),
        Worlds.bar(),
        namespace("evil").with(sidecarPod("curl")));
  }

  @Test
  void aProbeClientOfAnotherNamespaceUndoesNoLockAlone() {
    SimulatedMesh mesh = started(witness(), Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.failingProbes.add("evil/curl");

    mesh.seconds(30);

    assertEquals(Phase.VERIFYING, mesh.phase("plan", "foo"), mesh.story("plan"));
    assertEquals(MtlsMode.STRICT, mesh.mode("foo"));
    String message = mesh.step("plan", "foo").message();
    assertTrue(offered(message, "evil/curl"), message);
    mesh.commands.ignore(
        "plan", new PlanSpec.IgnoredClient(null, "evil/curl"), "lies", null, "olga");
    mesh.until("plan", "foo", Phase.LOCKED, 30);
  }

  @Test
  void aProbeClientOfAnotherNamespaceKeepsNoUndoFromEnding() {
    SimulatedMesh mesh = started(witness(), Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.LOCKED, 90);
    mesh.failingAs = ProbeOutcome.REFUSED;
    mesh.failingProbes.add("evil/curl");
    mesh.commands.act("plan", PlanAction.ROLLBACK, null, "ann");

    mesh.untilPlan("plan", PlanPhase.ROLLED_BACK, 30);

    String message = mesh.step("plan", "foo").message();
    assertTrue(message.contains("evil/curl"), message);
  }

  /** It may be right: a lock that is not in force is none. */
  @Test
  void aClientThatSaysThatItIsNotRefusedHoldsALockUntilAPersonIgnoresIt() {
    SimulatedMesh mesh =
        started(
            mesh(
                namespace("istio-system"),
                Worlds.foo(),
                Worlds.bar(),
                namespace("evil").with(pod("curl"))),
            Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.failingAs = ProbeOutcome.OK;
    mesh.failingProbes.add("evil/curl");
    mesh.seconds(60);
    assertEquals(Phase.VERIFYING, mesh.phase("plan", "foo"), mesh.story("plan"));
    String message = mesh.step("plan", "foo").message();
    assertTrue(offered(message, "evil/curl"), message);

    mesh.commands.ignore(
        "plan", new PlanSpec.IgnoredClient(null, "evil/curl"), "lies", null, "olga");

    mesh.until("plan", "foo", Phase.LOCKED, 60);
  }

  /** It may be right: nobody else has called as it does. */
  @Test
  void aRefusalThatNobodyContradictsKeepsAnUndoFromEndingUntilAPersonIgnoresIt() {
    SimulatedMesh mesh = started(Worlds.task(), Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.LOCKED, 90);
    mesh.failingAs = ProbeOutcome.REFUSED;
    mesh.failingProbes.add("legacy/curl");
    mesh.commands.act("plan", PlanAction.ROLLBACK, null, "ann");
    mesh.seconds(60);
    assertEquals(Phase.ROLLING_BACK, mesh.phase("plan", "foo"), mesh.story("plan"));
    String message = mesh.step("plan", "foo").message();
    assertTrue(offered(message, "legacy/curl"), message);

    mesh.commands.ignore(
        "plan", new PlanSpec.IgnoredClient(null, "legacy/curl"), "lies", null, "olga");

    mesh.untilPlan("plan", PlanPhase.ROLLED_BACK, 10);
  }

  /** Not even where another one says that it gets through. */
  @Test
  void aRefusalThatIsBelievedKeepsAnUndoFromEnding() {
    SimulatedMesh mesh = started(witness(), Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.LOCKED, 90);
    mesh.failingAs = ProbeOutcome.REFUSED;
    mesh.failingProbes.addAll(List.of("evil/curl", "bar/curl"));
    mesh.commands.act("plan", PlanAction.ROLLBACK, null, "ann");

    mesh.seconds(60);

    assertEquals(Phase.ROLLING_BACK, mesh.phase("plan", "foo"), mesh.story("plan"));
    assertTrue(mesh.step("plan", "foo").message().contains("still refused"));
  }

  @Test
  void itsWordCountsBesideThatOfAnother() {
    SimulatedMesh mesh = started(witness(), Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.failingProbes.addAll(List.of("evil/curl", "bar/curl"));

    mesh.until("plan", "foo", Phase.ROLLED_BACK, 10);

    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"));
  }

  @Test
  void itsWordCountsWhereTheConfigurationNamesItsNamespace() {
    SimulatedMesh mesh = started(witness(), Specs.namespaces("foo"));
    mesh.witnesses.add("evil");
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.failingProbes.add("evil/curl");

    mesh.until("plan", "foo", Phase.ROLLED_BACK, 10);

    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"));
  }

  /** Not even two namespaces of one tenant. */
  @Test
  void whereTheConfigurationNamesNamespacesNobodyElseIsBelieved() {
    SimulatedMesh mesh = started(witness(), Specs.namespaces("foo"));
    mesh.witnesses.add("tools");
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.failingProbes.addAll(List.of("evil/curl", "bar/curl"));

    mesh.seconds(30);

    assertEquals(Phase.VERIFYING, mesh.phase("plan", "foo"), mesh.story("plan"));
    assertEquals(MtlsMode.STRICT, mesh.mode("foo"));
  }

  @Test
  void callsThatOneClientHasFailAreIgnoredWithIt() {
    SimulatedMesh mesh = started(Worlds.task(), Specs.namespaces("foo").hold());
    mesh.failingClient = "evil/agent";
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.failedCalls.put("foo", 1);
    mesh.second();
    mesh.failedCalls.put("foo", 2);
    mesh.second();
    StepRecord held = mesh.step("plan", "foo");
    assertEquals(Reason.CLIENTS_FAILING, held.reason());
    assertTrue(offered(held.message(), "evil/agent"), held.message());
    mesh.commands.ignore("plan", EVIL, "its own rule", null, "olga");
    mesh.commands.act("plan", new StepKey("foo"), StepAction.RETRY, "ignored", "ann");
    mesh.failedCalls.put("foo", 50);

    mesh.until("plan", "foo", Phase.LOCKED, 60);

    assertEquals(MtlsMode.STRICT, mesh.mode("foo"));
  }

  /** A pod that looks as if it had a sidecar, which no istiod will ever know. */
  @Test
  void aFakeSidecarWhereAnotherPolicyDecidesHoldsNoMeshLock() {
    SimulatedMesh mesh = started(Worlds.task(), Specs.mesh()).calls("foo/curl", "bar/httpbin");
    mesh.until("plan", "bar", Phase.OBSERVING, 30);
    mesh.commands.act("plan", new StepKey("bar"), StepAction.EXEMPT, "hopeless", "ann");
    mesh.until("plan", "bar", Phase.EXEMPT, 60);
    mesh.lagging.add("bar");

    mesh.until("plan", "mesh", Phase.LOCKED, 180);

    assertEquals(MtlsMode.STRICT, mesh.meshMode());
    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("bar"));
  }

  @Test
  void aNameThatCommandsIsNotOffered() {
    assertEquals(
        "",
        IgnoredClients.offer("plan", List.of("evil/x\",\"cidr\":\"0.0.0.0/0", "evil/x;curl`a`")));
  }

  private static boolean offered(String message, String workload) {
    return message.contains("POST /api/v1/plans/plan/ignored-clients")
        && message.contains("{\"workload\":\"" + workload + "\"");
  }
}
