// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.plan.PolicyWrites.Obstacle;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The effect of a plan on the current mesh, and what it waits for. Maps by namespace are in the
 * order of names.
 *
 * @param changes every write, in order; empty when the mesh is already as the plan wants it
 * @param exempt namespaces of the scope that need no lock or stay open by default, with the reason;
 *     those without captured pods are among them, and do not hold up the mesh step
 * @param problems reasons why the plan is rejected; empty when it is valid
 * @param observation hash of the facts that the report was made from
 * @param obstacles what a person has to clear, by namespace or {@code mesh}; the plan is accepted,
 *     but will wait there
 * @param warnings what the plan does not consider, or will wait for whatever anybody clears
 */
public record PlanReport(
    List<Wave> waves,
    List<PolicyChange> changes,
    Map<String, String> exempt,
    List<Problem> problems,
    String observation,
    Map<String, List<Obstacle>> obstacles,
    List<String> warnings) {

  public PlanReport {
    warnings = List.copyOf(warnings);
    waves = List.copyOf(waves);
    changes = List.copyOf(changes);
    exempt = Collections.unmodifiableMap(new TreeMap<>(exempt));
    problems = List.copyOf(problems);
    obstacles = Collections.unmodifiableMap(new TreeMap<>(obstacles));
  }

  /**
   * Returns whether the plan is rejected.
   *
   * @param overrides whether asking for less than the configuration requires is accepted
   */
  public boolean hindered(boolean overrides) {
    return problems.stream()
        .anyMatch(problem -> !overrides || !problem.code().equals(LeastGates.CODE));
  }
}
