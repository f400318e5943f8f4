package io.mtlsmigration.rollout;

import io.mtlsmigration.sandbox.MemoryLedger;
import io.mtlsmigration.testing.AroundLedger;
import io.mtlsmigration.testing.Halted;

/** Counts saves, and dies after one of them. */
final class TestLedger extends AroundLedger {

  int stepSaves;
  Runnable onStepSave = () -> {};
  private int saves;

  /** Dies right after this many saves; 0 = never. */
  int haltAfter;

  TestLedger() {
    super(new MemoryLedger());
  }

  @Override
  public PlanRecord save(PlanRecord plan) {
    PlanRecord saved = super.save(plan);
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

  int saves() {
    return saves;
  }

  private void saved() {
    saves++;
    if (saves == haltAfter) {
      throw new Halted("after save " + saves);
    }
  }
}
