// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.commands;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.plan.LeastGates;
import io.mtlsmigration.plan.PlanLimits;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.Problem;
import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanAction;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.SimulatedMesh;
import io.mtlsmigration.rollout.Specs;
import io.mtlsmigration.rollout.StepKey;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Who makes plans wants one that nobody has to agree to. */
class ApprovalRequestAttackTest {

  private static final LeastGates LEAST =
      new LeastGates(
          PlanSpec.Approval.WAVE,
          Duration.ofSeconds(5),
          Duration.ofSeconds(20),
          true,
          PlanSpec.NoSamples.HOLD,
          0,
          0.001,
          256);

  private final SimulatedMesh mesh = new SimulatedMesh(Worlds.task());

  private PlanCommands commands(SimulatedMesh of, LeastGates least) {
    return new PlanCommands(
        of.ledger, of::observe, of.clock, of.limits, PlanLimits.SANDBOX.withLeast(least));
  }

  private static Specs enough() {
    return Specs.namespaces("foo").approval(PlanSpec.Approval.WAVE);
  }

  static Stream<Arguments> less() {
    return Stream.of(
        argumentSet("no approval", enough().approval(PlanSpec.Approval.NONE), "/gates/approval"),
        argumentSet("a short soak", enough().soak(Duration.ZERO), "/gates/soak"),
        argumentSet("no probes", enough().probes(false), "/gates/probes"),
        argumentSet(
            "silence without samples",
            enough().noSamples(PlanSpec.NoSamples.PASS),
            "/gates/noSamples"),
        argumentSet("refusals", enough().maxRefusals(1_000_000), "/verification/maxRefusals"),
        argumentSet("all addresses", ignoring("0.0.0.0/0", null), IGNORED),
        argumentSet("half of them", ignoring("128.0.0.0/1", null), IGNORED),
        argumentSet("all of IPv6", ignoring("::/0", null), IGNORED),
        argumentSet("all of a namespace", ignoring(null, "legacy/*"), IGNORED));
  }

  private static final String IGNORED = "/verification/ignoreClients/0";

  private static Specs ignoring(String cidr, String workload) {
    return enough().ignore(new PlanSpec.IgnoredClient(cidr, workload));
  }

  @ParameterizedTest
  @MethodSource("less")
  void noPlanAsksForLessThanTheConfiguration(Specs specs, String pointer) {
    CommandException.Invalid refused =
        assertThrows(
            CommandException.Invalid.class,
            () -> commands(mesh, LEAST).create(specs.spec(), "edward"));

    assertEquals(List.of(pointer), refused.problems().stream().map(Problem::pointer).toList());
    Problem problem = refused.problems().getFirst();
    assertEquals("BELOW_LEAST", problem.code());
    assertTrue(problem.detail().contains("mtls-migration.gates.least."), problem.detail());
    assertTrue(problem.detail().contains("verb override"), problem.detail());
  }

  @Test
  void oneThatAsksForAsMuchIsTaken() {
    PlanCommands commands = commands(mesh, LEAST);

    commands.create(ignoring("10.0.9.0/24", null).spec(), "edward");

    assertEquals(PlanPhase.RUNNING, commands.act("plan", PlanAction.START, null, "edward").phase());
  }

  @Test
  void aDraftIsNotTakenDownAfterwards() {
    PlanCommands commands = commands(mesh, LEAST);
    PlanRecord draft = commands.create(enough().spec(), "edward");

    assertThrows(
        CommandException.Invalid.class,
        () ->
            commands.replace(
                "plan",
                enough().approval(PlanSpec.Approval.NONE).spec(),
                draft.version(),
                "edward"));
  }

  @Test
  void whoOverridesMayAskForLessAndThatIsTold() {
    PlanCommands commands = commands(mesh, LEAST);

    commands.create(enough().approval(PlanSpec.Approval.NONE).spec(), "olga", true);

    Event told =
        mesh.ledger.events("plan").stream()
            .filter(e -> e.type() == Event.Type.OVERRIDDEN)
            .findFirst()
            .orElseThrow();
    assertEquals("olga", told.actor());
    assertTrue(told.message().contains("approval"), told.message());
    commands.act("plan", PlanAction.START, null, "edward");
  }

  private static MeshSnapshot labelled(String key, String value) {
    return mesh(
        namespace("istio-system"),
        Worlds.foo().label("mtls-migration.io/" + key, value),
        Worlds.bar());
  }

  static Stream<Arguments> labels() {
    return Stream.of(
        argumentSet("approval", "least-approval", "namespace", "/gates/approval"),
        argumentSet("nonsense is the most", "least-approval", "yes", "/gates/approval"),
        argumentSet("soak", "least-soak", "1h", "/gates/soak"),
        argumentSet("nonsense is not nothing", "least-soak", "long", "/gates/soak"),
        argumentSet("window", "least-plaintext-window", "P7D", "/gates/plaintextWindow"));
  }

  @ParameterizedTest
  @MethodSource("labels")
  void aNamespaceMayAskForMore(String key, String value, String pointer) {
    SimulatedMesh own = new SimulatedMesh(labelled(key, value));

    CommandException.Invalid refused =
        assertThrows(
            CommandException.Invalid.class,
            () -> commands(own, LEAST).create(enough().spec(), "edward"));

    Problem problem = refused.problems().getFirst();
    assertEquals(pointer, problem.pointer());
    assertTrue(problem.detail().contains("namespace foo"), problem.detail());
  }

  @Test
  void aNamespaceCannotAskForLess() {
    SimulatedMesh own = new SimulatedMesh(labelled("least-approval", "none"));

    assertThrows(
        CommandException.Invalid.class,
        () ->
            commands(own, LEAST)
                .create(enough().approval(PlanSpec.Approval.NONE).spec(), "tenant"));
  }

  @Test
  void namespacesThatArePlannedElsewhereAskForNothingHere() {
    SimulatedMesh own = new SimulatedMesh(labelled("least-approval", "namespace"));

    commands(own, LEAST)
        .create(Specs.namespaces("bar").approval(PlanSpec.Approval.WAVE).spec(), "edward");

    assertEquals(1, own.ledger.plans().size());
  }

  /** A mesh plan for foo, and bar, which comes a second later and asks for a longer soak. */
  private static SimulatedMesh joined() {
    SimulatedMesh own = new SimulatedMesh(mesh(namespace("istio-system"), Worlds.foo()));
    own.calls("foo/curl", "foo/httpbin");
    own.start(Specs.mesh());
    own.second();
    own.api.replace(Worlds.bar().label("mtls-migration.io/least-soak", "12s").build());
    own.calls("bar/curl", "bar/httpbin");
    own.until("plan", "foo", Phase.LOCKED, 60);
    own.seconds(60);
    return own;
  }

  @Test
  void aNamespaceThatJoinsIsNotLockedBelowWhatItAsksFor() {
    SimulatedMesh own = joined();

    assertEquals(Phase.AWAITING_APPROVAL, own.phase("plan", "bar"), own.story("plan"));
    GateResult held = own.step("plan", "bar").gate(Gate.APPROVAL);
    assertEquals(Reason.BELOW_LEAST, held.reason());
    assertTrue(held.message().contains("least-soak of namespace bar: tighten"), held.message());
    assertEquals(List.of("/gates/soak"), held.evidence());
    assertTrue(
        own.commands.waitingOn(own.plan("plan")).stream()
            .anyMatch(w -> w.subject().equals("bar") && w.message().contains("least-soak")),
        () -> own.commands.waitingOn(own.plan("plan")).toString());
  }

  @Test
  void itIsLockedWhenThePlanAsksForAsMuch() {
    SimulatedMesh own = joined();

    PlanRecord plan = own.plan("plan");
    own.commands.replace(
        "plan", Specs.mesh().soak(Duration.ofSeconds(12)).spec(), plan.version(), "edward");

    own.until("plan", "bar", Phase.LOCKED, 60);
  }

  @Test
  void itIsLockedWhenWhoMayOverrideSaysSo() {
    SimulatedMesh own = joined();

    own.commands.override(
        "plan", new StepKey("bar"), Set.of(Gate.APPROVAL), "agreed with bar", false, null, "olga");

    own.until("plan", "bar", Phase.LOCKED, 60);
  }
}
