package io.mtlsmigration.rollout;

import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.Lockdown;
import io.mtlsmigration.plan.PolicyWrites;

/** What is left to write for a step, going forward. */
final class StepWrites {

  private StepWrites() {}

  static PolicyWrites left(PlanRecord plan, StepKey key, MeshModes modes, MeshReadiness others) {
    return key.isMesh()
        ? Lockdown.mesh(modes, plan.spec(), others.locked(), others.exempt())
        : Lockdown.namespace(modes, key.namespace(), plan.spec());
  }
}
