// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Every name that a scenario creates, at its start or by an event. */
final class Names {

  /** The kinds that can be deleted, because facts are kept of them. */
  static final List<String> DELETABLE =
      List.of(
          "Namespace",
          "Pod",
          "Service",
          "EndpointSlice",
          "PeerAuthentication",
          "DestinationRule",
          "Sidecar",
          "Deployment",
          "ReplicaSet",
          "ReplicationController",
          "StatefulSet",
          "DaemonSet",
          "Job",
          "CronJob");

  private final Map<Kind, Set<String>> names = new EnumMap<>(Kind.class);

  /** The kinds of names. */
  enum Kind {
    /** {@code namespace/name}. */
    WORKLOAD,
    /** {@code namespace/service:port}. */
    SERVICE_PORT,
    /** As in {@link ObjectRef#toString()}. */
    OBJECT,
    /** A namespace, {@code namespace/pod} or {@code namespace/workload}. */
    TARGET;

    String words() {
      return this == TARGET
          ? "namespace, workload or pod"
          : name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  void add(MeshSnapshot mesh) {
    mesh.namespaces().values().forEach(this::add);
  }

  private void add(NamespaceFacts facts) {
    put(Kind.TARGET, facts.name());
    put(Kind.OBJECT, new ObjectRef("Namespace", "", facts.name()).toString());
    facts.pods().forEach(this::add);
    facts.services().forEach(this::add);
    facts.endpointSlices().forEach(s -> put(Kind.OBJECT, s.ref().toString()));
    facts.peerAuthentications().forEach(p -> put(Kind.OBJECT, p.ref().toString()));
    facts.destinationRules().forEach(r -> put(Kind.OBJECT, r.ref().toString()));
    facts.sidecars().forEach(s -> put(Kind.OBJECT, s.meta().ref().toString()));
    facts.unreadable().forEach(u -> put(Kind.OBJECT, u.ref().toString()));
  }

  private void add(Pod pod) {
    var workload = pod.workload();
    put(Kind.WORKLOAD, workload.id());
    put(Kind.TARGET, workload.id());
    put(Kind.TARGET, pod.namespace() + "/" + pod.name());
    put(Kind.OBJECT, pod.ref().toString());
    put(Kind.OBJECT, workload.ref().toString());
  }

  private void add(Service service) {
    put(Kind.OBJECT, service.ref().toString());
    service.ports().forEach(p -> put(Kind.SERVICE_PORT, service.id(p)));
  }

  private void put(Kind kind, String name) {
    names.computeIfAbsent(kind, k -> new HashSet<>()).add(name);
  }

  boolean has(Kind kind, String name) {
    return names.getOrDefault(kind, Set.of()).contains(name);
  }
}
