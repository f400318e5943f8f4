// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.InboundCapture;
import io.mtlsmigration.mesh.Injection;
import io.mtlsmigration.mesh.OutboundCapture;
import io.mtlsmigration.mesh.Pod;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Determines how a pod's traffic is captured, from the running pod. */
final class Capture {

  static final String PROXY = "istio-proxy";
  private static final String INIT = "istio-init";
  static final String STATUS = "sidecar.istio.io/status";
  private static final String TEMPLATES = "inject.istio.io/templates";
  static final String REDIRECTION = "ambient.istio.io/redirection";

  private static final String GATEWAY_NAME = "gateway.networking.k8s.io/gateway-name";

  /** The label of the same meaning before Istio 1.24. */
  private static final String OLD_GATEWAY_NAME = "istio.io/gateway-name";

  private static final String BYPASS = "ambient.istio.io/bypass-inbound-capture";
  private static final String INCLUDED = "traffic.sidecar.istio.io/includeInboundPorts";
  private static final String EXCLUDED = "traffic.sidecar.istio.io/excludeInboundPorts";

  /** Where injection has the init container told of them, by the annotation of the same meaning. */
  private static final Map<String, String> OUTBOUND_OPTIONS =
      Map.of(
          InboundCapture.EXCLUDED_INTERFACES,
          "-c",
          OutboundCapture.MODE,
          "-m",
          OutboundCapture.INCLUDED_RANGES,
          "-i",
          OutboundCapture.EXCLUDED_RANGES,
          "-x",
          OutboundCapture.INCLUDED_PORTS,
          "-q",
          OutboundCapture.EXCLUDED_PORTS,
          "-o");

  /** What there is without the annotation; elsewhere nothing. */
  private static final Map<String, String> DEFAULTS = Map.of("-m", "REDIRECT", "-i", "*");

  private static final InboundCapture NOTHING = new InboundCapture(false, Set.of(), Set.of());

  /** The values that Go's {@code strconv.ParseBool}, used by istio-cni, accepts as true. */
  private static final Set<String> TRUE = Set.of("1", "t", "T", "TRUE", "true", "True");

  private Capture() {}

  /**
   * Returns the data plane. Gateways are checked before sidecars: they carry the proxy and its
   * status annotation as well, but PeerAuthentication does not govern them. It does where ztunnel
   * takes their calls first: istio-cni enrolls the pods of a Gateway like all others of an ambient
   * namespace, unless they are labelled {@code istio.io/dataplane-mode: none}.
   */
  static DataPlane dataPlane(
      ManifestFields spec,
      Map<String, String> labels,
      Map<String, String> annotations,
      Map<String, String> namespaceLabels) {
    boolean hostNetwork = spec.flag("hostNetwork");
    if (isGateway(spec, labels, annotations)) {
      return !hostNetwork && isAmbient(labels, annotations, namespaceLabels)
          ? DataPlane.AMBIENT
          : DataPlane.GATEWAY;
    }
    if (hostNetwork) {
      return DataPlane.NONE;
    }
    // istio-cni skips a pod without the status annotation, whatever its containers' names.
    if (hasProxy(spec) && annotations.containsKey(STATUS)) {
      return DataPlane.SIDECAR;
    }
    return isAmbient(labels, annotations, namespaceLabels) ? DataPlane.AMBIENT : DataPlane.NONE;
  }

  static boolean isAmbient(
      Map<String, String> labels,
      Map<String, String> annotations,
      Map<String, String> namespaceLabels) {
    return Injection.ambient(namespaceLabels, labels)
        && "enabled".equals(annotations.get(REDIRECTION));
  }

  /**
   * Returns whether a pod is a gateway of Istio. The gateways of other vendors have the same labels
   * (GEP-1762), and no Istio proxy, or a sidecar's. Those of Istio that are no Envoy, such as
   * agentgateway, have the label of their controller (istio pkg/config/constants). Anybody may put
   * labels on a running pod: a sidecar that is started as one stays one, as for istiod.
   */
  private static boolean isGateway(
      ManifestFields spec, Map<String, String> labels, Map<String, String> annotations) {
    boolean labelled = labels.containsKey(GATEWAY_NAME) || labels.containsKey(OLD_GATEWAY_NAME);
    List<ManifestFields> proxies =
        spec.objects("containers").stream().filter(Capture::isProxy).toList();
    return (labelled
            && labels.getOrDefault(Pod.GATEWAY_LABEL, "").startsWith("istio.io-")
            && proxies(spec).noneMatch(proxy -> isType(proxy, "sidecar")))
        || proxies.stream().anyMatch(Capture::isRouter)
        || ((labelled || asksForGateway(annotations))
            && proxies.stream().anyMatch(proxy -> proxy.texts("args").isEmpty()));
  }

  /** Returns whether injection makes a gateway of a pod. */
  static boolean asksForGateway(Map<String, String> annotations) {
    return Arrays.stream(annotations.getOrDefault(TEMPLATES, "").split(","))
        .anyMatch(template -> template.strip().equals("gateway"));
  }

  /**
   * Returns whether a proxy is a gateway's: pilot-agent's first two arguments are {@code proxy} and
   * the proxy's type.
   */
  private static boolean isRouter(ManifestFields container) {
    return isType(container, "router") || isType(container, "waypoint");
  }

  private static boolean isType(ManifestFields container, String type) {
    List<String> args = container.texts("args");
    return args.size() > 1 && args.get(0).equals("proxy") && args.get(1).equals(type);
  }

  private static boolean hasProxy(ManifestFields spec) {
    return proxies(spec).findAny().isPresent();
  }

  /** Returns the proxies, native sidecars included. */
  private static Stream<ManifestFields> proxies(ManifestFields spec) {
    return Stream.concat(
        spec.objects("containers").stream().filter(Capture::isProxy),
        spec.objects("initContainers").stream().filter(c -> isProxy(c) && runsOn(c)));
  }

  static boolean isProxy(ManifestFields container) {
    return container.text("name", "").equals(PROXY);
  }

  /** Returns whether an init container keeps running, as a native sidecar does. */
  static boolean runsOn(ManifestFields initContainer) {
    return initContainer.text("restartPolicy", "").equals("Always");
  }

  static InboundCapture ambientInbound(Map<String, String> annotations) {
    return TRUE.contains(annotations.getOrDefault(BYPASS, ""))
        ? NOTHING
        : InboundCapture.EVERYTHING;
  }

  /**
   * Returns the inbound ports of a pod of that data plane that reach the proxy: those that its init
   * container was told, which injection also takes from istiod's {@code global.proxy}, else those
   * of its annotations, as where istio-cni does its work.
   *
   * @param written where a malformed list of ports is recorded
   */
  static InboundCapture inbound(
      DataPlane dataPlane,
      ManifestFields spec,
      ManifestFields written,
      Map<String, String> annotations) {
    if (dataPlane == DataPlane.AMBIENT) {
      return ambientInbound(annotations);
    }
    if (dataPlane != DataPlane.SIDECAR) {
      return InboundCapture.EVERYTHING;
    }
    List<String> args = initArgs(spec);
    if (args.isEmpty() && OutboundCapture.NONE.equals(annotations.get(OutboundCapture.MODE))) {
      return NOTHING; // no iptables rules at all
    }
    // An empty list differs from an absent one: nothing is redirected then.
    String included =
        told(args, "-b").orElseGet(() -> annotations.getOrDefault(INCLUDED, "*")).strip();
    boolean all = included.equals("*");
    String list = told(args, "-d").orElseGet(() -> annotations.getOrDefault(EXCLUDED, ""));
    Set<Integer> excluded = ports(written, EXCLUDED, list);
    excluded.removeIf(InboundCapture::ofTheProxy); // injection adds them
    return new InboundCapture(all, all ? Set.of() : ports(written, INCLUDED, included), excluded);
  }

  /**
   * Returns annotations with those about outbound calls as the init container was told them. An
   * absent annotation means what injection does without it.
   */
  static Map<String, String> outbound(ManifestFields spec, Map<String, String> annotations) {
    List<String> args = initArgs(spec);
    if (told(args, "-i").isEmpty()) {
      return annotations;
    }
    Map<String, String> told = new HashMap<>(annotations);
    OUTBOUND_OPTIONS.forEach(
        (annotation, option) -> {
          String usual = DEFAULTS.getOrDefault(option, "");
          String value = told(args, option).orElse(usual).strip();
          if (value.equals(usual)) {
            told.remove(annotation);
          } else {
            told.put(annotation, value);
          }
        });
    return told;
  }

  /** Returns the arguments of the container that writes the pod's iptables rules. */
  private static List<String> initArgs(ManifestFields spec) {
    return spec.objects("initContainers").stream()
        .filter(container -> container.text("name", "").equals(INIT))
        .map(container -> container.texts("args"))
        .findFirst()
        .orElse(List.of());
  }

  private static Optional<String> told(List<String> args, String option) {
    int at = args.indexOf(option);
    return at < 0 || at == args.size() - 1 ? Optional.empty() : Optional.of(args.get(at + 1));
  }

  /**
   * Parses a list of single ports: Istio's {@code validatePortList} accepts no ranges
   * (pkg/kube/inject).
   */
  private static Set<Integer> ports(ManifestFields annotations, String name, String list) {
    Set<Integer> ports = new HashSet<>();
    for (String item : list.split(",")) {
      String port = item.strip();
      if (port.isEmpty()) {
        continue;
      }
      if (port.matches("[0-9]{1,5}") && Integer.parseInt(port) <= 65_535) {
        ports.add(Integer.parseInt(port));
      } else {
        annotations.fault(name, "'" + port + "' is not a port");
      }
    }
    return ports;
  }
}
