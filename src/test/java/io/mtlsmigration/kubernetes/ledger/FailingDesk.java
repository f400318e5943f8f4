package io.mtlsmigration.kubernetes.ledger;

import io.mtlsmigration.plan.PlanReport;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.Problem;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.NamespaceHolds;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.rollout.PlanAction;
import io.mtlsmigration.rollout.PlanDesk;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.StepAction;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A desk at which the process is killed right after it has carried a command out. */
final class FailingDesk implements PlanDesk {

  private final PlanDesk desk;
  private final String plan;

  /** Where the process has been killed. */
  static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /**
   * @param plan whose commands end so; creates are not carried out
   */
  FailingDesk(PlanDesk desk, String plan) {
    this.desk = desk;
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
    return desk.preview(spec);
  }

  @Override
  public List<Problem> belowLeast(PlanSpec spec) {
    return desk.belowLeast(spec);
  }

  @Override
  public PlanRecord create(PlanSpec spec, String actor, boolean overrides) {
    after(spec.name(), true);
    return desk.create(spec, actor, overrides);
  }

  @Override
  public PlanRecord replace(
      String name, PlanSpec spec, String expectedVersion, String actor, boolean overrides) {
    return after(name, desk.replace(name, spec, expectedVersion, actor, overrides));
  }

  @Override
  public void delete(String name, String expectedVersion, boolean keepPolicies, String actor) {
    desk.delete(name, expectedVersion, keepPolicies, actor);
  }

  @Override
  public PlanRecord act(String name, PlanAction action, String expectedVersion, String actor) {
    return after(name, desk.act(name, action, expectedVersion, actor));
  }

  @Override
  public StepRecord act(
      String name,
      StepKey key,
      StepAction action,
      String comment,
      String expectedVersion,
      String actor) {
    return desk.act(name, key, action, comment, expectedVersion, actor);
  }

  @Override
  public PlanRecord approve(
      String name,
      String subject,
      String impactHash,
      String comment,
      String expectedVersion,
      String actor) {
    return after(name, desk.approve(name, subject, impactHash, comment, expectedVersion, actor));
  }

  @Override
  public StepRecord override(
      String name,
      StepKey key,
      Set<Gate> gates,
      String comment,
      String expectedVersion,
      String actor) {
    return desk.override(name, key, gates, comment, expectedVersion, actor);
  }

  @Override
  public PlanRecord ignore(
      String name,
      PlanSpec.IgnoredClient client,
      String comment,
      String expectedVersion,
      String actor) {
    return desk.ignore(name, client, comment, expectedVersion, actor);
  }

  @Override
  public List<PlanAction> allowedActions(PlanRecord record) {
    return desk.allowedActions(record);
  }

  @Override
  public List<StepAction> allowedActions(PlanRecord record, StepRecord step) {
    return desk.allowedActions(record, step);
  }

  @Override
  public List<Waiting> waitingOn(PlanRecord record) {
    return desk.waitingOn(record);
  }

  @Override
  public Progress progress(PlanRecord record) {
    return desk.progress(record);
  }

  @Override
  public Optional<String> conflict(PlanRecord record) {
    return desk.conflict(record);
  }

  @Override
  public List<Awaited> awaited(PlanRecord record) {
    return desk.awaited(record);
  }

  @Override
  public Readiness readiness(String namespace, PlanRecord record) {
    return desk.readiness(namespace, record);
  }

  @Override
  public List<NamespaceHolds> holds(Observation observation) {
    return desk.holds(observation);
  }
}
