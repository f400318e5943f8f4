package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.probe.ConnectivityMatrix;
import io.mtlsmigration.traffic.TrafficReading;

/** What-if: who reaches whom now, and after the writes. */
public final class ImpactStudy {

  private ImpactStudy() {}

  /** Impact of taking a namespace to {@code mode} under {@code spec}'s exceptions. */
  public static Impact namespace(
      MeshModes modes,
      String namespace,
      MtlsMode mode,
      PlanSpec spec,
      TrafficReading traffic,
      ConnectivityMatrix matrix) {
    throw new UnsupportedOperationException();
  }

  /** Impact of the mesh step. */
  public static Impact mesh(
      MeshModes modes, PlanSpec spec, TrafficReading traffic, ConnectivityMatrix matrix) {
    throw new UnsupportedOperationException();
  }
}
