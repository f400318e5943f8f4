// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import static io.mtlsmigration.rollout.SimulatedHooks.hook;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.rollout.commands.Waiting;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What comes before a wave is settled when the wave locks, not only when it begins. */
class WaveScenarioTest extends RolloutScenario {

  private static final StepKey BAR = new StepKey("bar");

  @Test
  void locksNothingOfAWaveThatHasBegunWhileAnEarlierOneIsTakenBack() {
    start(waves());
    mesh.until("plan", "bar", Phase.OBSERVING, 300);

    mesh.commands.act("plan", FOO, StepAction.ROLLBACK, "", "ann");
    mesh.until("plan", "foo", Phase.ROLLED_BACK, 60);
    mesh.seconds(120);

    assertEquals(Phase.READY, mesh.phase("plan", "bar"), mesh.story("plan"));
    assertEquals(List.of("waits for earlier waves: foo (rolled back)"), waits("bar"));
    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("bar"));

    mesh.commands.act("plan", FOO, StepAction.SKIP, "not now", "ann");
    mesh.until("plan", "bar", Phase.LOCKED, 120);
  }

  @Test
  void retriesAStepOfALaterWaveAndLocksItInItsTurn() {
    start(waves());
    mesh.until("plan", "bar", Phase.VERIFYING, 300);
    mesh.commands.act("plan", FOO, StepAction.ROLLBACK, "", "ann");
    mesh.until("plan", "foo", Phase.ROLLED_BACK, 60);
    mesh.commands.act("plan", BAR, StepAction.ROLLBACK, "", "ann");
    mesh.until("plan", "bar", Phase.ROLLED_BACK, 60);

    mesh.commands.act("plan", BAR, StepAction.RETRY, "", "ann");
    mesh.seconds(120);
    assertEquals(Phase.READY, mesh.phase("plan", "bar"), mesh.story("plan"));

    mesh.commands.act("plan", FOO, StepAction.RETRY, "", "ann");
    mesh.until("plan", "bar", Phase.LOCKED, 300);
    assertEquals(Phase.LOCKED, mesh.phase("plan", "foo"));
  }

  /** Whoever agrees, agrees to a lock now. */
  @Test
  void asksHooksInTheTurnOfItsWave() {
    start(waves().hook(hook("hook.example", PlanSpec.Hook.When.BEFORE_LOCK)));
    mesh.hooks.answers.put("hook.example", new HookCaller.Answer.Accepted());
    mesh.until("plan", "bar", Phase.OBSERVING, 300);
    mesh.commands.act("plan", FOO, StepAction.ROLLBACK, "", "ann");
    mesh.until("plan", "foo", Phase.ROLLED_BACK, 60);
    mesh.hooks.asked.clear();

    mesh.seconds(120);

    assertEquals(Phase.READY, mesh.phase("plan", "bar"), mesh.story("plan"));
    assertEquals(List.of(), mesh.hooks.asked);

    mesh.commands.act("plan", FOO, StepAction.SKIP, "not now", "ann");
    mesh.until("plan", "bar", Phase.LOCKED, 120);
  }

  @Test
  void expectsAWaveThatHasBegunAfterTheOneBeforeIt() {
    start(waves());
    mesh.until("plan", "bar", Phase.OBSERVING, 300);
    mesh.commands.act("plan", FOO, StepAction.ROLLBACK, "", "ann");
    mesh.until("plan", "bar", Phase.READY, 120);
    mesh.commands.act("plan", FOO, StepAction.RETRY, "", "ann");
    mesh.until("plan", "foo", Phase.VERIFYING, 120);
    Instant began = mesh.clock.instant();
    Duration eta = Objects.requireNonNull(mesh.commands.progress(mesh.plan("plan")).eta());

    mesh.untilPlan("plan", PlanPhase.COMPLETED, 120);

    Duration took = Duration.between(began, mesh.clock.instant());
    assertTrue(took.minus(eta).toSeconds() <= 5, took + " instead of " + eta);
  }

  @Test
  void locksNothingInTheTickThatTakesBackWhatComesBefore() {
    start(waves().approval(PlanSpec.Approval.NAMESPACE));
    mesh.until("plan", "foo", Phase.AWAITING_APPROVAL, 300);
    approve("foo");
    mesh.until("plan", "bar", Phase.AWAITING_APPROVAL, 300);

    approve("bar");
    mesh.commands.act("plan", FOO, StepAction.ROLLBACK, "", "ann");
    mesh.seconds(60);

    assertEquals(Phase.ROLLED_BACK, mesh.phase("plan", "foo"));
    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("bar"), mesh.story("plan"));
  }

  /** The mesh has no wave: its gate tells what comes before it, and a person may let that pass. */
  @Test
  void aPersonLetsTheMeshLockThoughANamespaceWithoutPodsIsTakenBack() {
    start(Specs.mesh().soak(Duration.ofSeconds(30)));
    mesh.until("plan", "mesh", Phase.OBSERVING, 600);
    mesh.commands.act("plan", FOO, StepAction.ROLLBACK, "", "ann");
    mesh.until("plan", "foo", Phase.ROLLED_BACK, 60);
    mesh.api.replace(unlabelled(facts("foo").withPods(List.of())));
    mesh.second();

    mesh.commands.override("plan", StepKey.MESH, Set.of(Gate.CAPTURE), "known", "ann");

    mesh.until("plan", "mesh", Phase.LOCKED, 300);
  }

  @ParameterizedTest
  @EnumSource(
      value = PlanAction.class,
      names = {"ABORT", "ROLLBACK"})
  void nothingWaitsForItsWaveInAPlanThatIsStopped(PlanAction action) {
    start(waves());
    mesh.until("plan", "bar", Phase.OBSERVING, 300);
    mesh.probesDown = true;
    mesh.commands.act("plan", FOO, StepAction.ROLLBACK, "", "ann");
    mesh.until("plan", "foo", Phase.ROLLING_BACK, 60);
    mesh.commands.act("plan", action, null, "ann");
    mesh.seconds(3);

    assertEquals(Phase.ROLLING_BACK, mesh.phase("plan", "foo"), mesh.story("plan"));
    assertEquals(List.of(), waits("bar"));
  }

  private static NamespaceFacts unlabelled(NamespaceFacts f) {
    return new NamespaceFacts(
        f.name(),
        f.uid(),
        Map.of(),
        f.annotations(),
        f.terminating(),
        f.pods(),
        f.services(),
        f.endpointSlices(),
        f.peerAuthentications(),
        f.destinationRules(),
        f.sidecars(),
        f.others(),
        f.unreadable());
  }

  private void approve(String namespace) {
    mesh.commands.approve("plan", namespace, null, "", "bob");
  }

  private static Specs waves() {
    return Specs.namespaces("foo", "bar")
        .wave("first", "foo")
        .wave("rest", "bar")
        .soak(Duration.ofSeconds(30));
  }

  private List<String> waits(String subject) {
    return mesh.commands.waitingOn(mesh.plan("plan")).stream()
        .filter(one -> one.subject().equals(subject))
        .map(Waiting::message)
        .toList();
  }
}
