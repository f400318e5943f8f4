// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import io.mtlsmigration.plan.PlanLimits;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.rollout.Limits;
import io.mtlsmigration.rollout.PlanAction;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.commands.Overriding;
import io.mtlsmigration.rollout.commands.PlanCommands;
import java.util.function.Consumer;

/** Commands right before or after which something happens. */
final class InterceptedPlanCommands extends PlanCommands {

  private final Consumer<String> before;
  private final Consumer<String> after;

  /** Where the process has been killed. */
  static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private InterceptedPlanCommands(
      KubectlStage stage, Consumer<String> before, Consumer<String> after) {
    super(stage.ledger, () -> stage.mesh, stage.clock, Limits.DEFAULT, PlanLimits.SANDBOX);
    this.before = before;
    this.after = after;
  }

  /**
   * The process is killed right after it has carried a command out.
   *
   * @param plan whose commands end so; creates are not carried out
   */
  static PlanCommands killed(KubectlStage stage, String plan) {
    return new InterceptedPlanCommands(
        stage,
        command -> {},
        name -> {
          if (name.equals(plan)) {
            throw new Killed();
          }
        });
  }

  /** Something happens right before the first command of that name. */
  static PlanCommands behind(KubectlStage stage, String command, Runnable meanwhile) {
    Runnable[] once = {meanwhile};
    return new InterceptedPlanCommands(
        stage,
        called -> {
          if (called.equals(command)) {
            Runnable first = once[0];
            once[0] = () -> {};
            first.run();
          }
        },
        name -> {});
  }

  @Override
  public PlanRecord create(PlanSpec spec, String actor, boolean overrides) {
    after.accept(spec.name());
    return super.create(spec, actor, overrides);
  }

  @Override
  public PlanRecord replace(
      String name,
      PlanSpec spec,
      String expectedVersion,
      String actor,
      boolean overrides,
      Overriding caller) {
    PlanRecord replaced = super.replace(name, spec, expectedVersion, actor, overrides, caller);
    after.accept(name);
    return replaced;
  }

  @Override
  public PlanRecord act(
      String name, PlanAction action, String expectedVersion, String actor, Overriding caller) {
    before.accept("act");
    PlanRecord acted = super.act(name, action, expectedVersion, actor, caller);
    after.accept(name);
    return acted;
  }

  @Override
  public PlanRecord approve(
      String name,
      String subject,
      String impactHash,
      String comment,
      String expectedVersion,
      String actor) {
    before.accept("approve");
    PlanRecord approved = super.approve(name, subject, impactHash, comment, expectedVersion, actor);
    after.accept(name);
    return approved;
  }
}
