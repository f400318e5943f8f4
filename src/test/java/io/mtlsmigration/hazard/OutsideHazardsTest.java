// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import static io.mtlsmigration.hazard.HazardCode.APPLICATION_TLS_FROM_OUTSIDE;
import static io.mtlsmigration.hazard.HazardCode.CALLED_FROM_OUTSIDE;
import static io.mtlsmigration.hazard.HazardWorlds.row;
import static io.mtlsmigration.hazard.HazardWorlds.told;
import static io.mtlsmigration.hazard.HazardWorlds.world;
import static io.mtlsmigration.mesh.MeshBuilders.ambientPod;
import static io.mtlsmigration.mesh.MeshBuilders.gatewayPod;
import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static io.mtlsmigration.mesh.MtlsMode.PERMISSIVE;
import static io.mtlsmigration.mesh.MtlsMode.STRICT;
import static io.mtlsmigration.mesh.Service.Type.CLUSTER_IP;
import static io.mtlsmigration.mesh.Service.Type.LOAD_BALANCER;
import static io.mtlsmigration.mesh.Service.Type.NODE_PORT;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mtlsmigration.mesh.ApiGateway;
import io.mtlsmigration.mesh.ControllerClass;
import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshBuilders.PodBuilder;
import io.mtlsmigration.mesh.MeshBuilders.ServiceBuilder;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.OtherObject;
import io.mtlsmigration.mesh.Route;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mtls.MeshModes;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Rules on what comes from outside the mesh: see {@link HazardsTest}. */
final class OutsideHazardsTest {

  private static NamespaceBuilder foo(PodBuilder pod, ServiceBuilder service) {
    return namespace("foo").with(pod).with(service);
  }

  private static ServiceBuilder open(Service.Type type) {
    return service("httpbin").type(type).port(8000, 8080);
  }

  private static PodBuilder httpbin() {
    return sidecarPod("httpbin").ports(8080);
  }

  static Stream<Arguments> services() {
    HazardCode code = CALLED_FROM_OUTSIDE;
    String finding = "WARNING Deployment foo/httpbin:8080";
    return Stream.of(
        row("a load balancer", code, world(foo(httpbin(), open(LOAD_BALANCER))), finding),
        row("a node port", code, world(foo(httpbin(), open(NODE_PORT))), finding),
        row(
            "before an ambient pod",
            code,
            world(foo(ambientPod("httpbin"), open(LOAD_BALANCER))),
            finding),
        row(
            "an external IP",
            code,
            world(foo(httpbin(), open(CLUSTER_IP).externalIps("192.0.2.7"))),
            finding),
        row("within the cluster", code, world(foo(httpbin(), open(CLUSTER_IP)))),
        row("before a pod without proxy", code, world(foo(pod("httpbin"), open(LOAD_BALANCER)))),
        row(
            "before a gateway",
            code,
            world(foo(gatewayPod("httpbin").label("app", "httpbin"), open(LOAD_BALANCER)))),
        row("before a finished pod", code, world(foo(httpbin().terminated(), open(LOAD_BALANCER)))),
        row(
            "to a port that bypasses the proxy",
            code,
            world(foo(httpbin().excludeInbound(8080), open(LOAD_BALANCER)))),
        row(
            "to a port that is kept open",
            code,
            world(
                foo(httpbin(), open(LOAD_BALANCER))
                    .with(policy("w", STRICT).selector("app", "httpbin").port(8080, PERMISSIVE)))),
        row(
            "to another port than the one kept open",
            code,
            world(
                foo(httpbin(), open(LOAD_BALANCER))
                    .with(policy("w", STRICT).selector("app", "httpbin").port(9090, PERMISSIVE))),
            finding),
        row(
            "to the application's own TLS",
            code,
            world(
                foo(
                    httpbin(),
                    service("httpbin").type(NODE_PORT).port("https-web", 443, "8443")))));
  }

  private static Function<String, OtherObject> ingress(
      String className, String service, String port) {
    return ns ->
        new Route(
            new ObjectRef("Ingress", ns, "i"),
            className,
            List.of(),
            List.of(new Route.Target(ns, service, port)));
  }

  private static Function<String, OtherObject> httpRoute(String namespace, String gateway) {
    return ns ->
        new Route(
            new ObjectRef("HTTPRoute", ns, "r"),
            "",
            gateway.isEmpty() ? List.of() : List.of(new ObjectRef("Gateway", "edge", gateway)),
            List.of(new Route.Target(namespace, "httpbin", "8000")));
  }

  private static NamespaceBuilder edge(String className) {
    return namespace("edge")
        .with(ns -> new ApiGateway(new ObjectRef("Gateway", ns, "gw"), className));
  }

  static Stream<Arguments> routes() {
    HazardCode code = CALLED_FROM_OUTSIDE;
    String finding = "WARNING Deployment foo/httpbin:8080";
    return Stream.of(
        row(
            "an Ingress of another class",
            code,
            world(foo(httpbin(), open(CLUSTER_IP)).with(ingress("nginx", "httpbin", "8000"))),
            finding),
        row(
            "an Ingress of no class, by the port's name",
            code,
            world(foo(httpbin(), open(CLUSTER_IP)).with(ingress("", "httpbin", "http"))),
            finding),
        row(
            "an Ingress of Istio",
            code,
            world(foo(httpbin(), open(CLUSTER_IP)).with(ingress("istio", "httpbin", "8000")))),
        row(
            "an Ingress to another Service",
            code,
            world(foo(httpbin(), open(CLUSTER_IP)).with(ingress("nginx", "other", "8000")))),
        row(
            "an Ingress to a pod without proxy",
            code,
            world(foo(pod("httpbin"), open(CLUSTER_IP)).with(ingress("nginx", "httpbin", "8000")))),
        row(
            "an HTTPRoute of another gateway",
            code,
            world(foo(httpbin(), open(CLUSTER_IP)).with(httpRoute("foo", "gw")), edge("nginx")),
            finding),
        row(
            "an HTTPRoute from another namespace",
            code,
            world(foo(httpbin(), open(CLUSTER_IP)), edge("nginx").with(httpRoute("foo", "gw"))),
            finding),
        row(
            "an HTTPRoute of an Istio gateway",
            code,
            world(foo(httpbin(), open(CLUSTER_IP)).with(httpRoute("foo", "gw")), edge("istio"))),
        row(
            "an HTTPRoute of a gateway that is not there",
            code,
            world(foo(httpbin(), open(CLUSTER_IP)).with(httpRoute("foo", "gone")), edge("nginx"))),
        row(
            "an HTTPRoute within the mesh",
            code,
            world(foo(httpbin(), open(CLUSTER_IP)).with(httpRoute("foo", "")), edge("nginx"))));
  }

  @Test
  void aClassIsWhoseItsControllerSays() {
    ControllerClass ours =
        new ControllerClass(
            new ObjectRef("IngressClass", "", "edge"), "istio.io/ingress-controller");
    ControllerClass others =
        new ControllerClass(new ObjectRef("IngressClass", "", "edge"), "k8s.io/ingress-nginx");
    ControllerClass ofGateways =
        new ControllerClass(
            new ObjectRef("GatewayClass", "", "edge"), "istio.io/gateway-controller");
    NamespaceBuilder[] world =
        world(foo(httpbin(), open(CLUSTER_IP)).with(ingress("edge", "httpbin", "8000")));

    assertEquals(List.of(), told(world, List.of(ours), CALLED_FROM_OUTSIDE));
    assertEquals(
        List.of("WARNING Deployment foo/httpbin:8080"),
        told(world, List.of(ofGateways, others), CALLED_FROM_OUTSIDE));
  }

  /** It is one of Istio already: what comes through it is plaintext at its ztunnel. */
  @Test
  void doesNotAdviseAGatewayWhereZtunnelCapturesOne() {
    MeshSnapshot mesh =
        mesh(
            foo(
                ambientPod("httpbin")
                    .label("gateway.istio.io/managed", "istio.io-gateway-controller"),
                open(LOAD_BALANCER)));

    List<String> remedies =
        Hazards.of(MeshModes.resolve(mesh), "foo").stream()
            .filter(finding -> finding.code() == CALLED_FROM_OUTSIDE)
            .map(Finding::remedy)
            .toList();

    assertEquals(
        List.of(
            "Keep ztunnel from this gateway, by istio.io/dataplane-mode: none in its Gateway's"
                + " spec.infrastructure.labels, or name port 8080 in an exception."),
        remedies);
  }

  static Stream<Arguments> applicationTls() {
    HazardCode code = APPLICATION_TLS_FROM_OUTSIDE;
    String finding = "WARNING Deployment foo/httpbin:8443";
    ServiceBuilder tls = service("httpbin").type(LOAD_BALANCER).port("tls", 443, "8443");
    return Stream.of(
        row(
            "by the port's name",
            code,
            world(
                foo(httpbin(), service("httpbin").type(NODE_PORT).port("https-web", 443, "8443"))),
            finding),
        row("as tls", code, world(foo(httpbin(), tls)), finding),
        row("in plaintext", code, world(foo(httpbin(), open(LOAD_BALANCER)))),
        row(
            "from within the mesh",
            code,
            world(foo(httpbin(), service("httpbin").port("https", 443, "8443")))),
        row("without a proxy", code, world(foo(pod("httpbin"), tls))),
        row(
            "kept open",
            code,
            world(
                foo(httpbin(), tls)
                    .with(policy("w", STRICT).selector("app", "httpbin").port(8443, PERMISSIVE)))));
  }

  @ParameterizedTest
  @MethodSource({"services", "routes", "applicationTls"})
  void speaksWhereItShouldAndNowhereElse(
      HazardCode code, NamespaceBuilder[] world, List<String> expected) {
    assertEquals(expected, told(world, code));
  }
}
