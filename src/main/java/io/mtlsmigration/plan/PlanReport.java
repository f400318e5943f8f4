package io.mtlsmigration.plan;

import io.mtlsmigration.plan.PolicyWrites.Obstacle;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a plan would do to the mesh as it is, and what it waits for. What is told by namespace is in
 * the order of names.
 *
 * @param changes every write, in order; empty when the mesh is already as the plan wants it
 * @param exempt namespaces of the scope that need no lock or stay open by default, with the reason;
 *     those without captured pods are among them, and do not hold the mesh step up
 * @param problems why the plan cannot be taken; empty when it can
 * @param observation hash of the facts that the report was made from
 * @param obstacles what a person has to clear, by namespace or {@code mesh}; the plan can be taken,
 *     but will wait there
 * @param warnings what the plan does not look at, or will wait for whatever anybody clears
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
   * Whether the plan cannot be taken.
   *
   * @param overrides what it asks less for than the configuration wants is no hindrance
   */
  public boolean hindered(boolean overrides) {
    return problems.stream()
        .anyMatch(problem -> !overrides || !problem.code().equals(LeastGates.CODE));
  }

  public PlanReport(
      List<Wave> waves,
      List<PolicyChange> changes,
      Map<String, String> exempt,
      List<Problem> problems,
      String observation) {
    this(waves, changes, exempt, problems, observation, Map.of(), List.of());
  }
}
