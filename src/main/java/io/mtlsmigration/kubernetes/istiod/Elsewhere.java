// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.istiod;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The sidecars of other clusters that istiods of this one serve, also while they connect to another
 * istiod, or the one that shows them does not answer. Not thread-safe.
 */
final class Elsewhere {

  /** Twice the time after which proxies connect anew. */
  private static final Duration REMEMBERED = Duration.ofHours(1);

  /** How many clusters are named; any number holds as much as one. */
  private static final int NAMED = 8;

  /** How many namespaces are remembered while no istiod shows them: anybody may claim any. */
  private static final int MOST = 10_000;

  /** How much of a cluster's name is told. */
  private static final int LEGIBLE = 64;

  private final Map<String, Seen> seen = new HashMap<>();

  private record Seen(Instant at, Set<String> clusters) {}

  /**
   * Adds a reading; returns the other clusters by namespace.
   *
   * @param whole whether every istiod answered
   */
  Map<String, Set<String>> look(Map<String, Set<String>> shown, boolean whole, Instant now) {
    if (whole) {
      seen.values().removeIf(one -> one.at().plus(REMEMBERED).isBefore(now));
    }
    shown.forEach((namespace, clusters) -> seen.put(namespace, new Seen(now, few(clusters))));
    if (seen.size() > MOST) {
      seen.keySet().retainAll(shown.keySet());
    }
    Map<String, Set<String>> known = new HashMap<>();
    seen.forEach((namespace, one) -> known.put(namespace, one.clusters()));
    return Map.copyOf(known);
  }

  private static Set<String> few(Set<String> clusters) {
    Set<String> few = new HashSet<>();
    clusters.stream()
        .sorted()
        .limit(NAMED)
        .forEach(name -> few.add(name.substring(0, Math.min(name.length(), LEGIBLE))));
    return Set.copyOf(few);
  }
}
