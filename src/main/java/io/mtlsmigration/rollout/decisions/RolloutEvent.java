package io.mtlsmigration.rollout.decisions;

import io.mtlsmigration.rollout.Reason;

/**
 * What may happen to a step. {@link Transitions} says in which phase it may happen and where it
 * leads; why it happened is a {@link Reason}.
 */
public enum RolloutEvent {
  /** Everything that comes before it in the plan is settled. */
  WAVE_OPENED,
  /** The dry run of STRICT starts. */
  AUDIT_BEGUN,
  /** Every gate but window, hooks and approval has held for the soak. */
  GATES_HELD,
  /** A gate that held does not hold any more, and nothing is locked yet. */
  GATES_BROKEN,
  /** Somebody has to change the mesh before the gates can hold. */
  OBSTRUCTED,
  /** What obstructed is gone. */
  CLEARED,
  /** Only a person's consent is missing. */
  APPROVAL_ASKED,
  /** From DISABLE: the step to PERMISSIVE is made before plaintext can be judged. */
  PREPARE_DECIDED,
  /** Every gate holds on one fresh observation. */
  LOCK_DECIDED,
  /** A namespace that had nothing to lock has captured pods now. */
  CAPTURED,
  /** The mesh is already as the plan wants it, and not by our hand. */
  FOUND_STRICT,
  /** A write of this step was found in the mesh that no record tells of. */
  FOUND_WRITTEN,
  /** Every write is made and every proxy has it. */
  ENFORCED,
  VERIFIED,
  /** The evidence did not suffice in time: STRICT stays, verification goes on. */
  EXTENDED,
  /** Verification failed, and a person has to decide. */
  HELD,
  /** The plan was aborted in the middle of a lock: half of one is taken back. */
  ABANDONED,
  /** Verification failed, and the step is rolled back without a person asking. */
  FAILED,
  ROLLBACK_ASKED,
  /** Everything is undone and every proxy has it. */
  UNDONE,
  RETRY_ASKED,
  EXEMPT_ASKED,
  SKIP_ASKED,
  /** Somebody else made a locked port weaker. */
  WEAKENED,
  RECOVERED,
  /** The namespace was deleted and made again. */
  RECREATED,
  /** The namespace does not exist any more. */
  GONE
}
