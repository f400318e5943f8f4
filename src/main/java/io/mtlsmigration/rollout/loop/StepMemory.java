// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.loop;

import io.mtlsmigration.mtls.NamespaceModes;
import io.mtlsmigration.plan.PolicyWrites;
import io.mtlsmigration.rollout.Limits;
import io.mtlsmigration.rollout.decisions.ReadBack;
import io.mtlsmigration.rollout.decisions.Verification;
import io.mtlsmigration.rollout.gates.GateContext;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The loop's memory of a step between ticks. Losing it costs time, never safety: a failure has to
 * be seen once more, a soak starts again.
 */
final class StepMemory {

  Verification.Suspicion suspicion = Verification.Suspicion.NONE;
  GateContext.Proof proof = GateContext.Proof.NONE;
  Instant provenAt = Instant.MIN;

  final ReadBack readBack = new ReadBack();

  /** True when its health differed from the record at the last look. */
  boolean turning;

  Instant examinedAt = Instant.MIN;

  /**
   * Whether silence begins anew for what the gates' last record says, and they were not judged
   * since.
   */
  boolean uncounted;

  /** The time when servers were last known to be watched, or not to be. */
  Instant measuredAt = Instant.MIN;

  /** By which reading that was. */
  Evidence.@Nullable Measured<NamespaceTraffic> measured;

  private Instant lookedAt = Instant.MIN;
  private Instant watchedSince = Instant.MIN;
  private @Nullable Instant judgedAt;
  private List<Object> judgedBy = List.of();
  private @Nullable NamespaceModes modes;
  private long generation;
  private @Nullable PolicyWrites writes;

  /**
   * Returns whether its gates were judged so recently that no change can have been missed, and by
   * the same terms.
   */
  boolean watched(Instant now, Duration gap, List<Object> terms) {
    return judgedAt != null && !Limits.old(judgedAt, gap, now) && judgedBy.equals(terms);
  }

  void judged(Instant now, List<Object> terms) {
    uncounted = false;
    judgedAt = now;
    judgedBy = terms;
  }

  /**
   * Records a look at the step.
   *
   * @param gap a longer time between two looks was not watched
   */
  void look(Instant now, Duration gap) {
    if (Limits.old(lookedAt, gap, now)) {
      watchedSince = now;
    }
    lookedAt = now;
  }

  /** Returns since when this process has looked at the step. */
  Instant watchedSince() {
    return watchedSince;
  }

  /** Returns the writes that were left, unless the namespace or the plan has changed since. */
  @Nullable PolicyWrites writes(NamespaceModes now, long ofGeneration) {
    return modes == now && generation == ofGeneration ? writes : null;
  }

  PolicyWrites remember(NamespaceModes now, long ofGeneration, PolicyWrites left) {
    modes = now;
    generation = ofGeneration;
    writes = left;
    return left;
  }
}
