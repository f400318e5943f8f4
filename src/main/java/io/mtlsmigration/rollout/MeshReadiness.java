// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import java.util.List;
import java.util.Set;

/**
 * The state of the namespaces, as the mesh step sees it.
 *
 * @param locked namespaces that are locked
 * @param exempt namespaces that stay open by an explicit PERMISSIVE policy of their own, seen in
 *     the mesh
 * @param open the other namespaces with captured pods, each with its state
 */
public record MeshReadiness(Set<String> locked, Set<String> exempt, List<Open> open) {

  public static final MeshReadiness NOT_ASKED = new MeshReadiness(Set.of(), Set.of(), List.of());

  public MeshReadiness {
    locked = Set.copyOf(locked);
    exempt = Set.copyOf(exempt);
    open = List.copyOf(open);
  }

  /** A namespace that mesh-wide STRICT would reach unprepared. */
  public record Open(String namespace, String standing) {
    @Override
    public String toString() {
      return namespace + " (" + standing + ")";
    }
  }

  public boolean complete() {
    return open.isEmpty();
  }

  /** Returns the first few open namespaces by name. */
  public String names() {
    return Words.list(open.stream().map(Open::toString).toList());
  }
}
