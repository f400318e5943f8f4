// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Selects the plan that owns a namespace that is in several: the active one, else the one that was
 * started last. Plans that were never started have no steps and own nothing.
 */
public final class OwningPlan {

  private static final Set<PlanPhase> ACTIVE = Set.of(PlanPhase.RUNNING, PlanPhase.PAUSED);

  private static final Comparator<PlanRecord> SPEAKS_LAST =
      Comparator.comparing(OwningPlan::active)
          .thenComparing(PlanRecord::startedAt, Comparator.nullsFirst(Comparator.naturalOrder()));

  private OwningPlan() {}

  public static boolean active(PlanRecord plan) {
    return ACTIVE.contains(plan.phase());
  }

  /**
   * Returns whether the plan still tells where the step's namespace is. One that was undone neither
   * wants nor watches what it has found STRICT: that may have been opened since.
   */
  public static boolean speaks(PlanRecord plan, StepRecord step) {
    boolean claims = step.phase() == Phase.LOCKED || step.phase() == Phase.DRIFTED;
    return !claims || !plan.undone();
  }

  /** Returns the plans in order of precedence. */
  public static List<PlanRecord> of(RolloutLedger ledger) {
    return ledger.plans().stream().sorted(SPEAKS_LAST.reversed()).toList();
  }

  /** Returns the number of namespaces in a plan by phase; mesh steps are not counted. */
  public static Map<Phase, Integer> byPhase(RolloutLedger ledger) {
    EnumCounts<Phase> counts = new EnumCounts<>(Phase.class);
    List<PlanRecord> plans = of(ledger);
    Set<StepKey> spokenFor = new HashSet<>(); // by earlier plans in the list
    for (PlanRecord plan : plans) {
      boolean last = plan.name().equals(plans.getLast().name());
      for (StepRecord step : ledger.readable(plan.name()).read()) {
        if (!step.key().isMesh() && !spokenFor.contains(step.key()) && speaks(plan, step)) {
          counts.count(step.phase());
          if (!last) { // usually there is only one plan, and it may have ten thousand steps
            spokenFor.add(step.key());
          }
        }
      }
    }
    return counts.map();
  }
}
