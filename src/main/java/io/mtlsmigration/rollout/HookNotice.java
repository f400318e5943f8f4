// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import io.mtlsmigration.plan.PlanSpec;
import java.time.Instant;
import java.util.List;

/**
 * A message that a hook has not accepted yet. It is kept with the step and saved together with the
 * phase change that it is about, so that the next leader delivers it.
 *
 * @param generation the plan's generation when it happened
 * @param phase the phase that the step has entered
 * @param at the time of the phase change
 * @param objects the policies that were written or taken back
 * @param problem the error of the first failed attempt; empty while none has failed
 */
public record HookNotice(
    String id,
    PlanSpec.Hook hook,
    long generation,
    Phase phase,
    Reason reason,
    String message,
    Instant at,
    List<HookCall.Change> objects,
    String problem) {

  public HookNotice {
    message = SomeFacts.of(message);
    objects = List.copyOf(objects);
  }

  public HookNotice withProblem(String next) {
    return new HookNotice(id, hook, generation, phase, reason, message, at, objects, next);
  }
}
