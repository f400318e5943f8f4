package io.mtlsmigration.hook;

import io.mtlsmigration.plan.PlanSpec;

/** Counts calls. */
public interface HookMeter {

  void called(PlanSpec.Hook.When when, Outcome outcome);

  /** How a call ended. */
  enum Outcome {
    /** 2xx. */
    ACCEPTED,
    /** 4xx. */
    REFUSED,
    /** Anything else, or no answer. */
    FAILED,
    /** It was not made: hooks may not lead there. */
    CLOSED
  }
}
