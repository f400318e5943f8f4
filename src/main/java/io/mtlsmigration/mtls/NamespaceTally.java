package io.mtlsmigration.mtls;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkloadRef;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/**
 * A namespace in numbers. Finished pods do not count.
 *
 * @param workloads with at least one pod
 * @param capturedWorkloads of which a proxy captures every pod
 * @param capturedPods that a PeerAuthentication governs
 * @param byDataPlane pods, by who captures them
 */
public record NamespaceTally(
    Posture posture,
    int workloads,
    int capturedWorkloads,
    int pods,
    int capturedPods,
    Map<DataPlane, Integer> byDataPlane) {

  public NamespaceTally {
    byDataPlane = Map.copyOf(byDataPlane);
  }

  static NamespaceTally of(NamespaceModes modes) {
    Map<WorkloadRef, Boolean> captured = new HashMap<>();
    Map<DataPlane, Integer> planes = new EnumMap<>(DataPlane.class);
    int pods = 0;
    for (Pod pod : modes.facts().pods()) {
      if (!pod.terminated()) {
        pods++;
        planes.merge(pod.dataPlane(), 1, Integer::sum);
        captured.merge(pod.workload(), pod.dataPlane().captured(), Boolean::logicalAnd);
      }
    }
    return new NamespaceTally(
        modes.posture(),
        captured.size(),
        (int) captured.values().stream().filter(all -> all).count(),
        pods,
        (int) modes.facts().capturedPods(),
        planes);
  }
}
