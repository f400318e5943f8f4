// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import io.mtlsmigration.plan.PlanLimits;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.rollout.commands.Overriding;
import io.mtlsmigration.rollout.commands.PlanCommands;
import java.time.Clock;
import java.util.Set;
import java.util.function.Supplier;

/** Commands on whatever version there is, of callers who are not asked. */
public final class ShortCommands extends PlanCommands {

  public ShortCommands(
      RolloutLedger ledger,
      Supplier<Observation> observations,
      Clock clock,
      Limits limits,
      PlanLimits planLimits) {
    super(ledger, observations, clock, limits, planLimits);
  }

  public StepRecord act(String name, StepKey key, StepAction action, String comment, String actor) {
    return act(name, key, action, comment, null, actor, Overriding.NOT_ASKED);
  }

  public PlanRecord approve(
      String name, String subject, String impactHash, String comment, String actor) {
    return approve(name, subject, impactHash, comment, null, actor);
  }

  public StepRecord override(
      String name, StepKey key, Set<Gate> gates, String comment, String actor) {
    return override(name, key, gates, comment, false, null, actor);
  }

  public PlanRecord addException(
      String name, PlanSpec.PolicyException exception, String expectedVersion, String actor) {
    return addException(name, exception, expectedVersion, actor, Overriding.NOT_ASKED);
  }
}
