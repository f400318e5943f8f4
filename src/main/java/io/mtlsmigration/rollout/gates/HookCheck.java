// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.gates;

import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.HookCaller;
import io.mtlsmigration.rollout.Reason;
import java.util.List;

/** The plan's webhooks agree. */
public final class HookCheck implements GateCheck {

  @Override
  public Gate gate() {
    return Gate.HOOKS;
  }

  @Override
  public GateResult evaluate(GateContext context) {
    if (before(context.spec()).isEmpty()) {
      return pass(context, Reason.NOT_ASKED_FOR, "the plan names no hook before the lock");
    }
    HookCaller.Answer answer = context.proof().hook();
    if (answer == null) {
      return inconclusive(
          context, Reason.HOOK_PENDING, "the hooks are asked when all other gates hold");
    }
    return switch (answer) {
      case HookCaller.Answer.Accepted() -> pass(context, Reason.HOLDS, "every hook agrees");
      case HookCaller.Answer.Refused(var detail) ->
          fail(context, Reason.HOOK_REFUSED, "a hook refuses: " + detail, List.of(detail));
      case HookCaller.Answer.Pending(var detail) ->
          inconclusive(context, Reason.HOOK_PENDING, "a hook has not agreed: " + detail);
    };
  }

  public static List<PlanSpec.Hook> before(PlanSpec spec) {
    List<PlanSpec.Hook> hooks = spec.gates().hooks();
    return hooks.isEmpty()
        ? hooks
        : hooks.stream().filter(h -> h.when() == PlanSpec.Hook.When.BEFORE_LOCK).toList();
  }
}
