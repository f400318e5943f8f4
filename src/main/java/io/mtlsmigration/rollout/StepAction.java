// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

/** An action that a person may request for a namespace or for the mesh step. */
public enum StepAction {
  RETRY,
  ROLLBACK,
  EXEMPT,
  SKIP,
  OVERRIDE,
  APPROVE
}
