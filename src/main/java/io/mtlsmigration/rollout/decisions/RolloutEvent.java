// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.decisions;

import io.mtlsmigration.rollout.Reason;

/**
 * The events of a step. {@link Transitions} says in which phase an event may happen and where it
 * leads; its cause is a {@link Reason}.
 */
public enum RolloutEvent {
  /** Everything before the step in the plan is settled. */
  WAVE_OPENED,
  /** The dry run of STRICT starts. */
  AUDIT_BEGUN,
  /** Every gate but window, hooks and approval has held for the soak. */
  GATES_HELD,
  /** A gate that held no longer holds, and nothing is locked yet. */
  GATES_BROKEN,
  /** Somebody has to change the mesh before the gates can hold. */
  OBSTRUCTED,
  /** The obstruction is gone. */
  CLEARED,
  /** Only a person's approval is missing. */
  APPROVAL_ASKED,
  /** A person has approved, and something else is awaited, as a change window. */
  APPROVAL_GIVEN,
  /** DISABLE is in force: the step to PERMISSIVE is made before plaintext can be judged. */
  PREPARE_DECIDED,
  /** Every gate holds on one fresh observation. */
  LOCK_DECIDED,
  /** A namespace that had nothing to lock has captured pods now. */
  CAPTURED,
  /** The mesh is already as the plan wants it, but not by this service. */
  FOUND_STRICT,
  /** A write of this step was found in the mesh that is in no record. */
  FOUND_WRITTEN,
  /** Every write is made and every proxy has it. */
  ENFORCED,
  VERIFIED,
  /** The evidence did not suffice in time: STRICT stays, and verification continues. */
  EXTENDED,
  /** Verification failed, and a person has to decide. */
  HELD,
  /** The plan was aborted in the middle of a lock, and the half lock is taken back. */
  ABANDONED,
  /** Verification failed, and the step is rolled back without a person asking. */
  FAILED,
  ROLLBACK_ASKED,
  /** Everything is undone and every proxy has it. */
  UNDONE,
  RETRY_ASKED,
  EXEMPT_ASKED,
  SKIP_ASKED,
  /** Somebody else weakened a locked port. */
  WEAKENED,
  RECOVERED,
  /** The namespace was deleted and recreated. */
  RECREATED,
  /** The namespace no longer exists. */
  GONE
}
