// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.api.input.Paging;
import io.mtlsmigration.api.view.ImpactView;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.plan.Impact;
import io.mtlsmigration.plan.ImpactStudy;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PlanSpec.PolicyException;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.rollout.Observations;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.gates.ImpactHashes;
import jakarta.inject.Singleton;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.QueryParam;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.jspecify.annotations.Nullable;

/** What-ifs under a named plan, else under the subject's active plan, else under the defaults. */
@Singleton
final class Impacts {

  private static final String DEFAULTS = "defaults";

  /** The plan, and filters of flows. */
  public record Filter(
      @QueryParam("plan") @Parameter(description = "The plan whose exceptions count")
          @Nullable String plan,
      @QueryParam("breaking")
          @Parameter(description = "Only flows that break")
          @DefaultValue("false")
          boolean breaking) {}

  private final Observations observations;
  private final RolloutLedger ledger;

  Impacts(Observations observations, RolloutLedger ledger) {
    this.observations = observations;
    this.ledger = ledger;
  }

  ImpactView namespace(String namespace, @Nullable MtlsMode asked, Filter filter, Paging paging) {
    MtlsMode named = Namespaces.inForce(asked);
    Observation observation = observations.latest();
    Namespaces.required(observation, namespace);
    MtlsMode mode = named == null ? MtlsMode.STRICT : named;
    Optional<PlanRecord> plan = NamespacePlans.basis(ledger, filter.plan, namespace);
    PlanSpec spec =
        plan.map(PlanRecord::spec).orElseGet(() -> defaults(PlanSpec.Target.NAMESPACES));
    Impact impact =
        ImpactStudy.namespace(
            observation.modes(),
            namespace,
            mode,
            spec,
            observation.traffic(spec.gates().plaintextWindow()),
            observation.matrix());
    return ImpactView.of(shown(plan, impact), mode, basis(plan), filter.breaking, paging);
  }

  /**
   * Returns what is refused once an exception of the plan has ended, and its namespace is locked.
   */
  ImpactView ended(PlanRecord plan, PolicyException exception, Paging paging) {
    Observation observation = observations.latest();
    String namespace = exception.namespace();
    Namespaces.required(observation, namespace);
    PlanSpec without = plan.spec().without(exception);
    Impact impact =
        ImpactStudy.lockedAnew(
            observation.modes(),
            ledger
                .step(plan.name(), new StepKey(namespace))
                .map(StepRecord::ledger)
                .orElse(List.of()),
            namespace,
            without,
            observation.traffic(without.gates().plaintextWindow()),
            observation.matrix());
    return ImpactView.of(impact, MtlsMode.STRICT, plan.name(), false, paging);
  }

  ImpactView mesh(Filter filter, Paging paging) {
    Observation observation = observations.latest();
    Optional<PlanRecord> plan = NamespacePlans.basis(ledger, filter.plan, StepKey.MESH.namespace());
    PlanSpec spec = plan.map(PlanRecord::spec).orElseGet(() -> defaults(PlanSpec.Target.MESH));
    Impact impact =
        ImpactStudy.mesh(
            observation.modes(),
            spec,
            observation.traffic(spec.gates().plaintextWindow()),
            observation.matrix());
    return ImpactView.of(
        shown(plan, impact), MtlsMode.STRICT, basis(plan), filter.breaking, paging);
  }

  private static Impact shown(Optional<PlanRecord> plan, Impact impact) {
    return plan.map(known -> ImpactHashes.under(known, impact)).orElse(impact);
  }

  private static String basis(Optional<PlanRecord> plan) {
    return plan.map(PlanRecord::name).orElse(DEFAULTS);
  }

  static PlanSpec defaults(PlanSpec.Target target) {
    return PlanSpec.standard(DEFAULTS, target);
  }
}
