// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.InboundCapture;
import io.mtlsmigration.mesh.Pod;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CaptureTest {

  private static final String STATUS = "sidecar.istio.io/status: '{}'";
  private static final String REDIRECTED = "ambient.istio.io/redirection: enabled";
  private static final String PROXY = "containers: [{name: app}, {name: istio-proxy}]";
  private static final String NATIVE =
      "containers: [{name: app}], initContainers: [{name: istio-proxy, restartPolicy: Always}]";
  private static final String ROUTER =
      "containers: [{name: istio-proxy, args: [proxy, router, --domain]}]";

  static Stream<Arguments> pods() {
    String none = "";
    String ambient = "istio.io/dataplane-mode: ambient";
    return Stream.of(
        pod("container and status", DataPlane.SIDECAR, none, none, STATUS, PROXY),
        pod("native sidecar and status", DataPlane.SIDECAR, none, none, STATUS, NATIVE),
        pod("container without status", DataPlane.NONE, none, none, none, PROXY),
        pod("status without container", DataPlane.NONE, none, none, STATUS, "containers: []"),
        pod(
            "init container that ends",
            DataPlane.NONE,
            none,
            none,
            STATUS,
            "initContainers: [{name: istio-proxy}]"),
        pod("nothing", DataPlane.NONE, none, none, none, "containers: [{name: app}]"),
        pod("host network", DataPlane.NONE, none, none, STATUS, PROXY + ", hostNetwork: true"),
        pod("ambient namespace", DataPlane.AMBIENT, ambient, none, REDIRECTED, none),
        pod("ambient pod", DataPlane.AMBIENT, none, ambient, REDIRECTED, none),
        pod("ambient, not redirected", DataPlane.NONE, ambient, none, none, none),
        pod("redirected, not ambient", DataPlane.NONE, none, none, REDIRECTED, none),
        pod(
            "pod that left ambient",
            DataPlane.NONE,
            ambient,
            "istio.io/dataplane-mode: none",
            REDIRECTED,
            none),
        pod(
            "ambient on the host network",
            DataPlane.NONE,
            ambient,
            none,
            REDIRECTED,
            "hostNetwork: true"),
        pod(
            "sidecar in an ambient namespace",
            DataPlane.SIDECAR,
            ambient,
            none,
            STATUS + ", " + REDIRECTED,
            PROXY),
        pod(
            "gateway by template",
            DataPlane.GATEWAY,
            none,
            none,
            STATUS + ", inject.istio.io/templates: 'custom, gateway'",
            PROXY),
        pod(
            "template of another name",
            DataPlane.SIDECAR,
            none,
            none,
            STATUS + ", inject.istio.io/templates: my-gateway",
            PROXY),
        pod(
            "gateway by label",
            DataPlane.GATEWAY,
            none,
            "gateway.networking.k8s.io/gateway-name: g",
            STATUS,
            PROXY),
        pod(
            "gateway by label of old",
            DataPlane.GATEWAY,
            none,
            "istio.io/gateway-name: g",
            none,
            PROXY),
        pod(
            "another vendor's gateway",
            DataPlane.NONE,
            none,
            "gateway.networking.k8s.io/gateway-name: g",
            "inject.istio.io/templates: gateway",
            "containers: [{name: nginx}]"),
        pod(
            "another vendor's gateway with a sidecar",
            DataPlane.SIDECAR,
            none,
            "gateway.networking.k8s.io/gateway-name: g",
            STATUS,
            "containers: [{name: nginx}, {name: istio-proxy, args: [proxy, sidecar]}]"),
        pod(
            "Istio's agentgateway",
            DataPlane.GATEWAY,
            none,
            "gateway.networking.k8s.io/gateway-name: g, gateway.istio.io/managed:"
                + " istio.io-agentgateway-controller",
            none,
            "containers: [{name: agentgateway}]"),
        pod(
            "sidecar that calls itself Istio's gateway",
            DataPlane.SIDECAR,
            none,
            "gateway.networking.k8s.io/gateway-name: g, gateway.istio.io/managed:"
                + " istio.io-gateway-controller",
            STATUS,
            "containers: [{name: app}, {name: istio-proxy, args: [proxy, sidecar]}]"),
        pod(
            "native sidecar that calls itself Istio's gateway",
            DataPlane.SIDECAR,
            none,
            "gateway.networking.k8s.io/gateway-name: g, gateway.istio.io/managed:"
                + " istio.io-gateway-controller",
            STATUS,
            "initContainers: [{name: istio-proxy, restartPolicy: Always, args: [proxy, sidecar]}],"
                + " containers: [{name: app}]"),
        pod("gateway by proxy type", DataPlane.GATEWAY, none, none, STATUS, ROUTER),
        pod(
            "gateway that ztunnel captures",
            DataPlane.AMBIENT,
            ambient,
            "gateway.networking.k8s.io/gateway-name: g, gateway.istio.io/managed:"
                + " istio.io-gateway-controller",
            REDIRECTED,
            ROUTER),
        pod(
            "gateway that ztunnel does not capture",
            DataPlane.GATEWAY,
            ambient,
            "gateway.networking.k8s.io/gateway-name: g, istio.io/dataplane-mode: none",
            REDIRECTED,
            ROUTER),
        pod("gateway of an ambient namespace", DataPlane.GATEWAY, ambient, none, STATUS, ROUTER),
        pod(
            "waypoint by proxy type",
            DataPlane.GATEWAY,
            none,
            none,
            STATUS,
            "containers: [{name: istio-proxy, args: [proxy, waypoint]}]"),
        pod(
            "an application called router",
            DataPlane.SIDECAR,
            none,
            none,
            STATUS,
            "containers: [{name: app, args: [proxy, router]}, {name: istio-proxy, args: [proxy,"
                + " sidecar]}]"),
        pod(
            "gateway on the host network",
            DataPlane.GATEWAY,
            none,
            none,
            STATUS,
            ROUTER + ", hostNetwork: true"));
  }

  private static Arguments pod(
      String name,
      DataPlane expected,
      String namespaceLabels,
      String labels,
      String annotations,
      String spec) {
    return argumentSet(name, expected, namespaceLabels, labels, annotations, spec);
  }

  @ParameterizedTest
  @MethodSource("pods")
  void tellsTheDataPlane(
      DataPlane expected, String namespaceLabels, String labels, String annotations, String spec) {
    String manifests =
        """
        {apiVersion: v1, kind: Pod, metadata: {name: p, namespace: foo, labels: {%s}, annotations: {%s}}, spec: {%s}}
        ---
        {apiVersion: v1, kind: Namespace, metadata: {name: foo, labels: {%s}}}
        """
            .formatted(labels, annotations, spec, namespaceLabels);

    Facts facts = Given.dump(manifests);

    assertEquals(expected, onlyPod(facts).dataPlane());
  }

  static Stream<Arguments> inboundPorts() {
    InboundCapture nothing = new InboundCapture(false, Set.of(), Set.of());
    String prefix = "traffic.sidecar.istio.io/";
    return Stream.of(
        argumentSet("no annotation", "", InboundCapture.EVERYTHING),
        argumentSet("star", prefix + "includeInboundPorts: '*'", InboundCapture.EVERYTHING),
        argumentSet("empty list", prefix + "includeInboundPorts: ''", nothing),
        argumentSet(
            "list",
            prefix + "includeInboundPorts: ' 80, 443'",
            new InboundCapture(false, Set.of(80, 443), Set.of())),
        argumentSet(
            "excluded",
            prefix + "excludeInboundPorts: '9090,'",
            new InboundCapture(true, Set.of(), Set.of(9090))),
        argumentSet(
            "both",
            prefix + "includeInboundPorts: '80', " + prefix + "excludeInboundPorts: '80,81'",
            new InboundCapture(false, Set.of(80), Set.of(80, 81))),
        argumentSet("no interception", "sidecar.istio.io/interceptionMode: NONE", nothing),
        argumentSet(
            "TPROXY", "sidecar.istio.io/interceptionMode: TPROXY", InboundCapture.EVERYTHING));
  }

  @ParameterizedTest
  @MethodSource("inboundPorts")
  void tellsWhichInboundPortsReachTheSidecar(String annotations, InboundCapture expected) {
    Facts facts = Given.dump(sidecar(annotations));

    assertEquals(expected, onlyPod(facts).inbound());
  }

  @ParameterizedTest
  @CsvSource({"true, false", "1, false", "false, true", "perhaps, true"})
  void tellsThatAnAmbientPodBypassesInbound(String value, boolean includesAll) {
    String manifests =
        """
        apiVersion: v1
        kind: Pod
        metadata:
          name: p
          namespace: foo
          labels: {istio.io/dataplane-mode: ambient}
          annotations:
            ambient.istio.io/redirection: enabled
            ambient.istio.io/bypass-inbound-capture: '%s'
        """
            .formatted(value);

    Facts facts = Given.dump(manifests);

    assertEquals(includesAll, onlyPod(facts).inbound().includesAll());
  }

  /** Injection passes on what istiod's global.proxy says; annotations may be written later. */
  @ParameterizedTest
  @CsvSource({
    "'\"*\", -d, \"15090,15021,15020,9090\"', true, '', 9090",
    "'\"8080\", -d, \"15090,15021\"', false, 8080, ''",
    "'\"\", -d', false, '', 7000",
    "'\"*\"', true, '', 7000",
  })
  void believesTheContainerThatWritesTheRules(
      String arguments, boolean all, String included, String excluded) {
    Facts facts =
        Given.dump(
            sidecar("traffic.sidecar.istio.io/excludeInboundPorts: '7000'")
                .replace(
                    "spec: {",
                    "spec: {initContainers: [{name: istio-init, args: [istio-iptables, -b, "
                        + arguments
                        + "]}], "));

    assertEquals(
        new InboundCapture(all, numbers(included), numbers(excluded)), onlyPod(facts).inbound());
  }

  /** Annotations may be edited on a running pod; its rules stay. */
  @ParameterizedTest
  @CsvSource({
    "'-m, REDIRECT, -i, \"*\", -x, \"\"', '{}'",
    "'-m, REDIRECT, -i, \"\", -x, \"\", -q, \"80\"',"
        + " '{traffic.sidecar.istio.io/includeOutboundIPRanges=,"
        + " traffic.sidecar.istio.io/includeOutboundPorts=80}'",
    "'-m, TPROXY, -i, \"*\", -x, 0.0.0.0/0, -o, \"8000,443\"',"
        + " '{sidecar.istio.io/interceptionMode=TPROXY,"
        + " traffic.sidecar.istio.io/excludeOutboundIPRanges=0.0.0.0/0,"
        + " traffic.sidecar.istio.io/excludeOutboundPorts=8000,443}'",
    "'-m, REDIRECT, -i, \"*\", -c, \"net1,net2\"',"
        + " '{traffic.sidecar.istio.io/excludeInterfaces=net1,net2}'",
    "'-m, REDIRECT', '{sidecar.istio.io/interceptionMode=NONE,"
        + " traffic.sidecar.istio.io/excludeOutboundPorts=7000}'"
  })
  void believesItOfOutboundCallsToo(String arguments, String kept) {
    Facts facts =
        Given.dump(
            sidecar(
                    "traffic.sidecar.istio.io/excludeOutboundPorts: '7000',"
                        + " sidecar.istio.io/interceptionMode: NONE")
                .replace(
                    "spec: {",
                    "spec: {initContainers: [{name: istio-init, args: ["
                        + arguments
                        + ", -b, '*']}], "));

    Pod pod = onlyPod(facts);
    assertEquals(kept, new TreeMap<>(pod.annotations()).toString());
    assertEquals(InboundCapture.EVERYTHING, pod.inbound());
  }

  private static Set<Integer> numbers(String one) {
    return one.isEmpty() ? Set.of() : Set.of(Integer.valueOf(one));
  }

  @ParameterizedTest
  @ValueSource(strings = {"8000-9000", "http", "65536", "-1", "*"})
  void doesNotGuessAtPortsThatIstioWouldRefuse(String ports) {
    Facts facts =
        Given.dump(sidecar("traffic.sidecar.istio.io/excludeInboundPorts: '" + ports + "'"));

    assertEquals(
        List.of(
            "/metadata/annotations/traffic.sidecar.istio.io~1excludeInboundPorts: Pod foo/p: '"
                + ports
                + "' is not a port"),
        Given.said(facts.problems()));
    assertTrue(Given.namespace(facts, "foo").pods().isEmpty());
  }

  @Test
  void ignoresPortListsOfPodsWithoutASidecar() {
    String manifests =
        """
        apiVersion: v1
        kind: Pod
        metadata:
          {name: p, namespace: foo, annotations: {traffic.sidecar.istio.io/includeInboundPorts: x}}
        """;

    Facts facts = Given.dump(manifests);

    assertEquals(InboundCapture.EVERYTHING, onlyPod(facts).inbound());
  }

  private static String sidecar(String annotations) {
    return """
    apiVersion: v1
    kind: Pod
    metadata: {name: p, namespace: foo, annotations: {%s, %s}}
    spec: {%s}
    """
        .formatted(STATUS, annotations, PROXY);
  }

  private static Pod onlyPod(Facts facts) {
    List<Pod> pods = Given.namespace(facts, "foo").pods();
    assertEquals(1, pods.size(), () -> facts.problems().toString());
    return pods.get(0);
  }
}
