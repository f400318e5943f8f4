package io.mtlsmigration.rollout;

import io.mtlsmigration.plan.PlanSpec;
import java.time.Instant;
import java.util.List;

/**
 * Something that a hook is to be told and has not taken yet. It is kept with the step, saved
 * together with the change of phase that it is about, so that whoever leads next tells it.
 *
 * @param generation of the plan when it happened
 * @param phase that the step has entered
 * @param at when
 * @param objects what was written, or taken back
 * @param problem what went wrong with the first attempt that failed; empty while none has
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
    objects = List.copyOf(objects);
  }

  public HookNotice withProblem(String next) {
    return new HookNotice(id, hook, generation, phase, reason, message, at, objects, next);
  }
}
