// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import java.time.Instant;
import java.util.Set;

/**
 * A person's decision to let gates pass once for one namespace, kept with who, when and why.
 *
 * @param generation the plan's generation when it was given; it counts for no other one, because
 *     the gates of a changed plan may let pass what this person has not seen
 */
public record GateOverride(
    Set<Gate> gates, String by, Instant at, String comment, long generation, boolean used) {

  /** The number that a step keeps, the latest; events tell of the others. */
  static final int MOST = 20;

  public GateOverride {
    gates = Set.copyOf(gates);
    comment = SomeFacts.of(comment);
  }

  /** Returns whether it lets gates pass, in a plan of this generation. */
  public boolean counts(long now) {
    return !used && generation == now;
  }

  public GateOverride usedUp() {
    return used ? this : new GateOverride(gates, by, at, comment, generation, true);
  }
}
