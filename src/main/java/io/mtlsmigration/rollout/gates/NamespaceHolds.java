package io.mtlsmigration.rollout.gates;

import java.util.List;

/**
 * How far one namespace is, and what it is held by: by its active plan, or by what a plan would ask
 * for by default.
 *
 * @param namespace the root namespace stands for the mesh step
 * @param plan its name; empty for the defaults
 */
public record NamespaceHolds(
    String namespace, String plan, NamespaceState state, List<Hold> holds) {

  public NamespaceHolds {
    holds = List.copyOf(holds);
  }
}
