// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.commands;

import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PlanSpec.PolicyException;
import io.mtlsmigration.plan.Planner;
import io.mtlsmigration.plan.Problem;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Adds, changes or removes an exception of a plan. Pure: every method returns the next record, or
 * throws a {@link CommandException}.
 *
 * @param allowed actions that the plan allows, for the answer to a refusal
 */
record ExceptionChange(PlanRecord plan, MeshModes modes, List<String> allowed) {

  /** Codes that say where an exception's pods are now; what is agreed about it may change. */
  private static final Set<String> ABOUT_PODS =
      Set.of("EXCEPTION_WITHOUT_PODS", "UNKNOWN_NAMESPACE", "NAMESPACE_OUT_OF_SCOPE");

  static final String EXPIRED = "EXCEPTION_EXPIRED";

  private static final String DUPLICATE = "DUPLICATE_EXCEPTION";

  /**
   * Returns whether a problem of a spec says nothing about the change that leads to it: it is of an
   * exception that the plan has already.
   */
  static boolean known(PlanSpec old, PlanSpec next, Problem problem) {
    String[] parts = problem.pointer().split("/", -1);
    if (parts.length < 3 || !parts[1].equals("exceptions")) {
      return false;
    }
    PolicyException exception = next.exceptions().get(Integer.parseInt(parts[2]));
    return switch (problem.code()) {
      case EXPIRED -> old.exceptions().contains(exception);
      case DUPLICATE -> alike(next, exception) <= alike(old, exception);
      default ->
          ABOUT_PODS.contains(problem.code())
              && old.exceptions().stream().anyMatch(exception::opensAs);
    };
  }

  private static long alike(PlanSpec spec, PolicyException exception) {
    return spec.exceptions().stream().filter(exception::opensAs).count();
  }

  /** Returns whether specs open the same ports, and differ in what was agreed about them alone. */
  static boolean agreement(PlanSpec old, PlanSpec next) {
    return next.equals(old.excepting(next.exceptions()).starting(next.start()))
        && next.exceptions().size() <= old.exceptions().size()
        && SpecChange.keeps(old, next)
        && SpecChange.keeps(next, old);
  }

  /** Adds an exception to a plan that has not ended. */
  PlanRecord added(PolicyException exception) {
    if (AllowedActions.ended(plan)) {
      throw refused("PHASE", "a plan that has ended opens no more ports");
    }
    if (plan.spec().exception(exception.id()).isPresent()) {
      throw refused("ALREADY_EXISTS", "there is an exception for " + exception.words());
    }
    if (plan.spec().exceptions().size() >= PolicyException.MOST) {
      throw refused("CONFLICT", "a plan has at most " + PolicyException.MOST + " exceptions");
    }
    PlanSpec next = plan.spec().excepting(exception);
    valid(Planner.check(next, exception, modes));
    return plan.withSpec(next);
  }

  /** Changes what was agreed about an exception, while its policy may be in place. */
  PlanRecord agreed(PolicyException exception) {
    PolicyException present = found(exception.id());
    if (exception.equals(present)) {
      return plan;
    }
    PlanSpec next =
        plan.spec()
            .excepting(
                plan.spec().exceptions().stream()
                    .map(one -> one.opensAs(exception) ? exception : one)
                    .distinct()
                    .toList());
    valid(Planner.checkAgreement(next, exception, modes));
    return agreed(next);
  }

  /**
   * Takes another spec that opens the same ports.
   *
   * @throws CommandException.NotAllowed when it differs in more, or nothing of the plan is left
   */
  PlanRecord agreed(PlanSpec next) {
    PlanSpec old = plan.spec();
    if (plan.undoing() || !agreement(old, next)) {
      throw refused(
          "PHASE",
          plan.undoing()
              ? "a plan that is undone is not changed any more"
              : "a plan that has ended is not changed any more, but for owner, reason, day and"
                  + " paths of its exceptions, longer windows and fewer clients that may fail");
    }
    List<Problem> problems = new ArrayList<>();
    for (int i = 0; i < next.exceptions().size(); i++) {
      PolicyException exception = next.exceptions().get(i);
      if (!old.exceptions().contains(exception)) {
        for (Problem problem : Planner.checkAgreement(next, exception, modes)) {
          problems.add(
              new Problem(
                  "/exceptions/" + i + problem.pointer(), problem.code(), problem.detail()));
        }
      }
    }
    valid(problems);
    return plan.withAgreement(next);
  }

  /** Takes an exception out of the plan, so that what it names is locked with its namespace. */
  PlanRecord removed(PolicyException exception) {
    PlanSpec next = plan.spec().without(exception);
    List<String> overlaps = overlaps(next, exception.namespace());
    if (!overlaps.isEmpty() && overlaps(plan.spec(), exception.namespace()).isEmpty()) {
      throw refused(
          "CONFLICT",
          "without this exception the others cannot be written: " + Words.list(overlaps));
    }
    return plan.withSpec(next);
  }

  private List<String> overlaps(PlanSpec spec, String namespace) {
    return modes.snapshot().namespace(namespace) == null
        ? List.of()
        : Planner.overlaps(spec, namespace, modes);
  }

  PolicyException found(String id) {
    return plan.spec()
        .exception(id)
        .orElseThrow(
            () -> new CommandException.NotFound("plan " + plan.name() + " has no exception " + id));
  }

  private static void valid(List<Problem> problems) {
    if (!problems.isEmpty()) {
      throw new CommandException.Invalid(problems);
    }
  }

  private CommandException.NotAllowed refused(String code, String message) {
    return new CommandException.NotAllowed(code, message, allowed);
  }
}
