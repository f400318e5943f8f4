// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.decisions;

import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.rollout.Reason;
import java.util.Map;

/** The next action for a step, with its reason. A value: deciding has no effects. */
public sealed interface Decision {

  /** There is nothing to do, and nothing to report. */
  Stay WATCHING = new Stay(Reason.HOLDS, "");

  /** There is nothing to do; the message says what the step waits for. */
  record Stay(Reason reason, String message) implements Decision {}

  /** An event happened. */
  record Move(RolloutEvent event, Reason reason, String message, Map<String, String> evidence)
      implements Decision {
    public Move(RolloutEvent event, Reason reason, String message) {
      this(event, reason, message, Map.of());
    }
  }

  /** A write is to be made, followed by another look. */
  record Write(PolicyChange change) implements Decision {}
}
