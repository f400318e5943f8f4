// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkloadRef;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A namespace in numbers. Finished pods do not count.
 *
 * @param workloads workloads with at least one pod
 * @param capturedWorkloads workloads with every pod captured by a proxy
 * @param capturedPods pods that a PeerAuthentication governs
 * @param byDataPlane number of pods by data plane
 * @param workloadsByPosture number of workloads, by what all ports of their captured pods enforce
 *     together
 */
public record NamespaceTally(
    Posture posture,
    int workloads,
    int capturedWorkloads,
    int pods,
    int capturedPods,
    Map<DataPlane, Integer> byDataPlane,
    Map<Posture, Integer> workloadsByPosture) {

  public NamespaceTally {
    byDataPlane = Map.copyOf(byDataPlane);
    workloadsByPosture = Map.copyOf(workloadsByPosture);
  }

  static NamespaceTally of(NamespaceModes modes) {
    Map<WorkloadRef, List<Pod>> workloads = new HashMap<>();
    Map<DataPlane, Integer> planes = new EnumMap<>(DataPlane.class);
    int pods = 0;
    for (Pod pod : modes.facts().pods()) {
      if (!pod.terminated()) {
        pods++;
        planes.merge(pod.dataPlane(), 1, Integer::sum);
        workloads.computeIfAbsent(pod.workload(), workload -> new ArrayList<>()).add(pod);
      }
    }
    Map<Posture, Integer> postures = new EnumMap<>(Posture.class);
    int captured = 0;
    for (List<Pod> own : workloads.values()) {
      postures.merge(Postures.of(modes, own), 1, Integer::sum);
      captured += own.stream().allMatch(pod -> pod.dataPlane().captured()) ? 1 : 0;
    }
    return new NamespaceTally(
        modes.posture(),
        workloads.size(),
        captured,
        pods,
        (int) modes.facts().capturedPods(),
        planes,
        postures);
  }
}
