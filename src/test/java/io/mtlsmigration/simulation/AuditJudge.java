// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.simulation;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.rollout.DryRun;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.GateOverride;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.WriteIntent;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Judges dry runs: what they are said to have shown, where they are, and what is left of them. */
final class AuditJudge {

  private final Judge judge;
  private final World world;

  /** When a step's dry run passed. */
  private final Map<String, Long> passed = new HashMap<>();

  AuditJudge(Judge judge) {
    this.judge = judge;
    this.world = judge.world;
  }

  /** A step is about to be saved. */
  void saves(Replica replica, StepRecord step, @Nullable PlanRecord plan) {
    DryRun run = step.dryRun();
    if (run == null || plan == null) {
      return;
    }
    Optional<DryRun> held =
        world.book.step(step.plan(), step.key()).map(StepRecord::dryRun).filter(one -> one != null);
    String subject = step.key().namespace();
    if (run.passedAt() != null && held.map(DryRun::passedAt).isEmpty()) {
      passed.put(Judge.key(plan.name(), subject), judge.next());
      if (!replica.interrupted && !world.skewed) {
        whole(plan, subject, run);
      }
    }
    // What people ask within its tick races it, and is heeded by the next one.
    PlanRecord found = replica.found.getOrDefault(plan.name(), plan);
    if (run.there()
        && held.filter(DryRun::there).isEmpty()
        && (found.phase() != PlanPhase.RUNNING || step.phase() != Phase.AUDITING)) {
      judge.violated(
          "A_DRY_RUN_ONLY_WHILE_RUNNING",
          "the dry run of "
              + step.key()
              + " is placed while "
              + plan.name()
              + " is "
              + plan.phase()
              + ", and "
              + step.phase());
    }
  }

  /**
   * What passes has seen everybody who called in plaintext for as long as the plan asks, or tells
   * of whom a person let pass: whether a proxy counted or not, for silence of one that does not is
   * none. What is so new that no scrape has told of it does not count, nor what came just before a
   * pod ended.
   */
  private void whole(PlanRecord plan, String namespace, DryRun run) {
    Duration audit = plan.spec().gates().audit();
    Cluster.Namespace known = world.cluster.find(namespace);
    if (audit == null || known == null) {
      return;
    }
    world.counts.merge("dry runs passed", 1, Integer::sum);
    long now = world.now();
    world.calls().advance(now);
    for (Calls.Flow flow : world.calls().flows()) {
      Workload server = world.cluster.workload(flow.server);
      if (!flow.serverNamespace().equals(namespace)
          || server == null
          || run.refused().contains(flow.server + ":" + flow.port)
          || StepJudge.excepted(plan, server, flow.port)) {
        continue;
      }
      for (Calls.Stretch stretch : flow.stretches) {
        long from = Math.max(now - audit.toSeconds(), stretch.from());
        long last = flow.last(from, Math.min(now - WriteJudge.UNSEEN, stretch.to()));
        boolean meant =
            stretch.receivers().stream()
                .anyMatch(
                    receiver ->
                        receiver.dataPlane() == DataPlane.SIDECAR
                            && receiver.plaintext()
                            && !receiver.refused());
        if (last >= 0 && meant && !judge.lost(server, stretch, last)) {
          judge.violated(
              "A_DRY_RUN_IS_WHOLE",
              "the dry run of "
                  + namespace
                  + " by "
                  + plan.name()
                  + " refused nobody for "
                  + audit
                  + ", and "
                  + flow.client
                  + " called "
                  + flow.server
                  + ":"
                  + flow.port
                  + " at "
                  + Happening.time(last));
        }
      }
    }
  }

  /** A lock is about to be written: its plan asks for a dry run, and one has passed. */
  void locks(StepRecord step, PlanRecord plan, WriteIntent intent) {
    if (plan.spec().gates().audit() == null
        || step.key().isMesh()
        || intent.change().purpose() != PolicyChange.Purpose.LOCK) {
      return;
    }
    String key = Judge.key(plan.name(), step.key().namespace());
    if (!unmeasured(step) && passed.getOrDefault(key, -1L) < judge.ended.getOrDefault(key, 0L)) {
      judge.violated(
          "NO_LOCK_WITHOUT_ITS_DRY_RUN",
          step.key()
              + " of "
              + plan.name()
              + " is locked, and no dry run has passed in this attempt");
    }
  }

  /** Whether a person has agreed that no dry run is made, or that it ends early. */
  private static boolean unmeasured(StepRecord step) {
    GateResult gate = step.gate(Gate.AUDIT);
    return gate != null
        && gate.reason() == Reason.OVERRIDDEN
        && step.overrides().stream()
            .filter(one -> one.gates().contains(Gate.AUDIT))
            .map(one -> one.covers().getOrDefault(Gate.AUDIT, List.of()))
            .anyMatch(covered -> covered.contains(GateOverride.NOT_MEASURED));
  }

  /** Two days after everything has come to rest nothing is left of a dry run that is over. */
  void end() {
    for (String namespace : world.dryRuns.namespaces()) {
      DryRuns.Stored stored = world.dryRuns.stored(namespace);
      if (!stored.there() || !stored.marker().contains(":")) {
        continue;
      }
      String uid = stored.marker().split(":")[0];
      PlanRecord plan =
          world.book.plans().values().stream()
              .filter(one -> one.uid().equals(uid))
              .findFirst()
              .orElse(null);
      boolean runs =
          plan != null
              && (plan.phase() == PlanPhase.RUNNING || plan.phase() == PlanPhase.PAUSED)
              && world
                  .book
                  .step(plan.name(), new StepKey(namespace))
                  .filter(step -> step.phase() == Phase.AUDITING)
                  .isPresent();
      if (!runs) {
        judge.violated(
            "NOTHING_IS_LEFT_OF_A_DRY_RUN",
            "the dry run of "
                + namespace
                + " is there, of "
                + (plan == null ? "a plan that is deleted" : plan.name() + ", " + plan.phase()));
      }
    }
  }
}
