// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import static io.mtlsmigration.hazard.HazardCode.SERVICE_ENTRY_WITHOUT_MTLS;
import static io.mtlsmigration.hazard.HazardWorlds.foo;
import static io.mtlsmigration.hazard.HazardWorlds.row;
import static io.mtlsmigration.hazard.HazardWorlds.told;
import static io.mtlsmigration.hazard.HazardWorlds.world;
import static io.mtlsmigration.mesh.DestinationRule.ClientTlsMode.DISABLE;
import static io.mtlsmigration.mesh.DestinationRule.ClientTlsMode.ISTIO_MUTUAL;
import static io.mtlsmigration.mesh.DestinationRule.ClientTlsMode.SIMPLE;
import static io.mtlsmigration.mesh.MeshBuilders.ambientPod;
import static io.mtlsmigration.mesh.MeshBuilders.destinationRule;
import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarScope;
import static io.mtlsmigration.mesh.MtlsMode.PERMISSIVE;
import static io.mtlsmigration.mesh.MtlsMode.STRICT;
import static io.mtlsmigration.mesh.ServiceEntry.Resolution.DNS;
import static io.mtlsmigration.mesh.ServiceEntry.Resolution.NONE;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mtlsmigration.mesh.DestinationRule.TrafficPolicy;
import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshBuilders.PodBuilder;
import io.mtlsmigration.mesh.MeshSettings;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.OtherObject;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.ServiceEntry;
import io.mtlsmigration.mesh.ServiceEntry.Endpoint;
import io.mtlsmigration.mesh.ServiceEntry.Port;
import io.mtlsmigration.mesh.ServiceEntry.Resolution;
import io.mtlsmigration.mtls.MeshModes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Host names that lead to pods of the mesh, as of something outside. */
final class ServiceEntryHazardsTest {

  private static final String HOST = "httpbin.example.com";

  private static Function<String, OtherObject> selecting(boolean external) {
    return ns -> entry(ns, external, Map.of("app", "httpbin"), List.of());
  }

  private static Function<String, OtherObject> leadingTo(
      boolean external, String address, boolean announces) {
    return ns ->
        entry(ns, external, Map.of(), List.of(endpoint(address, Map.of("http", 8000), announces)));
  }

  private static Function<String, OtherObject> leadingToPod(
      boolean external, String address, boolean announces) {
    return ns -> entry(ns, external, Map.of(), List.of(endpoint(address, Map.of(), announces)));
  }

  private static Endpoint endpoint(String address, Map<String, Integer> ports, boolean announces) {
    return new Endpoint(address, ports, Map.of(), announces ? "istio" : "disabled");
  }

  private static ServiceEntry entry(
      String namespace, boolean external, Map<String, String> labels, List<Endpoint> endpoints) {
    return new ServiceEntry(
        new ObjectRef("ServiceEntry", namespace, "alias"),
        List.of(HOST),
        List.of(),
        external,
        DNS,
        Set.of(),
        labels,
        List.of(new Port("http", 80, 8080)),
        endpoints);
  }

  private static PodBuilder server() {
    return sidecarPod("httpbin").ports(8080).ip("10.1.2.3");
  }

  static Stream<Arguments> entries() {
    HazardCode code = SERVICE_ENTRY_WITHOUT_MTLS;
    String own = "WARNING ServiceEntry foo/alias:8080";
    String others = "WARNING ServiceEntry bar/alias:8080";
    return Stream.of(
        row("pods by labels, external", code, world(foo().with(selecting(true))), own),
        row("pods by labels, internal", code, world(foo().with(selecting(false)))),
        row(
            "pods by labels, of another namespace",
            code,
            world(foo(), namespace("bar").with(selecting(true)))),
        row(
            "pods by labels that have no sidecar",
            code,
            world(foo(pod("httpbin").ports(8080)).with(selecting(true)))),
        row(
            "pods by labels on the ambient data plane",
            code,
            world(foo(ambientPod("httpbin").ports(8080)).with(selecting(true)))),
        row(
            "a port that bypasses the sidecar",
            code,
            world(foo(server().excludeInbound(8080)).with(selecting(true)))),
        row(
            "a port that an exception keeps open",
            code,
            world(
                foo()
                    .with(policy("open", STRICT).selector("app", "httpbin").port(8080, PERMISSIVE))
                    .with(selecting(true)))),
        row(
            "a rule that says ISTIO_MUTUAL for its host",
            code,
            world(
                foo()
                    .with(destinationRule("alias", HOST).tls(ISTIO_MUTUAL))
                    .with(selecting(true)))),
        row(
            "a rule that says so for all hosts of the domain",
            code,
            world(
                foo()
                    .with(destinationRule("alias", "*.example.com").tls(ISTIO_MUTUAL))
                    .with(selecting(true)))),
        row(
            "a rule that says so for another host",
            code,
            world(
                foo()
                    .with(destinationRule("alias", "bin.example.com").tls(ISTIO_MUTUAL))
                    .with(selecting(true))),
            own),
        row(
            "a rule that says something else",
            code,
            world(foo().with(destinationRule("alias", HOST).tls(DISABLE)).with(selecting(true))),
            own),
        row(
            "a pod's address, external",
            code,
            world(foo(server()), namespace("bar").with(leadingToPod(true, "10.1.2.3", true))),
            others),
        row(
            "a pod's address, internal, without a mark",
            code,
            world(foo(server()), namespace("bar").with(leadingToPod(false, "10.1.2.3", false))),
            others),
        row(
            "a pod's address, internal, marked",
            code,
            world(foo(server()), namespace("bar").with(leadingToPod(false, "10.1.2.3", true)))),
        row(
            "a pod's address of IPv6, as somebody wrote it",
            code,
            world(
                foo(server().otherIps("fd00::7")),
                namespace("bar").with(leadingToPod(true, "FD00:0::7", true))),
            others),
        row(
            "another address",
            code,
            world(foo(server()), namespace("bar").with(leadingToPod(true, "10.1.2.4", false)))),
        row(
            "a Service's name in full",
            code,
            world(
                foo(server()),
                namespace("bar").with(leadingTo(true, "httpbin.foo.svc.cluster.local", false))),
            others),
        row(
            "a Service's name in short",
            code,
            world(foo(server()), namespace("bar").with(leadingTo(true, "httpbin.foo", false))),
            others),
        row(
            "a Service's name as a part of another",
            code,
            world(foo(server()), namespace("bar").with(leadingTo(true, "httpbin.foo.com", false)))),
        row(
            "a Service's name, a port that it has not",
            code,
            world(
                foo(server()),
                namespace("bar").with(leadingToPod(true, "httpbin.foo.svc.cluster.local", false)))),
        row(
            "a Service without a sidecar behind it",
            code,
            world(
                foo(pod("httpbin").ports(8080), sidecarPod("other").ports(8080)),
                namespace("bar").with(leadingTo(true, "httpbin.foo.svc", false)))));
  }

  /** A client elsewhere, by whom entries of foo are known. */
  private static NamespaceBuilder shop() {
    return namespace("shop").with(sidecarPod("cart").ports(8080));
  }

  private static EntryBuilder internal() {
    return new EntryBuilder(false);
  }

  private static EntryBuilder external() {
    return new EntryBuilder(true);
  }

  static Stream<Arguments> entriesByWhatClientsSend() {
    HazardCode code = SERVICE_ENTRY_WITHOUT_MTLS;
    String own = "WARNING ServiceEntry foo/alias:8080";
    String others = "WARNING ServiceEntry shop/alias:8080";
    return Stream.of(
        row(
            "ISTIO_MUTUAL that only the clients of one namespace apply",
            code,
            world(
                foo().with(external().selecting("app", "httpbin")),
                shop().with(destinationRule("alias", HOST).tls(ISTIO_MUTUAL))),
            own),
        row(
            "ISTIO_MUTUAL for a subset alone",
            code,
            world(
                foo()
                    .with(
                        destinationRule("alias", HOST)
                            .subset(
                                "v1", Map.of(), new TrafficPolicy(ISTIO_MUTUAL, false, Map.of())))
                    .with(external().selecting("app", "httpbin"))),
            own),
        row(
            "ISTIO_MUTUAL for another port alone",
            code,
            world(
                foo()
                    .with(destinationRule("alias", HOST).port(81, ISTIO_MUTUAL))
                    .with(external().selecting("app", "httpbin"))),
            own),
        row(
            "ISTIO_MUTUAL for its port",
            code,
            world(
                foo()
                    .with(destinationRule("alias", HOST).port(80, ISTIO_MUTUAL))
                    .with(external().selecting("app", "httpbin")))),
        row(
            "a rule with DISABLE for an internal entry whose endpoint is marked",
            code,
            world(
                foo(server())
                    .with(destinationRule("alias", HOST).tls(DISABLE))
                    .with(internal().endpoint("10.1.2.3", "istio"))),
            own),
        row(
            "a rule with SIMPLE for it",
            code,
            world(
                foo(server())
                    .with(destinationRule("alias", HOST).tls(SIMPLE))
                    .with(internal().endpoint("10.1.2.3", "istio"))),
            own),
        row(
            "an internal entry that selects a pod which declines Istio's TLS",
            code,
            world(
                foo(server().label(Pod.TLS_MODE_LABEL, "disabled"))
                    .with(internal().selecting("app", "httpbin"))),
            own),
        row(
            "a container port of the entry's port's name goes before its target",
            code,
            world(
                foo(server().namedPort("http", 9090)).with(external().selecting("app", "httpbin"))),
            "WARNING ServiceEntry foo/alias:9090"),
        row(
            "exported to nobody",
            code,
            world(foo(server()).with(external().exportTo("~").endpoint("10.1.2.3", "istio")))),
        row(
            "exported to a namespace without sidecars",
            code,
            world(
                foo(server()).with(external().exportTo("legacy").endpoint("10.1.2.3", "istio")),
                namespace("legacy").with(pod("curl")))),
        row(
            "no client imports it",
            code,
            world(
                foo(server())
                    .with(sidecarScope("narrow", "istio-system/*"))
                    .with(external().endpoint("10.1.2.3", "istio")))),
        row(
            "resolution NONE at a pod's address",
            code,
            world(foo(server()), shop().with(internal().resolution(NONE).address("10.1.2.3"))),
            others),
        row(
            "resolution NONE at a range that has the pod's address",
            code,
            world(foo(server()), shop().with(internal().resolution(NONE).address("10.1.2.0/24")))),
        row(
            "a Service's name as its host, without endpoints",
            code,
            world(
                foo(server()),
                shop().with(internal().host("httpbin.foo.svc.cluster.local").port(8000, 0))),
            others),
        row(
            "a Service's name as its host, in the Service's namespace",
            code,
            world(
                foo(server())
                    .with(internal().host("httpbin.foo.svc.cluster.local").port(8000, 0)))),
        row(
            "a Service's name as its host, for clients that the Service is not exported to",
            code,
            world(
                namespace("foo")
                    .with(server())
                    .with(service("httpbin").port(8000, 8080).exportTo("."))
                    .with(internal().host("httpbin.foo.svc.cluster.local").port(8000, 0)),
                shop()),
            own),
        row(
            "an endpoint that it adds to a Service is the Service's: not external",
            code,
            world(
                foo(server(), sidecarPod("other").ports(8080).ip("10.1.2.4"))
                    .with(
                        external()
                            .host("httpbin.foo.svc.cluster.local")
                            .port(8000, 8080)
                            .endpoint("10.1.2.4", "istio")))),
        row(
            "an endpoint without a mark that it adds to a Service",
            code,
            world(
                foo(server(), sidecarPod("other").ports(8080).ip("10.1.2.4"))
                    .with(
                        external()
                            .host("httpbin.foo.svc.cluster.local")
                            .port(8000, 8080)
                            .endpoint("10.1.2.4", "disabled"))),
            own),
        row(
            "a headless Service's name: its ports stand for nothing",
            code,
            world(
                namespace("foo")
                    .with(server())
                    .with(service("httpbin").headless().port(8000, 8080)),
                shop().with(internal().endpoint("httpbin.foo.svc.cluster.local", "disabled"))),
            others),
        row(
            "DISABLE in force for the namespace of the entry alone",
            code,
            world(
                foo(server()),
                shop()
                    .with(policy("default", MtlsMode.DISABLE))
                    .with(internal().endpoint("10.1.2.3", "istio"))),
            others),
        row(
            "DISABLE in force for the pods' own namespace, of which another finding tells",
            code,
            world(
                foo(server())
                    .with(policy("default", MtlsMode.DISABLE))
                    .with(internal().endpoint("10.1.2.3", "istio")))),
        row(
            "DISABLE in force, and external",
            code,
            world(
                foo(server())
                    .with(policy("default", MtlsMode.DISABLE))
                    .with(external().endpoint("10.1.2.3", "istio"))),
            own));
  }

  @ParameterizedTest
  @MethodSource({"entries", "entriesByWhatClientsSend"})
  void speaksOfEntriesByWhichSidecarsSendPlaintext(
      HazardCode code, NamespaceBuilder[] world, List<String> expected) {
    assertEquals(expected, told(world, code));
  }

  @Test
  void speaksOfEntriesWithoutAutoMtls() {
    MeshSettings off = new MeshSettings("istio-system", "cluster.local", false, true);
    MeshSnapshot mesh = mesh(off, foo(server()).with(internal().endpoint("10.1.2.3", "istio")));

    List<Finding> findings = Hazards.of(MeshModes.resolve(mesh), "foo");

    assertEquals(
        List.of("WARNING ServiceEntry foo/alias:8080"), told(findings, SERVICE_ENTRY_WITHOUT_MTLS));
  }

  @Test
  void saysOfAnEndpointThatItAddsToAServiceWhatTheServiceLacks() {
    NamespaceBuilder[] world =
        world(
            foo(server(), sidecarPod("other").ports(8080).ip("10.1.2.4"))
                .with(
                    external()
                        .host("httpbin.foo.svc.cluster.local")
                        .port(8000, 8080)
                        .endpoint("10.1.2.4", "disabled")));

    List<String> remedies =
        Hazards.of(MeshModes.resolve(mesh(world)), "foo").stream()
            .filter(finding -> finding.code() == SERVICE_ENTRY_WITHOUT_MTLS)
            .map(Finding::remedy)
            .toList();

    assertEquals(
        List.of("Set the label security.istio.io/tlsMode: istio on the endpoint."), remedies);
  }

  @Test
  void tellsOnceOfAllHostsAndNamesTheRule() {
    NamespaceBuilder[] world =
        world(
            foo(server())
                .with(destinationRule("all", "*.example.com").tls(DISABLE))
                .with(internal().host("also.example.com").endpoint("10.1.2.3", "istio")));

    List<String> messages =
        Hazards.of(MeshModes.resolve(mesh(world)), "foo").stream()
            .filter(finding -> finding.code() == SERVICE_ENTRY_WITHOUT_MTLS)
            .map(finding -> finding.message() + " " + finding.remedy())
            .toList();

    assertEquals(
        List.of(
            "ServiceEntry foo/alias leads also.example.com, httpbin.example.com to port 8080 of"
                + " Deployment foo/httpbin, and by DestinationRule foo/all sidecars send it no"
                + " mutual TLS, as STRICT would require. Set tls mode ISTIO_MUTUAL in"
                + " DestinationRule foo/all."),
        messages);
  }

  /** An entry {@code alias} for {@link #HOST}, port 80 to 8080. */
  private static final class EntryBuilder implements Function<String, OtherObject> {
    private final boolean external;
    private final List<String> hosts = new ArrayList<>(List.of(HOST));
    private final List<String> addresses = new ArrayList<>();
    private final List<Endpoint> endpoints = new ArrayList<>();
    private Port port = new Port("http", 80, 8080);
    private Resolution resolution = DNS;
    private Set<String> exportTo = Set.of();
    private Map<String, String> selector = Map.of();

    EntryBuilder(boolean external) {
      this.external = external;
    }

    /** One more, or instead when it is a Service's. */
    EntryBuilder host(String host) {
      if (host.endsWith(".cluster.local")) {
        hosts.clear();
      }
      hosts.add(host);
      return this;
    }

    EntryBuilder address(String address) {
      addresses.add(address);
      port = new Port("http", 8080, 0);
      return this;
    }

    EntryBuilder endpoint(String address, String tlsMode) {
      endpoints.add(new Endpoint(address, Map.of(), Map.of(), tlsMode));
      return this;
    }

    EntryBuilder port(int number, int target) {
      port = new Port("http", number, target);
      return this;
    }

    EntryBuilder resolution(Resolution how) {
      resolution = how;
      return this;
    }

    EntryBuilder exportTo(String... namespaces) {
      exportTo = Set.of(namespaces);
      return this;
    }

    EntryBuilder selecting(String key, String value) {
      selector = Map.of(key, value);
      return this;
    }

    @Override
    public OtherObject apply(String namespace) {
      return new ServiceEntry(
          new ObjectRef("ServiceEntry", namespace, "alias"),
          hosts,
          addresses,
          external,
          resolution,
          exportTo,
          selector,
          List.of(port),
          endpoints);
    }
  }
}
