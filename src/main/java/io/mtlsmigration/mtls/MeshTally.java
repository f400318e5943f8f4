// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import io.mtlsmigration.mesh.DataPlane;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * All namespaces together in numbers, from the tally of each.
 *
 * @param namespaces number of namespaces by posture
 * @param workloadsByPosture number of workloads, by what all ports of their captured pods enforce
 *     together
 * @param byDataPlane number of pods by data plane
 */
public record MeshTally(
    Map<Posture, Integer> namespaces,
    Map<Posture, Integer> workloadsByPosture,
    Map<DataPlane, Integer> byDataPlane,
    int workloads,
    int pods) {

  static MeshTally of(NamespaceModes[] all) {
    Map<Posture, Integer> namespaces = new EnumMap<>(Posture.class);
    Map<Posture, Integer> postures = new EnumMap<>(Posture.class);
    Map<DataPlane, Integer> planes = new EnumMap<>(DataPlane.class);
    int workloads = 0;
    int pods = 0;
    for (NamespaceModes modes : all) {
      NamespaceTally tally = modes.tally();
      namespaces.merge(tally.posture(), 1, Integer::sum);
      tally.workloadsByPosture().forEach((posture, n) -> postures.merge(posture, n, Integer::sum));
      tally.byDataPlane().forEach((plane, n) -> planes.merge(plane, n, Integer::sum));
      workloads += tally.workloads();
      pods += tally.pods();
    }
    // In the order of the enums, which answers of the API keep.
    return new MeshTally(
        Collections.unmodifiableMap(namespaces),
        Collections.unmodifiableMap(postures),
        Collections.unmodifiableMap(planes),
        workloads,
        pods);
  }
}
