// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.wire;

import io.mtlsmigration.mesh.ContainerPort;
import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.InboundCapture;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.wire.WireChecks.UnknownTargetException;
import java.util.Comparator;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** Finds the pod and the ports of a request. */
final class WireTargets {

  private static final String TCP = "TCP";

  /** The label of pods whose sidecar accepts tunnels (Istio, pkg/model/proxy.go, TunnelLabel). */
  private static final String TUNNEL_LABEL = "networking.istio.io/tunnel";

  /** The order of preference of several pods: ready, with a proxy in front. */
  private static final Comparator<Pod> PREFERRED =
      Comparator.comparing(Pod::ready)
          .thenComparing(pod -> pod.dataPlane() != DataPlane.NONE)
          .reversed()
          .thenComparing(Pod::name);

  private WireTargets() {}

  static WireTap.Target of(MeshSnapshot snapshot, WireRequest request) {
    NamespaceFacts namespace = snapshot.namespace(request.namespace());
    if (namespace == null) {
      throw new UnknownTargetException("namespace", "There is no namespace " + request.namespace());
    }
    Pod pod = pod(namespace, request);
    return new WireTap.Target(pod, ports(namespace, pod, request));
  }

  private static Pod pod(NamespaceFacts namespace, WireRequest request) {
    boolean byPod = request.pod() != null;
    List<Pod> named =
        namespace.pods().stream()
            .filter(
                pod ->
                    byPod
                        ? pod.name().equals(request.pod())
                        : pod.workload().name().equals(request.workload()))
            .toList();
    String what = byPod ? "pod " + request.pod() : "workload " + request.workload();
    String field = byPod ? "pod" : "workload";
    if (named.isEmpty()) {
      throw new UnknownTargetException(
          field, "There is no " + what + " with pods in namespace " + namespace.name());
    }
    return named.stream()
        .filter(pod -> !pod.terminated())
        .min(PREFERRED)
        .orElseThrow(
            () ->
                new UnknownTargetException(
                    field, "No pod of " + what + " runs in namespace " + namespace.name()));
  }

  private static SortedSet<Integer> ports(NamespaceFacts namespace, Pod pod, WireRequest request) {
    SortedSet<Integer> ports = new TreeSet<>();
    if (request.port() != null) {
      ports.add(request.port());
    } else {
      pod.ports().stream().filter(p -> p.protocol().equals(TCP)).forEach(p -> ports.add(p.port()));
      namespace.services().stream()
          .filter(service -> service.selects(pod))
          .flatMap(service -> service.ports().stream())
          .forEach(port -> addTarget(port, pod, ports));
      ports.removeIf(InboundCapture::ofTheProxy);
    }
    if (ports.isEmpty()) {
      throw new UnknownTargetException(
          "port",
          "Pod " + pod.name() + " declares no TCP port and no Service leads to one: name it");
    }
    if (takesTunnels(pod)) {
      ports.add(Classifier.TUNNEL_PORT);
    }
    return ports;
  }

  private static void addTarget(ServicePort port, Pod pod, SortedSet<Integer> ports) {
    if (!port.protocol().equals(TCP)) {
      return;
    }
    if (port.targetPort().chars().allMatch(Character::isDigit)) {
      ports.add(Integer.valueOf(port.targetPort()));
      return;
    }
    for (ContainerPort declared : pod.ports()) {
      if (declared.name().equals(port.targetPort())) {
        ports.add(declared.port());
      }
    }
  }

  private static boolean takesTunnels(Pod pod) {
    return pod.dataPlane() == DataPlane.AMBIENT || "http".equals(pod.labels().get(TUNNEL_LABEL));
  }
}
