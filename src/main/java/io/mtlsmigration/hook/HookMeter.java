// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hook;

import io.mtlsmigration.plan.PlanSpec;

/** Counts calls. */
public interface HookMeter {

  void called(PlanSpec.Hook.When when, Outcome outcome);

  /** The outcome of a call. */
  enum Outcome {
    /** 2xx. */
    ACCEPTED,
    /** 4xx. */
    REFUSED,
    /** Anything else, or no answer. */
    FAILED,
    /** The call was not made: hooks may not call that address. */
    CLOSED
  }
}
