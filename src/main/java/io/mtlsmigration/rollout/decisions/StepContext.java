// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.decisions;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.LedgerEntry;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.plan.PolicyWrites;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.ProxySync;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.Words;
import io.mtlsmigration.rollout.WriteLedger;
import io.mtlsmigration.rollout.gates.GateContext;
import java.time.Instant;
import java.util.Optional;

/**
 * One step and everything that its decisions are based on.
 *
 * @param present false when the namespace does not exist (any more)
 * @param turn whether everything that comes before this step is settled: going forward, earlier
 *     waves; going back, the mesh step
 * @param seen whether the snapshot shows what this step wrote, or a later state
 * @param adopts whether a person's policy may be taken over: the plan says so, or a person has
 *     approved it
 * @param watchedSince since when this process has looked at the step without a pause, or a leap of
 *     its clock, that breaks a soak
 */
public record StepContext(
    GateContext context,
    boolean present,
    boolean turn,
    boolean seen,
    boolean adopts,
    Instant watchedSince) {

  public StepContext with(GateContext next) {
    return new StepContext(next, present, turn, seen, adopts, watchedSince);
  }

  PlanRecord plan() {
    return context.plan();
  }

  public StepRecord step() {
    return context.step();
  }

  public Instant now() {
    return context.now();
  }

  public MeshModes modes() {
    return context.observation().modes();
  }

  MeshSnapshot snapshot() {
    return modes().snapshot();
  }

  public NamespaceFacts facts() {
    return context.facts();
  }

  public PolicyWrites writes() {
    return context.writes();
  }

  boolean isMesh() {
    return context.isMesh();
  }

  public boolean manifest() {
    return plan().spec().apply() == PlanSpec.Apply.MANIFEST;
  }

  public boolean running() {
    return plan().phase() == PlanPhase.RUNNING;
  }

  /**
   * Returns whether a lock may begin: that of the mesh has no wave, and its gate {@code capture}
   * tells what comes before it, which a person may let pass.
   */
  public boolean begins() {
    return running() && (turn || isMesh());
  }

  boolean undoing() {
    return plan().undoing();
  }

  public boolean synced() {
    return context.sync() instanceof ProxySync.Status.Synced;
  }

  /** Returns whether the last write is in force, apart from policies that are rewritten next. */
  boolean syncedBut() {
    return context.sync() instanceof ProxySync.Status.Differs differs && differs.endsWith(writes());
  }

  /** Returns what a stored write still waits for before it is in force; empty when nothing. */
  String awaited() {
    return switch (context.sync()) {
      case ProxySync.Status.Synced() -> "";
      case ProxySync.Status.Lagging(var proxies) ->
          "waits for the proxies of " + Words.list(proxies);
      case ProxySync.Status.Differs differs -> differs.words();
      case ProxySync.Status.Unknown(var detail) ->
          "whether every proxy has it is not known: " + detail;
    };
  }

  /** Returns whether the last write was made since this phase began. */
  boolean wroteInThisPhase() {
    return !step().wrote().isEmpty();
  }

  /** Returns whether old connections from before the last write may still be open. */
  boolean draining() {
    Instant last = step().lastWrite();
    return last != null && now().isBefore(last.plus(context.limits().drain()));
  }

  /**
   * Returns whether connections may still be open from before the step's ports were opened, by
   * whoever did.
   */
  boolean settling() {
    return draining() || settling(step().openSince());
  }

  /**
   * Returns whether connections may still be open from before an instant. Time that this process
   * has not watched does not count: its clock may have leapt.
   */
  boolean settling(Instant since) {
    Instant begin = since.isAfter(watchedSince) ? since : watchedSince;
    return now().isBefore(begin.plus(context.limits().drain()));
  }

  /** Returns whether STRICT was written in this attempt, so that clients may be refused. */
  public boolean committed() {
    return step().wrote().contains(PolicyChange.Purpose.LOCK);
  }

  /** Returns whether STRICT is the mode of the step's scope, whoever wrote it. */
  public boolean strict() {
    MtlsMode mode =
        isMesh() ? modes().mesh().mode() : modes().namespace(facts().name()).mode().mode();
    return mode == MtlsMode.STRICT;
  }

  /** Returns the policy of the step's own scope by which it has its mode, if one decides. */
  Optional<PeerAuthentication> deciding() {
    return isMesh() ? modes().meshPolicy() : modes().namespace(facts().name()).namespacePolicy();
  }

  /** Returns a policy of this lock that somebody has changed since. Only meaningful when seen. */
  Optional<ObjectRef> changedByOthers() {
    return step().ledger().stream()
        .filter(entry -> entry.purpose() == PolicyChange.Purpose.LOCK)
        .filter(entry -> WriteLedger.changedSince(entry, snapshot()))
        .map(LedgerEntry::ref)
        .findFirst();
  }

  /** Returns whether a lock is missing. Only meaningful when the snapshot is fresh and seen. */
  boolean weak() {
    if (isMesh() || !strict()) {
      return !strict();
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
    return false;
  }

  /** Returns whether a policy of its scope cannot be read: it may open any port. */
  boolean unreadable() {
    return facts().unreadable().stream()
        .anyMatch(one -> one.ref().kind().equals("PeerAuthentication") && !one.wholeKind());
  }
}
