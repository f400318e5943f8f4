// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import io.mtlsmigration.Absent;
import io.mtlsmigration.hazard.Finding;
import io.mtlsmigration.hazard.Hazards;
import io.mtlsmigration.mesh.Inventory;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.PlanLimits;
import io.mtlsmigration.probe.ConnectivityMatrix;
import io.mtlsmigration.rollout.Leadership;
import io.mtlsmigration.rollout.Limits;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.rollout.PolicyWriter;
import io.mtlsmigration.rollout.ProxySync;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.RolloutPorts;
import io.mtlsmigration.rollout.WriteIntent;
import io.mtlsmigration.rollout.WriteResult;
import io.mtlsmigration.rollout.commands.PlanCommands;
import io.mtlsmigration.rollout.loop.RolloutLoop;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import io.mtlsmigration.traffic.TrafficReading;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The task's mesh, in which nobody calls anybody and no policy may be written. */
final class StillMesh implements Observation, Inventory, PolicyWriter {

  private final MeshModes modes = MeshModes.resolve(Worlds.task());
  private final Clock clock;

  StillMesh(Clock clock) {
    this.clock = clock;
  }

  PlanCommands commands(RolloutLedger ledger) {
    return commands(ledger, PlanLimits.SANDBOX);
  }

  PlanCommands commands(RolloutLedger ledger, PlanLimits limits) {
    return new PlanCommands(ledger, () -> this, clock, Limits.DEFAULT, limits);
  }

  RolloutLoop loop(RolloutLedger ledger) {
    return new RolloutLoop(
        new RolloutPorts(
            ledger,
            this,
            Absent.RATCHET,
            Absent.HOOKS,
            Absent.DRY_RUNS,
            this,
            clock,
            Leadership.ALONE),
        Limits.DEFAULT);
  }

  @Override
  public Instant now() {
    return clock.instant();
  }

  @Override
  public MeshModes modes() {
    return modes;
  }

  @Override
  public MeshSnapshot snapshot() {
    return modes.snapshot();
  }

  @Override
  public ConnectivityMatrix matrix() {
    return ConnectivityMatrix.EMPTY;
  }

  @Override
  public TrafficReading traffic(Duration window) {
    Instant now = clock.instant();
    return new TrafficReading() {
      @Override
      public Instant asOf() {
        return now;
      }

      @Override
      public Duration window() {
        return window;
      }

      @Override
      public Evidence<NamespaceTraffic> of(String namespace) {
        return new Evidence.NoSamples<>(now, "nobody calls");
      }
    };
  }

  @Override
  public List<Finding> findings(String namespace) {
    return Hazards.of(modes, namespace);
  }

  @Override
  public ProxySync.Status sync(String namespace) {
    return new ProxySync.Status.Unknown("nobody asked");
  }

  @Override
  public WriteResult apply(WriteIntent intent, boolean adopt) {
    throw new AssertionError("written: " + intent);
  }

  @Override
  public WriteResult dryRun(WriteIntent intent, boolean adopt) {
    throw new AssertionError("tried: " + intent);
  }

  @Override
  public Optional<PeerAuthentication> read(ObjectRef ref) {
    return Optional.empty();
  }

  @Override
  public Map<ObjectRef, String> versions(String namespace) {
    return Map.of();
  }

  @Override
  public Map<ObjectRef, String> versions() {
    return Map.of();
  }

  @Override
  public String namespaceUid(String name) {
    return "";
  }
}
