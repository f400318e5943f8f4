package io.mtlsmigration.rollout;

import io.mtlsmigration.plan.LedgerEntry;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PolicyChange;

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
    Approval latest = latest(context);
    if (latest == null) {
      return inconclusive(
          context, Reason.APPROVAL_MISSING, "waits for a person to approve " + subject(context));
    }
    if (latest.generation() != context.plan().generation()) {
      return inconclusive(
          context,
          Reason.APPROVAL_VOIDED,
          "the plan has changed since " + latest.by() + " approved; approve again");
    }
    if (!underWay(context) && !latest.impactHash().equals(hash(context))) {
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

  private static @org.jspecify.annotations.Nullable Approval latest(GateContext context) {
    Approval found = null;
    String subject = context.step().key().toString();
    for (Approval approval : context.plan().approvals()) {
      if (approval.subject().equals(subject)) {
        found = approval;
      }
    }
    return found;
  }

  /** Our own first writes change what is left to write; they do not void the consent to it. */
  private static boolean underWay(GateContext context) {
    StepRecord step = context.step();
    if (step.phase() != Phase.LOCKING || context.preparing()) {
      return false;
    }
    for (LedgerEntry entry : step.ledger()) {
      if (!entry.writtenAt().isBefore(step.since())
          && entry.purpose() != PolicyChange.Purpose.ENABLE) {
        return true;
      }
    }
    return false;
  }

  private static String hash(GateContext context) {
    return ImpactHashes.of(context.plan(), context.step().key(), context.observation());
  }
}
