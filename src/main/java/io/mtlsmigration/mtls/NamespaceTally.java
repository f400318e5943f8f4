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
 * @param workloads with at least one pod
 * @param capturedWorkloads of which a proxy captures every pod
 * @param capturedPods that a PeerAuthentication governs
 * @param byDataPlane pods, by who captures them
 * @param workloadsByPosture workloads, by what all ports of their captured pods enforce together
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
