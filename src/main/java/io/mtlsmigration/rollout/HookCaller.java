package io.mtlsmigration.rollout;

import io.mtlsmigration.plan.PlanSpec;

/** Port: asks a plan's webhooks. */
public interface HookCaller {

  /** Where no hooks can be called: a plan that has some is held, one that has none is not. */
  HookCaller NOT_CONFIGURED =
      (hook, plan, key) -> new Answer.Pending("hooks are not configured in this service");

  /** Never throws for a hook that is down. */
  Answer ask(PlanSpec.Hook hook, String plan, StepKey key);

  /** Closed set: silence is not consent. */
  sealed interface Answer {
    /** It answered 2xx. */
    record Accepted() implements Answer {}

    /** It answered, and said no. */
    record Refused(String detail) implements Answer {}

    /** No answer. */
    record Pending(String detail) implements Answer {}
  }
}
