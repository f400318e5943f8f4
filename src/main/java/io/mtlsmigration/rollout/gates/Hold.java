// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.gates;

import io.mtlsmigration.hazard.Finding;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Unreadable;
import io.mtlsmigration.plan.PolicyWrites.Obstacle;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.StepAction;
import io.mtlsmigration.traffic.Edge;
import java.time.Instant;
import java.util.List;

/**
 * One fact that holds a step and needs an action by somebody. Conditions that time alone resolves
 * (soak, a window, a watch that is too short) are not holds.
 */
public sealed interface Hold {

  /** A client that was seen to send plaintext, not covered by an exception. */
  record Plaintext(Edge edge) implements Hold {

    /** Returns the text that the gate gives as evidence. */
    public String evidence() {
      return edge.client().id()
          + " to "
          + edge.server().id()
          + (edge.port() == 0 ? "" : ":" + edge.port())
          + " ("
          + edge.protocol()
          + "), "
          + edge.count()
          + " within the window"
          + (edge.open() == 0 ? "" : ", " + edge.open() + " of them open now")
          + ", last at "
          + edge.lastSeen()
          + ", says "
          + edge.source();
    }
  }

  /** A hazard that breaks a client, not covered by an exception. */
  record Hazard(Finding finding) implements Hold {}

  /**
   * A port that was probed by HTTP because nothing tells its protocol, and that gave no answer in
   * HTTP.
   *
   * @param probe the text that the gate gives as evidence
   */
  record GuessedPort(ObjectRef service, int port, String probe) implements Hold {}

  /** An object that could not be read, so that its effect is unknown. */
  record Unread(Unreadable object) implements Hold {}

  /** A pod without a proxy behind a Service. */
  record Uncaptured(Pod pod) implements Hold {}

  /** An obstacle to writing the policy. */
  record Policy(Obstacle obstacle) implements Hold {}

  /** Any other gate that does not pass, in its own words. */
  record Judged(GateResult result) implements Hold {}

  /**
   * An approval that the step waits for.
   *
   * @param wave the wave, where waves are approved; empty for the step alone
   */
  record Consent(String wave) implements Hold {}

  /**
   * A step that only a person can continue.
   *
   * @param allowed the actions that the person may request
   */
  record Decision(String message, Instant since, List<StepAction> allowed) implements Hold {
    public Decision {
      allowed = List.copyOf(allowed);
    }
  }
}
