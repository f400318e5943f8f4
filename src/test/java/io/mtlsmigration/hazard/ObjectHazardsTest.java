// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import static io.mtlsmigration.hazard.HazardCode.AMBIENT_PARTICULARS;
import static io.mtlsmigration.hazard.HazardCode.AUTHORIZATION_BY_PEER_IDENTITY;
import static io.mtlsmigration.hazard.HazardCode.CLUSTER_WITHOUT_TLS;
import static io.mtlsmigration.hazard.HazardCode.NO_USABLE_TELEMETRY;
import static io.mtlsmigration.hazard.HazardCode.OUTSIDE_DISCOVERY;
import static io.mtlsmigration.hazard.HazardCode.SEVERAL_CLUSTERS;
import static io.mtlsmigration.hazard.HazardCode.WORKLOAD_ENTRY_WITHOUT_TLS_MODE;
import static io.mtlsmigration.hazard.HazardWorlds.foo;
import static io.mtlsmigration.hazard.HazardWorlds.root;
import static io.mtlsmigration.hazard.HazardWorlds.row;
import static io.mtlsmigration.hazard.HazardWorlds.told;
import static io.mtlsmigration.hazard.HazardWorlds.world;
import static io.mtlsmigration.mesh.AuthorizationPolicy.Action.ALLOW;
import static io.mtlsmigration.mesh.AuthorizationPolicy.Action.AUDIT;
import static io.mtlsmigration.mesh.AuthorizationPolicy.Action.CUSTOM;
import static io.mtlsmigration.mesh.AuthorizationPolicy.Action.DENY;
import static io.mtlsmigration.mesh.MeshBuilders.EPOCH;
import static io.mtlsmigration.mesh.MeshBuilders.ambientPod;
import static io.mtlsmigration.mesh.MeshBuilders.gatewayPod;
import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static io.mtlsmigration.mesh.MtlsMode.DISABLE;
import static io.mtlsmigration.mesh.MtlsMode.PERMISSIVE;
import static io.mtlsmigration.mesh.MtlsMode.STRICT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.AuthorizationPolicy;
import io.mtlsmigration.mesh.AuthorizationPolicy.Action;
import io.mtlsmigration.mesh.AuthorizationPolicy.Peers;
import io.mtlsmigration.mesh.EnvoyFilter;
import io.mtlsmigration.mesh.ExternalWorkload;
import io.mtlsmigration.mesh.LabelSelector;
import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshSettings;
import io.mtlsmigration.mesh.NetworkPolicy;
import io.mtlsmigration.mesh.NetworkPolicy.PortRange;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.OtherObject;
import io.mtlsmigration.mesh.Telemetry;
import io.mtlsmigration.mtls.MeshModes;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Rules on objects that no other rule reads, and on the mesh's settings: see {@link HazardsTest}.
 */
final class ObjectHazardsTest {

  private static Function<String, OtherObject> machine(
      String kind, Map<String, String> labels, String serviceAccount, String group) {
    return ns -> new ExternalWorkload(new ObjectRef(kind, ns, "vm"), labels, serviceAccount, group);
  }

  static Stream<Arguments> externalWorkloads() {
    HazardCode code = WORKLOAD_ENTRY_WITHOUT_TLS_MODE;
    Map<String, String> labelled = Map.of("security.istio.io/tlsMode", "istio");
    Map<String, String> off = Map.of("security.istio.io/tlsMode", "disabled");
    return Stream.of(
        row(
            "a group",
            code,
            world(namespace("foo").with(machine("WorkloadGroup", Map.of(), "", "vm"))),
            "WARNING WorkloadGroup foo/vm"),
        row(
            "an entry that a proxy registered",
            code,
            world(namespace("foo").with(machine("WorkloadEntry", Map.of(), "", "other"))),
            "WARNING WorkloadEntry foo/vm"),
        row(
            "an entry that is perhaps without a proxy",
            code,
            world(namespace("foo").with(machine("WorkloadEntry", Map.of(), "", ""))),
            "INFO WorkloadEntry foo/vm"),
        row(
            "an entry of a group that is told of",
            code,
            world(
                namespace("foo")
                    .with(machine("WorkloadGroup", Map.of(), "", "vm"))
                    .with(machine("WorkloadEntry", Map.of(), "", "vm"))),
            "WARNING WorkloadGroup foo/vm"),
        row(
            "with the label",
            code,
            world(namespace("foo").with(machine("WorkloadGroup", labelled, "", "vm")))),
        row(
            "with the label saying no",
            code,
            world(namespace("foo").with(machine("WorkloadEntry", off, "", "")))),
        row(
            "with a service account",
            code,
            world(namespace("foo").with(machine("WorkloadEntry", Map.of(), "vm", "")))));
  }

  private static Function<String, OtherObject> network(
      Map<String, String> selector, PortRange... ports) {
    return ns ->
        new NetworkPolicy(
            new ObjectRef("NetworkPolicy", ns, "n"),
            LabelSelector.ofLabels(selector),
            List.of(ports));
  }

  static Stream<Arguments> ambient() {
    HazardCode code = AMBIENT_PARTICULARS;
    PortRange app = new PortRange(8080, 8080);
    PortRange hbone = new PortRange(15000, 15020);
    return Stream.of(
        row(
            "a NetworkPolicy for the application's port",
            code,
            world(foo(ambientPod("httpbin")).with(network(Map.of(), app))),
            "WARNING NetworkPolicy foo/n"),
        row(
            "one that lets nothing in",
            code,
            world(foo(ambientPod("httpbin")).with(network(Map.of("app", "httpbin")))),
            "WARNING NetworkPolicy foo/n"),
        row(
            "one that lets 15008 in, too",
            code,
            world(foo(ambientPod("httpbin")).with(network(Map.of(), app, hbone)))),
        row(
            "another that lets everything in",
            code,
            world(
                foo(ambientPod("httpbin"))
                    .with(network(Map.of(), app))
                    .with(network(Map.of(), PortRange.ALL)))),
        row(
            "one for other pods",
            code,
            world(foo(ambientPod("httpbin")).with(network(Map.of("app", "x"), app)))),
        row("one for sidecars", code, world(foo().with(network(Map.of(), app)))),
        row("one for pods without proxy", code, world(foo(pod("x")).with(network(Map.of(), app)))),
        row(
            "DISABLE",
            code,
            world(foo(ambientPod("httpbin")).with(policy("p", DISABLE))),
            "INFO PeerAuthentication foo/p"),
        row(
            "a waypoint",
            code,
            world(foo(ambientPod("httpbin")).label("istio.io/use-waypoint", "wp")),
            "INFO Namespace foo"),
        row(
            "no waypoint",
            code,
            world(foo(ambientPod("httpbin")).label("istio.io/use-waypoint", "none"))),
        row("PERMISSIVE", code, world(foo(ambientPod("httpbin")).with(policy("p", PERMISSIVE)))),
        row("DISABLE for sidecars", code, world(foo().with(policy("p", DISABLE)))));
  }

  private static Function<String, OtherObject> filter(String host, int port, boolean tls) {
    return ns ->
        new EnvoyFilter(
            new ObjectRef("EnvoyFilter", ns, "f"),
            Map.of(),
            false,
            List.of(new EnvoyFilter.Cluster("authz", host, port, tls)));
  }

  static Stream<Arguments> clusters() {
    HazardCode code = CLUSTER_WITHOUT_TLS;
    String host = "httpbin.foo.svc.cluster.local";
    return Stream.of(
        row(
            "in another namespace",
            code,
            world(foo(), root().with(filter(host, 8000, false))),
            "WARNING EnvoyFilter istio-system/f:8080"),
        row(
            "by a shorter name",
            code,
            world(foo().with(filter("httpbin.foo", 8000, false))),
            "WARNING EnvoyFilter foo/f:8080"),
        row("with TLS", code, world(foo().with(filter(host, 8000, true)))),
        row("to another port", code, world(foo().with(filter(host, 9999, false)))),
        row("to somebody else", code, world(foo().with(filter("example.org", 8000, false)))),
        row(
            "to pods without proxy",
            code,
            world(foo(pod("httpbin"), sidecarPod("curl")).with(filter(host, 8000, false)))),
        row(
            "to a port that is kept open",
            code,
            world(
                foo()
                    .with(policy("w", STRICT).selector("app", "httpbin").port(8080, PERMISSIVE))
                    .with(filter(host, 8000, false)))));
  }

  private static Function<String, OtherObject> telemetry(Telemetry.Change... overrides) {
    return telemetry("t", Map.of(), 0, overrides);
  }

  private static Function<String, OtherObject> telemetry(
      String name, Map<String, String> selector, long age, Telemetry.Change... overrides) {
    return ns ->
        new Telemetry(
            new ObjectRef("Telemetry", ns, name),
            EPOCH.plusSeconds(age),
            null,
            selector,
            false,
            List.of(overrides),
            List.of(),
            null,
            Telemetry.Logging.INHERITED);
  }

  private static Telemetry.Change off(String metric) {
    return new Telemetry.Change(metric, true, false);
  }

  private static Telemetry.Change untold(String metric) {
    return new Telemetry.Change(metric, null, true);
  }

  static Stream<Arguments> telemetries() {
    HazardCode code = NO_USABLE_TELEMETRY;
    String finding = "WARNING Telemetry foo/t";
    Map<String, String> httpbin = Map.of("app", "httpbin");
    return Stream.of(
        row(
            "a filter that hides",
            code,
            world(
                foo()
                    .with(
                        ns ->
                            new EnvoyFilter(
                                new ObjectRef("EnvoyFilter", ns, "f"), httpbin, true, List.of()))),
            "WARNING EnvoyFilter foo/f"),
        row("a filter that hides nothing", code, world(foo().with(filter("x", 80, true)))),
        row("all off", code, world(foo().with(telemetry(off("ALL_METRICS")))), finding),
        row("requests off", code, world(foo().with(telemetry(off("REQUEST_COUNT")))), finding),
        row("the tag removed", code, world(foo().with(telemetry(untold("ALL_METRICS")))), finding),
        row(
            "all of TCP off",
            code,
            world(
                foo()
                    .with(
                        telemetry(
                            off("TCP_OPENED_CONNECTIONS"),
                            off("TCP_RECEIVED_BYTES"),
                            untold("TCP_SENT_BYTES")))),
            finding),
        row(
            "for the mesh",
            code,
            world(root().with(telemetry(off("ALL_METRICS"))), foo()),
            "WARNING Telemetry istio-system/t"),
        row(
            "for a workload",
            code,
            world(foo().with(telemetry("t", httpbin, 0, off("ALL_METRICS")))),
            finding),
        row(
            "on again for the namespace",
            code,
            world(
                root().with(telemetry(off("ALL_METRICS"))),
                foo().with(telemetry(new Telemetry.Change("ALL_METRICS", false, false))))),
        row(
            "on again for the request count only",
            code,
            world(
                foo()
                    .with(telemetry("t", Map.of(), 0, off("REQUEST_COUNT")))
                    .with(
                        telemetry(
                            "w",
                            httpbin,
                            0,
                            new Telemetry.Change("REQUEST_COUNT", false, false))))),
        row(
            "off for the mesh, and changed in the namespace, which makes the filter again",
            code,
            world(
                root().with(telemetry(off("ALL_METRICS"))),
                foo().with(telemetry(new Telemetry.Change("REQUEST_COUNT", null, false))))),
        row(
            "off for the mesh, and named in the namespace without a change",
            code,
            world(root().with(telemetry(off("ALL_METRICS"))), foo().with(telemetry())),
            "WARNING Telemetry istio-system/t"),
        row(
            "a part of TCP off",
            code,
            world(foo().with(telemetry(off("TCP_SENT_BYTES")))),
            finding),
        row(
            "to another provider alone",
            code,
            world(
                foo()
                    .with(
                        ns ->
                            new Telemetry(
                                new ObjectRef("Telemetry", ns, "t"),
                                EPOCH,
                                null,
                                Map.of(),
                                false,
                                List.of(),
                                List.of(),
                                false,
                                Telemetry.Logging.INHERITED))),
            finding),
        row("nothing changed", code, world(foo().with(telemetry()))),
        row(
            "by one that lost to an older one",
            code,
            world(
                foo()
                    .with(telemetry("old", Map.of(), 0))
                    .with(telemetry("t", Map.of(), 1, off("ALL_METRICS"))))),
        row(
            "by the younger one of two for the same pods",
            code,
            world(
                foo()
                    .with(telemetry("old", httpbin, 0))
                    .with(telemetry("t", httpbin, 1, off("REQUEST_COUNT")))),
            finding),
        row(
            "for other pods",
            code,
            world(foo().with(telemetry("t", Map.of("app", "x"), 0, off("ALL_METRICS"))))),
        row(
            "for ambient pods",
            code,
            world(foo(ambientPod("httpbin")).with(telemetry(off("ALL_METRICS"))))),
        row(
            "for pods without proxy",
            code,
            world(foo(pod("httpbin")).with(telemetry(off("ALL_METRICS"))))));
  }

  private static Function<String, OtherObject> authorization(Action action, Peers... peers) {
    return authorization(Map.of(), false, true, action, peers);
  }

  private static Function<String, OtherObject> authorization(
      Map<String, String> selector,
      boolean attached,
      boolean enforced,
      Action action,
      Peers... peers) {
    return ns ->
        new AuthorizationPolicy(
            new ObjectRef("AuthorizationPolicy", ns, "a"),
            "",
            selector,
            attached,
            enforced,
            action,
            Set.of(),
            List.of(peers));
  }

  static Stream<Arguments> authorizations() {
    HazardCode code = AUTHORIZATION_BY_PEER_IDENTITY;
    Peers named = new Peers(true, false);
    Peers excepted = new Peers(false, true);
    Peers both = new Peers(true, true);
    Peers anybody = new Peers(false, false);
    String finding = "WARNING AuthorizationPolicy foo/a";
    return Stream.of(
        row("denies some", code, world(foo().with(authorization(DENY, named))), finding),
        row("asks about some", code, world(foo().with(authorization(CUSTOM, named))), finding),
        row(
            "allows all but some",
            code,
            world(foo().with(authorization(ALLOW, excepted))),
            finding),
        row(
            "allows all but some by one of its sources",
            code,
            world(foo().with(authorization(ALLOW, named, excepted))),
            finding),
        row(
            "of the mesh",
            code,
            world(root().with(authorization(DENY, named)), foo()),
            "WARNING AuthorizationPolicy istio-system/a"),
        row(
            "where a port is still open",
            code,
            world(
                foo()
                    .with(policy("w", STRICT).selector("app", "httpbin").port(8080, PERMISSIVE))
                    .with(authorization(DENY, named))),
            finding),
        row("allows some", code, world(foo().with(authorization(ALLOW, named)))),
        row("allows some of some", code, world(foo().with(authorization(ALLOW, both)))),
        row("denies all but some", code, world(foo().with(authorization(DENY, excepted)))),
        row("denies by path", code, world(foo().with(authorization(DENY, anybody)))),
        row("merely notes", code, world(foo().with(authorization(AUDIT, named)))),
        row(
            "where STRICT is in force",
            code,
            world(foo().with(policy("p", STRICT)).with(authorization(DENY, named)))),
        row(
            "for pods without proxy",
            code,
            world(foo(pod("httpbin")).with(authorization(DENY, named)))),
        row(
            "for other pods",
            code,
            world(foo().with(authorization(Map.of("app", "x"), false, true, DENY, named)))),
        row(
            "of a waypoint",
            code,
            world(foo().with(authorization(Map.of(), true, true, DENY, named)))),
        row(
            "as a dry run",
            code,
            world(foo().with(authorization(Map.of(), false, false, DENY, named)))));
  }

  @ParameterizedTest
  @MethodSource({"externalWorkloads", "ambient", "clusters", "telemetries", "authorizations"})
  void speaksWhereItShouldAndNowhereElse(
      HazardCode code, NamespaceBuilder[] world, List<String> expected) {
    assertEquals(expected, told(world, code));
  }

  private static Arguments discovered(
      String name, List<LabelSelector> selectors, NamespaceBuilder foo, String... expected) {
    return argumentSet(name, selectors, foo, List.of(expected));
  }

  static Stream<Arguments> discovery() {
    List<LabelSelector> team = List.of(LabelSelector.ofLabels(Map.of("team", "a")));
    return Stream.of(
        discovered("no selector matches", team, foo(), "BLOCKER Namespace foo"),
        discovered(
            "nobody is captured, but there is a policy",
            team,
            foo(pod("httpbin")).with(policy("p", STRICT)),
            "WARNING Namespace foo"),
        discovered("one matches", team, foo().label("team", "a")),
        discovered(
            "one of several matches",
            List.of(
                LabelSelector.ofLabels(Map.of("team", "b")),
                LabelSelector.ofLabels(Map.of("team", "a"))),
            foo().label("team", "a")),
        discovered("there are none", List.of(), foo()),
        discovered("it does not concern the mesh", team, foo(pod("httpbin"))));
  }

  @ParameterizedTest
  @MethodSource("discovery")
  void speaksOfNamespacesThatIstiodDoesNotSee(
      List<LabelSelector> selectors, NamespaceBuilder foo, List<String> expected) {
    MeshSettings settings =
        new MeshSettings("istio-system", "cluster.local", true, true, List.of(), selectors);

    assertEquals(
        expected,
        told(Hazards.of(MeshModes.resolve(mesh(settings, foo)), "foo"), OUTSIDE_DISCOVERY));
  }

  private static List<String> toldOutside(String namespace, NamespaceBuilder root) {
    return told(outside(namespace, root), OUTSIDE_DISCOVERY);
  }

  private static List<Finding> outside(String namespace, NamespaceBuilder root) {
    MeshSettings settings =
        new MeshSettings(
            "istio-system",
            "cluster.local",
            true,
            true,
            List.of(),
            List.of(LabelSelector.ofLabels(Map.of("team", "a"))));
    return Hazards.of(MeshModes.resolve(mesh(settings, root, foo().label("team", "a"))), namespace);
  }

  private static String remedy(String namespace, NamespaceBuilder root) {
    return outside(namespace, root).stream()
        .filter(finding -> finding.code() == OUTSIDE_DISCOVERY)
        .map(Finding::remedy)
        .findFirst()
        .orElseThrow();
  }

  /** Its STRICT would refuse clients of the whole mesh, and no gate was asked. */
  @Test
  void labelsNoNamespaceWhosePoliciesWouldTakeEffect() {
    NamespaceBuilder root = namespace("istio-system");
    String label = "Label the namespace so that istiod looks at it.";
    assertEquals(label, remedy("istio-system", root));

    root.with(policy("default", STRICT));

    assertEquals(
        label
            + " Its policies take effect at once then, STRICT as well: set them to PERMISSIVE"
            + " before.",
        remedy("foo", root));
  }

  /** istiod knows no policy of a root namespace that no selector matches. */
  @Test
  void speaksOfARootNamespaceThatIstiodDoesNotSee() {
    NamespaceBuilder root = namespace("istio-system");
    List<String> told = List.of("BLOCKER Namespace istio-system");
    assertEquals(told, toldOutside("istio-system", root));
    assertEquals(List.of(), toldOutside("foo", root));
    root.with(policy("default", STRICT));
    assertEquals(told, toldOutside("foo", root));
    root.label("team", "a");
    assertEquals(List.of(), toldOutside("foo", root));
    assertEquals(List.of(), toldOutside("istio-system", root));
  }

  private static Arguments spanning(
      String name, List<String> aliases, NamespaceBuilder root, String... expected) {
    return argumentSet(name, aliases, root, List.of(expected));
  }

  static Stream<Arguments> clustersOfTheMesh() {
    String finding = "WARNING Namespace istio-system";
    return Stream.of(
        spanning("a network", List.of(), root().label("topology.istio.io/network", "n"), finding),
        spanning("another trust domain", List.of("old.local"), root(), finding),
        spanning(
            "an east-west gateway",
            List.of(),
            root().with(gatewayPod("ew").label("istio", "eastwestgateway")),
            finding),
        spanning(
            "an ingress gateway",
            List.of(),
            root().with(gatewayPod("gw").label("istio", "ingressgateway"))),
        spanning("none of these", List.of(), root()));
  }

  @ParameterizedTest
  @MethodSource("clustersOfTheMesh")
  void speaksOfMeshesThatSpanClusters(
      List<String> aliases, NamespaceBuilder root, List<String> expected) {
    MeshSettings settings =
        new MeshSettings("istio-system", "cluster.local", true, true, aliases, List.of());
    MeshModes modes = MeshModes.resolve(mesh(settings, root, foo()));

    assertEquals(expected, told(Hazards.of(modes, "istio-system"), SEVERAL_CLUSTERS));
    assertEquals(List.of(), told(Hazards.of(modes, "foo"), SEVERAL_CLUSTERS));
  }
}
