package io.mtlsmigration.plan;

import java.util.List;
import java.util.Map;

/**
 * What a plan would do to the mesh as it is, and what it waits for.
 *
 * @param changes every write, in order; empty when the mesh is already as the plan wants it
 * @param exempt namespaces that the plan leaves open by default, with the reason
 * @param problems why the plan cannot be taken; empty when it can
 * @param observation hash of the facts that the report was made from
 */
public record PlanReport(
    List<Wave> waves,
    List<PolicyChange> changes,
    Map<String, String> exempt,
    List<Problem> problems,
    String observation) {
  public PlanReport {
    waves = List.copyOf(waves);
    changes = List.copyOf(changes);
    exempt = Map.copyOf(exempt);
    problems = List.copyOf(problems);
  }
}
