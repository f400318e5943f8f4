// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.DestinationRule;
import io.mtlsmigration.mesh.Lifecycle;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectMeta;
import io.mtlsmigration.mesh.ObjectMeta.FieldOwner;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.SidecarScope;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Adds what an API server, a scheduler and a webhook add to new objects: UIDs, resourceVersions,
 * owners of fields, pod addresses, sidecars.
 */
final class ApiIdentity {

  /** The field manager of everybody who applies a folder of manifests. */
  static final String KUBECTL = "kubectl-client-side-apply";

  private static final String NODE = "sandbox";

  private final AtomicLong resourceVersion = new AtomicLong(1_000);
  private final AtomicInteger address = new AtomicInteger();

  ApiIdentity(Instant start) {
    // Versions of a later sandbox are greater, as after a restart of an API server.
    resourceVersion.addAndGet(Math.floorMod(start.getEpochSecond(), 1_000_000_000L) * 1_000);
  }

  String nextVersion() {
    return Long.toString(resourceVersion.incrementAndGet());
  }

  static String newUid() {
    return UUID.randomUUID().toString();
  }

  /** Returns the facts with all missing parts added. */
  NamespaceFacts admit(NamespaceFacts facts) {
    return new NamespaceFacts(
        facts.name(),
        facts.uid().isEmpty() ? newUid() : facts.uid(),
        facts.labels(),
        facts.annotations(),
        facts.terminating(),
        facts.pods().stream().map(this::admit).toList(),
        facts.services(),
        facts.endpointSlices(),
        facts.peerAuthentications().stream().map(this::admit).toList(),
        facts.destinationRules().stream().map(this::admit).toList(),
        facts.sidecars().stream().map(this::admit).toList(),
        facts.others(),
        facts.unreadable());
  }

  private Pod admit(Pod pod) {
    if (!pod.uid().isEmpty() && !pod.ip().isEmpty()) {
      return pod;
    }
    return copy(
        pod,
        pod.uid().isEmpty() ? newUid() : pod.uid(),
        pod.ip().isEmpty() ? nextAddress() : pod.ip(),
        pod.labels(),
        pod.annotations(),
        pod.dataPlane(),
        pod.createdAt());
  }

  /** Returns the pod after a restart with a sidecar. It keeps its name and address. */
  Pod injected(Pod pod, Instant now) {
    if (pod.dataPlane() == DataPlane.SIDECAR || pod.hostNetwork()) {
      return pod;
    }
    Map<String, String> labels = new HashMap<>(pod.labels());
    labels.put(Pod.TLS_MODE_LABEL, "istio");
    Map<String, String> annotations = new HashMap<>(pod.annotations());
    annotations.put("sidecar.istio.io/status", "{}");
    return copy(pod, newUid(), pod.ip(), labels, annotations, DataPlane.SIDECAR, now);
  }

  private static Pod copy(
      Pod pod,
      String uid,
      String ip,
      Map<String, String> labels,
      Map<String, String> annotations,
      DataPlane plane,
      Instant createdAt) {
    return new Pod(
        pod.ref(),
        uid,
        pod.workload(),
        labels,
        annotations,
        plane,
        pod.inbound(),
        pod.hostNetwork(),
        pod.ports(),
        // Injection rewrites probes, and puts a native sidecar before other init containers.
        plane == pod.dataPlane() ? pod.lifecycle() : Lifecycle.PLAIN,
        ip,
        pod.otherIps(),
        pod.node().isEmpty() ? NODE : pod.node(),
        pod.serviceAccount(),
        pod.ready(),
        pod.terminated(),
        pod.proxyRestarts(),
        pod.proxyUnstarted(),
        createdAt);
  }

  /** Returns the next address in 10.0.0.0/8, from 10.16.0.1 on: room for fifteen million pods. */
  private String nextAddress() {
    int n = address.incrementAndGet();
    return "10." + (16 + (n >> 16)) + "." + ((n >> 8) & 0xFF) + "." + (n & 0xFF);
  }

  private PeerAuthentication admit(PeerAuthentication policy) {
    return complete(policy.meta())
        ? policy
        : new PeerAuthentication(admit(policy.meta(), true), policy.spec());
  }

  private DestinationRule admit(DestinationRule rule) {
    return complete(rule.meta())
        ? rule
        : new DestinationRule(
            admit(rule.meta(), false),
            rule.host(),
            rule.exportTo(),
            rule.workloadSelector(),
            rule.trafficPolicy(),
            rule.subsets());
  }

  private SidecarScope admit(SidecarScope scope) {
    return complete(scope.meta())
        ? scope
        : new SidecarScope(
            admit(scope.meta(), false),
            scope.workloadSelector(),
            scope.egressHosts(),
            scope.registryOnly(),
            scope.ingress(),
            scope.ingressTlsPorts());
  }

  private static boolean complete(ObjectMeta meta) {
    return !meta.uid().isEmpty() && !meta.resourceVersion().isEmpty() && !meta.owners().isEmpty();
  }

  private ObjectMeta admit(ObjectMeta meta, boolean hasMode) {
    return new ObjectMeta(
        meta.ref(),
        meta.uid().isEmpty() ? newUid() : meta.uid(),
        meta.resourceVersion().isEmpty() ? nextVersion() : meta.resourceVersion(),
        meta.createdAt(),
        meta.labels(),
        meta.annotations(),
        meta.owners().isEmpty() ? List.of(new FieldOwner(KUBECTL, true, hasMode)) : meta.owners(),
        meta.held());
  }
}
