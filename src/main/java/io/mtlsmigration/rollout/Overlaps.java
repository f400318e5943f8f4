// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import io.mtlsmigration.plan.PlanSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Finds plans that would undo each other's work: a namespace, or the mesh, has one at a time. */
public final class Overlaps {

  private Overlaps() {}

  /**
   * Returns, in words, the first active plan that overlaps with {@code plan}; empty when there is
   * none.
   */
  public static Optional<String> with(PlanRecord plan, List<PlanRecord> all) {
    for (PlanRecord other : all) {
      if (other.name().equals(plan.name()) || !other.active()) {
        continue;
      }
      if (plan.spec().target() == PlanSpec.Target.MESH
          && other.spec().target() == PlanSpec.Target.MESH) {
        return Optional.of("plan " + other.name() + " already takes the mesh; one at a time");
      }
      List<String> both = new ArrayList<>(members(plan));
      both.retainAll(members(other));
      if (!both.isEmpty()) {
        return Optional.of(
            "plan " + other.name() + " already has " + Words.list(both) + "; one at a time");
      }
    }
    return Optional.empty();
  }

  /** Returns, in words, the active plan with this step's namespace, or the mesh; else empty. */
  public static Optional<String> with(PlanRecord plan, StepKey key, List<PlanRecord> all) {
    for (PlanRecord other : all) {
      boolean has =
          key.isMesh()
              ? other.spec().target() == PlanSpec.Target.MESH
              : members(other).contains(key.namespace());
      if (has && other.active() && !other.name().equals(plan.name())) {
        return Optional.of("plan " + other.name() + " already has " + key + "; one at a time");
      }
    }
    return Optional.empty();
  }

  /** Returns where a plan may write; for a mesh plan also where it leaves something open. */
  private static Set<String> members(PlanRecord plan) {
    Set<String> members = new TreeSet<>();
    plan.waves().forEach(wave -> members.addAll(wave.namespaces()));
    if (plan.spec().target() == PlanSpec.Target.MESH) {
      members.addAll(plan.exempt().keySet());
    }
    return members;
  }
}
