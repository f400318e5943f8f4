// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import io.mtlsmigration.mesh.WorkloadRef;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Times in which something was not seen, by workload: of each the latest. Workloads stay in it that
 * have no pods any more, and whoever may make pods makes as many as they like; so of the namespace
 * that has most the older half becomes one entry, the latest of them, and that counts for every
 * workload there: what is not remembered holds. Used by one thread at a time.
 */
final class Remembered<T> {

  /** Some 400 bytes each. */
  static final int MOST = 100_000;

  private final Function<T, Instant> end;
  private final Map<String, Map<WorkloadRef, T>> own = new HashMap<>();
  private final Map<String, Last<T>> others = new HashMap<>();
  private int size;

  /** The latest of those that are not remembered each, and whose it was. */
  private record Last<T>(WorkloadRef workload, T time) {}

  /**
   * @param end of such a time
   */
  Remembered(Function<T, Instant> end) {
    this.end = end;
  }

  void add(WorkloadRef workload, T time) {
    Map<WorkloadRef, T> there = own.computeIfAbsent(workload.namespace(), ns -> new HashMap<>());
    int before = there.size();
    there.merge(workload, time, this::later);
    size += there.size() - before;
    if (size > MOST) {
      make();
    }
  }

  private T later(T one, T other) {
    return end.apply(other).isAfter(end.apply(one)) ? other : one;
  }

  /** Makes room for a while: what it does takes time. */
  private void make() {
    while (size > MOST - MOST / 10) {
      Map<WorkloadRef, T> most =
          own.values().stream().max(Comparator.comparingInt(Map::size)).orElseThrow();
      List<Map.Entry<WorkloadRef, T>> oldest = new ArrayList<>(most.entrySet());
      oldest.sort(Comparator.comparing(entry -> end.apply(entry.getValue())));
      oldest
          .subList(0, (oldest.size() + 1) / 2)
          .forEach(
              entry -> {
                WorkloadRef workload = entry.getKey();
                others.merge(
                    workload.namespace(), new Last<>(workload, entry.getValue()), this::later);
                most.remove(workload);
                size--;
              });
    }
  }

  private Last<T> later(Last<T> one, Last<T> other) {
    return end.apply(other.time).isAfter(end.apply(one.time)) ? other : one;
  }

  /** Returns the latest time that may be of a workload; null when there is none. */
  @Nullable T of(WorkloadRef workload) {
    T known = own.getOrDefault(workload.namespace(), Map.of()).get(workload);
    Last<T> last = others.get(workload.namespace());
    return last == null ? known : known == null ? last.time : later(known, last.time);
  }

  /** Takes those that are remembered, and of each namespace the latest of the others. */
  void each(BiConsumer<WorkloadRef, T> taker) {
    each(taker, (namespace, time) -> {});
    others.values().forEach(last -> taker.accept(last.workload, last.time));
  }

  /**
   * Takes those that are remembered.
   *
   * @param rest takes the latest of the others by namespace
   */
  void each(BiConsumer<WorkloadRef, T> taker, BiConsumer<String, T> rest) {
    own.values().forEach(there -> there.forEach(taker));
    others.forEach((namespace, last) -> rest.accept(namespace, last.time));
  }

  void forgetBefore(Instant oldest) {
    for (Map<WorkloadRef, T> there : own.values()) {
      int before = there.size();
      there.values().removeIf(time -> end.apply(time).isBefore(oldest));
      size -= before - there.size();
    }
    own.values().removeIf(Map::isEmpty);
    others.values().removeIf(last -> end.apply(last.time).isBefore(oldest));
  }

  /** Returns how many are remembered. */
  int size() {
    return size + others.size();
  }
}
