// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.gates;

import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.rollout.Approval;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.StepRecord;
import org.jspecify.annotations.Nullable;

/**
 * A person's approval of one step. It holds for this generation of the plan and for the impact that
 * was shown, until the step is done or taken back: a new attempt is a new decision.
 *
 * @param preparing whether the next write only opens the server to mutual TLS: the lock itself is
 *     another decision
 */
record GrantedApproval(
    PlanRecord plan, StepRecord step, Observation observation, boolean preparing) {

  /** Returns the latest approval of the step; null when there is none. */
  @Nullable Approval latest() {
    Approval found = null;
    String subject = step.key().toString();
    for (Approval approval : plan.approvals()) {
      if (approval.subject().equals(subject)) {
        found = approval;
      }
    }
    return found;
  }

  /**
   * Returns whether an approval has a person's policies taken over. It holds for as long as these
   * are as they were shown, and there is no other: evidence of clients comes and goes, and the
   * gates judge it; and our own writes are under way.
   */
  boolean adopts() {
    Approval approval = latest();
    return approval != null
        && ofThisPlan(approval)
        && ofThisAttempt(approval)
        && approval.impactHash().endsWith(ImpactHashes.takeovers(plan, step.key(), observation));
  }

  boolean ofThisPlan(Approval approval) {
    return approval.generation() == plan.generation();
  }

  boolean ofThisAttempt(Approval approval) {
    return approval.attempt() == step.attempt();
  }

  boolean ofThisImpact(Approval approval) {
    return underWay()
        || approval.impactHash().equals(ImpactHashes.of(plan, step.key(), observation));
  }

  /** Returns whether our own first writes, which do not void the approval, were made. */
  private boolean underWay() {
    return step.phase() == Phase.LOCKING
        && !preparing
        && step.wrote().stream().anyMatch(p -> p != PolicyChange.Purpose.ENABLE);
  }
}
