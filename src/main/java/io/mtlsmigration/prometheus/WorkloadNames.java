// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkloadRef;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Adds the kind to workloads, which Istio's metrics name without one; the facts know it. A workload
 * that is gone is taken for a Deployment, which most are: also one whose name a label gives to
 * another one now.
 */
final class WorkloadNames {

  private static final String UNKNOWN = "unknown";

  /** The length of the longest name in Kubernetes; a proxy has made up a longer one. */
  private static final int LONGEST = 253;

  private final Map<String, WorkloadRef> known = new HashMap<>();

  WorkloadNames(MeshSnapshot snapshot) {
    for (NamespaceFacts namespace : snapshot.namespaces().values()) {
      for (Pod pod : namespace.pods()) {
        known.putIfAbsent(pod.workload().id(), pod.workload());
      }
    }
  }

  /** Returns null when Istio did not know the workload, or nobody is called so. */
  @Nullable WorkloadRef of(String namespace, String name) {
    if (unknown(namespace) || unknown(name)) {
      return null;
    }
    WorkloadRef ref = known.get(namespace + "/" + name);
    return ref == null ? new WorkloadRef(namespace, "Deployment", name) : ref;
  }

  /** Returns whether a label, which whoever is scraped may make up, names nobody. */
  static boolean unknown(String label) {
    return nameless(label) || label.length() > LONGEST;
  }

  /** Returns whether the facts have the workload. */
  boolean knows(WorkloadRef ref) {
    return known.containsKey(ref.id());
  }

  private static boolean nameless(String label) {
    return label.isEmpty() || label.equals(UNKNOWN);
  }
}
