// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkloadRef;
import java.util.Comparator;
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
   * Returns the workload of a pod. A pod that is gone is attributed to the workload whose name is
   * the longest prefix of its own.
   */
  WorkloadRef of(String pod) {
    WorkloadRef known = pods.get(pod);
    if (known != null) {
      return known;
    }
    return workloads.stream()
        .filter(workload -> !workload.kind().equals("Pod"))
        .filter(workload -> suffix(pod, workload).matches(GENERATED))
        .max(
            Comparator.comparingInt((WorkloadRef workload) -> workload.name().length())
                .thenComparing(workload -> usual(workload.kind(), suffix(pod, workload)))
                .thenComparing(Comparator.naturalOrder()))
        .orElseGet(() -> new WorkloadRef(namespace, "Pod", pod));
  }

  private static String suffix(String pod, WorkloadRef workload) {
    return pod.startsWith(workload.name()) ? pod.substring(workload.name().length()) : "";
  }

  /** Returns whether a controller of that kind appends such a suffix; two may share a name. */
  private static boolean usual(String kind, String suffix) {
    return switch (kind) {
      case "StatefulSet" -> suffix.matches("-[0-9]+");
      case "Deployment", "CronJob", "Rollout" -> suffix.lastIndexOf('-') > 0;
      default -> suffix.lastIndexOf('-') == 0;
    };
  }
}
