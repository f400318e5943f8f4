// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import io.mtlsmigration.hazard.Finding;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PolicyWrites;
import io.mtlsmigration.probe.ConnectivityMatrix;
import io.mtlsmigration.rollout.gates.CellIndex;
import io.mtlsmigration.rollout.gates.GateContext;
import io.mtlsmigration.traffic.TrafficReading;
import io.mtlsmigration.traffic.TrafficRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Knows of a mesh and of nothing that happens in it; a test of one gate adds what that reads. */
public class QuietObservation implements Observation {

  public static final Instant NOW = SimulatedMesh.START;

  private final MeshModes modes;

  public QuietObservation(MeshSnapshot mesh) {
    modes = MeshModes.resolve(mesh);
  }

  /** What a gate of a step is judged on. */
  public final GateContext context(PlanSpec spec, StepRecord step) {
    return new GateContext(
        Records.plan(spec),
        step,
        this,
        modes.namespace(step.key().isMesh() ? "foo" : step.key().namespace()).facts(),
        PolicyWrites.NOTHING,
        new CellIndex(NOW, new ConnectivityMatrix.Rounds(NOW, Map.of()), Map.of(), Set.of()),
        MeshReadiness.NOT_ASKED,
        GateContext.Proof.NONE,
        Limits.DEFAULT);
  }

  @Override
  public Instant now() {
    return NOW;
  }

  @Override
  public MeshModes modes() {
    return modes;
  }

  @Override
  public ConnectivityMatrix matrix() {
    return new ConnectivityMatrix(NOW, List.of());
  }

  @Override
  public TrafficReading traffic(Duration window) {
    return TrafficRecord.NOT_CONFIGURED.read(NOW, window);
  }

  @Override
  public List<Finding> findings(String namespace) {
    return List.of();
  }

  @Override
  public ProxySync.Status sync(String namespace) {
    return new ProxySync.Status.Synced();
  }
}
