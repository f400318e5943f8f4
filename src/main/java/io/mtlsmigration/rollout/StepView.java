package io.mtlsmigration.rollout;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.LedgerEntry;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.plan.PolicyWrites;
import java.time.Instant;

/**
 * One step and all that its decisions are made on.
 *
 * @param present false when the namespace does not exist (any more)
 * @param turn whether everything that comes before this step is settled: going forward, earlier
 *     waves; going back, the mesh step
 */
record StepView(GateContext context, boolean present, boolean turn) {

  PlanRecord plan() {
    return context.plan();
  }

  StepRecord step() {
    return context.step();
  }

  Instant now() {
    return context.now();
  }

  MeshModes modes() {
    return context.observation().modes();
  }

  MeshSnapshot snapshot() {
    return modes().snapshot();
  }

  NamespaceFacts facts() {
    return context.facts();
  }

  PolicyWrites writes() {
    return context.writes();
  }

  boolean isMesh() {
    return context.isMesh();
  }

  boolean manifest() {
    return plan().spec().apply() == PlanSpec.Apply.MANIFEST;
  }

  boolean running() {
    return plan().phase() == PlanPhase.RUNNING;
  }

  boolean undoing() {
    return plan().phase() == PlanPhase.ROLLED_BACK || plan().phase() == PlanPhase.CLEANED_UP;
  }

  /** The snapshot shows what this step wrote. */
  boolean seen() {
    return WriteLedger.seen(step(), snapshot(), now(), context.limits().readBack());
  }

  boolean synced() {
    return context.sync() instanceof ProxySync.Status.Synced;
  }

  /**
   * What stands between a write that is stored and one that is in force; empty when nothing does.
   */
  String awaited() {
    return switch (context.sync()) {
      case ProxySync.Status.Synced() -> "";
      case ProxySync.Status.Lagging(var proxies) ->
          "waits for the proxies of " + Words.list(proxies);
      case ProxySync.Status.Unknown(var detail) ->
          "whether every proxy has it is not known: " + detail;
    };
  }

  /** The last write was made since this phase began. */
  boolean wroteInThisPhase() {
    Instant last = step().lastWrite();
    return last != null && !last.isBefore(step().since());
  }

  /** Old connections from before the last write may still be open. */
  boolean draining() {
    Instant last = step().lastWrite();
    return last != null && now().isBefore(last.plus(context.limits().drain()));
  }

  /** STRICT was written in this attempt: from here on somebody may be refused. */
  boolean committed() {
    boolean found = step().reason() == Reason.WRITE_DONE;
    for (LedgerEntry entry : step().ledger()) {
      if (entry.purpose() == PolicyChange.Purpose.LOCK
          && (found || !entry.writtenAt().isBefore(step().since()))) {
        return true;
      }
    }
    return false;
  }

  /** What the plan wants locked is not. Only meaningful when the snapshot is fresh and seen. */
  boolean weak() {
    if (isMesh()) {
      return modes().mesh().mode() != MtlsMode.STRICT;
    }
    for (PolicyChange change : writes().changes()) {
      if (change.purpose() == PolicyChange.Purpose.LOCK
          || change.purpose() == PolicyChange.Purpose.ENABLE) {
        return true;
      }
    }
    for (PolicyWrites.Obstacle obstacle : writes().obstacles()) {
      if (obstacle.kind() == PolicyWrites.Obstacle.Kind.WEAKER_WORKLOAD_POLICY) {
        return true;
      }
    }
    return !writes().obstacles().isEmpty()
        && modes().namespace(facts().name()).mode().mode() != MtlsMode.STRICT;
  }
}
