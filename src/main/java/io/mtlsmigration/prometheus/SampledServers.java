// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkloadRef;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The servers of which there are samples. Istio names workloads without their kind: a series whose
 * pod is known is of that pod's workload alone.
 */
final class SampledServers {

  private final Set<String> namespaces = new HashSet<>();

  private final Set<PodName> scrapedPods = new HashSet<>();

  /** Workloads by the pods that were scraped. */
  private final Set<WorkloadRef> scraped = new HashSet<>();

  /** Names of others, such as those that ztunnel reports about. */
  private final Set<String> named = new HashSet<>();

  /**
   * Creates the set.
   *
   * @param measured the series that count for the servers that they name
   */
  SampledServers(MeshSnapshot facts, List<QueryResult.Series> measured) {
    Map<PodName, Pod> pods = new HashMap<>();
    for (NamespaceFacts namespace : facts.namespaces().values()) {
      for (Pod pod : namespace.pods()) {
        pods.put(PodName.of(pod), pod);
      }
    }
    for (QueryResult.Series one : measured) {
      String namespace = one.label("destination_workload_namespace");
      String name = one.label("destination_workload");
      namespaces.add(namespace);
      Pod of = pods.get(PodName.of(one));
      if (of != null && of.workload().namespace().equals(namespace) && of.mayBeReportedAs(name)) {
        scraped.add(of.workload());
        scrapedPods.add(PodName.of(one));
      } else {
        named.add(namespace + "/" + name);
      }
    }
    for (Pod pod : pods.values()) {
      if (named.contains(pod.namespace() + "/" + pod.workloadAlias())) {
        named.add(pod.workload().id());
      }
    }
  }

  /** Returns whether there are samples of some server of a namespace. */
  boolean any(String namespace) {
    return namespaces.contains(namespace);
  }

  /** Returns whether there are samples of that pod, or of a server that may be its workload. */
  boolean has(Pod pod) {
    return scrapedPods.contains(PodName.of(pod)) || named.contains(pod.workload().id());
  }

  /** Returns whether there are samples of some pod of a server. */
  boolean has(WorkloadRef server) {
    return scraped.contains(server) || named.contains(server.id());
  }
}
