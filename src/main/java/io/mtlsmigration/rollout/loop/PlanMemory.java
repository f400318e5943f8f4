// SPDX-License-Identifier: Apache-2.0
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

/** The loop's memory of a plan between ticks. */
final class PlanMemory {

  private final Map<StepKey, StepMemory> steps = new HashMap<>();
  private @Nullable StepKey next;
  private List<Wave> waves = List.of();
  private Set<String> members = Set.of();

  StepMemory of(StepKey key) {
    return steps.computeIfAbsent(key, k -> new StepMemory());
  }

  /** Returns whether a step of this key has been processed. */
  boolean knows(StepKey key) {
    return steps.containsKey(key);
  }

  /**
   * Returns the namespaces in the order in which they are processed: first those between two states
   * or with a request, then those that the previous tick did not reach.
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
    return step.phase().underWay() || step.request() != null || !step.inFlight().isEmpty();
  }

  /** Sets the step that the next tick begins with; null when all have been processed. */
  void next(@Nullable StepKey key) {
    next = key;
  }

  /** Returns all namespaces that are in a wave. */
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
