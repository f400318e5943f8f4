// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A person's decision to let gates pass once for one namespace, kept with who, when and why.
 *
 * @param generation the plan's generation when it was given; it counts for no other one, because
 *     the gates of a changed plan may let pass what this person has not seen
 * @param force whether the gates pass whatever they find until the lock
 * @param covers by gate, what it found when this was given: the gate holds for anything else. Empty
 *     once it is used, and for gates that tell of a clock, a hook or a person
 */
public record GateOverride(
    Set<Gate> gates,
    String by,
    Instant at,
    String comment,
    long generation,
    boolean used,
    boolean force,
    Map<Gate, List<String>> covers) {

  /** What a gate has not measured, whatever else it has found. */
  public static final String NOT_MEASURED = "what was not measured";

  /** The number that a step keeps, the latest; events tell of the others. */
  static final int MOST = 20;

  /** The characters of all that one covers; twenty of them, and gates and events, fit together. */
  private static final int LONGEST = 16 << 10;

  public GateOverride {
    gates = Set.copyOf(gates);
    comment = SomeFacts.of(comment);
    covers =
        covers.entrySet().stream()
            .collect(
                Collectors.toUnmodifiableMap(
                    Map.Entry::getKey, entry -> List.copyOf(entry.getValue())));
  }

  /** Returns whether it lets gates pass, in a plan of this generation. */
  public boolean counts(long now) {
    return !used && generation == now;
  }

  /** Returns whether a step can keep what it covers. */
  public boolean fits() {
    return covers.values().stream().flatMap(List::stream).mapToLong(String::length).sum()
        <= LONGEST;
  }

  public GateOverride usedUp() {
    return used
        ? this
        : new GateOverride(gates, by, at, comment, generation, true, force, Map.of());
  }
}
