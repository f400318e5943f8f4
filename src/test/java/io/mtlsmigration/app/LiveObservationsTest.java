// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.probe.Cell;
import io.mtlsmigration.probe.Cells;
import io.mtlsmigration.probe.ConnectivityLog;
import io.mtlsmigration.probe.ProbeOutcome;
import io.mtlsmigration.rollout.ProxySync;
import io.mtlsmigration.testing.Lease;
import io.mtlsmigration.testing.ManualClock;
import io.mtlsmigration.traffic.ShadowRecord;
import io.mtlsmigration.traffic.TrafficRecord;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What an observation has of before this process led. */
final class LiveObservationsTest {

  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

  private final ConnectivityLog log = new ConnectivityLog();
  private final Lease lease = new Lease(3);
  private final MeshSnapshot snapshot = mesh(namespace("foo"));
  private final LiveObservations observations =
      new LiveObservations(
          () -> snapshot,
          TrafficRecord.NOT_CONFIGURED,
          ShadowRecord.NOT_CONFIGURED,
          namespace -> new ProxySync.Status.Synced(),
          log,
          new ManualClock(NOON),
          lease,
          Configured.with(Map.of()));

  private void round(ProbeOutcome outcome) {
    Cell cell =
        Cells.made(
            "bar/curl",
            "foo/httpbin:8000",
            "10.0.0.1:8080",
            "httpbin",
            true,
            outcome,
            200,
            0,
            ProbeOutcome.OK,
            1,
            NOON,
            "",
            null);
    log.record(List.of(cell), NOON);
    log.retain(List.of(cell), Set.of(cell.key()), NOON, Set.of());
  }

  @Test
  void hasNoProbesThatGotThroughInAnEarlierTerm() {
    var unused = observations.latest();
    round(ProbeOutcome.OK);
    assertEquals(1, observations.latest().matrix().cells().size());

    lease.term = 5;

    assertEquals(List.of(), observations.latest().matrix().cells());
    assertEquals(Instant.EPOCH, observations.latest().matrix().rounds().begun());
    round(ProbeOutcome.OK);
    assertEquals(1, observations.latest().matrix().cells().size());
  }
}
