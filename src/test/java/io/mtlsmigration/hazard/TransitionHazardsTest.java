// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import static io.mtlsmigration.hazard.HazardCode.EQUAL_TIMESTAMPS_ON_AMBIENT;
import static io.mtlsmigration.hazard.HazardCode.HEADLESS_WITH_MIXED_ENDPOINTS;
import static io.mtlsmigration.hazard.HazardCode.POLICY_OF_ANOTHER_OWNER;
import static io.mtlsmigration.hazard.HazardCode.PORT_POLICY_WITHOUT_MODE_ON_AMBIENT;
import static io.mtlsmigration.hazard.HazardCode.SERVER_FIRST_PROTOCOL;
import static io.mtlsmigration.hazard.HazardCode.SIDECAR_INGRESS_TLS;
import static io.mtlsmigration.hazard.HazardCode.SUBSET_WITHOUT_TLS;
import static io.mtlsmigration.hazard.HazardWorlds.foo;
import static io.mtlsmigration.hazard.HazardWorlds.root;
import static io.mtlsmigration.hazard.HazardWorlds.row;
import static io.mtlsmigration.hazard.HazardWorlds.told;
import static io.mtlsmigration.hazard.HazardWorlds.world;
import static io.mtlsmigration.mesh.DestinationRule.ClientTlsMode.ISTIO_MUTUAL;
import static io.mtlsmigration.mesh.MeshBuilders.ambientPod;
import static io.mtlsmigration.mesh.MeshBuilders.destinationRule;
import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarScope;
import static io.mtlsmigration.mesh.MtlsMode.DISABLE;
import static io.mtlsmigration.mesh.MtlsMode.PERMISSIVE;
import static io.mtlsmigration.mesh.MtlsMode.STRICT;
import static io.mtlsmigration.mesh.MtlsMode.UNSET;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mtlsmigration.mesh.DestinationRule;
import io.mtlsmigration.mesh.DestinationRule.TrafficPolicy;
import io.mtlsmigration.mesh.EndpointSlice;
import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshBuilders.PodBuilder;
import io.mtlsmigration.mesh.MeshBuilders.PolicyBuilder;
import io.mtlsmigration.mesh.MeshSettings;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mtls.MeshModes;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Rules on what changes its ways, or does not, on the way to STRICT: see {@link HazardsTest}. */
final class TransitionHazardsTest {

  private static final DestinationRule.ClientTlsMode OFF = DestinationRule.ClientTlsMode.DISABLE;

  private static PodBuilder db(String name) {
    return sidecarPod(name).of("StatefulSet", "db").ports(5432);
  }

  private static PodBuilder bare(String name) {
    return pod(name).of("StatefulSet", "db").ports(5432);
  }

  private static NamespaceBuilder peers(PodBuilder... pods) {
    return namespace("foo").with(pods).with(service("db").headless().port("tcp", 5432, "5432"));
  }

  static Stream<Arguments> headless() {
    HazardCode code = HEADLESS_WITH_MIXED_ENDPOINTS;
    String finding = "WARNING Service foo/db:5432";
    return Stream.of(
        row("one of two has no sidecar", code, world(peers(db("a"), bare("b"))), finding),
        row(
            "one of two is no pod",
            code,
            world(
                peers(db("a"))
                    .with(
                        new EndpointSlice(
                            new ObjectRef("EndpointSlice", "foo", "db"),
                            "db",
                            List.of(
                                new EndpointSlice.Endpoint(List.of("10.0.0.1"), "a", true),
                                new EndpointSlice.Endpoint(List.of("192.0.2.1"), "", true)),
                            List.of(new EndpointSlice.Port("tcp", 5432, "TCP"))))),
            finding),
        row("both have one", code, world(peers(db("a"), db("b")))),
        row("neither has one", code, world(peers(bare("a"), bare("b")))),
        row(
            "neither has one, beside other pods that do",
            code,
            world(peers(bare("a"), bare("b"), sidecarPod("curl")))),
        row("the other has finished", code, world(peers(db("a"), bare("b").terminated()))),
        row(
            "not headless: each endpoint is treated by itself",
            code,
            world(
                namespace("foo")
                    .with(db("a"), bare("b"))
                    .with(service("db").port("tcp", 5432, "5432")))),
        row(
            "PASSTHROUGH comes to the same",
            code,
            world(
                namespace("foo")
                    .with(db("a"), bare("b"))
                    .with(service("db").port("tcp", 5432, "5432"))
                    .with(destinationRule("r", "db").passthrough())),
            finding),
        row(
            "a rule says ISTIO_MUTUAL",
            code,
            world(peers(db("a"), bare("b")).with(destinationRule("r", "db").tls(ISTIO_MUTUAL)))),
        row(
            "a rule says DISABLE: that is another hazard",
            code,
            world(peers(db("a"), bare("b")).with(destinationRule("r", "db").tls(OFF)))),
        row(
            "DISABLE is in force: that is another hazard",
            code,
            world(peers(db("a"), bare("b")).with(policy("p", DISABLE)))),
        row(
            "the port is kept open",
            code,
            world(
                peers(db("a"), bare("b"))
                    .with(policy("w", STRICT).selector("app", "db").port(5432, PERMISSIVE)))),
        row(
            "the port is kept open on the first",
            code,
            world(
                peers(db("a").label("n", "0"), db("b"), bare("c"))
                    .with(policy("w", STRICT).selector("n", "0").port(5432, PERMISSIVE))),
            finding),
        row(
            "the port bypasses the sidecar",
            code,
            world(peers(db("a").excludeInbound(5432), bare("b")))),
        row(
            "the port bypasses the sidecar of the first",
            code,
            world(peers(db("a").excludeInbound(5432), db("b"), bare("c"))),
            finding));
  }

  private static NamespaceBuilder subset(
      DestinationRule.ClientTlsMode whole, DestinationRule.ClientTlsMode own, PodBuilder pod) {
    return foo(pod)
        .with(
            destinationRule("r", "httpbin")
                .tls(whole)
                .subset("v1", Map.of("version", "v1"), new TrafficPolicy(own, false, Map.of())));
  }

  private static PodBuilder v1() {
    return sidecarPod("httpbin").label("version", "v1");
  }

  static Stream<Arguments> subsets() {
    HazardCode code = SUBSET_WITHOUT_TLS;
    return Stream.of(
        row(
            "its policy names no mode",
            code,
            world(subset(ISTIO_MUTUAL, null, v1())),
            "INFO DestinationRule foo/r"),
        row("its policy repeats it", code, world(subset(ISTIO_MUTUAL, ISTIO_MUTUAL, v1()))),
        row("the rule names none", code, world(subset(null, null, v1()))),
        row("it has no policy", code, world(foo(v1()).with(withoutPolicy()))),
        row(
            "its members belong to another Service",
            code,
            world(
                subset(ISTIO_MUTUAL, null, sidecarPod("httpbin"))
                    .with(sidecarPod("other").label("version", "v1")))),
        row("it has no members", code, world(subset(ISTIO_MUTUAL, null, sidecarPod("httpbin")))),
        row(
            "its members have no sidecar",
            code,
            world(
                subset(ISTIO_MUTUAL, null, pod("httpbin").label("version", "v1"))
                    .with(sidecarPod("curl")))));
  }

  private static io.mtlsmigration.mesh.MeshBuilders.DestinationRuleBuilder withoutPolicy() {
    return destinationRule("r", "httpbin")
        .tls(ISTIO_MUTUAL)
        .subset("v1", Map.of("version", "v1"), null);
  }

  private static NamespaceBuilder mysql(PodBuilder pod, String name, int port) {
    return namespace("foo").with(pod).with(service("db").port(name, port, Integer.toString(port)));
  }

  private static PodBuilder sql() {
    return sidecarPod("db").ports(3306);
  }

  static Stream<Arguments> serverFirst() {
    HazardCode code = SERVER_FIRST_PROTOCOL;
    return Stream.of(
        row(
            "MySQL under DISABLE",
            code,
            world(mysql(sql(), "mysql", 3306).with(policy("p", DISABLE))),
            "WARNING Deployment foo/db:3306"),
        row(
            "MySQL under PERMISSIVE",
            code,
            world(mysql(sql(), "mysql", 3306)),
            "INFO Deployment foo/db:3306"),
        row(
            "by the second word of the name",
            code,
            world(mysql(sql(), "tcp-mysql", 13306)),
            "INFO Deployment foo/db:13306"),
        row(
            "by the number that Istio knows",
            code,
            world(mysql(sql(), "", 3306)),
            "INFO Deployment foo/db:3306"),
        row("under STRICT", code, world(mysql(sql(), "mysql", 3306).with(policy("p", STRICT)))),
        row("HTTP on the number", code, world(mysql(sql(), "http", 3306))),
        row("a client-first protocol", code, world(mysql(sql(), "tcp-postgres", 5432))),
        row(
            "an ambient pod",
            code,
            world(mysql(ambientPod("db"), "mysql", 3306).with(policy("p", DISABLE)))),
        row("a pod without proxy", code, world(mysql(pod("db"), "mysql", 3306))),
        row(
            "a port that bypasses the sidecar",
            code,
            world(mysql(sql().excludeInbound(3306), "mysql", 3306))));
  }

  static Stream<Arguments> policyOfAnotherOwner() {
    HazardCode code = POLICY_OF_ANOTHER_OWNER;
    String finding = "WARNING PeerAuthentication foo/p";
    return Stream.of(
        row(
            "Helm's",
            code,
            world(foo().with(policy("p", PERMISSIVE).annotation("meta.helm.sh/release-name", "x"))),
            finding),
        row(
            "Argo CD's",
            code,
            world(
                foo().with(policy("p", DISABLE).annotation("argocd.argoproj.io/tracking-id", "x"))),
            finding),
        row(
            "another field manager's",
            code,
            world(foo().with(policy("p", PERMISSIVE).owner("platform-operator", true))),
            finding),
        row(
            "a manager that owns nothing of its spec",
            code,
            world(foo().with(policy("p", PERMISSIVE).owner("labeller", false)))),
        row(
            "a person's",
            code,
            world(foo().with(policy("p", PERMISSIVE).owner("kubectl-client-side-apply", true)))),
        row(
            "this service's own",
            code,
            world(foo().with(policy("p", PERMISSIVE).owner("mtls-migration", true)))),
        row("nobody's", code, world(foo().with(policy("p", PERMISSIVE)))),
        row(
            "STRICT already",
            code,
            world(foo().with(policy("p", STRICT).annotation("meta.helm.sh/release-name", "x")))),
        row(
            "of no captured pod",
            code,
            world(
                foo(pod("httpbin"))
                    .with(policy("p", PERMISSIVE).annotation("meta.helm.sh/release-name", "x")))),
        row(
            "one that lost",
            code,
            world(
                foo()
                    .with(
                        policy("old", PERMISSIVE).createdAt(1),
                        policy("p", PERMISSIVE)
                            .annotation("meta.helm.sh/release-name", "x")
                            .createdAt(2)))));
  }

  static Stream<Arguments> sidecarIngressTls() {
    HazardCode code = SIDECAR_INGRESS_TLS;
    return Stream.of(
        row(
            "under DISABLE",
            code,
            world(foo().with(policy("p", DISABLE)).with(sidecarScope("s").ingressTls(8443))),
            "BLOCKER Sidecar foo/s:8443"),
        row(
            "under DISABLE for the port",
            code,
            world(
                foo()
                    .with(policy("w", STRICT).selector("app", "httpbin").port(8443, DISABLE))
                    .with(sidecarScope("s").ingressTls(8443))),
            "BLOCKER Sidecar foo/s:8443"),
        row(
            "under PERMISSIVE, where it has no effect",
            code,
            world(foo().with(sidecarScope("s").ingressTls(8443))),
            "INFO Sidecar foo/s:8443"),
        row(
            "no TLS of its own",
            code,
            world(foo().with(policy("p", DISABLE)).with(sidecarScope("s")))),
        row(
            "for other pods",
            code,
            world(
                foo()
                    .with(policy("p", DISABLE))
                    .with(sidecarScope("s").workloadSelector("app", "x").ingressTls(8443)))),
        row(
            "for pods without proxy",
            code,
            world(
                foo(pod("httpbin"))
                    .with(policy("p", DISABLE))
                    .with(sidecarScope("s").ingressTls(8443)))));
  }

  static Stream<Arguments> portPolicies() {
    HazardCode code = PORT_POLICY_WITHOUT_MODE_ON_AMBIENT;
    return Stream.of(
        row(
            "an open port under PERMISSIVE, which may become STRICT",
            code,
            world(foo(ambientPod("httpbin")).with(portPolicy(UNSET, PERMISSIVE))),
            "WARNING PeerAuthentication foo/w"),
        row(
            "an open port under STRICT",
            code,
            world(
                foo(ambientPod("httpbin"))
                    .with(policy("ns", STRICT), portPolicy(UNSET, PERMISSIVE))),
            "WARNING PeerAuthentication foo/w"),
        row(
            "a closed port under PERMISSIVE",
            code,
            world(foo(ambientPod("httpbin")).with(portPolicy(UNSET, STRICT))),
            "WARNING PeerAuthentication foo/w"),
        row(
            "a closed port of an open workload, which a STRICT mesh opens",
            code,
            world(foo(ambientPod("httpbin")).with(portPolicy(PERMISSIVE, STRICT))),
            "WARNING PeerAuthentication foo/w"),
        row(
            "one that is STRICT itself",
            code,
            world(foo(ambientPod("httpbin")).with(portPolicy(STRICT, PERMISSIVE)))),
        row(
            "one that is open, as its ports are",
            code,
            world(foo(ambientPod("httpbin")).with(portPolicy(PERMISSIVE, PERMISSIVE)))),
        row(
            "a disabled port, of which istiod makes no rule",
            code,
            world(foo(ambientPod("httpbin")).with(portPolicy(UNSET, DISABLE)))),
        row(
            "pods with a sidecar",
            code,
            world(foo(sidecarPod("httpbin")).with(portPolicy(UNSET, PERMISSIVE)))));
  }

  private static PolicyBuilder portPolicy(MtlsMode mode, MtlsMode port) {
    return policy("w", mode).selector("app", "httpbin").port(8080, port);
  }

  static Stream<Arguments> equalTimestamps() {
    HazardCode code = EQUAL_TIMESTAMPS_ON_AMBIENT;
    return Stream.of(
        row(
            "of the namespace",
            code,
            world(foo(ambientPod("httpbin")).with(policy("a", STRICT), policy("b", PERMISSIVE))),
            "INFO PeerAuthentication foo/b"),
        row(
            "of a workload",
            code,
            world(
                foo(ambientPod("httpbin"))
                    .with(
                        policy("a", STRICT).selector("app", "httpbin"),
                        policy("b", PERMISSIVE).selector("app", "httpbin"))),
            "INFO PeerAuthentication foo/b"),
        row(
            "of the mesh",
            code,
            world(
                root().with(policy("a", STRICT), policy("b", PERMISSIVE)),
                foo(ambientPod("httpbin"))),
            "INFO PeerAuthentication istio-system/b"),
        row(
            "over sidecars, which take the smaller name",
            code,
            world(foo().with(policy("a", STRICT), policy("b", PERMISSIVE)))),
        row(
            "of different ages",
            code,
            world(
                foo(ambientPod("httpbin"))
                    .with(policy("a", STRICT), policy("b", PERMISSIVE).createdAt(1)))),
        row(
            "that say the same",
            code,
            world(foo(ambientPod("httpbin")).with(policy("a", STRICT), policy("b", STRICT)))),
        row(
            "of a workload that differ in a port",
            code,
            world(
                foo(ambientPod("httpbin"))
                    .with(
                        policy("a", STRICT).selector("app", "httpbin").port(1, STRICT),
                        policy("b", STRICT).selector("app", "httpbin").port(1, PERMISSIVE))),
            "INFO PeerAuthentication foo/b"),
        row(
            "of a workload that say the same",
            code,
            world(
                foo(ambientPod("httpbin"))
                    .with(
                        policy("a", STRICT).selector("app", "httpbin").port(1, STRICT),
                        policy("b", STRICT).selector("app", "httpbin").port(1, STRICT)))),
        row(
            "of the namespace that differ in a port, which does not count there",
            code,
            world(
                foo(ambientPod("httpbin"))
                    .with(policy("a", STRICT), policy("b", STRICT).port(1, PERMISSIVE)))),
        row(
            "of different scopes",
            code,
            world(
                root().with(policy("a", STRICT)),
                foo(ambientPod("httpbin")).with(policy("b", PERMISSIVE)))));
  }

  @ParameterizedTest
  @MethodSource({
    "headless",
    "subsets",
    "serverFirst",
    "policyOfAnotherOwner",
    "sidecarIngressTls",
    "equalTimestamps",
    "portPolicies"
  })
  void speaksWhereItShouldAndNowhereElse(
      HazardCode code, NamespaceBuilder[] world, List<String> expected) {
    assertEquals(expected, told(world, code));
  }

  @Test
  void aSubsetMattersWhereAutoMtlsIsOff() {
    MeshSettings off = new MeshSettings("istio-system", "cluster.local", false, true);
    MeshModes modes = MeshModes.resolve(mesh(off, subset(ISTIO_MUTUAL, null, v1())));

    assertEquals(
        List.of("WARNING DestinationRule foo/r"),
        told(Hazards.of(modes, "foo"), SUBSET_WITHOUT_TLS));
  }

  @Test
  void mixedEndpointsDoNotMatterWhereAutoMtlsIsOff() {
    MeshSettings off = new MeshSettings("istio-system", "cluster.local", false, true);
    MeshModes modes = MeshModes.resolve(mesh(off, peers(db("a"), bare("b"))));

    assertEquals(List.of(), told(Hazards.of(modes, "foo"), HEADLESS_WITH_MIXED_ENDPOINTS));
  }

  @Test
  void thePolicyOfTheMeshMayBelongToAnotherManager() {
    MeshModes modes =
        MeshModes.resolve(
            mesh(
                root().with(policy("m", PERMISSIVE).annotation("meta.helm.sh/release-name", "x")),
                foo()));

    assertEquals(
        List.of("WARNING PeerAuthentication istio-system/m"),
        told(Hazards.of(modes, "istio-system"), POLICY_OF_ANOTHER_OWNER));
    assertEquals(List.of(), told(Hazards.of(modes, "foo"), POLICY_OF_ANOTHER_OWNER));
  }
}
