// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

/** An action that a person may request for a plan. */
public enum PlanAction {
  START,
  PAUSE,
  RESUME,
  ABORT,
  ROLLBACK,
  CLEANUP,
  DELETE
}
