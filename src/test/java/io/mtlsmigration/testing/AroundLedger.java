// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.testing;

import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.OpeningsRecord;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Hands everything on to a ledger, so that a test can put in between what goes wrong. */
public abstract class AroundLedger implements RolloutLedger {

  private final RolloutLedger kept;

  protected AroundLedger(RolloutLedger kept) {
    this.kept = kept;
  }

  @Override
  public List<PlanRecord> plans() {
    return kept.plans();
  }

  @Override
  public Optional<PlanRecord> plan(String name) {
    return kept.plan(name);
  }

  @Override
  public List<String> faults() {
    return kept.faults();
  }

  @Override
  public Optional<PlanRecord> live(String name) {
    return kept.live(name);
  }

  @Override
  public Optional<StepRecord> live(String plan, StepKey key) {
    return kept.live(plan, key);
  }

  @Override
  public boolean unanswered(PlanRecord plan) {
    return kept.unanswered(plan);
  }

  @Override
  public PlanRecord save(PlanRecord plan) {
    return kept.save(plan);
  }

  @Override
  public void delete(String plan, String version) {
    kept.delete(plan, version);
  }

  @Override
  public List<StepRecord> steps(String plan) {
    return kept.steps(plan);
  }

  @Override
  public Optional<StepRecord> step(String plan, StepKey key) {
    return kept.step(plan, key);
  }

  @Override
  public StepRecord save(StepRecord step) {
    return kept.save(step);
  }

  @Override
  public OpeningsRecord openings() {
    return kept.openings();
  }

  @Override
  public OpeningsRecord save(OpeningsRecord openings) {
    return kept.save(openings);
  }

  @Override
  public OpeningsRecord recentOpenings(Instant now) {
    return kept.recentOpenings(now);
  }

  @Override
  public Event append(Event event) {
    return kept.append(event);
  }

  @Override
  public long lastEvent() {
    return kept.lastEvent();
  }

  @Override
  public List<Event> events(String plan) {
    return kept.events(plan);
  }

  @Override
  public AutoCloseable subscribe(Consumer<Event> listener) {
    return kept.subscribe(listener);
  }
}
