package io.mtlsmigration.rollout;

import io.mtlsmigration.plan.PlanSpec;

/** A person has agreed to exactly this: this generation of the plan, with this impact. */
final class ApprovalCheck implements GateCheck {

  @Override
  public Gate gate() {
    return Gate.APPROVAL;
  }

  @Override
  public GateResult evaluate(GateContext context) {
    if (context.spec().gates().approval() == PlanSpec.Approval.NONE) {
      return pass(context, Reason.NOT_ASKED_FOR, "the plan asks for no approval");
    }
    GivenConsent consent =
        new GivenConsent(
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
