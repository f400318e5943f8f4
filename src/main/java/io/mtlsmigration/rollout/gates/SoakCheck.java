// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.gates;

import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.Reason;
import java.time.Instant;

/** All other gates have held without a break for long enough. */
final class SoakCheck implements GateCheck {

  @Override
  public Gate gate() {
    return Gate.SOAK;
  }

  @Override
  public GateResult evaluate(GateContext context) {
    Instant held = context.step().heldSince();
    if (held == null) {
      return inconclusive(context, Reason.SOAKING, "starts when the other gates hold");
    }
    Instant enough = held.plus(context.spec().gates().soak());
    if (context.now().isBefore(enough)) {
      return inconclusive(
          context, Reason.SOAKING, "the other gates hold since " + held + "; enough at " + enough);
    }
    return pass(context, Reason.HOLDS, "the other gates have held without a break");
  }
}
