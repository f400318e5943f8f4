// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mtls.ClientLabels;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Pods with sidecars, one for all of a namespace that every rule treats alike. */
record SidecarClients(List<Pod> pods) {

  static SidecarClients of(MeshSnapshot snapshot) {
    List<Pod> pods = new ArrayList<>();
    for (NamespaceFacts facts : snapshot.namespaces().values()) {
      ClientLabels labels = new ClientLabels(facts);
      Set<Map<String, String>> seen = new HashSet<>();
      for (Pod pod : facts.pods()) {
        boolean calls = pod.dataPlane() == DataPlane.SIDECAR && !pod.terminated();
        if (calls && seen.add(labels.of(pod))) {
          pods.add(pod);
        }
      }
    }
    return new SidecarClients(List.copyOf(pods));
  }
}
