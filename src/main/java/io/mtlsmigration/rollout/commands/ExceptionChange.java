// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.commands;

import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.Lockdown;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PlanSpec.PolicyException;
import io.mtlsmigration.plan.Planner;
import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.plan.PolicyWrites;
import io.mtlsmigration.plan.Preview;
import io.mtlsmigration.plan.Problem;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.Overlaps;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.Words;
import io.mtlsmigration.rollout.gates.GateContext;
import io.mtlsmigration.rollout.gates.Gates;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a plan when an exception is added, changed or ended. Pure: every method returns
 * the next record, or throws a {@link CommandException}.
 *
 * @param allowed actions that the plan allows, for the answer to a refusal
 */
record ExceptionChange(PlanRecord plan, ReadinessStudy study, List<String> allowed) {

  /** Codes that say where an exception's pods are now; what is agreed about it may change. */
  private static final Set<String> ABOUT_PODS =
      Set.of("EXCEPTION_WITHOUT_PODS", "UNKNOWN_NAMESPACE", "NAMESPACE_OUT_OF_SCOPE");

  private static final String EXPIRED = "EXCEPTION_EXPIRED";

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
    return ABOUT_PODS.contains(problem.code())
        ? old.exceptions().stream().anyMatch(exception::opensAs)
        : problem.code().equals(EXPIRED) && old.exceptions().contains(exception);
  }

  /**
   * Returns whether a spec opens ports that refuse plaintext now, as soon as the loop looks at it:
   * only a plan that was started writes.
   */
  static boolean opens(PlanRecord plan, PlanSpec next, MeshModes modes) {
    if (plan.phase() != PlanPhase.RUNNING && plan.phase() != PlanPhase.PAUSED) {
      return false;
    }
    Set<String> namespaces = new TreeSet<>();
    next.exceptions().stream()
        .filter(one -> plan.spec().exceptions().stream().noneMatch(one::opensAs))
        .forEach(one -> namespaces.add(one.namespace()));
    return namespaces.stream()
        .filter(namespace -> modes.snapshot().namespace(namespace) != null)
        .flatMap(namespace -> Preview.namespace(modes, namespace, next).changes().stream())
        .anyMatch(PolicyChange::weakens);
  }

  /** Adds an exception to a plan that has not ended. */
  PlanRecord added(PolicyException exception) {
    if (AllowedActions.ended(plan)) {
      throw refused("PHASE", "a plan that has ended opens no more ports");
    }
    if (find(exception.id()) != null) {
      throw refused("ALREADY_EXISTS", "there is an exception for " + exception.words());
    }
    if (plan.spec().exceptions().size() >= PolicyException.MOST) {
      throw refused("CONFLICT", "a plan has at most " + PolicyException.MOST + " exceptions");
    }
    PlanSpec next =
        plan.spec()
            .excepting(
                Stream.concat(plan.spec().exceptions().stream(), Stream.of(exception)).toList());
    valid(Planner.check(next, exception, modes()));
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
    valid(Planner.checkAgreement(next, exception, modes()));
    return agreed(next);
  }

  /**
   * Takes another spec that opens the same ports.
   *
   * @throws CommandException.NotAllowed when it differs in more, or nothing of the plan is left
   */
  PlanRecord agreed(PlanSpec next) {
    PlanSpec old = plan.spec();
    boolean same =
        next.equals(old.excepting(next.exceptions()).starting(next.start()))
            && SpecChange.keeps(old, next)
            && SpecChange.keeps(next, old);
    if (plan.undoing() || !same) {
      throw refused(
          "PHASE",
          plan.undoing()
              ? "a plan that is undone is not changed any more"
              : "a plan that has ended is not changed any more, but for owner, reason, day and"
                  + " paths of its exceptions");
    }
    List<Problem> problems = new ArrayList<>();
    for (int i = 0; i < next.exceptions().size(); i++) {
      PolicyException exception = next.exceptions().get(i);
      if (!old.exceptions().contains(exception)) {
        for (Problem problem : Planner.checkAgreement(next, exception, modes())) {
          problems.add(
              new Problem(
                  "/exceptions/" + i + problem.pointer(), problem.code(), problem.detail()));
        }
      }
    }
    valid(problems);
    return plan.withSpec(next);
  }

  /**
   * Ends an exception. What is open for it stays open until the gates of its namespace hold without
   * it; the loop closes it then.
   *
   * @param step the step of its namespace; null before the plan was started
   * @param others all plans
   * @param inUse whether it ends though clients use it, or nobody knows
   */
  PlanRecord ended(String id, @Nullable StepRecord step, List<PlanRecord> others, boolean inUse) {
    PolicyException exception = found(id);
    if (plan.undoing()) {
      throw refused("PHASE", "a plan that is undone is not changed any more");
    }
    PlanRecord next =
        plan.withSpec(
            plan.spec()
                .excepting(
                    plan.spec().exceptions().stream()
                        .filter(one -> !one.opensAs(exception))
                        .toList()));
    if (step == null || modes().snapshot().namespace(exception.namespace()) == null) {
      return next;
    }
    switch (step.phase()) {
      case LOCKING, VERIFYING, ROLLING_BACK ->
          throw refused(
              "PHASE",
              exception.namespace()
                  + " is "
                  + Words.of(step.phase())
                  + "; end the exception when that is over");
      case LOCKED, DRIFTED -> closes(next, step, others, inUse);
      default -> {
        // Nothing is locked: the gates judge the port before it is.
      }
    }
    return next;
  }

  /** Checks whether the port of a locked namespace can be closed, and what that refuses. */
  private void closes(PlanRecord next, StepRecord step, List<PlanRecord> others, boolean inUse) {
    String namespace = step.key().namespace();
    PolicyWrites left = Lockdown.namespace(modes(), namespace, next.spec(), step.ledger());
    if (!left.obstacles().isEmpty()) {
      throw refused("CONFLICT", left.obstacles().getFirst().message());
    }
    if (left.done()) {
      return; // it is closed already
    }
    if (plan.spec().apply() == PlanSpec.Apply.MANIFEST) {
      throw refused(
          "CONFLICT",
          left.changes().getFirst().ref()
              + " keeps the port open: take it away where manifests are kept, then end the"
              + " exception");
    }
    if (plan.phase() == PlanPhase.ABORTED) {
      throw refused("PHASE", "an aborted plan locks nothing any more, no port either");
    }
    PlanRecord again = plan.withPhase(PlanPhase.PAUSED, plan.startedAt(), null);
    if (plan.phase() == PlanPhase.COMPLETED) {
      Overlaps.with(again, step.key(), others)
          .ifPresent(
              conflict -> {
                throw refused("OVERLAP", conflict);
              });
    }
    if (!inUse) {
      unused(next, step);
    }
  }

  /** Only evidence that nobody needs the port lets an exception end without a word. */
  private void unused(PlanRecord next, StepRecord step) {
    GateContext context = study.context(next, step);
    List<String> holding = new ArrayList<>();
    for (Gate gate : List.of(Gate.PLAINTEXT, Gate.HAZARDS)) {
      GateResult result = Gates.now(gate, context);
      if (result.result() != GateResult.Result.PASS) {
        holding.add(Words.of(gate) + ": " + result.message() + evidence(result));
      }
    }
    if (!holding.isEmpty()) {
      throw refused(
          "EXCEPTION_IN_USE",
          "without the exception the gates would not hold: "
              + String.join("; ", holding)
              + ". With inUse=true it ends all the same, and the port is closed when they do");
    }
  }

  private static String evidence(GateResult result) {
    return result.evidence().isEmpty() ? "" : " (" + Words.list(result.evidence()) + ")";
  }

  private MeshModes modes() {
    return study.observation().modes();
  }

  private PolicyException found(String id) {
    PolicyException found = find(id);
    if (found == null) {
      throw new CommandException.NotFound("plan " + plan.name() + " has no exception " + id);
    }
    return found;
  }

  private @Nullable PolicyException find(String id) {
    return plan.spec().exceptions().stream()
        .filter(one -> one.id().equals(id))
        .findFirst()
        .orElse(null);
  }

  private static void valid(List<Problem> problems) {
    if (!problems.isEmpty()) {
      throw new CommandException.Invalid(problems);
    }
  }

  private CommandException.NotAllowed refused(String code, String message) {
    return new CommandException.NotAllowed(code, message, allowed);
  }

  /** Returns the key of the step that an exception belongs to. */
  static StepKey step(PlanRecord plan, String id) {
    return plan.spec().exceptions().stream()
        .filter(one -> one.id().equals(id))
        .findFirst()
        .map(one -> new StepKey(one.namespace()))
        .orElseThrow(
            () -> new CommandException.NotFound("plan " + plan.name() + " has no exception " + id));
  }
}
