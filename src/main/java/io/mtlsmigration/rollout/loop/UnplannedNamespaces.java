// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.loop;

import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.Lockdown;
import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.plan.PolicyWrites;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.StepRecord;
import org.jspecify.annotations.Nullable;

/** Handles namespaces created while the mesh was being locked. */
final class UnplannedNamespaces {

  private UnplannedNamespaces() {}

  /**
   * Returns an explicit PERMISSIVE policy, so that nobody is refused before the namespace was
   * judged; null when there is nothing to write, or an obstacle exists.
   */
  static @Nullable PolicyChange shelter(PlanRecord plan, StepRecord step, MeshModes modes) {
    PolicyWrites open = Lockdown.newborn(modes, step.key().namespace(), plan.spec());
    return open.done() || !open.obstacles().isEmpty() ? null : open.changes().getFirst();
  }
}
