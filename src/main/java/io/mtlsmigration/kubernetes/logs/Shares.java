// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a bounded store that namespaces fill. Whoever can make pods or calls can make as
 * many as a store holds, so a full store takes room from a namespace that fills more than its
 * share, and from no other one: what a gate needs of a namespace is lost only by what happens in
 * it. Used by one thread at a time.
 */
final class Shares {

  private final int most;
  private final Map<String, Integer> held = new HashMap<>();
  private int size;

  /**
   * @param most the maximum of all namespaces together
   */
  Shares(int most) {
    this.most = most;
  }

  void add(String namespace) {
    held.merge(namespace, 1, Integer::sum);
    size++;
  }

  void remove(String namespace) {
    held.computeIfPresent(
        namespace, (name, count) -> count == 1 ? null : Integer.valueOf(count - 1));
    size--;
  }

  void clear() {
    held.clear();
    size = 0;
  }

  /**
   * Returns the namespace that has to give something up; null while there is room.
   *
   * @param kept these give up last, of those that fill more than their share
   */
  @Nullable String over(Set<String> kept) {
    return over(kept, Set.of());
  }

  /**
   * The same.
   *
   * @param empty these have nothing that they could give up
   */
  @Nullable String over(Set<String> kept, Set<String> empty) {
    if (size <= most) {
      return null;
    }
    int share = most / held.size();
    return held.entrySet().stream()
        .filter(entry -> entry.getValue() > share && !empty.contains(entry.getKey()))
        .min(
            Comparator.comparing(
                    (Map.Entry<String, Integer> entry) -> kept.contains(entry.getKey()))
                .thenComparing(Map.Entry.<String, Integer>comparingByValue().reversed())
                .thenComparing(Map.Entry::getKey))
        .map(Map.Entry::getKey)
        .orElse(null);
  }
}
