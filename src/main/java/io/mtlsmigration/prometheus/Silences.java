// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import java.time.Instant;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Times of a mesh in which nothing of a kind was scraped; those that touch are one. */
final class Silences {

  /** When each had ended, by when it began. */
  private final NavigableMap<Instant, Instant> ends = new TreeMap<>();

  /** Adds a time, unless it is empty. */
  void add(Instant begin, Instant end) {
    if (!end.isAfter(begin)) {
      return;
    }
    Map.Entry<Instant, Instant> before = ends.floorEntry(begin);
    boolean touches = before != null && !before.getValue().isBefore(begin);
    ends.merge(
        touches ? before.getKey() : begin, end, (one, other) -> one.isAfter(other) ? one : other);
  }

  /**
   * Returns when the silence had ended, with those that it touches, that had begun by the second of
   * these times, and had not ended by the first one; null when there is none.
   */
  @Nullable Instant end(Instant from, Instant begun) {
    Instant end = null;
    Map.Entry<Instant, Instant> one = ends.floorEntry(begun);
    while (one != null && !one.getValue().isBefore(from)) {
      end = end == null || one.getValue().isAfter(end) ? one.getValue() : end;
      Map.Entry<Instant, Instant> next = ends.higherEntry(one.getKey());
      one = next != null && !next.getKey().isAfter(one.getValue()) ? next : null;
    }
    return end;
  }

  /** Returns whether a time belongs to one of them. */
  boolean has(Instant at) {
    Map.Entry<Instant, Instant> one = ends.floorEntry(at);
    return one != null && one.getValue().isAfter(at);
  }

  void forgetBefore(Instant oldest) {
    ends.values().removeIf(end -> end.isBefore(oldest));
  }

  void clear() {
    ends.clear();
  }
}
