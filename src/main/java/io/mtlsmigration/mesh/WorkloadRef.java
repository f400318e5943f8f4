// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import java.util.Set;

/**
 * The controller of a pod (Deployment, StatefulSet, DaemonSet, Job, CronJob …). A bare Pod is a
 * workload of its own name.
 */
public record WorkloadRef(String namespace, String kind, String name)
    implements Comparable<WorkloadRef> {

  private static final Set<String> LASTING =
      Set.of(
          "Deployment",
          "ReplicaSet",
          "ReplicationController",
          "StatefulSet",
          "DaemonSet",
          "Rollout",
          "DeploymentConfig",
          "CloneSet");

  /**
   * Returns whether its pods are replaced when they end, so that any of them may serve somebody.
   */
  public boolean lasting() {
    return LASTING.contains(kind);
  }

  public static WorkloadRef of(ObjectRef ref) {
    return new WorkloadRef(ref.namespace(), ref.kind(), ref.name());
  }

  /** Returns the name of its object. */
  public ObjectRef ref() {
    return new ObjectRef(kind, namespace, name);
  }

  /** Returns {@code namespace/name}: the form in which the API names workloads. */
  public String id() {
    return namespace + "/" + name;
  }

  @Override
  public int compareTo(WorkloadRef other) {
    int order = namespace.compareTo(other.namespace);
    order = order == 0 ? name.compareTo(other.name) : order;
    return order == 0 ? kind.compareTo(other.kind) : order;
  }

  @Override
  public String toString() {
    return kind + " " + id();
  }
}
