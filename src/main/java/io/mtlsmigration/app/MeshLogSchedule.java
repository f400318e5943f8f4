// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.rollout.Limits;
import io.mtlsmigration.rollout.MeshCounts;
import io.mtlsmigration.rollout.MeshLog;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.rollout.Observations;
import io.mtlsmigration.rollout.RolloutLedger;
import io.quarkus.scheduler.Scheduled;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import org.jboss.logging.Logger;

/**
 * Records the state of the mesh every few seconds, for its history. Every replica does, so that the
 * next leader has the same history. Nothing is recorded while facts are old.
 */
@ApplicationScoped
public class MeshLogSchedule {

  private static final Logger LOG = Logger.getLogger(MeshLogSchedule.class);

  private final Observations observations;
  private final RolloutLedger ledger;
  private final MeshLog log;
  private final Limits limits;
  private final Clock clock;

  MeshLogSchedule(
      Observations observations, RolloutLedger ledger, MeshLog log, Limits limits, Clock clock) {
    this.observations = observations;
    this.ledger = ledger;
    this.log = log;
    this.limits = limits;
    this.clock = clock;
  }

  @Scheduled(
      identity = "mesh-log",
      every = "5s",
      concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
  void look() {
    Observation observation = observations.latest();
    MeshSnapshot snapshot = observation.modes().snapshot();
    Instant now = clock.instant();
    if (!snapshot.known() || limits.outdated(snapshot, now)) {
      return;
    }
    try {
      log.record(now, MeshCounts.of(observation.modes(), ledger));
    } catch (RolloutLedger.UnavailableException e) {
      LOG.debugf(e, "Where the mesh stands is not noted, for the ledger cannot tell");
    }
  }
}
