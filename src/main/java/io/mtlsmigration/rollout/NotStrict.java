package io.mtlsmigration.rollout;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Since when plaintext could be sent: STRICT refuses it, so that nobody is seen to send any. */
final class NotStrict {

  private NotStrict() {}

  /**
   * Since when the step's ports have not been STRICT, as far as its record tells: since its latest
   * write or way back, or since the phase was entered of a step that was locked before.
   */
  static Instant since(GateContext context) {
    StepRecord step = context.step();
    Instant latest = Instant.MIN;
    latest = later(latest, step.undoneAt());
    latest = later(latest, step.lastWrite());
    boolean waits = step.phase() == Phase.OBSERVING || step.phase() == Phase.BLOCKED;
    return waits && !step.ledger().isEmpty() ? later(latest, step.since()) : latest;
  }

  private static Instant later(Instant one, @Nullable Instant other) {
    return other != null && other.isAfter(one) ? other : one;
  }
}
