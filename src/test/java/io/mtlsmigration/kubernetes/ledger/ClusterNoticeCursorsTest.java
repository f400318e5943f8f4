// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.mtlsmigration.notice.NoticeCursor;
import io.mtlsmigration.notice.NoticeCursors;
import io.mtlsmigration.notice.NoticeCursors.Stored;
import io.mtlsmigration.notice.Notices;
import io.mtlsmigration.rollout.Records;
import io.mtlsmigration.rollout.RolloutLedger.StaleRecordException;
import io.mtlsmigration.rollout.RolloutLedger.UnavailableException;
import io.mtlsmigration.testing.ManualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ClusterNoticeCursorsTest {

  private static final Instant NOW = Records.NOW;

  private final ManualClock clock = new ManualClock(NOW);
  private final MockCluster cluster = new MockCluster();
  private final NoticeCursors cursors = replica();
  private final NoticeCursor begun = NoticeCursor.from(NOW);
  private final NoticeCursor told =
      begun.sent(List.of(Notices.rolledBack(NOW.plusSeconds(1), "foo")));

  private NoticeCursors replica() {
    return new ClusterNoticeCursors(
        cluster.client, MockCluster.OWN, Set.of("ops", "team-a"), clock);
  }

  @AfterEach
  void close() {
    cluster.close();
  }

  @Test
  void theNextLeaderReadsWhatThisOneStored() {
    assertEquals(Optional.empty(), cursors.load("ops"));

    Stored first = cursors.save("ops", begun, "");
    Stored second = cursors.save("ops", told, first.version());

    assertEquals(Optional.of(second), replica().load("ops"));
    assertEquals(told, second.cursor());
  }

  @Test
  void ofTwoLeadersTheSecondHasToReadAgain() {
    Stored first = cursors.save("ops", begun, "");
    replica().save("ops", told, first.version());

    assertThrows(StaleRecordException.class, () -> cursors.save("ops", begun, first.version()));
    assertThrows(StaleRecordException.class, () -> cursors.save("ops", begun, ""));
    assertEquals(told, cursors.load("ops").orElseThrow().cursor());
  }

  @Test
  void receiversDoNotWaitForEachOther() {
    Stored ops = cursors.save("ops", begun, "");
    Stored team = cursors.save("team-a", begun, "");

    cursors.save("ops", told, ops.version());
    cursors.save("team-a", told, team.version());

    assertEquals(told, cursors.load("ops").orElseThrow().cursor());
    assertEquals(told, cursors.load("team-a").orElseThrow().cursor());
  }

  @Test
  void aWriteWhoseAnswerIsLostCounts() {
    Stored first = cursors.save("ops", begun, "");
    cluster.api.losesAnswer = true;

    Stored second = cursors.save("ops", told, first.version());

    assertEquals(told, second.cursor());
    assertEquals(Optional.of(second), replica().load("ops"));
  }

  @Test
  void saysThatTheApiServerIsAway() {
    cluster.api.down = true;

    assertThrows(UnavailableException.class, () -> cursors.load("ops"));
    assertThrows(UnavailableException.class, () -> cursors.save("ops", begun, ""));
  }

  @Test
  void forgetsReceiversThatAreConfiguredNoMoreAfterAMonth() {
    cursors.save("gone", begun, "");
    cursors.save("team-a", begun, "");
    clock.advance(Duration.ofDays(29));
    Stored ops = cursors.save("ops", begun, "");
    Optional<Stored> early = cursors.load("gone");

    clock.advance(Duration.ofDays(2));
    cursors.save("ops", told, ops.version());

    assertTrue(early.isPresent());
    assertEquals(Optional.empty(), cursors.load("gone"));
    assertTrue(cursors.load("team-a").isPresent(), "it is quiet");
  }

  /** A cursor that begins anew would lose notices, and say nothing. */
  @Test
  void doesNotBeginAnewWhereItCannotRead() {
    ConfigMap broken =
        new ConfigMapBuilder()
            .withNewMetadata()
            .withName(ClusterNoticeCursors.NAME)
            .withNamespace(MockCluster.OWN)
            .endMetadata()
            .withData(Map.of("ops", "everything"))
            .build();
    cluster.client.resource(broken).create();

    UnavailableException e = assertThrows(UnavailableException.class, () -> cursors.load("ops"));

    assertTrue(
        e.getMessage().contains("mtls-migration/mtls-migration-notices does not say what ops"),
        e.getMessage());
    assertEquals(Optional.empty(), cursors.load("team-a"));
  }
}
