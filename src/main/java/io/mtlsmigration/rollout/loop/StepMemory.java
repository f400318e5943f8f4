package io.mtlsmigration.rollout.loop;

import io.mtlsmigration.mtls.NamespaceModes;
import io.mtlsmigration.plan.PolicyWrites;
import io.mtlsmigration.rollout.decisions.ReadBack;
import io.mtlsmigration.rollout.decisions.Verification;
import io.mtlsmigration.rollout.gates.GateContext;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the loop remembers of a step between ticks. Losing it costs time, never safety: a failure
 * has to be seen once more, a soak starts again.
 */
final class StepMemory {

  Verification.Suspicion suspicion = Verification.Suspicion.NONE;
  GateContext.Proof proof = GateContext.Proof.NONE;
  Instant provenAt = Instant.MIN;

  final ReadBack readBack = new ReadBack();

  /** Whether its health was another one than the record says when it was looked at last. */
  boolean turning;

  Instant examinedAt = Instant.MIN;

  /** The opening that every proxy has followed; null when none is known to be. */
  @Nullable Instant openFelt;

  /** Whether a proxy has not followed the latest opening, when that was asked last. */
  boolean openLags;

  private @Nullable Instant judgedAt;
  private @Nullable NamespaceModes modes;
  private long generation;
  private @Nullable PolicyWrites writes;

  /** Whether its gates were judged so shortly before that nothing can have slipped through. */
  boolean watched(Instant now, Duration gap) {
    return judgedAt != null && !judgedAt.plus(gap).isBefore(now);
  }

  void judged(Instant now) {
    judgedAt = now;
  }

  /** What was left to write, unless the namespace or the plan has changed since. */
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
