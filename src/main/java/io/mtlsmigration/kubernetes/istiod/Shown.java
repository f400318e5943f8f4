package io.mtlsmigration.kubernetes.istiod;

import java.time.Duration;
import java.time.Instant;

/**
 * What istiod shows of one proxy.
 *
 * @param madeAt when istiod made the configuration that the proxy acknowledges; {@link
 *     Instant#EPOCH} when that cannot be told
 */
record Shown(State state, Instant madeAt) {

  enum State {
    /** It has not asked for what matters. */
    ABSENT,
    /** It has not acknowledged, or has rejected, what was last sent to it. */
    BEHIND,
    /** It acknowledges what was last sent to it. */
    FOLLOWS
  }

  static final Shown ABSENT = new Shown(State.ABSENT, Instant.EPOCH);

  /**
   * As two connections of one proxy show it: while it moves from one istiod to another the old
   * connection may linger, and nobody can tell which one is alive. So both have to follow; one that
   * never asked for what matters does not count.
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

  /** The same, by our clock. */
  Shown byOurClock(Duration istiodIsAhead) {
    return new Shown(state, madeAt.minus(istiodIsAhead));
  }
}
