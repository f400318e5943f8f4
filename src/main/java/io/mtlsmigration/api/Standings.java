package io.mtlsmigration.api;

import io.mtlsmigration.api.problem.ApiException;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
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

  private final RolloutLedger ledger;

  /** Who speaks first comes first. */
  private final List<PlanRecord> plans;

  /** A namespace's step in the plan that speaks for it. */
  record Standing(PlanRecord plan, StepRecord step) {}

  private Standings(RolloutLedger ledger, List<PlanRecord> plans) {
    this.ledger = ledger;
    this.plans = plans;
  }

  static Standings of(RolloutLedger ledger) {
    return new Standings(ledger, ledger.plans().stream().sorted(SPEAKS_LAST.reversed()).toList());
  }

  /** Of one namespace; {@code ""} stands for the mesh step. */
  private @Nullable Standing standing(String namespace) {
    StepKey key = namespace.isEmpty() ? StepKey.MESH : new StepKey(namespace);
    for (PlanRecord plan : plans) {
      StepRecord step = ledger.step(plan.name(), key).orElse(null);
      if (step != null) {
        return new Standing(plan, step);
      }
    }
    return null;
  }

  @Nullable Phase phase(String namespace) {
    Standing standing = standing(namespace);
    return standing == null ? null : standing.step().phase();
  }

  @Nullable String plan(String namespace) {
    Standing standing = standing(namespace);
    return standing == null ? null : standing.plan().name();
  }

  /** The active plan that has the namespace; {@code ""} stands for the mesh step. */
  Optional<PlanRecord> activePlan(String namespace) {
    return Optional.ofNullable(standing(namespace))
        .map(Standing::plan)
        .filter(plan -> ACTIVE.contains(plan.phase()));
  }

  /**
   * The plan that an answer about a namespace is based on: the one that is named, else the active
   * one; empty for the defaults.
   *
   * @throws ApiException 404 when there is no plan of that name
   */
  static Optional<PlanRecord> basis(
      RolloutLedger ledger, @Nullable String named, String namespace) {
    return named == null
        ? of(ledger).activePlan(namespace)
        : Optional.of(ledger.plan(named).orElseThrow(() -> ApiException.notFound("plan " + named)));
  }

  /** By namespace; {@code ""} stands for the mesh step. */
  Map<String, Standing> all() {
    Map<String, Standing> all = new HashMap<>();
    for (PlanRecord plan : plans) {
      for (StepRecord step : ledger.steps(plan.name())) {
        all.putIfAbsent(step.key().namespace(), new Standing(plan, step));
      }
    }
    return all;
  }

  /** The namespaces that are in a plan, by phase. */
  Map<Phase, Integer> byPhase() {
    Map<Phase, Integer> counts = new EnumMap<>(Phase.class);
    Set<String> spokenFor = new HashSet<>(); // by the plans before
    for (PlanRecord plan : plans) {
      boolean last = plan.name().equals(plans.getLast().name());
      for (StepRecord step : ledger.steps(plan.name())) {
        if (!step.key().isMesh() && !spokenFor.contains(step.key().namespace())) {
          counts.merge(step.phase(), 1, Integer::sum);
          if (!last) { // most often there is one plan
            spokenFor.add(step.key().namespace());
          }
        }
      }
    }
    return counts;
  }
}
