package io.mtlsmigration.rollout;

import io.mtlsmigration.probe.Cell;
import io.mtlsmigration.probe.ProbeOutcome;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The baseline: before anything changes, a client with a proxy reaches every endpoint. What fails
 * already now could not be told apart from harm done by STRICT.
 */
final class ProbeCheck implements GateCheck {

  private static final String REACHED = "every endpoint is reached by a client with a proxy";

  @Override
  public Gate gate() {
    return Gate.PROBES;
  }

  @Override
  public GateResult evaluate(GateContext context) {
    if (!context.spec().gates().probes()) {
      return pass(context, Reason.NOT_ASKED_FOR, "the plan asks for no probes");
    }
    if (context.isMesh()) {
      return mesh(context);
    }
    List<Cell> cells = context.ownCells();
    List<String> failing = failing(context, cells, List.of());
    if (!failing.isEmpty()) {
      return failed(context, failing);
    }
    return missing(context, cells);
  }

  private GateResult mesh(GateContext context) {
    List<String> failing = List.of();
    for (String namespace : context.others().locked()) {
      failing = failing(context, context.cells().of(namespace), failing);
    }
    return failing.isEmpty()
        ? pass(context, Reason.HOLDS, "every probe by a client with a proxy gets through")
        : failed(context, failing);
  }

  private GateResult failed(GateContext context, List<String> failing) {
    return fail(
        context,
        Reason.PROBE_FAILED,
        "clients with a proxy do not get through already now: " + Words.list(failing),
        failing);
  }

  private static List<String> failing(GateContext context, List<Cell> cells, List<String> found) {
    List<String> all = found;
    for (Cell cell : cells) {
      boolean failed = cell.outcome() != ProbeOutcome.OK && cell.outcome() != ProbeOutcome.SKIPPED;
      if (cell.meshClient() && failed && fresh(context, cell)) {
        all = all.isEmpty() ? new ArrayList<>() : all;
        all.add(
            cell.from()
                + " to "
                + cell.to()
                + " at "
                + cell.endpoint()
                + ": "
                + Words.of(cell.outcome())
                + " ("
                + cell.httpCode()
                + ", exit "
                + cell.exitCode()
                + ")");
      }
    }
    return all;
  }

  private GateResult missing(GateContext context, List<Cell> cells) {
    if (!cells.isEmpty() && allReached(context, cells)) {
      return pass(context, Reason.HOLDS, REACHED);
    }
    Set<String> reached = new HashSet<>();
    for (Cell cell : cells) {
      if (cell.meshClient() && cell.outcome() == ProbeOutcome.OK && fresh(context, cell)) {
        reached.add(cell.endpoint());
      }
    }
    if (reached.isEmpty()) {
      return context.facts().services().isEmpty()
          ? pass(context, Reason.HOLDS, "the namespace has no Service that could be probed")
          : inconclusive(
              context,
              Reason.PROBE_MISSING,
              "no probe by a client with a proxy has reached "
                  + context.facts().name()
                  + " since the plan began");
    }
    for (Cell cell : cells) {
      if (!reached.contains(cell.endpoint()) && cell.outcome() != ProbeOutcome.SKIPPED) {
        return inconclusive(
            context,
            Reason.PROBE_MISSING,
            "no client with a proxy has probed "
                + cell.to()
                + " at "
                + cell.endpoint()
                + " since the plan began");
      }
    }
    return pass(context, Reason.HOLDS, REACHED);
  }

  /** The usual case, without a set of endpoints. */
  private static boolean allReached(GateContext context, List<Cell> cells) {
    for (Cell cell : cells) {
      if (!cell.meshClient() || cell.outcome() != ProbeOutcome.OK || !fresh(context, cell)) {
        return false;
      }
    }
    return true;
  }

  private static boolean fresh(GateContext context, Cell cell) {
    Instant started = context.plan().startedAt();
    return (started == null || !cell.checkedAt().isBefore(started))
        && !cell.checkedAt().plus(context.limits().probeAge()).isBefore(context.now());
  }
}
