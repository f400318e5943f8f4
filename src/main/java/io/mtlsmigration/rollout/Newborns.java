package io.mtlsmigration.rollout;

import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.Lockdown;
import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.plan.PolicyWrites;
import org.jspecify.annotations.Nullable;

/** Namespaces born while the mesh was being locked. */
final class Newborns {

  private Newborns() {}

  /**
   * An explicit PERMISSIVE, so that nobody is refused before the namespace was judged; null when
   * there is nothing to write, or something stands in the way.
   */
  static @Nullable PolicyChange shelter(PlanRecord plan, StepRecord step, MeshModes modes) {
    PolicyWrites open = Lockdown.newborn(modes, step.key().namespace(), plan.spec());
    return open.done() || !open.obstacles().isEmpty() ? null : open.changes().getFirst();
  }
}
