// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.gates;

import io.mtlsmigration.plan.ChangeWindow;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.Reason;
import java.time.Instant;
import java.util.List;

/** A change window is open. */
final class WindowCheck implements GateCheck {

  @Override
  public Gate gate() {
    return Gate.WINDOW;
  }

  @Override
  public GateResult evaluate(GateContext context) {
    List<ChangeWindow> windows = context.spec().gates().changeWindows();
    if (windows.isEmpty()) {
      return pass(context, Reason.NOT_ASKED_FOR, "the plan names no change windows");
    }
    Instant now = context.now();
    Instant next = Instant.MAX;
    for (ChangeWindow window : windows) {
      if (window.contains(now)) {
        return pass(context, Reason.HOLDS, "a change window is open");
      }
      Instant opens = window.nextOpening(now);
      next = opens.isBefore(next) ? opens : next;
    }
    return fail(
        context,
        Reason.OUTSIDE_CHANGE_WINDOW,
        "no change window is open; the next one opens at " + next,
        List.of("opens at " + next));
  }
}
