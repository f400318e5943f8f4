// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

import io.mtlsmigration.mesh.WorkloadRef;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Plaintext calls to the servers of one namespace over time, in steps of one length. A call counts
 * in the step in which its source counted it.
 *
 * @param from beginning of the first step
 * @param watched by step: whether a call in it would have been counted
 */
public record PlaintextCalls(Instant from, Duration step, List<Boolean> watched, List<Row> rows) {
  public PlaintextCalls {
    watched = List.copyOf(watched);
    rows = List.copyOf(rows);
  }

  /**
   * Calls of one client to one server.
   *
   * @param calls by step; own probes are in them where the source only counts
   * @param undatedBefore calls were made some time before this, and nobody knows when; null when
   *     there are none
   */
  public record Row(
      Caller client, WorkloadRef server, List<Long> calls, @Nullable Instant undatedBefore) {
    public Row {
      calls = Counts.of(calls);
    }

    private Row since(int cut, Instant later) {
      return new Row(
          client,
          server,
          calls.subList(cut, calls.size()),
          undatedBefore == null || !undatedBefore.isAfter(later) ? null : undatedBefore);
    }

    private boolean counts() {
      return undatedBefore != null || calls.stream().anyMatch(n -> n > 0);
    }
  }

  /** Returns the calls to some of the servers. */
  public PlaintextCalls to(Predicate<WorkloadRef> servers) {
    return new PlaintextCalls(
        from, step, watched, rows.stream().filter(row -> servers.test(row.server())).toList());
  }

  /** Returns the calls of the steps from a later time on, without rows that have none. */
  public PlaintextCalls since(Instant later) {
    long first = Math.max(0, Duration.between(from, later).dividedBy(step));
    int cut = (int) Math.min(first, watched.size());
    return new PlaintextCalls(
        begin(cut),
        step,
        watched.subList(cut, watched.size()),
        rows.stream().map(row -> row.since(cut, later)).filter(Row::counts).toList());
  }

  /** Returns the beginning of a step; of the one after the last, the end of all. */
  public Instant begin(int index) {
    return from.plus(step.multipliedBy(index));
  }
}
