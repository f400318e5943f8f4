package io.mtlsmigration.rollout.gates;

import io.mtlsmigration.hazard.Finding;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Unreadable;
import io.mtlsmigration.plan.PolicyWrites.Obstacle;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.StepAction;
import io.mtlsmigration.traffic.Edge;
import java.time.Instant;
import java.util.List;

/**
 * One fact for which a step is not further, that somebody has to act on. What time alone mends
 * (soak, a window, a watch that is too short) is none.
 */
public sealed interface Hold {

  /** A client that was seen to send plaintext, which no exception covers. */
  record Plaintext(Edge edge) implements Hold {

    /** As the gate gives it in evidence. */
    public String evidence() {
      return PlaintextCheck.describe(edge);
    }
  }

  /** A hazard that breaks somebody, which no exception covers. */
  record Hazard(Finding finding) implements Hold {}

  /** An object that nobody could read, so that nobody knows what it governs. */
  record Unread(Unreadable object) implements Hold {}

  /** A pod without a proxy behind a Service. */
  record Uncaptured(Pod pod) implements Hold {}

  /** What keeps the policy from being written. */
  record Policy(Obstacle obstacle) implements Hold {}

  /** Any other gate that does not pass, in its own words. */
  record Judged(GateResult result) implements Hold {}

  /**
   * A consent that is asked for.
   *
   * @param wave of the plan, where a wave is approved; empty for the step alone
   */
  record Consent(String wave) implements Hold {}

  /**
   * A step that goes on only by a person.
   *
   * @param allowed what the person may ask for
   */
  record Decision(Reason reason, String message, Instant since, List<StepAction> allowed)
      implements Hold {
    public Decision {
      allowed = List.copyOf(allowed);
    }
  }
}
