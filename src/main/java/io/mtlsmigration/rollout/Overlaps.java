package io.mtlsmigration.rollout;

import io.mtlsmigration.plan.PlanSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** One active plan for a namespace, and one for the mesh: two would undo each other's work. */
public final class Overlaps {

  private Overlaps() {}

  /**
   * The first active plan that has something this one wants, in words; empty when there is none.
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

  /** The same for one step of a plan: who else has its namespace, or the mesh, at this time. */
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

  /** Where a plan may write: a mesh plan also where it leaves something open. */
  private static Set<String> members(PlanRecord plan) {
    Set<String> members = new TreeSet<>();
    plan.waves().forEach(wave -> members.addAll(wave.namespaces()));
    if (plan.spec().target() == PlanSpec.Target.MESH) {
      members.addAll(plan.exempt().keySet());
    }
    return members;
  }
}
