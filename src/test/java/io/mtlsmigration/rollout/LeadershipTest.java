// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.plan.PlanSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Nobody writes but the leader, and a new one knows nothing that it has not seen itself. */
final class LeadershipTest {

  private final SimulatedMesh mesh =
      new SimulatedMesh(mesh(namespace("istio-system"), Worlds.injected("foo"), Worlds.legacy()));

  private void start() {
    mesh.start(Specs.namespaces("foo").noSamples(PlanSpec.NoSamples.PASS));
  }

  /** The lead is asked for twice a write: before the intent is kept, and before it is sent. */
  static Stream<Integer> askings() {
    return IntStream.rangeClosed(1, 2).boxed();
  }

  @ParameterizedTest
  @MethodSource("askings")
  void writesNothingOnceTheLeadIsLost(int asking) {
    start();
    int[] asked = {0};
    mesh.lease.leads = () -> ++asked[0] < asking;

    mesh.seconds(60);

    assertTrue(asked[0] >= asking, "the story never came to a write");
    assertEquals(0, mesh.api.effects());
    assertEquals(Phase.LOCKING, mesh.phase("plan", "foo"));
    assertEquals(asking == 1, mesh.step("plan", "foo").inFlight().isEmpty());
  }

  /** The API server takes its time to tell whether the plan still runs. */
  @Test
  void writesNothingOnceTheLeadIsLostWhileThePlanIsRead() {
    start();
    mesh.ledger.lag =
        plan -> {
          mesh.lease.leads = () -> false;
          return plan;
        };

    mesh.seconds(60);

    assertEquals(0, mesh.api.effects());
    assertEquals(1, mesh.step("plan", "foo").inFlight().size());
  }

  /** What the other one has seen is not known here, though nothing was changed. */
  @Test
  void writesNothingThatWasDecidedBeforeAnotherLed() {
    start();
    mesh.ledger.lag =
        plan -> {
          mesh.lease.term++;
          return plan;
        };

    mesh.seconds(60);

    assertEquals(0, mesh.api.effects());
    mesh.ledger.lag = plan -> plan;
    mesh.until("plan", "foo", Phase.LOCKED, 300);
  }

  /** Another replica has answered the command; its write is not seen here yet. */
  @Test
  void locksNothingOfAPlanThatWasPausedAtAnotherReplica() {
    start();
    mesh.ledger.lag = plan -> plan.withPhase(PlanPhase.PAUSED, plan.startedAt(), null);

    mesh.seconds(60);

    assertEquals(0, mesh.api.effects());
    assertEquals(Phase.LOCKING, mesh.phase("plan", "foo"));
    assertTrue(mesh.step("plan", "foo").inFlight().isEmpty());
    mesh.ledger.lag = plan -> plan;
    mesh.until("plan", "foo", Phase.LOCKED, 60);
  }

  @Test
  void locksNoMeshUntilWhatTheLastLeaderLeftIsRead() {
    SimulatedMesh whole =
        new SimulatedMesh(Worlds.task())
            .calls("bar/curl", "foo/httpbin")
            .calls("foo/curl", "bar/httpbin");
    whole.start(Specs.mesh());
    whole.until("plan", "foo", Phase.LOCKED, 300);
    whole.until("plan", "bar", Phase.LOCKED, 300);
    assertNotEquals(MtlsMode.STRICT, whole.meshMode());
    whole.ledger.openingsAway = true;
    whole.loop = whole.leader();

    whole.seconds(300);

    assertNotEquals(MtlsMode.STRICT, whole.meshMode());
    whole.ledger.openingsAway = false;
    whole.untilPlan("plan", PlanPhase.COMPLETED, 300);
  }

  /**
   * The one that was stopped before its write may go on, and then nobody would know the way back.
   */
  @Test
  void anotherLeadersIntentOutlivesAPauseThatIsNotSeenHere() {
    start();
    int[] asked = {0};
    mesh.lease.leads = () -> ++asked[0] < 2;
    mesh.seconds(60);
    String marker = mesh.step("plan", "foo").inFlight().getFirst().marker();
    mesh.loop = mesh.leader();
    mesh.ledger.lag = plan -> plan.withPhase(PlanPhase.PAUSED, plan.startedAt(), null);

    mesh.seconds(10);

    assertEquals(0, mesh.api.effects());
    assertEquals(
        List.of(marker),
        mesh.step("plan", "foo").inFlight().stream().map(WriteIntent::marker).toList());
  }

  @Test
  void anotherLeaderMakesTheWriteThatTheLastOneOnlyIntended() {
    start();
    int[] asked = {0};
    mesh.lease.leads = () -> ++asked[0] < 2;
    mesh.seconds(60);
    WriteIntent left = mesh.step("plan", "foo").inFlight().getLast();
    assertNotNull(left);

    mesh.loop = mesh.leader();
    mesh.seconds(60);

    assertEquals(Phase.LOCKED, mesh.phase("plan", "foo"));
    assertEquals(1, mesh.api.effects());
    assertEquals(left.term() + 1, mesh.api.applied.getFirst().term());
  }

  @Test
  void soaksAnewWhenAnotherLedMeanwhile() {
    mesh.commands.create(
        Specs.namespaces("foo")
            .noSamples(PlanSpec.NoSamples.PASS)
            .soak(Duration.ofMinutes(1))
            .spec(),
        "ann");
    mesh.commands.act("plan", PlanAction.START, null, "ann");
    mesh.seconds(30);
    Instant held = mesh.step("plan", "foo").heldSince();
    assertNotNull(held);

    // Within the gap that one loop may leave between two ticks.
    mesh.lease.term++;
    mesh.second();

    assertEquals(mesh.clock.instant(), mesh.step("plan", "foo").heldSince());
  }
}
