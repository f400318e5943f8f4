// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

import io.mtlsmigration.mesh.WorkloadRef;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Plaintext calls to the servers of one namespace over time, in steps of one length. A call counts
 * in the step in which its source counted it.
 *
 * @param from beginning of the first step
 * @param watched by step: whether a call in it would have been counted
 * @param gaps by step that was not watched: why; none where the source does not tell
 * @param sampled by server: steps in which there was any sample of its calls, however secured; none
 *     where it was not asked for
 */
public record PlaintextCalls(
    Instant from,
    Duration step,
    List<Boolean> watched,
    List<Row> rows,
    Map<Integer, StepGap> gaps,
    Map<WorkloadRef, StepSet> sampled) {
  public PlaintextCalls {
    watched = List.copyOf(watched);
    rows = List.copyOf(rows);
    gaps = Map.copyOf(gaps);
    sampled = Map.copyOf(sampled);
  }

  /** The same of a source that does not tell why it did not watch. */
  public PlaintextCalls(Instant from, Duration step, List<Boolean> watched, List<Row> rows) {
    this(from, step, watched, rows, Map.of(), Map.of());
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
        from,
        step,
        watched,
        rows.stream().filter(row -> servers.test(row.server())).toList(),
        gaps,
        sampled);
  }

  /** Returns the calls of the steps from a later time on, without rows that have none. */
  public PlaintextCalls since(Instant later) {
    long first = Math.max(0, Duration.between(from, later).dividedBy(step));
    int cut = (int) Math.min(first, watched.size());
    Map<Integer, StepGap> left = new LinkedHashMap<>();
    gaps.forEach(
        (index, why) -> {
          if (index >= cut) {
            left.put(index - cut, why);
          }
        });
    Map<WorkloadRef, StepSet> samples = new LinkedHashMap<>();
    sampled.forEach((server, steps) -> samples.put(server, steps.since(cut)));
    return new PlaintextCalls(
        begin(cut),
        step,
        watched.subList(cut, watched.size()),
        rows.stream().map(row -> row.since(cut, later)).filter(Row::counts).toList(),
        left,
        samples);
  }

  /** Returns the beginning of a step; of the one after the last, the end of all. */
  public Instant begin(int index) {
    return from.plus(step.multipliedBy(index));
  }
}
