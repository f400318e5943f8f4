// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import java.util.EnumMap;
import java.util.Map;

/** Counts by the constants of an enum; counting makes no objects. */
@SuppressWarnings("EnumOrdinal") // as EnumMap does
public final class EnumCounts<E extends Enum<E>> {

  private final Class<E> type;
  private final int[] counts;

  public EnumCounts(Class<E> type) {
    this.type = type;
    this.counts = new int[type.getEnumConstants().length];
  }

  public void count(E one) {
    counts[one.ordinal()]++;
  }

  public int of(E one) {
    return counts[one.ordinal()];
  }

  /** Returns what was counted at all, in the order of the enum. */
  public Map<E, Integer> map() {
    Map<E, Integer> map = new EnumMap<>(type);
    for (E one : type.getEnumConstants()) {
      if (of(one) > 0) {
        map.put(one, of(one));
      }
    }
    return map;
  }
}
