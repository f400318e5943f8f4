// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

/** The phase of a namespace, or of the mesh step. */
public enum Phase {
  PENDING,
  OBSERVING,
  AUDITING,
  READY,
  AWAITING_APPROVAL,
  LOCKING,
  VERIFYING,
  LOCKED,
  BLOCKED,
  ROLLING_BACK,
  ROLLED_BACK,
  EXEMPT,
  SKIPPED,
  DRIFTED;

  /** Returns whether nobody wants a lock, for a while or any more. */
  public boolean leftOut() {
    return this == ROLLED_BACK || this == SKIPPED;
  }

  /** Returns whether a lock is being written, judged or taken back. */
  public boolean underWay() {
    return this == LOCKING || this == VERIFYING || this == ROLLING_BACK;
  }
}
