// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.gates;

/** The progress of a namespace, from the view of its owner. */
public enum NamespaceState {
  /** STRICT, as wanted. */
  LOCKED,
  /** Every gate passes. */
  READY,
  /** It continues by itself: it waits only for time, an earlier wave or a verification. */
  WAITING,
  /** Somebody has to act. */
  HELD,
  /** Left open: exempt or skipped, or with nothing that could be locked. */
  OPEN
}
