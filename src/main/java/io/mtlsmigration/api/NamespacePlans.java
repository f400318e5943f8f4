// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.api.problem.ApiException;
import io.mtlsmigration.rollout.OwningPlan;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The plan and step that speak for each namespace ({@link OwningPlan}). */
final class NamespacePlans {

  private final RolloutLedger ledger;

  /** In order of precedence. */
  private final List<PlanRecord> plans;

  /** A namespace's step in the plan that speaks for it. */
  record OwningStep(PlanRecord plan, StepRecord step) {}

  private NamespacePlans(RolloutLedger ledger, List<PlanRecord> plans) {
    this.ledger = ledger;
    this.plans = plans;
  }

  static NamespacePlans of(RolloutLedger ledger) {
    return new NamespacePlans(ledger, OwningPlan.of(ledger));
  }

  /** Returns the step of one namespace; {@code ""} stands for the mesh step. */
  private @Nullable OwningStep standing(String namespace) {
    StepKey key = namespace.isEmpty() ? StepKey.MESH : new StepKey(namespace);
    for (PlanRecord plan : plans) {
      StepRecord step = ledger.step(plan.name(), key).orElse(null);
      if (step != null && OwningPlan.speaks(plan, step)) {
        return new OwningStep(plan, step);
      }
    }
    return null;
  }

  @Nullable Phase phase(String namespace) {
    OwningStep standing = standing(namespace);
    return standing == null ? null : standing.step().phase();
  }

  @Nullable String plan(String namespace) {
    OwningStep standing = standing(namespace);
    return standing == null ? null : standing.plan().name();
  }

  /** Returns the active plan of the namespace; {@code ""} stands for the mesh step. */
  Optional<PlanRecord> activePlan(String namespace) {
    return Optional.ofNullable(standing(namespace))
        .map(OwningStep::plan)
        .filter(OwningPlan::active);
  }

  /**
   * Returns the plan that an answer about a namespace is based on: the named one, else the active
   * one; empty for the defaults.
   *
   * @throws ApiException 404 when there is no plan of that name
   */
  static Optional<PlanRecord> basis(
      RolloutLedger ledger, @Nullable String named, String namespace) {
    return named == null
        ? of(ledger).activePlan(namespace)
        : Optional.of(ledger.seek(named).orElseThrow(() -> ApiException.notFound("plan " + named)));
  }

  /** Returns the steps by namespace; {@code ""} stands for the mesh step. */
  Map<String, OwningStep> all() {
    Map<String, OwningStep> all = new HashMap<>();
    for (PlanRecord plan : plans) {
      for (StepRecord step : ledger.steps(plan.name())) {
        if (OwningPlan.speaks(plan, step)) {
          all.putIfAbsent(step.key().namespace(), new OwningStep(plan, step));
        }
      }
    }
    return all;
  }
}
