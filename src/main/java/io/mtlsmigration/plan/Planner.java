package io.mtlsmigration.plan;

import io.mtlsmigration.mtls.MeshModes;

/** Turns what somebody wants into waves and writes. A pure function of plan and mesh. */
public final class Planner {

  private Planner() {}

  /** Validates, computes waves, and previews every write. */
  public static PlanReport plan(PlanSpec spec, MeshModes modes) {
    throw new UnsupportedOperationException();
  }
}
