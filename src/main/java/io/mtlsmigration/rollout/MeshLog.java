package io.mtlsmigration.rollout;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where the mesh stood over the last day, in bounded memory: what does not change costs nothing,
 * and of changes that are an hour old the last one in each minute is kept. A time in which nobody
 * looked is a gap. Thread-safe.
 */
public final class MeshLog {

  /** How far back it can be told. */
  public static final Duration KEPT = Duration.ofHours(25);

  /** How long every change is told apart. */
  private static final Duration FINE = Duration.ofHours(1);

  /** Between two looks; when it was longer, nobody knows what was meanwhile. */
  public static final Duration LONGEST_BLINK = Duration.ofSeconds(30);

  private final Deque<Span> minutes = new ArrayDeque<>();
  private final Deque<Span> spans = new ArrayDeque<>();

  /**
   * A time in which nothing changed.
   *
   * @param from when it was first seen
   * @param to when it was last seen
   */
  private record Span(Instant from, Instant to, MeshCounts counts) {
    Span until(Instant at) {
      return new Span(from, at, counts);
    }
  }

  /** Notes what is there now. A clock that steps back is not believed. */
  public synchronized void record(Instant at, MeshCounts counts) {
    Span last = spans.peekLast();
    if (last != null && at.isBefore(last.to)) {
      return;
    }
    boolean seen = last != null && !last.to.plus(LONGEST_BLINK).isBefore(at);
    if (last != null && seen) {
      // It was so until now, as far as anybody knows.
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
      // What came and went within one minute gives way to what came after it.
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

  /** Since when anything is known; empty when nothing is. */
  public synchronized Optional<Instant> since() {
    Span first = minutes.isEmpty() ? spans.peekFirst() : minutes.peekFirst();
    return Optional.ofNullable(first).map(Span::from);
  }

  /**
   * What was last seen in each of so many steps, in order; null where nobody looked.
   *
   * @param from beginning of the first step; each ends where the next one begins
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

  /** Of an instant; -1 before the first step, {@code steps} behind the last. */
  private static int place(Instant at, Instant from, Duration step, int steps) {
    if (at.isBefore(from)) {
      return -1;
    }
    return (int) Math.min(steps, Duration.between(from, at).dividedBy(step));
  }
}
