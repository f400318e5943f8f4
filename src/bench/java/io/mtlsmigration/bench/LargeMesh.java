// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.bench;

import io.mtlsmigration.mesh.ContainerPort;
import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.InboundCapture;
import io.mtlsmigration.mesh.Lifecycle;
import io.mtlsmigration.mesh.MeshSettings;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectMeta;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkloadRef;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A mesh of any size in which every second namespace has a policy, of which every fifth selects.
 */
final class LargeMesh {

  private static final Instant EPOCH = Instant.parse("2026-01-01T00:00:00Z");

  private LargeMesh() {}

  static String name(int namespace) {
    return "namespace-%05d".formatted(namespace);
  }

  static MeshSnapshot build(int namespaces, int podsEach) {
    List<NamespaceFacts> all = new ArrayList<>(namespaces + 1);
    all.add(
        NamespaceFacts.empty("istio-system")
            .withPeerAuthentications(
                List.of(policy("istio-system", Map.of(), MtlsMode.PERMISSIVE, Map.of()))));
    for (int i = 0; i < namespaces; i++) {
      all.add(namespace(i, podsEach));
    }
    return MeshSnapshot.of(MeshSettings.DEFAULT, EPOCH, all);
  }

  private static NamespaceFacts namespace(int number, int podsEach) {
    String name = name(number);
    List<Pod> pods = new ArrayList<>(podsEach);
    for (int i = 0; i < podsEach; i++) {
      pods.add(pod(name, i));
    }
    NamespaceFacts facts = NamespaceFacts.empty(name).withPods(pods);
    if (number % 2 == 1) {
      return facts;
    }
    PeerAuthentication policy =
        number % 10 == 0
            ? policy(
                name, Map.of("app", "app-0"), MtlsMode.UNSET, Map.of(8080, MtlsMode.PERMISSIVE))
            : policy(name, Map.of(), MtlsMode.STRICT, Map.of());
    return facts.withPeerAuthentications(List.of(policy));
  }

  /** A policy for a namespace and one for some of its pods. */
  static List<PeerAuthentication> policies(String namespace, MtlsMode mode, List<Pod> pods) {
    return List.of(
        policy(namespace, Map.of(), mode, Map.of()),
        policy(namespace, pods.get(0).labels(), mode, Map.of(8080, MtlsMode.PERMISSIVE)));
  }

  private static PeerAuthentication policy(
      String namespace, Map<String, String> selector, MtlsMode mode, Map<Integer, MtlsMode> ports) {
    String name = selector.isEmpty() ? "default" : "workload";
    ObjectMeta meta =
        new ObjectMeta(
            ObjectRef.peerAuthentication(namespace, name),
            "uid",
            "1",
            EPOCH,
            Map.of(),
            Map.of(),
            List.of());
    return new PeerAuthentication(meta, new PeerAuthentication.Spec(selector, mode, ports));
  }

  private static Pod pod(String namespace, int number) {
    String app = "app-" + number % 5;
    return new Pod(
        new ObjectRef("Pod", namespace, "pod-" + number),
        "uid-" + namespace + number,
        new WorkloadRef(namespace, "Deployment", app),
        Map.of("app", app, "version", "v1", Pod.TLS_MODE_LABEL, "istio"),
        Map.of(),
        DataPlane.SIDECAR,
        InboundCapture.EVERYTHING,
        false,
        List.of(new ContainerPort("http", 8080, "TCP", 0)),
        Lifecycle.PLAIN,
        "10.0.0.1",
        List.of(),
        "node",
        "default",
        true,
        false,
        0,
        false,
        EPOCH);
  }
}
