package io.mtlsmigration.rollout.loop;

import io.mtlsmigration.plan.Wave;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the loop remembers of a plan between ticks. */
final class PlanMemory {

  private final Map<StepKey, StepMemory> steps = new HashMap<>();
  private @Nullable StepKey next;
  private List<Wave> waves = List.of();
  private Set<String> members = Set.of();

  StepMemory of(StepKey key) {
    return steps.computeIfAbsent(key, k -> new StepMemory());
  }

  /**
   * Namespaces in the order of their turns: who is between two states, or was asked for something,
   * first; then whoever had no turn in the tick before.
   */
  List<StepKey> order(Map<StepKey, StepRecord> steps) {
    List<StepKey> urgent = new ArrayList<>();
    List<StepKey> others = new ArrayList<>(steps.size());
    for (Map.Entry<StepKey, StepRecord> step : steps.entrySet()) {
      if (!step.getKey().isMesh()) {
        (urgent(step.getValue()) ? urgent : others).add(step.getKey());
      }
    }
    if (next != null) {
      Collections.rotate(others, -Math.max(0, others.indexOf(next)));
    }
    urgent.addAll(others);
    return urgent;
  }

  static boolean urgent(StepRecord step) {
    return switch (step.phase()) {
      case LOCKING, VERIFYING, ROLLING_BACK -> true;
      default -> step.request() != null || !step.inFlight().isEmpty();
    };
  }

  /** The step that begins the next tick; null when all have had their turn. */
  void next(@Nullable StepKey key) {
    next = key;
  }

  /** All namespaces that are in a wave. */
  Set<String> members(PlanRecord plan) {
    if (!plan.waves().equals(waves)) {
      Set<String> all = new HashSet<>();
      plan.waves().forEach(w -> all.addAll(w.namespaces()));
      waves = plan.waves();
      members = all;
    }
    return members;
  }
}
