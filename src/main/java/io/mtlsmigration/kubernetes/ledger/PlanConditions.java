package io.mtlsmigration.kubernetes.ledger;

import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanAction;
import io.mtlsmigration.rollout.PlanDesk.Waiting;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.StepRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * Where a plan stands, in the words of {@code kubectl}. Nothing in them moves unless something has
 * happened: what is left of a soak would be written every tick.
 */
final class PlanConditions {

  private static final int SHOWN = 3;

  private PlanConditions() {}

  /** What the column {@code Waiting} says; empty when it waits for nothing. */
  static String waiting(PlanRecord plan, List<Waiting> waiting) {
    if (plan.phase() == PlanPhase.DRAFT) {
      return "start";
    }
    List<String> words =
        waiting.stream()
            // Who waits for an earlier wave waits for those who hold that wave.
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

  /** {@code ROLLED_BACK} as {@code RolledBack}. */
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
      Conditions into, PlanRecord plan, List<StepRecord> steps, String waiting, String actions) {
    ready(into, plan, steps, waiting, actions);
    progressing(into, plan, actions);
    degraded(into, plan, steps);
  }

  private static void ready(
      Conditions into, PlanRecord plan, List<StepRecord> steps, String waiting, String actions) {
    List<String> drifted = in(steps, Phase.DRIFTED);
    if (plan.phase() == PlanPhase.COMPLETED && drifted.isEmpty()) {
      into.put(Conditions.READY, true, "Completed", "everything that the plan wanted is so");
    } else if (plan.phase() == PlanPhase.COMPLETED) {
      into.put(
          Conditions.READY,
          false,
          "Drifted",
          "somebody has weakened what was locked in " + drifted);
    } else {
      String waits = waiting.isEmpty() ? "" : "waits for " + waiting + "; ";
      into.put(Conditions.READY, false, reason(plan.phase().name()), waits + actions);
    }
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

  private static void degraded(Conditions into, PlanRecord plan, List<StepRecord> steps) {
    List<String> drifted = in(steps, Phase.DRIFTED);
    List<String> held =
        steps.stream().filter(StepRecord::held).map(step -> step.key().toString()).toList();
    List<String> back = plan.undoing() ? List.of() : in(steps, Phase.ROLLED_BACK);
    List<String> all = new ArrayList<>();
    say(all, drifted, "weakened by somebody else: ");
    say(all, held, "verification failed and a person has to decide: ");
    say(all, back, "rolled back and a person has to decide: ");
    if (all.isEmpty()) {
      into.put(Conditions.DEGRADED, false, "AsExpected", "nothing asks for help");
    } else {
      into.put(
          Conditions.DEGRADED,
          true,
          !drifted.isEmpty() ? "Drifted" : !held.isEmpty() ? "VerificationFailed" : "RolledBack",
          String.join("; ", all));
    }
  }

  private static void say(List<String> into, List<String> names, String what) {
    if (!names.isEmpty()) {
      into.add(what + list(names));
    }
  }

  private static List<String> in(List<StepRecord> steps, Phase phase) {
    return steps.stream()
        .filter(step -> step.phase() == phase)
        .map(step -> step.key().toString())
        .toList();
  }
}
