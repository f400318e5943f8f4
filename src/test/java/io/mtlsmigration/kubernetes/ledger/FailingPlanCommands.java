// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import io.mtlsmigration.plan.PlanReport;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.Problem;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.rollout.PlanAction;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.StepAction;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.commands.Overriding;
import io.mtlsmigration.rollout.commands.PlanCommands;
import io.mtlsmigration.rollout.commands.WindowChange;
import io.mtlsmigration.rollout.gates.NamespaceHolds;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A desk at which the process is killed right after it has carried a command out. */
final class FailingPlanCommands implements PlanCommands {

  private final PlanCommands commands;
  private final String plan;

  /** Where the process has been killed. */
  static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /**
   * @param plan whose commands end so; creates are not carried out
   */
  FailingPlanCommands(PlanCommands commands, String plan) {
    this.commands = commands;
    this.plan = plan;
  }

  private <T> T after(String name, T done) {
    if (name.equals(plan)) {
      throw new Killed();
    }
    return done;
  }

  @Override
  public PlanReport preview(PlanSpec spec) {
    return commands.preview(spec);
  }

  @Override
  public PlanReport preview(
      String name, PlanSpec spec, String expectedVersion, boolean overrides, Overriding caller) {
    return commands.preview(name, spec, expectedVersion, overrides, caller);
  }

  @Override
  public List<Problem> belowLeast(PlanSpec spec) {
    return commands.belowLeast(spec);
  }

  @Override
  public void startAccepted() {
    commands.startAccepted();
  }

  @Override
  public PlanRecord create(PlanSpec spec, String actor, boolean overrides) {
    after(spec.name(), true);
    return commands.create(spec, actor, overrides);
  }

  @Override
  public PlanRecord replace(
      String name,
      PlanSpec spec,
      String expectedVersion,
      String actor,
      boolean overrides,
      Overriding caller) {
    return after(name, commands.replace(name, spec, expectedVersion, actor, overrides, caller));
  }

  @Override
  public void delete(String name, String expectedVersion, boolean keepPolicies, String actor) {
    commands.delete(name, expectedVersion, keepPolicies, actor);
  }

  @Override
  public PlanRecord act(
      String name, PlanAction action, String expectedVersion, String actor, Overriding caller) {
    return after(name, commands.act(name, action, expectedVersion, actor, caller));
  }

  @Override
  public StepRecord act(
      String name,
      StepKey key,
      StepAction action,
      String comment,
      String expectedVersion,
      String actor,
      Overriding caller) {
    return commands.act(name, key, action, comment, expectedVersion, actor, caller);
  }

  @Override
  public PlanRecord approve(
      String name,
      String subject,
      String impactHash,
      String comment,
      String expectedVersion,
      String actor) {
    return after(
        name, commands.approve(name, subject, impactHash, comment, expectedVersion, actor));
  }

  @Override
  public StepRecord override(
      String name,
      StepKey key,
      Set<Gate> gates,
      String comment,
      String expectedVersion,
      String actor) {
    return commands.override(name, key, gates, comment, expectedVersion, actor);
  }

  @Override
  public PlanRecord addException(
      String name,
      PlanSpec.PolicyException exception,
      String expectedVersion,
      String actor,
      Overriding caller) {
    return after(name, commands.addException(name, exception, expectedVersion, actor, caller));
  }

  @Override
  public PlanRecord changeException(
      String name, PlanSpec.PolicyException exception, String expectedVersion, String actor) {
    return after(name, commands.changeException(name, exception, expectedVersion, actor));
  }

  @Override
  public PlanRecord removeException(String name, String id, String version, String actor) {
    return after(name, commands.removeException(name, id, version, actor));
  }

  @Override
  public Optional<String> hindrance(PlanRecord plan, PlanSpec.PolicyException exception) {
    return commands.hindrance(plan, exception);
  }

  @Override
  public PlanRecord ignore(
      String name,
      PlanSpec.IgnoredClient client,
      String comment,
      String expectedVersion,
      String actor) {
    return commands.ignore(name, client, comment, expectedVersion, actor);
  }

  @Override
  public PlanRecord heed(String name, String id, String expectedVersion, String actor) {
    return after(name, commands.heed(name, id, expectedVersion, actor));
  }

  @Override
  public PlanRecord changeWindows(
      String name, WindowChange change, String expectedVersion, String actor, Overriding caller) {
    return after(name, commands.changeWindows(name, change, expectedVersion, actor, caller));
  }

  @Override
  public List<PlanAction> allowedActions(PlanRecord record) {
    return commands.allowedActions(record);
  }

  @Override
  public List<StepAction> allowedActions(PlanRecord record, StepRecord step) {
    return commands.allowedActions(record, step);
  }

  @Override
  public List<Waiting> waitingOn(PlanRecord record) {
    return commands.waitingOn(record);
  }

  @Override
  public Progress progress(PlanRecord record) {
    return commands.progress(record);
  }

  @Override
  public Optional<String> conflict(PlanRecord record) {
    return commands.conflict(record);
  }

  @Override
  public List<Awaited> awaited(PlanRecord record) {
    return commands.awaited(record);
  }

  @Override
  public Readiness readiness(String namespace, PlanRecord record) {
    return commands.readiness(namespace, record);
  }

  @Override
  public List<NamespaceHolds> holds(Observation observation) {
    return commands.holds(observation);
  }
}
