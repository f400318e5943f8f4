// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.gates;

import io.mtlsmigration.plan.LeastGates;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.Problem;
import io.mtlsmigration.rollout.Approval;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.Reason;
import java.util.List;

/**
 * A person has approved exactly this generation of the plan with this impact. A namespace that
 * joined the plan later was not known when the plan was made, so the requirements of its labels are
 * checked here.
 */
final class ApprovalCheck implements GateCheck {

  @Override
  public Gate gate() {
    return Gate.APPROVAL;
  }

  @Override
  public GateResult evaluate(GateContext context) {
    List<Problem> unmet = unmet(context);
    return unmet.isEmpty()
        ? given(context)
        : fail(
            context,
            Reason.BELOW_LEAST,
            "it came, or was made anew, after the plan had begun, and "
                + unmet.getFirst().pointer()
                + " is "
                + unmet.getFirst().detail(),
            unmet.stream().map(Problem::pointer).toList());
  }

  /**
   * Returns unmet requirements of labels. Namespaces that existed when the plan was made were
   * checked then, and a person may have decided.
   */
  private static List<Problem> unmet(GateContext context) {
    if (context.isMesh()) {
      return List.of();
    }
    List<Problem> unmet = LeastGates.unmet(context.spec().gates(), context.facts());
    return unmet.isEmpty() || !context.plan().joined(context.facts().name()) ? List.of() : unmet;
  }

  private GateResult given(GateContext context) {
    if (context.spec().gates().approval() == PlanSpec.Approval.NONE) {
      return pass(context, Reason.NOT_ASKED_FOR, "the plan asks for no approval");
    }
    GrantedApproval consent =
        new GrantedApproval(
            context.plan(), context.step(), context.observation(), context.preparing());
    Approval latest = consent.latest();
    if (latest == null) {
      return inconclusive(
          context, Reason.APPROVAL_MISSING, "waits for a person to approve " + subject(context));
    }
    if (!consent.ofThisPlan(latest)) {
      return inconclusive(
          context,
          Reason.APPROVAL_VOIDED,
          "the plan has changed since " + latest.by() + " approved; approve again");
    }
    if (!consent.ofThisAttempt(latest)) {
      return inconclusive(
          context,
          Reason.APPROVAL_VOIDED,
          "that attempt has ended since " + latest.by() + " approved; approve again to try again");
    }
    if (!consent.ofThisImpact(latest)) {
      return inconclusive(
          context,
          Reason.APPROVAL_VOIDED,
          "the impact is not the one that " + latest.by() + " approved; look and approve again");
    }
    return pass(context, Reason.APPROVED, "approved by " + latest.by() + " at " + latest.at());
  }

  private static String subject(GateContext context) {
    return context.spec().gates().approval() == PlanSpec.Approval.WAVE && !context.isMesh()
        ? "the wave of " + context.step().key() + ", or the namespace"
        : context.step().key().toString();
  }
}
