// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import io.mtlsmigration.sandbox.MemoryLedger;
import io.mtlsmigration.testing.AroundLedger;
import io.mtlsmigration.testing.Halted;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Counts saves, and dies after one of them. */
public final class TestLedger extends AroundLedger {

  public int stepSaves;
  public Runnable onStepSave = () -> {};
  public Runnable onPlanSave = () -> {};
  private int saves;

  /** Dies right after this many saves; 0 = never. */
  public int haltAfter;

  /** Plans whose objects ask for something else than was accepted. */
  public final Set<String> edited = new HashSet<>();

  /** What is kept elsewhere has not come to be known here yet. */
  public UnaryOperator<PlanRecord> lag = UnaryOperator.identity();

  /** Whether what leaders before have left cannot be read. */
  public boolean openingsAway;

  public TestLedger() {
    super(new MemoryLedger());
  }

  @Override
  public Optional<PlanRecord> live(String name) {
    return super.plan(name).map(lag);
  }

  @Override
  public boolean startable(PlanRecord plan) {
    return !edited.contains(plan.name());
  }

  @Override
  public OpeningsRecord openings() {
    if (openingsAway) {
      throw new UnavailableException("the record of openings is away");
    }
    return super.openings();
  }

  @Override
  public PlanRecord save(PlanRecord plan) {
    PlanRecord saved = super.save(plan);
    onPlanSave.run();
    saved();
    return saved;
  }

  @Override
  public StepRecord save(StepRecord step) {
    StepRecord saved = super.save(step);
    onStepSave.run();
    stepSaves++;
    saved();
    return saved;
  }

  public int saves() {
    return saves;
  }

  private void saved() {
    saves++;
    if (saves == haltAfter) {
      throw new Halted("after save " + saves);
    }
  }
}
