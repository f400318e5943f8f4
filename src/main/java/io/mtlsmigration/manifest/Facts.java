// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.WorkloadRef;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;

/**
 * The facts in a set of manifests.
 *
 * @param snapshot the mesh; objects that could not be read are in it as {@code Unreadable}
 * @param problems the same objects with their place in the sources, for callers that reject them
 * @param ignoredKinds the number of objects of kinds that say nothing about a mesh, by kind
 * @param represented workloads whose pods were made from their templates, with their number of
 *     replicas
 * @param undefined namespaces of templates that the set does not define: whether Istio injects
 *     sidecars there is not known, and none of these pods has one
 */
public record Facts(
    MeshSnapshot snapshot,
    List<ManifestProblem> problems,
    SortedMap<String, Integer> ignoredKinds,
    Map<WorkloadRef, Integer> represented,
    Set<String> undefined) {

  public Facts {
    problems = List.copyOf(problems);
    represented = Map.copyOf(represented);
    undefined = Collections.unmodifiableSortedSet(new TreeSet<>(undefined));
  }

  /**
   * Returns the snapshot of a set without problems.
   *
   * @throws ManifestException when there are some
   */
  public MeshSnapshot orThrow() {
    if (!problems.isEmpty()) {
      throw new ManifestException(problems);
    }
    return snapshot;
  }

  /** Returns whether an object could not be read. */
  public boolean isUnreadable(ObjectRef ref) {
    var namespace = snapshot.namespace(ref.namespace());
    return namespace != null && namespace.unreadable().stream().anyMatch(u -> u.ref().equals(ref));
  }
}
