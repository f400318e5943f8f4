// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.mtlsmigration.kubernetes.resource.MigrationPlan;
import io.mtlsmigration.rollout.Leadership;
import io.mtlsmigration.rollout.PlanAction;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.Records;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Changes of phase as Kubernetes Events. */
final class ClusterEventsTest {

  private final KubectlStage stage = new KubectlStage();
  private final ClusterEvents events = replica();

  @AfterEach
  void stop() {
    events.close();
    stage.close();
  }

  private ClusterEvents replica() {
    ClusterEvents replica =
        new ClusterEvents(
            stage.ledger, stage.cluster.client, MockCluster.OWN, "pod-1", Leadership.ALONE);
    replica.start();
    return replica;
  }

  private List<Event> in(String namespace) {
    return stage.cluster.client.events().v1().events().inNamespace(namespace).list().getItems();
  }

  private void moved(String subject, String from, String to, Reason reason) {
    moved(subject, from, to, reason, "because");
  }

  private void moved(String subject, String from, String to, Reason reason, String message) {
    stage.ledger.append(
        new io.mtlsmigration.rollout.Event(
            0,
            stage.clock.instant(),
            "q4",
            subject,
            io.mtlsmigration.rollout.Event.Type.PHASE_CHANGED,
            from,
            to,
            reason,
            message,
            "mtls-migration",
            Map.of()));
  }

  @Test
  void tellsOfAPlanWhereKubernetesKeepsWhatIsInNoNamespace() {
    stage.apply("q4");
    stage.turn();
    stage.commands.act("q4", PlanAction.START, null, "ann");

    await().until(() -> in("default").size() == 2);
    Event started =
        in("default").stream().filter(e -> e.getNote().contains("RUNNING")).findFirst().get();
    assertEquals("DRAFT → RUNNING: start (ann)", started.getNote());
    assertEquals("REQUESTED", started.getReason());
    assertEquals("Normal", started.getType());
    assertEquals(MigrationPlan.KIND, started.getRegarding().getKind());
    assertEquals(stage.object("q4").uid(), started.getRegarding().getUid());
    assertEquals("2026-06-01T09:00:00.123456Z", started.getEventTime().getTime());
  }

  @Test
  void tellsOfANamespaceBesideItsRecord() {
    stage.ledger.save(Records.plan("q4"));
    stage.ledger.save(Records.step("q4", "foo"));

    moved("foo", "VERIFYING", "ROLLING_BACK", Reason.CLIENTS_REFUSED);

    await().until(() -> in(MockCluster.OWN).size() == 1);
    Event told = in(MockCluster.OWN).getFirst();
    assertEquals("Warning", told.getType());
    assertEquals("VERIFYING → ROLLING_BACK: because", told.getNote());
    assertEquals("q4.foo", told.getRegarding().getName());
    assertEquals(MockCluster.OWN, told.getRegarding().getNamespace());
  }

  /** The API server takes 1,024 bytes. */
  @ParameterizedTest
  @CsvSource({
    "'a\u001b[31m\n::error::x', 'VERIFYING → ROLLING_BACK: a\uFFFD[31m ::error::x'",
    "'a ##[error]x', 'VERIFYING → ROLLING_BACK: a #\uFFFD#[error]x'"
  })
  void aNoteIsALineThatCommandsNobody(String message, String note) {
    stage.ledger.save(Records.plan("q4"));
    stage.ledger.save(Records.step("q4", "foo"));

    moved("foo", "VERIFYING", "ROLLING_BACK", Reason.CLIENTS_REFUSED, message);

    await().until(() -> in(MockCluster.OWN).size() == 1);
    assertEquals(note, in(MockCluster.OWN).getFirst().getNote());
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "é", "→", "😀"})
  void aNoteIsNoLongerThanTheApiServerTakes(String c) {
    stage.ledger.save(Records.plan("q4"));
    stage.ledger.save(Records.step("q4", "foo"));

    moved("foo", "VERIFYING", "ROLLING_BACK", Reason.CLIENTS_REFUSED, c.repeat(2_000));

    await().until(() -> in(MockCluster.OWN).size() == 1);
    String note = in(MockCluster.OWN).getFirst().getNote();
    int bytes = note.getBytes(StandardCharsets.UTF_8).length;
    assertTrue(bytes <= 1_024 && bytes > 1_015, note);
    assertTrue(note.endsWith("…"), note);
  }

  @Test
  void twoThatBelieveToLeadTellItOnce() {
    stage.ledger.save(Records.plan("q4"));
    stage.ledger.save(Records.step("q4", "foo"));
    ClusterEvents other = replica();

    moved("foo", "PENDING", "OBSERVING", Reason.PLAN_STARTED);
    moved("foo", "OBSERVING", "READY", Reason.GATES_HOLD);

    await().during(Duration.ofMillis(500)).until(() -> in(MockCluster.OWN).size() == 2);
    other.close();
  }

  @Test
  void nobodyWaitsForThem() {
    stage.ledger.save(Records.plan("q4"));
    stage.ledger.save(Records.step("q4", "foo"));
    stage.cluster.api.down = true;

    assertTimeout(
        Duration.ofSeconds(2),
        () -> {
          for (int i = 0; i < 3_000; i++) {
            moved("foo", "OBSERVING", "READY", Reason.GATES_HOLD);
          }
        });

    stage.cluster.api.down = false;
    await().until(() -> !in(MockCluster.OWN).isEmpty());
    assertTrue(in(MockCluster.OWN).size() < 1_000);
  }
}
