// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.gates;

import java.util.List;

/**
 * The state of one namespace and what holds it, under its active plan or under the defaults of a
 * plan.
 *
 * @param namespace the root namespace stands for the mesh step
 * @param plan name of the plan; empty for the defaults
 */
public record NamespaceHolds(
    String namespace, String plan, NamespaceState state, List<Hold> holds) {

  public NamespaceHolds {
    holds = List.copyOf(holds);
  }
}
