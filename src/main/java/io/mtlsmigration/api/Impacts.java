package io.mtlsmigration.api;

import io.mtlsmigration.api.input.Paging;
import io.mtlsmigration.api.input.Query;
import io.mtlsmigration.api.view.ImpactView;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.plan.Impact;
import io.mtlsmigration.plan.ImpactStudy;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.rollout.Observations;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.StepKey;
import jakarta.inject.Singleton;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What-ifs: under a named plan, else the active one of the subject, else the defaults. */
@Singleton
final class Impacts {

  private static final String DEFAULTS = "defaults";

  private final Observations observations;
  private final RolloutLedger ledger;

  Impacts(Observations observations, RolloutLedger ledger) {
    this.observations = observations;
    this.ledger = ledger;
  }

  ImpactView namespace(String namespace, Query query) {
    MtlsMode asked = query.choice("mode", MtlsMode.class);
    if (asked == MtlsMode.UNSET) {
      query.wrong("mode", "WRONG_VALUE", "Expected is one of DISABLE, PERMISSIVE, STRICT");
    }
    Asked rest = Asked.of(query);
    Observation observation = observations.latest();
    Namespaces.required(observation, namespace);
    MtlsMode mode = asked == null ? MtlsMode.STRICT : asked;
    Optional<PlanRecord> plan = Standings.basis(ledger, rest.plan, namespace);
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
    return ImpactView.of(impact, mode, basis(plan), rest.breaking, rest.paging);
  }

  ImpactView mesh(Query query) {
    Asked asked = Asked.of(query);
    Observation observation = observations.latest();
    Optional<PlanRecord> plan = Standings.basis(ledger, asked.plan, StepKey.MESH.namespace());
    PlanSpec spec = plan.map(PlanRecord::spec).orElseGet(() -> defaults(PlanSpec.Target.MESH));
    Impact impact =
        ImpactStudy.mesh(
            observation.modes(),
            spec,
            observation.traffic(spec.gates().plaintextWindow()),
            observation.matrix());
    return ImpactView.of(impact, MtlsMode.STRICT, basis(plan), asked.breaking, asked.paging);
  }

  private record Asked(@Nullable String plan, boolean breaking, Paging paging) {
    static Asked of(Query query) {
      Asked asked = new Asked(query.text("plan"), query.flag("breaking"), query.paging());
      query.end();
      return asked;
    }
  }

  private static String basis(Optional<PlanRecord> plan) {
    return plan.map(PlanRecord::name).orElse(DEFAULTS);
  }

  static PlanSpec defaults(PlanSpec.Target target) {
    return PlanSpec.standard(DEFAULTS, target);
  }
}
