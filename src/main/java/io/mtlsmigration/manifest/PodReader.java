// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import io.mtlsmigration.mesh.ContainerPort;
import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.InboundCapture;
import io.mtlsmigration.mesh.Injection;
import io.mtlsmigration.mesh.Lifecycle;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.OutboundCapture;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkloadRef;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Reads a Pod, and the pod that a workload's template would produce. */
final class PodReader {

  /**
   * The annotations of a pod that are kept; a mesh has hundreds of thousands of pods, and the
   * others are larger than all the rest. Labels are all kept, since selectors match them.
   */
  static final Set<String> KEPT_ANNOTATIONS =
      Set.of(
          "ambient.istio.io/bypass-inbound-capture",
          "ambient.istio.io/redirection",
          "inject.istio.io/templates",
          "istio.io/rev",
          "prometheus.io/path",
          "prometheus.io/port",
          "prometheus.io/scheme",
          "prometheus.io/scrape",
          "proxy.istio.io/config",
          "sidecar.istio.io/inject",
          OutboundCapture.MODE,
          "sidecar.istio.io/rewriteAppHTTPProbers",
          "traffic.sidecar.istio.io/excludeInboundPorts",
          InboundCapture.EXCLUDED_INTERFACES,
          OutboundCapture.EXCLUDED_RANGES,
          OutboundCapture.EXCLUDED_PORTS,
          "traffic.sidecar.istio.io/includeInboundPorts",
          OutboundCapture.INCLUDED_RANGES,
          OutboundCapture.INCLUDED_PORTS);

  private static final String SCRAPE = "prometheus.io/scrape";
  private static final String MERGE = "prometheus.istio.io/merge-metrics";

  private PodReader() {}

  /**
   * Reads a pod without its context: its workload is its direct controller, and its namespace's
   * labels are not considered. {@link #inContext} completes it.
   */
  static Pod pod(ObjectRef ref, ManifestFields object, Instant createdAt) {
    ManifestFields metadata = object.object("metadata");
    ManifestFields spec = object.object("spec");
    ManifestFields status = object.object("status");
    Map<String, String> labels = metadata.strings("labels");
    Map<String, String> annotations = metadata.strings("annotations");
    DataPlane dataPlane = Capture.dataPlane(spec, labels, annotations, Map.of());
    String phase = status.text("phase", "");
    List<ManifestFields> proxies = proxies(status);
    return new Pod(
        ref,
        metadata.text("uid", ""),
        WorkloadRef.of(Ownership.ofPod(ref, metadata)),
        labels,
        kept(spec, annotations),
        dataPlane,
        Capture.inbound(dataPlane, spec, metadata.object("annotations"), annotations),
        spec.flag("hostNetwork"),
        ports(spec),
        LifecycleReader.running(spec),
        status.text("podIP", ""),
        otherIps(status),
        spec.text("nodeName", ""),
        spec.text("serviceAccountName", "default"),
        // A manifest without a status stands for a ready pod, since it is meant to run.
        !object.has("status") || ready(status),
        phase.equals("Succeeded") || phase.equals("Failed"),
        proxyRestarts(proxies),
        dataPlane == DataPlane.SIDECAR && unstarted(proxies),
        MetaReader.createdAt(metadata, createdAt));
  }

  /** Returns whether somebody wrote the pod, for itself, and no cluster has accepted it. */
  static boolean isWritten(ManifestFields object) {
    ManifestFields metadata = object.object("metadata");
    ManifestFields status = object.object("status");
    return !metadata.has("uid")
        && !metadata.has("ownerReferences")
        && !object.object("spec").has("nodeName")
        && !status.has("phase")
        && !status.has("podIP");
  }

  /** Completes a pod with facts of its context; the same object when there are none. */
  static Pod inContext(Pod pod, Map<String, String> namespaceLabels, WorkloadOwners owners) {
    boolean ambient =
        (pod.dataPlane() == DataPlane.NONE || pod.dataPlane() == DataPlane.GATEWAY)
            && !pod.hostNetwork()
            && Capture.isAmbient(pod.labels(), pod.annotations(), namespaceLabels);
    WorkloadRef workload = Ownership.top(pod.workload(), pod.labels(), owners);
    if (!ambient && workload.equals(pod.workload())) {
      return pod;
    }
    return new Pod(
        pod.ref(),
        pod.uid(),
        workload,
        pod.labels(),
        pod.annotations(),
        ambient ? DataPlane.AMBIENT : pod.dataPlane(),
        ambient ? Capture.ambientInbound(pod.annotations()) : pod.inbound(),
        pod.hostNetwork(),
        pod.ports(),
        pod.lifecycle(),
        pod.ip(),
        pod.otherIps(),
        pod.node(),
        pod.serviceAccount(),
        pod.ready(),
        pod.terminated(),
        pod.proxyRestarts(),
        pod.proxyUnstarted(),
        pod.createdAt());
  }

  /**
   * Returns the pod that a template produces after Istio's webhook, or its CNI node agent for
   * ambient.
   *
   * @param template a PodTemplateSpec
   */
  static Pod fromTemplate(
      ObjectRef ref,
      WorkloadRef workload,
      ManifestFields template,
      Map<String, String> namespaceLabels,
      Instant createdAt) {
    ManifestFields metadata = template.object("metadata");
    ManifestFields spec = template.object("spec");
    Map<String, String> labels = new TreeMap<>(metadata.strings("labels"));
    Map<String, String> annotations = new TreeMap<>(metadata.strings("annotations"));
    DataPlane asWritten = Capture.dataPlane(spec, labels, annotations, namespaceLabels);
    DataPlane dataPlane =
        asWritten == DataPlane.NONE
            ? becomes(ref.namespace(), spec, labels, annotations, namespaceLabels)
            : asWritten; // otherwise injected by hand (istioctl kube-inject), or a gateway
    boolean injected = dataPlane == DataPlane.SIDECAR && asWritten != DataPlane.SIDECAR;
    Lifecycle lifecycle =
        injected ? LifecycleReader.injected(spec, annotations) : LifecycleReader.running(spec);
    if (dataPlane == DataPlane.SIDECAR) {
      labels.putIfAbsent(Pod.TLS_MODE_LABEL, "istio");
      if (injected) {
        mergeMetrics(annotations);
      }
    } else if (dataPlane == DataPlane.AMBIENT) {
      annotations.put(Capture.REDIRECTION, "enabled");
    }
    return new Pod(
        ref,
        "",
        workload,
        labels,
        kept(spec, annotations),
        dataPlane,
        Capture.inbound(dataPlane, spec, metadata.object("annotations"), annotations),
        spec.flag("hostNetwork"),
        ports(spec),
        lifecycle,
        "",
        List.of(),
        "",
        spec.text("serviceAccountName", "default"),
        true,
        false,
        0,
        false,
        createdAt);
  }

  private static DataPlane becomes(
      String namespace,
      ManifestFields spec,
      Map<String, String> labels,
      Map<String, String> annotations,
      Map<String, String> namespaceLabels) {
    DataPlane plane =
        Injection.dataPlane(
            namespace, namespaceLabels, labels, annotations, spec.flag("hostNetwork"));
    return plane == DataPlane.SIDECAR && Capture.asksForGateway(annotations)
        ? DataPlane.GATEWAY
        : plane;
  }

  /** Redirects Prometheus to the proxy, which adds the application's metrics to its own. */
  private static void mergeMetrics(Map<String, String> annotations) {
    if ("true".equals(annotations.get(SCRAPE)) && !"false".equals(annotations.get(MERGE))) {
      annotations.put("prometheus.io/port", "15020");
      annotations.put("prometheus.io/path", "/stats/prometheus");
    }
  }

  /** Returns the annotations that are kept, as far as the pod's own rules do not say otherwise. */
  static Map<String, String> kept(ManifestFields spec, Map<String, String> annotations) {
    Map<String, String> kept = new TreeMap<>(Capture.outbound(spec, annotations));
    kept.keySet().retainAll(KEPT_ANNOTATIONS);
    return kept;
  }

  private static List<ContainerPort> ports(ManifestFields spec) {
    List<ContainerPort> ports = new ArrayList<>();
    for (ManifestFields container : spec.objects("containers")) {
      if (!Capture.isProxy(container)) {
        addPorts(ports, container);
      }
    }
    for (ManifestFields container : spec.objects("initContainers")) {
      if (!Capture.isProxy(container) && Capture.runsOn(container)) {
        addPorts(ports, container);
      }
    }
    return ports;
  }

  private static void addPorts(List<ContainerPort> ports, ManifestFields container) {
    for (ManifestFields port : container.objects("ports")) {
      if (!port.has("containerPort")) {
        port.fault("containerPort", "is required");
      }
      ports.add(
          new ContainerPort(
              port.text("name", ""),
              port.port("containerPort"),
              port.text("protocol", "TCP"),
              port.integer("hostPort", 0, 0, 65_535)));
    }
  }

  private static List<String> otherIps(ManifestFields status) {
    String first = status.text("podIP", "");
    List<String> others = new ArrayList<>();
    for (ManifestFields address : status.objects("podIPs")) {
      String ip = address.text("ip", "");
      if (!ip.isEmpty() && !ip.equals(first)) {
        others.add(ip);
      }
    }
    return others;
  }

  private static int proxyRestarts(List<ManifestFields> proxies) {
    return proxies.stream().mapToInt(PodReader::restarts).max().orElse(0);
  }

  private static int restarts(ManifestFields container) {
    return container.integer("restartCount", 0, 0, Integer.MAX_VALUE);
  }

  /** Returns whether all proxies have yet to run. One whose status is not known may run. */
  private static boolean unstarted(List<ManifestFields> proxies) {
    return !proxies.isEmpty()
        && proxies.stream()
            .allMatch(
                proxy ->
                    proxy.object("state").has("waiting")
                        && !proxy.object("lastState").has("terminated")
                        && !proxy.flag("started")
                        && restarts(proxy) == 0);
  }

  /** Returns the statuses of the pod's proxy. */
  private static List<ManifestFields> proxies(ManifestFields status) {
    return Stream.of("containerStatuses", "initContainerStatuses")
        .flatMap(containers -> status.objects(containers).stream())
        .filter(Capture::isProxy)
        .toList();
  }

  private static boolean ready(ManifestFields status) {
    return status.objects("conditions").stream()
        .anyMatch(c -> c.text("type", "").equals("Ready") && c.text("status", "").equals("True"));
  }
}
