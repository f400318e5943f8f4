package io.mtlsmigration.rollout;

import io.mtlsmigration.plan.Wave;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the loop remembers of a plan between ticks. */
final class PlanMemory {

  private final Map<StepKey, StepMemory> steps = new HashMap<>();
  private List<Wave> waves = List.of();
  private Set<String> members = Set.of();

  StepMemory of(StepKey key) {
    return steps.computeIfAbsent(key, k -> new StepMemory());
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
