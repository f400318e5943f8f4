// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.DestinationRule;
import io.mtlsmigration.mesh.InboundCapture;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.OutboundCapture;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.SidecarScope;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The traits of a pod that predictions depend on: pods with equal traits have equal results. Labels
 * count when some policy, rule or Sidecar of the mesh selects by them, or when they are Istio's
 * own; with them are the annotations that keep its calls from its sidecar.
 */
record PodTraits(
    String namespace, DataPlane dataPlane, InboundCapture inbound, Map<String, String> labels) {

  /** Reads the traits of one mesh's pods. */
  static final class Reader {
    private final Set<String> keys = new HashSet<>();

    Reader(MeshSnapshot snapshot) {
      for (NamespaceFacts namespace : snapshot.namespaces().values()) {
        for (PeerAuthentication policy : namespace.peerAuthentications()) {
          keys.addAll(policy.spec().selector().keySet());
        }
        for (DestinationRule rule : namespace.destinationRules()) {
          keys.addAll(rule.workloadSelector().keySet());
          rule.subsets().forEach(subset -> keys.addAll(subset.labels().keySet()));
        }
        for (SidecarScope sidecar : namespace.sidecars()) {
          keys.addAll(sidecar.workloadSelector().keySet());
        }
      }
    }

    PodTraits of(Pod pod) {
      Map<String, String> labels = new TreeMap<>();
      pod.labels()
          .forEach(
              (key, value) -> {
                if (keys.contains(key) || key.contains("istio.io/")) {
                  labels.put(key, value);
                }
              });
      labels.putAll(OutboundCapture.annotations(pod));
      return new PodTraits(pod.namespace(), pod.dataPlane(), pod.inbound(), labels);
    }
  }
}
