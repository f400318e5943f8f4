package io.mtlsmigration.api;

import io.mtlsmigration.api.problem.ApiException;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.SpeakingPlans;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the plan that speaks for a namespace says of it ({@link SpeakingPlans}). */
final class Standings {

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
    return new Standings(ledger, SpeakingPlans.of(ledger));
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
        .filter(SpeakingPlans::active);
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
}
