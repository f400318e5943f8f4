// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Pods with sidecars, one for all of a namespace that every rule treats alike: rules read only the
 * labels that a selector of clients names.
 */
record SidecarClients(List<Pod> pods) {

  static SidecarClients of(MeshSnapshot snapshot) {
    Set<String> selecting = new HashSet<>();
    for (NamespaceFacts facts : snapshot.namespaces().values()) {
      facts.destinationRules().forEach(rule -> selecting.addAll(rule.workloadSelector().keySet()));
      facts.sidecars().forEach(scope -> selecting.addAll(scope.workloadSelector().keySet()));
    }
    List<Pod> pods = new ArrayList<>();
    for (NamespaceFacts facts : snapshot.namespaces().values()) {
      Set<Map<String, String>> seen = new HashSet<>();
      for (Pod pod : facts.pods()) {
        boolean calls = pod.dataPlane() == DataPlane.SIDECAR && !pod.terminated();
        if (calls) {
          Map<String, String> labels = new HashMap<>(pod.labels());
          labels.keySet().retainAll(selecting);
          if (seen.add(labels)) {
            pods.add(pod);
          }
        }
      }
    }
    return new SidecarClients(List.copyOf(pods));
  }
}
