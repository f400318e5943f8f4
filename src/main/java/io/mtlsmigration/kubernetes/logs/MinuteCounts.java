// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;

/** Counts by the minute within the retention, in a few bytes each. Used by one thread at a time. */
final class MinuteCounts {

  private static final long SECONDS = 60;
  private static final long MILLIS = SECONDS * 1000;
  private static final int FIRST = 8;

  private final long retained;
  private long[] minutes = new long[FIRST];
  private int[] counts = new int[FIRST];
  private int size;

  MinuteCounts(Duration retained) {
    this.retained = retained.toMinutes();
  }

  void add(Instant at) {
    long minute = Math.floorDiv(at.getEpochSecond(), SECONDS);
    int place = size == 0 ? -1 : Arrays.binarySearch(minutes, 0, size, minute);
    if (place >= 0) {
      counts[place] = Math.min(counts[place], Integer.MAX_VALUE - 1) + 1;
      return;
    }
    insert(-(place + 1), minute);
  }

  private void insert(int place, long minute) {
    forget(minute - retained);
    int at = Math.min(place, size);
    while (at > 0 && minutes[at - 1] > minute) {
      at--;
    }
    if (size == minutes.length) {
      minutes = Arrays.copyOf(minutes, size * 2);
      counts = Arrays.copyOf(counts, size * 2);
    }
    System.arraycopy(minutes, at, minutes, at + 1, size - at);
    System.arraycopy(counts, at, counts, at + 1, size - at);
    minutes[at] = minute;
    counts[at] = 1;
    size++;
  }

  private void forget(long before) {
    int old = 0;
    while (old < size && minutes[old] < before) {
      old++;
    }
    if (old > 0) {
      System.arraycopy(minutes, old, minutes, 0, size - old);
      System.arraycopy(counts, old, counts, 0, size - old);
      size -= old;
    }
  }

  /**
   * Returns the count in a range; a minute partly within it counts for that part, rounded down.
   *
   * @param to {@link Instant#MAX} for no limit
   */
  long sum(Instant from, Instant to) {
    long first = from.toEpochMilli();
    long last = to.equals(Instant.MAX) ? Long.MAX_VALUE : to.toEpochMilli();
    double sum = 0;
    for (int i = 0; i < size; i++) {
      long begin = minutes[i] * MILLIS;
      long within = Math.min(begin + MILLIS, last) - Math.max(begin, first);
      sum += within > 0 ? counts[i] * (double) within / MILLIS : 0;
    }
    return (long) sum;
  }
}
