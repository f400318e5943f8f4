// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

/** The phase of a plan. */
public enum PlanPhase {
  DRAFT,
  RUNNING,
  PAUSED,
  COMPLETED,
  ABORTED,
  ROLLED_BACK,
  CLEANED_UP
}
