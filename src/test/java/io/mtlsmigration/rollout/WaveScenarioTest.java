// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.rollout.commands.PlanCommands;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

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

  private static Specs waves() {
    return Specs.namespaces("foo", "bar")
        .wave("first", "foo")
        .wave("rest", "bar")
        .soak(Duration.ofSeconds(30));
  }

  private List<String> waits(String subject) {
    return mesh.commands.waitingOn(mesh.plan("plan")).stream()
        .filter(one -> one.subject().equals(subject))
        .map(PlanCommands.Waiting::message)
        .toList();
  }
}
