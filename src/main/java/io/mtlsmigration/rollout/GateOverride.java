// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import java.time.Instant;
import java.util.Set;

/** A person's decision to let gates pass once for one namespace, kept with who, when and why. */
public record GateOverride(Set<Gate> gates, String by, Instant at, String comment, boolean used) {
  public GateOverride {
    gates = Set.copyOf(gates);
  }

  public GateOverride usedUp() {
    return used ? this : new GateOverride(gates, by, at, comment, true);
  }
}
