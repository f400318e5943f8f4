// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.MeshBuilders;
import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.plan.PlanSpec;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Large plans on a slow API server: each record takes a second to save. */
final class LongTicksTest {

  private static final List<String> TEAMS =
      IntStream.rangeClosed(1, 20).mapToObj("team-%02d"::formatted).toList();
  private static final int MOST = 5;

  private final SimulatedMesh mesh =
      new SimulatedMesh(
          MeshBuilders.mesh(
              Stream.concat(
                      Stream.of(
                          MeshBuilders.namespace("istio-system"), Worlds.foo(), Worlds.legacy()),
                      TEAMS.stream().map(Worlds::injected))
                  .toArray(NamespaceBuilder[]::new)));

  private void slow() {
    mesh.ledger.onStepSave = () -> mesh.clock.advance(Duration.ofSeconds(1));
  }

  private void quick() {
    mesh.ledger.onStepSave = () -> {};
  }

  private Specs all() {
    String[] names = Stream.concat(Stream.of("foo"), TEAMS.stream()).toArray(String[]::new);
    return Specs.namespaces(names).wave("all", names).approval(PlanSpec.Approval.NAMESPACE);
  }

  private List<String> inPhase(Phase phase) {
    return mesh.ledger.steps("plan").stream()
        .filter(step -> step.phase() == phase)
        .map(step -> step.key().namespace())
        .toList();
  }

  @Test
  void aWayBackDoesNotQueueBehindRecords() {
    mesh.start(all());
    mesh.until("plan", "foo", Phase.AWAITING_APPROVAL, 60);
    mesh.commands.approve("plan", "foo", null, "go", "bob");
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    slow();
    mesh.calls("legacy/curl", "foo/httpbin");
    mesh.lagging.addAll(TEAMS);

    mesh.seconds(3);

    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"), () -> mesh.story("plan"));
    assertTrue(
        inPhase(Phase.AWAITING_APPROVAL).size() > TEAMS.size() / 4,
        () -> "not all had their turns yet: " + inPhase(Phase.AWAITING_APPROVAL));
  }

  @Test
  void everybodyHasATurnInTheEnd() {
    mesh.start(all());
    mesh.until("plan", "team-01", Phase.AWAITING_APPROVAL, 60);
    slow();
    mesh.lagging.addAll(TEAMS);

    int ticks = 0;
    for (; inPhase(Phase.OBSERVING).size() < TEAMS.size() && ticks < 20; ticks++) {
      int before = mesh.ledger.stepSaves;
      mesh.second();
      int saves = mesh.ledger.stepSaves - before;
      assertTrue(saves <= 2 * MOST, () -> saves + " records in one tick");
    }

    assertEquals(TEAMS, inPhase(Phase.OBSERVING));
    assertTrue(ticks > 2, "in more than one tick");
  }

  /** While a step waits for its turn nobody watches it. */
  @Test
  void whoWaitsLongForATurnSoaksAnew() {
    mesh.start(all());
    mesh.until("plan", "team-01", Phase.AWAITING_APPROVAL, 60);
    var since = mesh.step("plan", "team-20").heldSince();
    mesh.ledger.onStepSave = () -> mesh.clock.advance(Duration.ofSeconds(50));
    mesh.lagging.addAll(TEAMS.subList(0, 19));
    mesh.seconds(3);
    quick();
    mesh.seconds(3);

    var held = mesh.step("plan", "team-20").heldSince();

    assertTrue(held == null || held.isAfter(since), () -> since + " to " + held);
  }

  /** The desk and the loop both begin the steps of a new plan; neither minds the other. */
  @Test
  void theLoopDoesNotMindThatTheDeskWasFaster() {
    slow();
    mesh.start(all());
    StepRecord last =
        StepRecord.begin(
            "plan",
            new StepKey("team-20"),
            "",
            Phase.PENDING,
            mesh.clock.instant(),
            Reason.PLAN_STARTED,
            "");
    mesh.ledger.onStepSave =
        () -> {
          quick();
          mesh.ledger.save(last);
        };
    mesh.second();

    assertEquals(List.of(), mesh.last.failures());
  }
}
