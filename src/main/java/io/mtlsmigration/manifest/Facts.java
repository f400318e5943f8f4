// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import io.mtlsmigration.mesh.MeshSnapshot;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;

/**
 * The facts in a set of manifests.
 *
 * @param snapshot the mesh; objects that could not be read are in it as {@code Unreadable}
 * @param problems the same objects with their place in the sources, for callers that reject them
 * @param ignoredKinds the number of objects of kinds that say nothing about a mesh, by kind
 * @param undefined namespaces of templates that the set does not define: whether Istio injects
 *     sidecars there is not known, and of these pods those alone have one that ask for it
 */
public record Facts(
    MeshSnapshot snapshot,
    List<ManifestProblem> problems,
    SortedMap<String, Integer> ignoredKinds,
    Set<String> undefined) {

  public Facts {
    problems = List.copyOf(problems);
    undefined = Collections.unmodifiableSortedSet(new TreeSet<>(undefined));
  }
}
