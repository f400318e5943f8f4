package io.mtlsmigration.rollout;

import io.mtlsmigration.mtls.NamespaceModes;
import io.mtlsmigration.plan.PolicyWrites;
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

  /** Whether a person has agreed to the takeover that the latest writes need. */
  boolean adopts;

  private @Nullable NamespaceModes modes;
  private long generation;
  private @Nullable PolicyWrites writes;

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
