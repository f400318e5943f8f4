// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import io.mtlsmigration.mesh.InboundCapture;
import io.mtlsmigration.mesh.Lifecycle;
import io.mtlsmigration.mesh.Lifecycle.Probe;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the traffic of a pod that bypasses its proxy. Sources: istio pkg/kube/inject/app_probe.go
 * (what injection rewrites), {@code reorderPod} in pkg/kube/inject/webhook.go (what runs before).
 */
final class LifecycleReader {

  private static final List<String> PROBES =
      List.of("livenessProbe", "readinessProbe", "startupProbe");
  private static final List<String> HANDLERS = List.of("postStart", "preStop");

  /** The path of the kubelet's gRPC probe (grpc/health/v1). */
  private static final String GRPC_HEALTH = "/grpc.health.v1.Health/Check";

  /** Istio's own containers, besides the proxy itself. */
  private static final Set<String> OF_ISTIO =
      Set.of("istio-init", "istio-validation", "enable-core-dump");

  private static final String REWRITE = "sidecar.istio.io/rewriteAppHTTPProbers";
  private static final String NATIVE = "sidecar.istio.io/nativeSidecar";

  private LifecycleReader() {}

  /**
   * Reads a running pod: probes rewritten by injection call the proxy's port. A pod without a proxy
   * has nothing to report; ztunnel admits the kubelet's probes.
   */
  static Lifecycle running(ManifestFields spec) {
    boolean nativeProxy = spec.objects("initContainers").stream().anyMatch(Capture::isProxy);
    boolean proxy = nativeProxy || spec.objects("containers").stream().anyMatch(Capture::isProxy);
    return proxy ? lifecycle(probes(spec), early(spec, nativeProxy)) : Lifecycle.PLAIN;
  }

  /** Reads a template, as injection by its defaults would leave it. */
  static Lifecycle injected(ManifestFields spec, Map<String, String> annotations) {
    boolean rewrites = !isFalse(annotations.get(REWRITE));
    boolean before = isFalse(annotations.get(NATIVE));
    return lifecycle(rewrites ? List.of() : probes(spec), before ? early(spec, false) : List.of());
  }

  private static Lifecycle lifecycle(List<Probe> probes, List<String> early) {
    return probes.isEmpty() && early.isEmpty() ? Lifecycle.PLAIN : new Lifecycle(probes, early);
  }

  /** Returns whether Go's {@code strconv.ParseBool} parses the value as false. */
  private static boolean isFalse(@Nullable String value) {
    return value != null && Set.of("0", "f", "F", "FALSE", "false", "False").contains(value);
  }

  private static List<Probe> probes(ManifestFields spec) {
    List<Probe> probes = new ArrayList<>(0);
    spec.objects("containers").forEach(container -> addProbes(probes, container));
    spec.objects("initContainers").stream()
        .filter(Capture::runsOn)
        .forEach(container -> addProbes(probes, container));
    return probes;
  }

  private static void addProbes(List<Probe> probes, ManifestFields container) {
    if (Capture.isProxy(container)) {
      return;
    }
    for (String field : PROBES) {
      if (container.has(field)) {
        ManifestFields probe = container.object(field);
        addHttp(probes, container, field, probe);
        if (probe.has("grpc")) {
          add(probes, container, field, probe.object("grpc").port("port"), GRPC_HEALTH);
        }
      }
    }
    for (String field : HANDLERS) {
      addHttp(probes, container, field, container.object("lifecycle").object(field));
    }
  }

  private static void addHttp(
      List<Probe> probes, ManifestFields container, String field, ManifestFields handler) {
    int port = httpPort(container, handler);
    if (port != 0) {
      add(probes, container, field, port, path(handler.object("httpGet").text("path", "/")));
    }
  }

  private static void add(
      List<Probe> probes, ManifestFields container, String field, int port, String path) {
    if (port != 0 && !InboundCapture.ofTheProxy(port)) {
      probes.add(new Probe(container.text("name", ""), field, port, path));
    }
  }

  /** Returns the path as the kubelet requests it: absolute, and without the query. */
  private static String path(String given) {
    int query = given.indexOf('?');
    String path = query < 0 ? given : given.substring(0, query);
    return path.startsWith("/") ? path : "/" + path;
  }

  /** Returns the port; 0 when the probe is of another kind, or calls another host than its pod. */
  private static int httpPort(ManifestFields container, ManifestFields handler) {
    if (!handler.has("httpGet")) {
      return 0;
    }
    ManifestFields http = handler.object("httpGet");
    String port = http.portOrName("port", "");
    if (!http.text("host", "").isEmpty()) {
      return 0;
    }
    return port.matches("[0-9]+") ? Integer.parseInt(port) : named(container).getOrDefault(port, 0);
  }

  private static Map<String, Integer> named(ManifestFields container) {
    Map<String, Integer> ports = new HashMap<>();
    for (ManifestFields port : container.objects("ports")) {
      ports.put(port.text("name", ""), port.port("containerPort"));
    }
    return ports;
  }

  /** Returns the init containers before the proxy; all of them if none is the proxy. */
  private static List<String> early(ManifestFields spec, boolean nativeProxy) {
    List<String> early = new ArrayList<>(0);
    for (ManifestFields container : spec.objects("initContainers")) {
      if (nativeProxy && Capture.isProxy(container)) {
        break;
      }
      String name = container.text("name", "");
      if (!OF_ISTIO.contains(name)) {
        early.add(name);
      }
    }
    return early;
  }
}
