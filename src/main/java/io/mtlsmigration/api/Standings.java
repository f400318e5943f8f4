package io.mtlsmigration.api;

import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.StepRecord;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which plan speaks for which namespace: the active one, else the one that was started last. Plans
 * that were never started have no steps and speak for nobody.
 */
final class Standings {

  private static final Set<PlanPhase> ACTIVE = Set.of(PlanPhase.RUNNING, PlanPhase.PAUSED);

  private static final Comparator<PlanRecord> SPEAKS_LAST =
      Comparator.comparing((PlanRecord plan) -> ACTIVE.contains(plan.phase()))
          .thenComparing(PlanRecord::startedAt, Comparator.nullsFirst(Comparator.naturalOrder()));

  private final Map<String, Standing> byNamespace = new HashMap<>();

  /** A namespace's step in the plan that speaks for it. */
  record Standing(PlanRecord plan, StepRecord step) {}

  private Standings() {}

  static Standings of(RolloutLedger ledger) {
    Standings standings = new Standings();
    List<PlanRecord> plans = ledger.plans().stream().sorted(SPEAKS_LAST).toList();
    for (PlanRecord plan : plans) {
      for (StepRecord step : ledger.steps(plan.name())) {
        standings.byNamespace.put(step.key().namespace(), new Standing(plan, step));
      }
    }
    return standings;
  }

  @Nullable Phase phase(String namespace) {
    Standing standing = byNamespace.get(namespace);
    return standing == null ? null : standing.step().phase();
  }

  @Nullable String plan(String namespace) {
    Standing standing = byNamespace.get(namespace);
    return standing == null ? null : standing.plan().name();
  }

  /** The active plan that has the namespace; {@code ""} stands for the mesh step. */
  Optional<PlanRecord> activePlan(String namespace) {
    return Optional.ofNullable(byNamespace.get(namespace))
        .map(Standing::plan)
        .filter(plan -> ACTIVE.contains(plan.phase()));
  }

  /** The namespaces that are in a plan, by phase. */
  Map<Phase, Integer> byPhase() {
    Map<Phase, Integer> counts = new HashMap<>();
    byNamespace.forEach(
        (namespace, standing) -> {
          if (!namespace.isEmpty()) {
            counts.merge(standing.step().phase(), 1, Integer::sum);
          }
        });
    return counts;
  }
}
