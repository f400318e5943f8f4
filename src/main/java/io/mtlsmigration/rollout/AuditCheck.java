package io.mtlsmigration.rollout;

/** The dry run of STRICT. No source of its counters is connected, so asking for it holds. */
final class AuditCheck implements GateCheck {

  @Override
  public Gate gate() {
    return Gate.AUDIT;
  }

  @Override
  public GateResult evaluate(GateContext context) {
    if (context.spec().gates().audit() == null) {
      return pass(context, Reason.NOT_ASKED_FOR, "the plan asks for no dry run of STRICT");
    }
    return inconclusive(
        context,
        Reason.EVIDENCE_UNAVAILABLE,
        "a dry run of STRICT is not available here; take audit out of the plan or override it");
  }
}
