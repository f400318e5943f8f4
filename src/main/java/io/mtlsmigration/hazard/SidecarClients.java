package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Pods with sidecars, of those that every rule treats alike one. */
record SidecarClients(List<Pod> pods) {

  static SidecarClients of(MeshSnapshot snapshot) {
    List<Pod> pods = new ArrayList<>();
    for (NamespaceFacts facts : snapshot.namespaces().values()) {
      Set<Map<String, String>> seen = new HashSet<>();
      for (Pod pod : facts.pods()) {
        boolean calls = pod.dataPlane() == DataPlane.SIDECAR && !pod.terminated();
        if (calls && seen.add(pod.labels())) {
          pods.add(pod);
        }
      }
    }
    return new SidecarClients(List.copyOf(pods));
  }
}
