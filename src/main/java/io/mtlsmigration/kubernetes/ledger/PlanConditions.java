// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanAction;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.commands.Waiting;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/**
 * The state of a plan as conditions for {@code kubectl}. They change only when something has
 * happened: the remaining time of a soak, say, would be written every tick.
 */
final class PlanConditions {

  private static final int SHOWN = 3;

  private PlanConditions() {}

  /** Returns the content of the column {@code Waiting}; empty when the plan waits for nothing. */
  static String waiting(PlanRecord plan, List<Waiting> waiting) {
    if (plan.phase() == PlanPhase.DRAFT) {
      return "start";
    }
    List<String> words =
        waiting.stream()
            // Namespaces that wait for an earlier wave come after those that hold that wave.
            .sorted(Comparator.comparing(w -> w.reason() == Reason.WAITS_FOR_WAVE))
            .map(w -> w.subject().isEmpty() ? w.gate() : w.subject() + ": " + w.gate())
            .toList();
    return list(words);
  }

  private static String list(List<String> words) {
    return words.size() <= SHOWN
        ? String.join(", ", words)
        : String.join(", ", words.subList(0, SHOWN)) + " and " + (words.size() - SHOWN) + " more";
  }

  static String actions(List<PlanAction> allowed) {
    return allowed.isEmpty()
        ? "nothing is allowed until what is under way has ended"
        : "allowed now: "
            + String.join(
                ", ", allowed.stream().map(a -> a.name().toLowerCase(Locale.ROOT)).toList());
  }

  /** Returns {@code ROLLED_BACK} as {@code RolledBack}. */
  static String reason(String name) {
    StringBuilder reason = new StringBuilder();
    for (String word : name.split("_", -1)) {
      if (!word.isEmpty()) {
        reason.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
      }
    }
    return reason.toString();
  }

  static void tell(
      Conditions into,
      PlanRecord plan,
      List<StepRecord> steps,
      List<Waiting> waiting,
      String actions) {
    ready(into, plan, steps, waiting, actions);
    progressing(into, plan, actions);
    degraded(into, plan, steps, waiting);
  }

  private static void ready(
      Conditions into,
      PlanRecord plan,
      List<StepRecord> steps,
      List<Waiting> waiting,
      String actions) {
    String why = plan.phase() == PlanPhase.DRAFT ? message(waiting) : "";
    String waits = waiting.isEmpty() ? "" : "waits for " + waiting(plan, waiting) + why + "; ";
    List<String> drifted = in(steps, Phase.DRIFTED);
    if (plan.phase() != PlanPhase.COMPLETED) {
      into.put(Conditions.READY, false, reason(plan.phase().name()), waits + actions);
    } else if (!drifted.isEmpty()) {
      into.put(
          Conditions.READY,
          false,
          "Drifted",
          "somebody has weakened what was locked in " + drifted);
    } else if (!waiting.isEmpty()) {
      boolean sick = !unhealthy(steps).isEmpty();
      into.put(Conditions.READY, false, sick ? "Unhealthy" : "Unsettled", waits + actions);
    } else {
      into.put(Conditions.READY, true, "Completed", "everything that the plan wanted is so");
    }
  }

  private static String message(List<Waiting> waiting) {
    return waiting.isEmpty() ? "" : " (" + waiting.getFirst().message() + ")";
  }

  private static void progressing(Conditions into, PlanRecord plan, String actions) {
    String phase = reason(plan.phase().name());
    switch (plan.phase()) {
      case RUNNING -> into.put(Conditions.PROGRESSING, true, phase, "the plan is carried out");
      case ABORTED, ROLLED_BACK, CLEANED_UP -> {
        boolean ended = plan.endedAt() != null;
        into.put(
            Conditions.PROGRESSING,
            !ended,
            phase,
            ended ? actions : "what was begun is brought to its end");
      }
      case DRAFT, PAUSED, COMPLETED -> into.put(Conditions.PROGRESSING, false, phase, actions);
    }
  }

  private static void degraded(
      Conditions into, PlanRecord plan, List<StepRecord> steps, List<Waiting> waiting) {
    List<Ill> ills =
        List.of(
            new Ill("Drifted", "weakened by somebody else: ", in(steps, Phase.DRIFTED)),
            new Ill(
                "VerificationFailed",
                "verification failed and a person has to decide: ",
                names(steps, StepRecord::held)),
            new Ill(
                "RolledBack",
                "rolled back and a person has to decide: ",
                plan.undoing() ? List.of() : in(steps, Phase.ROLLED_BACK)),
            new Ill(
                "Unhealthy", "locked, and clients are harmed or unprotected: ", unhealthy(steps)),
            new Ill(
                "Unsettled",
                "open again though the plan was completed: ",
                plan.phase() == PlanPhase.COMPLETED ? open(steps, waiting) : List.of()));
    List<Ill> found = ills.stream().filter(ill -> !ill.names().isEmpty()).toList();
    if (found.isEmpty()) {
      into.put(Conditions.DEGRADED, false, "AsExpected", "nothing asks for help");
    } else {
      String message =
          String.join("; ", found.stream().map(i -> i.what() + list(i.names())).toList());
      into.put(Conditions.DEGRADED, true, found.getFirst().reason(), message);
    }
  }

  /** A problem that needs a person; the most urgent is listed first. */
  private record Ill(String reason, String what, List<String> names) {}

  /** Returns the subjects that a completed plan waits for and that no other condition names. */
  private static List<String> open(List<StepRecord> steps, List<Waiting> waiting) {
    List<String> told =
        names(
            steps,
            step ->
                switch (step.phase()) {
                  case LOCKED, DRIFTED, ROLLED_BACK -> true;
                  default -> step.held();
                });
    return waiting.stream()
        .map(Waiting::subject)
        .distinct()
        .filter(s -> !told.contains(s))
        .toList();
  }

  private static List<String> unhealthy(List<StepRecord> steps) {
    return names(steps, step -> step.phase() == Phase.LOCKED && step.health() != null);
  }

  private static List<String> in(List<StepRecord> steps, Phase phase) {
    return names(steps, step -> step.phase() == phase);
  }

  private static List<String> names(List<StepRecord> steps, Predicate<StepRecord> which) {
    return steps.stream().filter(which).map(step -> step.key().toString()).toList();
  }
}
