package io.mtlsmigration.rollout.decisions;

import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.rollout.Reason;
import java.util.Map;

/** What to do with a step, and why. A value: deciding does nothing. */
public sealed interface Decision {

  /** Nothing to do, and nothing to say of it. */
  Stay WATCHING = new Stay(Reason.HOLDS, "");

  /** Nothing to do; what it waits for. */
  record Stay(Reason reason, String message) implements Decision {}

  /** Something happened. */
  record Move(RolloutEvent event, Reason reason, String message, Map<String, String> evidence)
      implements Decision {
    public Move(RolloutEvent event, Reason reason, String message) {
      this(event, reason, message, Map.of());
    }
  }

  /** Make this write, then look again. */
  record Write(PolicyChange change) implements Decision {}
}
