package io.mtlsmigration.rollout;

import java.util.List;

/**
 * How far one namespace is, and what it is held by: by its active plan, or by what a plan would ask
 * for by default.
 *
 * @param namespace the root namespace stands for the mesh step
 * @param plan its name; empty for the defaults
 */
public record NamespaceHolds(String namespace, String plan, State state, List<Hold> holds) {

  public NamespaceHolds {
    holds = List.copyOf(holds);
  }

  /** How far it is. */
  public enum State {
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
}
