// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.mtlsmigration.api.view.ServiceView;
import io.mtlsmigration.mesh.Inventory;
import io.mtlsmigration.plan.PlanLimits;
import io.mtlsmigration.probe.ConnectivityLog;
import io.mtlsmigration.rollout.HookCaller;
import io.mtlsmigration.rollout.Leadership;
import io.mtlsmigration.rollout.Limits;
import io.mtlsmigration.rollout.MeshLog;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.rollout.Observations;
import io.mtlsmigration.rollout.PolicyWriter;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.RolloutPorts;
import io.mtlsmigration.rollout.commands.PlanCommands;
import io.mtlsmigration.rollout.loop.RolloutLoop;
import io.mtlsmigration.wire.WireCheckRunner;
import io.mtlsmigration.wire.WireChecks;
import io.mtlsmigration.wire.WireTap;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;

/** The core, wired by hand, since it knows no container. */
final class CoreBeans {

  private CoreBeans() {}

  @Produces
  @Singleton
  static ConnectivityLog connectivityLog() {
    return new ConnectivityLog();
  }

  @Produces
  @Singleton
  static ServiceView service(Settings settings) {
    Release release = Release.ofThisProgram();
    return new ServiceView(
        release.version(),
        release.commit(),
        settings.grafanaUrl().map(address -> address.replaceFirst("/+$", "")).orElse(null));
  }

  @Produces
  @Singleton
  static MeshLog meshLog() {
    return new MeshLog();
  }

  @Produces
  @Singleton
  static WireChecks wireChecks(
      Inventory inventory, WireTap tap, Clock clock, Spans spans, Captures captures) {
    return new WireCheckRunner(
        inventory, tap, clock, check -> captures.execute(spans.carried(check)));
  }

  /**
   * Produces the journal, which is also the {@code OwnProbes} of sources of evidence that cannot
   * tell probes apart themselves.
   */
  @Produces
  @Singleton
  static ProbeJournal probeJournal() {
    return new ProbeJournal();
  }

  @Produces
  @Singleton
  static PlanCommands planCommands(
      RolloutLedger ledger,
      Observations observations,
      Clock clock,
      Limits limits,
      PlanLimits planLimits) {
    return new PlanCommands(ledger, () -> known(observations.latest()), clock, limits, planLimits);
  }

  /**
   * Returns the observation if the cluster has been read; a plan made before would be one for an
   * empty cluster.
   */
  private static Observation known(Observation observation) {
    if (!observation.modes().snapshot().known()) {
      throw new RolloutLedger.UnavailableException(
          "the cluster is still being read; GET /api/v1/mesh says what is missing");
    }
    return observation;
  }

  @Produces
  @Singleton
  static RolloutLoop rolloutLoop(
      Platform.MeshPorts mesh,
      Leadership leadership,
      RolloutLedger ledger,
      PolicyWriter writer,
      HookCaller hooks,
      Clock clock,
      Limits limits) {
    return new RolloutLoop(
        new RolloutPorts(
            ledger,
            writer,
            mesh.ratchet(),
            hooks,
            mesh.dryRuns(),
            mesh.inventory(),
            clock,
            leadership),
        limits);
  }
}
