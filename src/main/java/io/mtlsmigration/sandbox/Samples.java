// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Counts over time, in bounded memory: by the second for the last minutes, by the minute before
 * that, dropped when older than the retention. A bucket counts for a window when its last sample
 * lies in it, so that a coarse bucket counts too much rather than too little.
 */
final class Samples {

  /** The default time for which seconds are told apart. */
  private static final Duration FINE = Duration.ofMinutes(5);

  private final Duration retention;
  private final Duration fine;
  private final Deque<Bucket> minutes = new ArrayDeque<>();
  private final Deque<Bucket> seconds = new ArrayDeque<>();

  Samples(Duration retention) {
    this(retention, FINE);
  }

  /**
   * Creates empty counts.
   *
   * @param fine how long seconds are told apart
   */
  Samples(Duration retention, Duration fine) {
    this.retention = retention;
    this.fine = fine;
  }

  private static final class Bucket {
    private final long index;
    private final Instant first;
    private Instant last;
    private long count;
    private long other;

    Bucket(long index, Instant first) {
      this.index = index;
      this.first = first;
      this.last = first;
    }
  }

  /**
   * The sums over a window.
   *
   * @param count of samples
   * @param other of the second kind of samples
   * @param first time of the first sample in the window; meaningless when there is none
   */
  record Sum(long count, long other, Instant first, Instant last) {
    boolean isEmpty() {
      return count == 0 && other == 0;
    }
  }

  synchronized void add(Instant at, long count, long other) {
    long second = at.getEpochSecond();
    Bucket bucket = seconds.peekLast();
    // A clock may step back: then the newest bucket counts the sample.
    if (bucket == null || bucket.index < second) {
      bucket = new Bucket(second, at);
      seconds.addLast(bucket);
      fold(at);
    }
    bucket.count += count;
    bucket.other += other;
    bucket.last = at.isAfter(bucket.last) ? at : bucket.last;
  }

  private void fold(Instant now) {
    Instant coarse = now.minus(fine);
    while (seconds.getFirst().last.isBefore(coarse)) {
      Bucket old = seconds.removeFirst();
      long minute = Math.floorDiv(old.index, 60);
      Bucket into = minutes.peekLast();
      if (into == null || into.index < minute) {
        into = new Bucket(minute, old.first);
        minutes.addLast(into);
      }
      into.count += old.count;
      into.other += old.other;
      into.last = old.last;
    }
    Instant forgotten = now.minus(retention);
    while (!minutes.isEmpty() && minutes.getFirst().last.isBefore(forgotten)) {
      minutes.removeFirst();
    }
  }

  /** Returns the sums of the samples in {@code [from, to]}. */
  synchronized Sum sum(Instant from, Instant to) {
    long count = 0;
    long other = 0;
    Instant first = Instant.MAX;
    Instant last = Instant.MIN;
    for (Deque<Bucket> buckets : List.of(minutes, seconds)) {
      for (Bucket bucket : buckets) {
        if (bucket.last.isBefore(from) || bucket.first.isAfter(to)) {
          continue;
        }
        count += bucket.count;
        other += bucket.other;
        first = bucket.first.isBefore(first) ? bucket.first : first;
        last = bucket.last.isAfter(last) ? bucket.last : last;
      }
    }
    return new Sum(count, other, first.isBefore(from) ? from : first, last);
  }

  /**
   * Returns the counts of each step, in order. A bucket counts once, in the step of its last
   * sample.
   *
   * @param from beginning of the first step
   */
  synchronized long[] counts(Instant from, Duration step, int steps) {
    long[] counts = new long[steps];
    for (Deque<Bucket> buckets : List.of(minutes, seconds)) {
      for (Bucket bucket : buckets) {
        long place =
            bucket.last.isBefore(from) ? -1 : Duration.between(from, bucket.last).dividedBy(step);
        if (place >= 0 && place < steps) {
          counts[(int) place] += bucket.count;
        }
      }
    }
    return counts;
  }

  /** Returns whether nothing was counted since. */
  synchronized boolean silentSince(Instant time) {
    Bucket newest = seconds.isEmpty() ? minutes.peekLast() : seconds.peekLast();
    return newest == null || newest.last.isBefore(time);
  }
}
