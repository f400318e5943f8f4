// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.decisions;

import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.probe.Cell;
import io.mtlsmigration.probe.ProbeOutcome;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.RefusedCall;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.Words;
import io.mtlsmigration.rollout.gates.GateContext;
import io.mtlsmigration.rollout.gates.IgnoredClients;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Calls of clients with a proxy that probes have shown to fail, as the record of a step keeps them.
 * The connectivity matrix is gone with its process, and the next leader may never be able to make
 * that probe: what was seen counts until a probe tells something else. Pure.
 */
public final class FailedCalls {

  /** The most calls that are remembered with a problem. */
  public static final int MOST = 50;

  private FailedCalls() {}

  /**
   * Returns the calls of a problem of which no probe tells anything, though they can still be made:
   * another process may have seen them fail, and of a large mesh not every round probes them.
   *
   * @param tells whether a cell counts for its call, if its probe was made
   */
  static List<RefusedCall> unsettled(
      GateContext context, StepRecord.Health problem, Predicate<Cell> tells) {
    Set<RefusedCall> calls =
        problem.refused().stream()
            .flatMap(words -> RefusedCall.read(words).stream())
            .collect(Collectors.toSet());
    Set<RefusedCall> told =
        calls.stream()
            .map(RefusedCall::server)
            .distinct()
            .flatMap(namespace -> context.cells().of(namespace).stream())
            .filter(cell -> cell.meshClient() && tells.test(cell))
            .filter(cell -> cell.outcome() != ProbeOutcome.SKIPPED || cell.neverMade())
            .map(RefusedCall::of)
            .collect(Collectors.toSet());
    IgnoredClients ignored = IgnoredClients.of(context.spec());
    MeshModes modes = context.observation().modes();
    return calls.stream()
        .filter(call -> !ignored.ignores(call.from()) && call.awaits(told, modes))
        .sorted(Comparator.comparing(RefusedCall::toString))
        .toList();
  }

  /**
   * Returns what the step's record knows of calls that have failed since a write; null when that is
   * nothing.
   */
  static StepRecord.@Nullable Health since(GateContext context, Instant from) {
    StepRecord.Health problem = context.step().health();
    return problem == null || problem.since().isBefore(from) ? null : problem;
  }

  /** Returns which calls that failed since a write have no probe that tells more; null if none. */
  static @Nullable String untold(GateContext context, Instant from) {
    StepRecord.Health problem = since(context, from);
    List<RefusedCall> calls = unsettled(context, problem);
    if (problem == null || calls.isEmpty()) {
      return null;
    }
    return "whether calls get through that had failed by "
        + problem.since()
        + " is not known, for they were not probed again: "
        + Words.list(words(calls))
        + IgnoredClients.offer(
            context.plan().name(),
            calls.stream().map(RefusedCall::from).collect(Collectors.toCollection(TreeSet::new)));
  }

  private static List<RefusedCall> unsettled(
      GateContext context, StepRecord.@Nullable Health problem) {
    return problem == null
        ? List.of()
        : unsettled(context, problem, cell -> !cell.checkedAt().isBefore(problem.since()));
  }

  private static List<String> words(Collection<RefusedCall> calls) {
    return calls.stream().map(RefusedCall::toString).toList();
  }

  /**
   * Returns the step with the calls that fail now, and those of before of which no probe tells.
   *
   * @param from failures from before do not count
   * @param failing calls that fail now, and when each was first seen to
   */
  static StepRecord kept(GateContext context, Instant from, Map<RefusedCall, Instant> failing) {
    StepRecord.Health problem = since(context, from);
    // Those that fail now are seen again; of the others only the record tells.
    Set<String> calls =
        Stream.concat(
                words(unsettled(context, problem)).stream(),
                failing.keySet().stream().map(RefusedCall::toString).sorted())
            .distinct()
            .limit(MOST)
            .collect(Collectors.toCollection(TreeSet::new));
    StepRecord step = context.step();
    if (calls.isEmpty()) {
      return step.health() == null ? step : step.withHealth(null);
    }
    if (problem != null && problem.refused().equals(calls)) {
      return step;
    }
    // Of none does a probe from before its failure tell.
    Instant first =
        failing.entrySet().stream()
            .filter(call -> problem == null || !problem.refused().contains(call.getKey() + ""))
            .map(Map.Entry::getValue)
            .reduce(problem == null ? from : problem.since(), (a, b) -> b.isAfter(a) ? b : a);
    return step.withHealth(
        new StepRecord.Health(
            first, Reason.PROBE_FAILED, "calls fail: " + Words.list(List.copyOf(calls)), calls));
  }
}
