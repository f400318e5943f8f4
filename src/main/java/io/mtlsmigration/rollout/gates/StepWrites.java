// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.gates;

import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.Lockdown;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.plan.PolicyWrites;
import io.mtlsmigration.plan.PolicyWrites.Obstacle;
import io.mtlsmigration.rollout.MeshReadiness;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;

/** Determines the writes that are left for a step, going forward. */
public final class StepWrites {

  private StepWrites() {}

  /** Returns the writes by the plan alone, without approvals. */
  public static PolicyWrites planned(
      PlanRecord plan, StepKey key, MeshModes modes, MeshReadiness others) {
    return of(plan.spec(), key, modes, others);
  }

  /** Returns the writes by the plan and a person's approval. */
  public static PolicyWrites left(
      PlanRecord plan, StepRecord step, Observation observation, MeshReadiness others) {
    PolicyWrites planned = planned(plan, step.key(), observation.modes(), others);
    return consented(planned, plan, step, observation, others);
  }

  /**
   * Returns {@code planned} as it is when a person has approved the step, if that makes a
   * difference: the mode of a person's policy is then taken over as if the plan adopted it.
   *
   * @return {@code planned} itself when it makes none
   */
  public static PolicyWrites consented(
      PolicyWrites planned,
      PlanRecord plan,
      StepRecord step,
      Observation observation,
      MeshReadiness others) {
    if (!needAdoption(planned) || plan.approvals().isEmpty()) {
      return planned;
    }
    PolicyWrites adopting = of(plan.spec().adopting(), step.key(), observation.modes(), others);
    return new GrantedApproval(plan, step, observation, preparing(adopting)).adopts()
        ? adopting
        : planned;
  }

  /** Returns whether a person's policy is in the way of a step, and an approval takes it over. */
  public static boolean needAdoption(PlanRecord plan, StepKey key, Observation observation) {
    return needAdoption(planned(plan, key, observation.modes(), MeshReadiness.NOT_ASKED));
  }

  private static boolean needAdoption(PolicyWrites writes) {
    for (Obstacle obstacle : writes.obstacles()) {
      if (obstacle.kind() == Obstacle.Kind.ADOPTION_NEEDED) {
        return true;
      }
    }
    return false;
  }

  /** Returns whether the next write only opens to mutual TLS, from DISABLE; it refuses nobody. */
  static boolean preparing(PolicyWrites writes) {
    for (PolicyChange change : writes.changes()) {
      if (change.purpose() == PolicyChange.Purpose.ENABLE) {
        return true;
      }
    }
    return false;
  }

  private static PolicyWrites of(
      PlanSpec spec, StepKey key, MeshModes modes, MeshReadiness others) {
    return key.isMesh()
        ? Lockdown.mesh(modes, spec, others.locked(), others.exempt())
        : Lockdown.namespace(modes, key.namespace(), spec);
  }
}
