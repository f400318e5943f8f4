// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The times at which one client called a namespace, and its silences. Instants are beginnings of
 * steps, so that a silence is known to a step more or less.
 *
 * @param calls by step, of all servers together
 * @param firstCall null when no call has a date
 * @param longest the longest time between two calls; null unless there were calls in two steps
 * @param seen the longest time between two calls in which it is known that there was no call, at
 *     least one whole step; null when there is none
 * @param sinceLast time since the last call; null unless there were calls in two steps
 * @param window the shortest round window in which each time between two calls, and the time since
 *     the last one, has room; null unless there were calls in two steps
 * @param undatedBefore see {@link PlaintextCalls.Row}
 */
public record ClientCalls(
    Caller client,
    List<Long> calls,
    @Nullable Instant firstCall,
    @Nullable Instant lastCall,
    @Nullable Silence longest,
    @Nullable Silence seen,
    @Nullable Duration sinceLast,
    @Nullable Duration window,
    @Nullable Instant undatedBefore) {

  public ClientCalls {
    calls = Counts.of(calls);
  }

  /**
   * A time between two calls.
   *
   * @param known false when it was not watched all the time: there may have been a call
   */
  public record Silence(Instant from, Instant until, boolean known) {
    public Duration length() {
      return Duration.between(from, until);
    }
  }

  /** Returns it without calls by step. */
  ClientCalls brief() {
    return new ClientCalls(
        client, List.of(), firstCall, lastCall, longest, seen, sinceLast, window, undatedBefore);
  }

  /** Returns the number of calls. */
  public long total() {
    return calls.stream().mapToLong(Long::longValue).sum();
  }

  /** Returns whether there were calls in one step alone: of a period nothing is known. */
  public boolean once() {
    return firstCall != null && firstCall.equals(lastCall);
  }

  /**
   * Computes it from the rows of one client.
   *
   * @param rows at least one
   */
  static ClientCalls of(PlaintextCalls history, List<PlaintextCalls.Row> rows, Instant now) {
    List<Long> calls = new ArrayList<>();
    List<Integer> called = new ArrayList<>();
    for (int i = 0; i < history.watched().size(); i++) {
      long sum = 0;
      for (PlaintextCalls.Row row : rows) {
        sum += row.calls().get(i);
      }
      calls.add(sum);
      if (sum > 0) {
        called.add(i);
      }
    }
    Silence longest = null;
    Silence seen = null;
    for (int k = 1; k < called.size(); k++) {
      longest = longer(longest, between(history, called.get(k - 1), called.get(k)));
      seen = longer(seen, watched(history, called.get(k - 1), called.get(k)));
    }
    Instant last = called.isEmpty() ? null : history.begin(called.getLast());
    Duration since = longest == null || last == null ? null : Duration.between(last, now);
    return new ClientCalls(
        rows.getFirst().client(),
        calls,
        called.isEmpty() ? null : history.begin(called.getFirst()),
        last,
        longest,
        seen,
        since,
        longest == null || since == null
            ? null
            : RoundWindow.longerThan(max(longest.length().plus(history.step()), since)),
        rows.stream()
            .map(PlaintextCalls.Row::undatedBefore)
            .filter(Objects::nonNull)
            .max(Instant::compareTo)
            .orElse(null));
  }

  private static Silence between(PlaintextCalls history, int before, int after) {
    return new Silence(
        history.begin(before),
        history.begin(after),
        !history.watched().subList(before + 1, after).contains(false));
  }

  /** The longest run of watched steps without a call between two steps with calls. */
  private static @Nullable Silence watched(PlaintextCalls history, int before, int after) {
    Silence longest = null;
    int start = before;
    for (int i = before + 1; i <= after; i++) {
      if (i == after || !history.watched().get(i)) {
        // Beside a hole nothing is known of the step before it but that nobody called in it.
        int steps = i - Math.max(start, before + 1);
        if (steps > 0) {
          longest = longer(longest, new Silence(history.begin(start), history.begin(i), true));
        }
        start = i + 1;
      }
    }
    return longest;
  }

  private static @Nullable Silence longer(@Nullable Silence one, @Nullable Silence other) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    int order = other.length().compareTo(one.length());
    return order > 0 || (order == 0 && other.known() && !one.known()) ? other : one;
  }

  private static Duration max(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }
}
