// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.commands;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.plan.LedgerEntry;
import io.mtlsmigration.plan.PlanSpec.PolicyException;
import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.StepAction;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.Words;
import io.mtlsmigration.rollout.WriteLedger;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether an exception may be ended before its day. To close a port is to lock it, which
 * nothing but the way through all gates does; so an exception ends while nothing of its namespace
 * is in place because of the plan, and the namespace is locked without it later. Pure.
 *
 * @param step of the exception's namespace; null where there is none
 * @param mesh the mesh step; null where there is none
 * @param snapshot shows which policies of a step that was rolled back are as before
 */
record ExceptionEnd(
    PlanRecord plan,
    PolicyException exception,
    @Nullable StepRecord step,
    @Nullable StepRecord mesh,
    MeshSnapshot snapshot) {

  /** Returns what has to be done before, in words; empty when the exception may end now. */
  Optional<String> hindrance() {
    return switch (plan.phase()) {
      case DRAFT -> Optional.empty();
      case RUNNING, PAUSED -> moving();
      case COMPLETED, ABORTED -> Optional.of(afterTheEnd());
      case ROLLED_BACK, CLEANED_UP ->
          Optional.of("a plan that is undone is not changed any more; another plan locks without");
    };
  }

  private Optional<String> moving() {
    if (mesh != null && inPlace(mesh)) {
      return Optional.of(
          "the mesh step is "
              + Words.of(mesh.phase())
              + ", and counts on what is open: POST "
              + path("/mesh/rollback")
              + ", and once that is done, "
              + (step == null || !inPlace(step) ? again() : first(step)));
    }
    return step != null && inPlace(step) ? Optional.of(first(step)) : Optional.empty();
  }

  /** Returns whether something of a step is in place because of the plan, or may yet be. */
  private boolean inPlace(StepRecord one) {
    return switch (one.phase()) {
      case LOCKING, VERIFYING, LOCKED, DRIFTED, ROLLING_BACK -> true;
      // What an exemption by default has opened is not the exception's, and is not ended with it.
      case EXEMPT ->
          one.asked()
              || !one.inFlight().isEmpty()
              || one.ledger().stream()
                  .anyMatch(entry -> entry.purpose() != PolicyChange.Purpose.EXEMPT);
      case PENDING, OBSERVING, AUDITING, READY, AWAITING_APPROVAL, BLOCKED, ROLLED_BACK, SKIPPED ->
          written(one);
    };
  }

  private boolean written(StepRecord one) {
    return !left(one).isEmpty() || !one.inFlight().isEmpty();
  }

  /** A rollback leaves what somebody has changed since; when that is mended, nothing is left. */
  private List<LedgerEntry> left(StepRecord one) {
    return one.phase() == Phase.ROLLED_BACK
        ? WriteLedger.outstanding(one.ledger(), snapshot)
        : one.ledger();
  }

  private String first(StepRecord one) {
    String namespace = exception.namespace();
    if (one.phase() == Phase.ROLLING_BACK) {
      return "wait until " + namespace + " is ROLLED_BACK, " + again();
    }
    if (AllowedActions.of(plan, one).contains(StepAction.ROLLBACK)) {
      return rollback() + again();
    }
    if (!one.inFlight().isEmpty()) {
      return "whether %s is written is not known yet: once it is, %s"
          .formatted(names(one.inFlight().stream().map(intent -> intent.change().ref())), again());
    }
    if (one.phase() == Phase.LOCKING) {
      return "a lock of %s is being made: POST %s, DELETE the exception again, and POST %s"
          .formatted(namespace, path("/pause"), path("/resume"));
    }
    if (one.phase() == Phase.EXEMPT) {
      return namespace + " is exempt: POST " + action("retry") + ", and DELETE the exception again";
    }
    if (one.phase() == Phase.ROLLED_BACK) {
      return ("%s is not as it was before this plan: mend that, or POST %s and roll %s back once"
              + " more, %s")
          .formatted(
              names(left(one).stream().map(LedgerEntry::ref)), action("retry"), namespace, again());
    }
    return namespace
        + " was STRICT before this plan, which has nothing to take back there: "
        + anotherPlan();
  }

  /** A retry takes up a plan that has ended, where its namespace was rolled back. */
  private String afterTheEnd() {
    if (plan.active()) {
      return "the plan is being stopped: wait until that is done";
    }
    boolean back = step != null && step.phase() == Phase.ROLLED_BACK;
    if (!back && (step == null || !AllowedActions.of(plan, step).contains(StepAction.ROLLBACK))) {
      return "the plan has ended, and has nothing of %s to roll back: %s"
          .formatted(exception.namespace(), anotherPlan());
    }
    boolean meshFirst = mesh != null && inPlace(mesh);
    return "the plan has ended: "
        + (meshFirst ? "POST " + path("/mesh/rollback") + ", and once that is done, " : "")
        + (back ? "" : rollback())
        + "POST "
        + action("retry")
        + ", which takes the plan up, PAUSED (agree to a later day before, if an exception has"
        + " expired), DELETE the exception again, and POST "
        + path("/resume")
        + meaning();
  }

  private String rollback() {
    return "POST %s, wait until %s is ROLLED_BACK, "
        .formatted(action("rollback"), exception.namespace());
  }

  private String again() {
    return "DELETE the exception again, and POST " + action("retry") + meaning();
  }

  private String meaning() {
    return ": "
        + exception.namespace()
        + " takes plaintext until its gates have held anew, and is locked without the exception"
        + " then";
  }

  private static String anotherPlan() {
    return "close the port in the policy that opens it, and lock by another plan without the"
        + " exception";
  }

  private String action(String action) {
    return path("/namespaces/" + exception.namespace() + "/" + action);
  }

  private String path(String below) {
    return "/api/v1/plans/" + plan.name() + below;
  }

  private static String names(Stream<ObjectRef> refs) {
    return Words.list(refs.map(ObjectRef::toString).distinct().toList());
  }
}
