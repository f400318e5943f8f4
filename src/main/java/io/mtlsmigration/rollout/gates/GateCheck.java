// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.gates;

import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.Reason;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One gate: a pure function of the observation. */
interface GateCheck {

  Gate gate();

  GateResult evaluate(GateContext context);

  /**
   * Returns what the gate has found that does not pass, each in the same words at every evaluation:
   * who lets it pass has agreed to these. Empty when waiting, a hook or a person is all it asks
   * for.
   *
   * @param result the result of the same context
   */
  default Set<String> found(GateContext context, GateResult result) {
    return Set.of();
  }

  /**
   * Returns what the gate says of what it has not measured, beside what it has found; null where
   * that is nothing. Who lets the gate pass had that measured, or has agreed to it, too.
   *
   * @param result the result of the same context
   */
  default @Nullable GateResult unmeasured(GateContext context, GateResult result) {
    return null;
  }

  default GateResult pass(GateContext context, Reason reason, String message) {
    return result(context, GateResult.Result.PASS, reason, message, List.of());
  }

  default GateResult fail(
      GateContext context, Reason reason, String message, List<String> evidence) {
    return result(context, GateResult.Result.FAIL, reason, message, evidence);
  }

  default GateResult inconclusive(GateContext context, Reason reason, String message) {
    return result(context, GateResult.Result.INCONCLUSIVE, reason, message, List.of());
  }

  private GateResult result(
      GateContext context,
      GateResult.Result result,
      Reason reason,
      String message,
      List<String> evidence) {
    return new GateResult(gate(), result, reason, message, evidence, context.now());
  }
}
