// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkloadRef;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The workload that a pod belongs, or belonged, to. Counters of a pod outlive it. */
final class PodWorkloads {

  /** The suffixes that controllers append: a hash and a suffix, a suffix, or an ordinal. */
  private static final String GENERATED = "-([a-z0-9]{1,10}-)?[a-z0-9]{1,10}";

  private final String namespace;
  private final Map<String, WorkloadRef> pods = new HashMap<>();
  private final Set<WorkloadRef> workloads = new HashSet<>();

  PodWorkloads(NamespaceFacts facts) {
    namespace = facts.name();
    for (Pod pod : facts.pods()) {
      pods.put(pod.name(), pod.workload());
      workloads.add(pod.workload());
    }
  }

  /**
   * Returns the workload of a pod. A pod that is gone is attributed to the workload whose name is a
   * prefix of its own.
   */
  WorkloadRef of(String pod) {
    WorkloadRef known = pods.get(pod);
    if (known != null) {
      return known;
    }
    WorkloadRef nearest = null;
    for (WorkloadRef workload : workloads) {
      boolean fits =
          pod.startsWith(workload.name())
              && pod.substring(workload.name().length()).matches(GENERATED);
      if (fits && (nearest == null || workload.name().length() > nearest.name().length())) {
        nearest = workload;
      }
    }
    return nearest != null ? nearest : new WorkloadRef(namespace, "Pod", pod);
  }
}
