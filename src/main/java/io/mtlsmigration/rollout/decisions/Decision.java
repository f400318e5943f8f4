// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.decisions;

import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.rollout.Reason;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The next action for a step, with its reason. A value: deciding has no effects. */
public sealed interface Decision {

  /** There is nothing to do, and nothing to report. */
  Stay WATCHING = new Stay("");

  /** There is nothing to do; the message says what the step waits for. */
  record Stay(String message) implements Decision {}

  /** There is nothing to do; what was found is told once, and said for as long as it is so. */
  record Found(Reason reason, String message) implements Decision {}

  /**
   * An event happened.
   *
   * @param until the new end of an extended verification; null for every other event
   */
  record Move(
      RolloutEvent event,
      Reason reason,
      String message,
      Map<String, String> evidence,
      @Nullable Instant until)
      implements Decision {
    public Move(RolloutEvent event, Reason reason, String message, Map<String, String> evidence) {
      this(event, reason, message, evidence, null);
    }

    public Move(RolloutEvent event, Reason reason, String message) {
      this(event, reason, message, Map.of());
    }
  }

  /** A write is to be made, followed by another look. */
  record Write(PolicyChange change) implements Decision {}
}
