package io.mtlsmigration.rollout.gates;

/** How far a namespace is, for whoever has to bring it further. */
public enum NamespaceState {
  /** STRICT, as it is wanted. */
  LOCKED,
  /** Every gate passes. */
  READY,
  /** It goes on by itself: time, an earlier wave or a verification is all that it waits for. */
  WAITING,
  /** Somebody has to act. */
  HELD,
  /** Left open: exempt or skipped, or nothing in it could be locked. */
  OPEN
}
