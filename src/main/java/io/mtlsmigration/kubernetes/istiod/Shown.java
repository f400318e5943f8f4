// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.istiod;

import java.time.Duration;
import java.time.Instant;

/**
 * The state of one proxy as istiod shows it.
 *
 * @param madeAt when istiod made the configuration that the proxy acknowledges; {@link
 *     Instant#EPOCH} when unknown
 */
record Shown(State state, Instant madeAt) {

  enum State {
    /** No istiod shows it. */
    NOWHERE,
    /** It has not requested the relevant type. */
    ABSENT,
    /** It has not acknowledged, or has rejected, what was last sent to it. */
    BEHIND,
    /** It acknowledges what was last sent to it. */
    FOLLOWS
  }

  static final Shown NOWHERE = new Shown(State.NOWHERE, Instant.EPOCH);
  static final Shown ABSENT = new Shown(State.ABSENT, Instant.EPOCH);

  /**
   * Combines two connections of one proxy. While it moves from one istiod to another the old
   * connection may linger, and nobody can tell which one is alive; so both must follow. A
   * connection that never requested the relevant type does not count.
   */
  Shown and(Shown other) {
    if (state == State.ABSENT) {
      return other;
    }
    if (other.state == State.ABSENT) {
      return this;
    }
    return new Shown(
        state == State.BEHIND ? state : other.state,
        madeAt.isBefore(other.madeAt) ? madeAt : other.madeAt);
  }

  /** Returns the same state with the time by our clock. */
  Shown byOurClock(Duration istiodIsAhead) {
    return new Shown(state, madeAt.minus(istiodIsAhead));
  }
}
