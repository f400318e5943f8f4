package io.mtlsmigration.rollout;

import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.Lockdown;
import io.mtlsmigration.plan.PolicyWrites;

/** Namespaces born while the mesh was being locked. */
final class Newborns {

  private Newborns() {}

  /** Writes an explicit PERMISSIVE, so that nobody is refused before the namespace was judged. */
  static StepRecord shelter(
      PlanRecord plan, StepRecord step, MeshModes modes, IntentWriter writer) {
    PolicyWrites open = Lockdown.newborn(modes, step.key().namespace(), plan.spec());
    return open.done() || !open.obstacles().isEmpty()
        ? step
        : writer.write(plan, step, open.changes().getFirst(), modes, plan.spec().adopt()).step();
  }
}
