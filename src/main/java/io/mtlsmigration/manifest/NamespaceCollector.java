// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import io.mtlsmigration.mesh.DestinationRule;
import io.mtlsmigration.mesh.EndpointSlice;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.OtherObject;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.SidecarScope;
import io.mtlsmigration.mesh.Unreadable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Collects the facts of one namespace; a repeated object replaces the earlier one. */
final class NamespaceCollector {

  private NamespaceFacts own;
  private boolean defined;
  final Map<ObjectRef, Pod> pods = new LinkedHashMap<>();
  final Map<ObjectRef, Service> services = new LinkedHashMap<>();
  final Map<ObjectRef, EndpointSlice> endpointSlices = new LinkedHashMap<>();
  final Map<ObjectRef, PeerAuthentication> peerAuthentications = new LinkedHashMap<>();
  final Map<ObjectRef, DestinationRule> destinationRules = new LinkedHashMap<>();
  final Map<ObjectRef, SidecarScope> sidecars = new LinkedHashMap<>();
  final Map<ObjectRef, OtherObject> others = new LinkedHashMap<>();
  private final Map<Object, Object> shared = new HashMap<>();
  final List<Unreadable> unreadable = new ArrayList<>();

  NamespaceCollector(String name) {
    own = NamespaceFacts.empty(name);
  }

  String name() {
    return own.name();
  }

  /** Returns whether its own object was given. */
  boolean defined() {
    return defined;
  }

  /** Returns how many of the pods that a cluster has are captured. */
  long capturedPods() {
    return pods.values().stream().filter(pod -> pod.dataPlane().captured()).count();
  }

  void own(NamespaceFacts facts) {
    own = facts;
    defined = true;
  }

  /** Adds a pod. Equal parts of a workload's replicas are stored once. */
  void put(Pod pod) {
    ObjectRef ref = new ObjectRef(Kinds.POD, own.name(), pod.name());
    pods.put(
        ref,
        new Pod(
            ref,
            pod.uid(),
            common(pod.workload()),
            common(pod.labels()),
            common(pod.annotations()),
            pod.dataPlane(),
            common(pod.inbound()),
            pod.hostNetwork(),
            common(pod.ports()),
            common(pod.lifecycle()),
            pod.ip(),
            pod.otherIps(),
            common(pod.node()),
            common(pod.serviceAccount()),
            pod.ready(),
            pod.terminated(),
            pod.proxyRestarts(),
            pod.proxyUnstarted(),
            pod.createdAt()));
  }

  @SuppressWarnings("unchecked") // the result equals the argument
  private <T> T common(T value) {
    return (T) shared.computeIfAbsent(value, v -> v);
  }

  Map<String, String> labels() {
    return own.labels();
  }

  NamespaceFacts facts(WorkloadOwners owners) {
    return new NamespaceFacts(
        own.name(),
        own.uid(),
        own.labels(),
        own.annotations(),
        own.terminating(),
        pods.values().stream().map(p -> PodReader.inContext(p, labels(), owners)).toList(),
        List.copyOf(services.values()),
        List.copyOf(endpointSlices.values()),
        List.copyOf(peerAuthentications.values()),
        List.copyOf(destinationRules.values()),
        List.copyOf(sidecars.values()),
        List.copyOf(others.values()),
        unreadable);
  }
}
