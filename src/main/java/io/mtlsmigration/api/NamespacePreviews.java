// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.AuthorizationDrafts.Outlook;
import io.mtlsmigration.plan.Planner;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import java.util.EnumSet;
import java.util.Set;

/** Previews of a namespace under a plan. */
final class NamespacePreviews {

  private static final Set<PlanPhase> GOES_ON =
      EnumSet.of(PlanPhase.DRAFT, PlanPhase.RUNNING, PlanPhase.PAUSED, PlanPhase.COMPLETED);

  private NamespacePreviews() {}

  static Outlook of(PlanRecord plan, RolloutLedger ledger, MeshModes modes, String namespace) {
    if (!GOES_ON.contains(plan.phase())) {
      return Outlook.AS_IT_IS;
    }
    return ledger
        .step(plan.name(), new StepKey(namespace))
        .map(StepRecord::phase)
        .map(NamespacePreviews::of)
        .orElseGet(() -> planned(plan, modes, namespace));
  }

  private static Outlook of(Phase phase) {
    return switch (phase) {
      case EXEMPT -> Outlook.EXEMPT;
      case SKIPPED, ROLLING_BACK, ROLLED_BACK -> Outlook.AS_IT_IS;
      case PENDING,
          OBSERVING,
          AUDITING,
          READY,
          AWAITING_APPROVAL,
          LOCKING,
          VERIFYING,
          LOCKED,
          BLOCKED,
          DRIFTED ->
          Outlook.LOCKED;
    };
  }

  private static Outlook planned(PlanRecord plan, MeshModes modes, String namespace) {
    boolean member =
        Planner.plan(plan.spec(), modes).waves().stream()
            .anyMatch(wave -> wave.namespaces().contains(namespace));
    if (member) {
      return Outlook.LOCKED;
    }
    return plan.exempt().containsKey(namespace) ? Outlook.EXEMPT : Outlook.AS_IT_IS;
  }
}
