// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The state of the mesh over the last day, in bounded memory: periods without a change cost
 * nothing, and of changes older than an hour only the last one in each minute is kept. A time in
 * which nobody looked is a gap. Thread-safe.
 */
public final class MeshLog {

  /** The maximum age of entries. */
  public static final Duration KEPT = Duration.ofHours(25);

  /** The age up to which every change is kept. */
  private static final Duration FINE = Duration.ofHours(1);

  /** The longest pause between records; after a longer one, the state in between is unknown. */
  public static final Duration LONGEST_BLINK = Duration.ofSeconds(30);

  private final Deque<Span> minutes = new ArrayDeque<>();
  private final Deque<Span> spans = new ArrayDeque<>();

  /**
   * A period in which nothing changed.
   *
   * @param from the time when the state was first seen
   * @param to the time when the state was last seen
   */
  private record Span(Instant from, Instant to, MeshCounts counts) {
    Span until(Instant at) {
      return new Span(from, at, counts);
    }
  }

  /** Records the current state. A time before the last record is ignored. */
  public synchronized void record(Instant at, MeshCounts counts) {
    Span last = spans.peekLast();
    if (last != null && at.isBefore(last.to)) {
      return;
    }
    boolean seen = last != null && !last.to.plus(LONGEST_BLINK).isBefore(at);
    if (last != null && seen) {
      // The state is assumed unchanged since the last record.
      spans.removeLast();
      spans.addLast(last.until(at));
    }
    if (last == null || !seen || !last.counts.equals(counts)) {
      spans.addLast(new Span(at, at, counts));
    }
    fold(at);
  }

  private void fold(Instant now) {
    Instant coarse = now.minus(FINE);
    while (spans.size() > 1 && spans.getFirst().to.isBefore(coarse)) {
      Span old = spans.removeFirst();
      Span into = minutes.peekLast();
      // A state that lasted less than a minute is replaced by its successor.
      if (into != null && minute(into.from) == minute(old.from) && into.to.equals(old.from)) {
        minutes.removeLast();
        minutes.addLast(new Span(into.from, old.to, old.counts));
      } else {
        minutes.addLast(old);
      }
    }
    Instant forgotten = now.minus(KEPT);
    while (!minutes.isEmpty() && minutes.getFirst().to.isBefore(forgotten)) {
      minutes.removeFirst();
    }
  }

  private static long minute(Instant at) {
    return Math.floorDiv(at.getEpochSecond(), 60);
  }

  /** Returns the time of the oldest entry; empty when there is none. */
  public synchronized Optional<Instant> since() {
    Span first = minutes.isEmpty() ? spans.peekFirst() : minutes.peekFirst();
    return Optional.ofNullable(first).map(Span::from);
  }

  /**
   * Returns the last state seen in each of {@code steps} intervals, in order; null where nobody
   * looked.
   *
   * @param from beginning of the first interval; each ends where the next one begins
   */
  public synchronized @Nullable MeshCounts[] read(Instant from, Duration step, int steps) {
    @Nullable MeshCounts[] told = new MeshCounts[steps];
    for (Deque<Span> kept : List.of(minutes, spans)) {
      for (Span span : kept) {
        int first = Math.max(0, place(span.from, from, step, steps));
        int last = Math.min(steps - 1, place(span.to, from, step, steps));
        for (int i = first; i <= last; i++) {
          told[i] = span.counts; // later spans come later
        }
      }
    }
    return told;
  }

  /** Returns the interval of an instant; -1 before the first, {@code steps} after the last. */
  private static int place(Instant at, Instant from, Duration step, int steps) {
    if (at.isBefore(from)) {
      return -1;
    }
    return (int) Math.min(steps, Duration.between(from, at).dividedBy(step));
  }
}
