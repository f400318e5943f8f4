// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.decisions;

import io.mtlsmigration.mesh.Turns;
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
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Calls of clients with a proxy that probes have shown to fail, as the record of a step keeps them.
 * The connectivity matrix is gone with its process, and the next leader may never be able to make
 * that probe: what was seen counts until a probe tells something else. Pure.
 */
public final class FailedCalls {

  /** The most calls that are remembered with a problem, of some 130 bytes each. */
  static final int MOST = 500;

  /** Stands for those beyond that. No call reads so. */
  static final String OTHERS = "and others";

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
    if (problem == null) {
      return null;
    }
    List<RefusedCall> calls = unsettled(context, problem, later(problem));
    if (calls.isEmpty() && !others(context, problem)) {
      return null;
    }
    if (calls.isEmpty()) {
      Set<String> clients = unprobed(context);
      return "whether all calls get through that had failed by "
          + problem.since()
          + " is not known: there were more than are remembered, and "
          + (clients.isEmpty()
              ? "no round of probes has begun and ended since"
              : "these clients could not be probed since: "
                  + Words.list(List.copyOf(clients))
                  + IgnoredClients.offer(context.plan().name(), clients));
    }
    return "whether calls get through that had failed by "
        + problem.since()
        + " is not known, for they were not probed again: "
        + Words.list(calls.stream().map(RefusedCall::toString).toList())
        + IgnoredClients.offer(
            context.plan().name(),
            calls.stream().map(RefusedCall::from).collect(Collectors.toCollection(TreeSet::new)));
  }

  /** Returns whether a probe was made since the calls of a problem had failed. */
  private static Predicate<Cell> later(StepRecord.Health problem) {
    return cell -> !cell.checkedAt().isBefore(problem.since());
  }

  /** Returns {@link #unsettled} calls as a record has them, with {@link #OTHERS}. */
  static List<String> unconfirmed(
      GateContext context, StepRecord.Health problem, Predicate<Cell> tells) {
    List<String> calls = new ArrayList<>();
    unsettled(context, problem, tells).forEach(call -> calls.add(call.toString()));
    if (others(context, problem)) {
      calls.add(OTHERS);
    }
    return calls;
  }

  /**
   * Returns the calls that a record keeps, with {@link #OTHERS} where these are not all: those of
   * each client's namespace in turn, so that one with many clients keeps nobody else's out.
   */
  public static Set<String> some(Collection<String> calls) {
    List<String> all = calls.stream().filter(call -> !call.equals(OTHERS)).distinct().toList();
    Set<String> some =
        Turns.of(all, FailedCalls::namespace).stream()
            .limit(MOST)
            .collect(Collectors.toCollection(TreeSet::new));
    if (some.size() < all.size() || calls.contains(OTHERS)) {
      some.add(OTHERS);
    }
    return some;
  }

  /** Returns some of the calls of a record by name. */
  static String words(Collection<String> kept) {
    List<String> named = kept.stream().filter(call -> !call.equals(OTHERS)).toList();
    return named.isEmpty() ? "more than are remembered" : Words.list(named);
  }

  private static String namespace(String call) {
    return call.substring(0, Math.max(0, call.indexOf('/')));
  }

  /**
   * Returns whether calls have failed that are not remembered, and of which no round of probes has
   * told since: where one has begun and ended since, its results are known, but for clients that it
   * could not probe.
   */
  private static boolean others(GateContext context, StepRecord.Health problem) {
    return problem.refused().contains(OTHERS)
        && (context.namespaces().stream()
                .anyMatch(name -> !context.cells().rounds().begun(name).isAfter(problem.since()))
            || !unprobed(context).isEmpty());
  }

  /** Returns the clients with a proxy that could not be probed when it was their turn. */
  private static Set<String> unprobed(GateContext context) {
    IgnoredClients ignored = IgnoredClients.of(context.spec());
    return context.namespaces().stream()
        .flatMap(name -> context.cells().of(name).stream())
        .filter(cell -> cell.meshClient() && !cell.neverMade())
        .filter(cell -> cell.outcome() == ProbeOutcome.SKIPPED && !ignored.ignores(cell.from()))
        .map(Cell::from)
        .collect(Collectors.toCollection(TreeSet::new));
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
    List<String> all =
        problem == null ? new ArrayList<>() : unconfirmed(context, problem, later(problem));
    failing.keySet().stream().map(RefusedCall::toString).sorted().forEach(all::add);
    Set<String> calls = some(all);
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
        new StepRecord.Health(first, Reason.PROBE_FAILED, "calls fail: " + words(calls), calls));
  }
}
