// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import static io.mtlsmigration.mesh.MeshBuilders.ambientPod;
import static io.mtlsmigration.mesh.MeshBuilders.destinationRule;
import static io.mtlsmigration.mesh.MeshBuilders.gatewayPod;
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
import static io.mtlsmigration.mtls.ClientTls.ISTIO_MUTUAL;
import static io.mtlsmigration.mtls.ClientTls.PLAINTEXT;
import static io.mtlsmigration.mtls.Reach.OK;
import static io.mtlsmigration.mtls.Reach.REFUSED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.DestinationRule.ClientTlsMode;
import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshBuilders.PodBuilder;
import io.mtlsmigration.mesh.MeshSettings;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.ServiceEntry;
import io.mtlsmigration.mesh.Worlds;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class ReachabilityTest {

  /** The task's mesh after each of its steps, and which of its six calls fail. */
  static Stream<Arguments> steps() {
    MeshSnapshot task = Worlds.task();
    MeshSnapshot foo = task.with(Worlds.foo().with(policy("default", STRICT)).build());
    return Stream.of(
        argumentSet("no policy", task, Set.of()),
        argumentSet("foo is locked", foo, Set.of("legacy to foo")),
        argumentSet(
            "the mesh is locked",
            foo.with(Worlds.root(STRICT).build()),
            Set.of("legacy to foo", "legacy to bar")),
        argumentSet(
            "the mesh is locked, bar is exempt",
            task.with(Worlds.root(STRICT).build())
                .with(Worlds.bar().with(policy("open", PERMISSIVE)).build()),
            Set.of("legacy to foo")));
  }

  @ParameterizedTest
  @MethodSource("steps")
  void refusesExactlyTheCallsOfTheTask(MeshSnapshot snapshot, Set<String> refused) {
    Set<String> seen = new TreeSet<>();
    for (String from : List.of("foo", "bar", "legacy")) {
      for (String to : List.of("foo", "bar")) {
        if (call(snapshot, from + "/curl", to + "/httpbin").reach() == REFUSED) {
          seen.add(from + " to " + to);
        }
      }
    }

    assertEquals(refused, seen);
  }

  static Stream<Arguments> modesAndClients() {
    return Stream.of(
        argumentSet("STRICT, mesh", STRICT, "foo", ISTIO_MUTUAL, OK),
        argumentSet("STRICT, legacy", STRICT, "legacy", PLAINTEXT, REFUSED),
        argumentSet("PERMISSIVE, mesh", PERMISSIVE, "foo", ISTIO_MUTUAL, OK),
        argumentSet("PERMISSIVE, legacy", PERMISSIVE, "legacy", PLAINTEXT, OK),
        argumentSet("DISABLE, mesh", DISABLE, "foo", PLAINTEXT, OK),
        argumentSet("DISABLE, legacy", DISABLE, "legacy", PLAINTEXT, OK));
  }

  @ParameterizedTest
  @MethodSource("modesAndClients")
  void autoMtlsFollowsTheServer(MtlsMode mode, String from, ClientTls tls, Reach reach) {
    MeshSnapshot snapshot = Worlds.task().with(Worlds.bar().with(policy("default", mode)).build());

    Prediction prediction = call(snapshot, from + "/curl", "bar/httpbin");

    assertEquals(tls + " " + reach, told(prediction));
    assertEquals(List.of(ObjectRef.peerAuthentication("bar", "default")), prediction.decidedBy());
  }

  @ParameterizedTest
  @MethodSource("io.mtlsmigration.mesh.Worlds#meshDefaults")
  void aServerWithoutProxyAnswersEverybody(MtlsMode mode) {
    MeshSnapshot snapshot = server(mode, pod("httpbin").ports(8080));

    assertEquals("PLAINTEXT OK", told(call(snapshot, "foo/curl", "bar/httpbin")));
    assertEquals("PLAINTEXT OK", told(call(snapshot, "legacy/curl", "bar/httpbin")));
  }

  /** Its Envoy speaks mutual TLS to sidecars; ztunnel alone would not. */
  @ParameterizedTest
  @CsvSource({"istio.io-gateway-controller, ISTIO_MUTUAL OK", "'', PLAINTEXT REFUSED"})
  void aGatewayThatZtunnelCapturesCallsThroughItsEnvoy(String managed, String told) {
    MeshSnapshot snapshot =
        server(STRICT, sidecarPod("httpbin").ports(8080))
            .with(
                namespace("foo")
                    .with(ambientPod("curl").label("gateway.istio.io/managed", managed))
                    .build());

    assertEquals(told, told(call(snapshot, "foo/curl", "bar/httpbin")));
  }

  /** The Service's port is 8000, the pod's 8080. */
  @ParameterizedTest
  @CsvSource({
    "excludeOutboundPorts, '443, 8000', PLAINTEXT REFUSED",
    "excludeOutboundPorts, '8080,80,8000-8001,x', ISTIO_MUTUAL OK",
    "excludeOutboundIPRanges, '0.0.0.0/0', PLAINTEXT REFUSED",
    "excludeOutboundIPRanges, '169.254.169.254/32', ISTIO_MUTUAL OK",
    "includeOutboundIPRanges, '', PLAINTEXT REFUSED",
    "includeOutboundIPRanges, '*', ISTIO_MUTUAL OK",
    "includeOutboundPorts, '9000', ISTIO_MUTUAL OK"
  })
  void whatBypassesTheClientsSidecarIsPlaintext(String annotation, String value, String told) {
    MeshSnapshot snapshot =
        server(STRICT, sidecarPod("httpbin").ports(8080))
            .with(
                namespace("foo")
                    .with(
                        sidecarPod("curl")
                            .annotation("traffic.sidecar.istio.io/" + annotation, value))
                    .build());

    Prediction prediction = call(snapshot, "foo/curl", "bar/httpbin");

    assertEquals(told, told(prediction));
    assertEquals(told.startsWith("P"), prediction.way() == Prediction.Way.PASSTHROUGH);
  }

  @Test
  void withoutRulesNothingReachesTheClientsSidecar() {
    MeshSnapshot snapshot =
        server(STRICT, sidecarPod("httpbin").ports(8080))
            .with(
                namespace("foo")
                    .with(
                        sidecarPod("curl").annotation("sidecar.istio.io/interceptionMode", "NONE"))
                    .build());

    assertEquals("PLAINTEXT REFUSED", told(call(snapshot, "foo/curl", "bar/httpbin")));
  }

  @Test
  void anIncludedPortReachesTheSidecarWhereNoRangeDoes() {
    MeshSnapshot snapshot =
        server(STRICT, sidecarPod("httpbin").ports(8080))
            .with(
                namespace("foo")
                    .with(
                        sidecarPod("curl")
                            .annotation("traffic.sidecar.istio.io/includeOutboundIPRanges", "")
                            .annotation("traffic.sidecar.istio.io/includeOutboundPorts", "8000"))
                    .build());

    assertEquals("ISTIO_MUTUAL OK", told(call(snapshot, "foo/curl", "bar/httpbin")));
  }

  @Test
  void withoutTheTlsModeLabelClientsSendPlaintext() {
    MeshSnapshot snapshot =
        server(STRICT, sidecarPod("httpbin").ports(8080).withoutLabel(Pod.TLS_MODE_LABEL));

    assertEquals("PLAINTEXT REFUSED", told(call(snapshot, "foo/curl", "bar/httpbin")));
  }

  @Test
  void aLabelWithoutProxyMakesClientsSpeakToDeafEars() {
    MeshSnapshot snapshot =
        server(UNSET, pod("httpbin").ports(8080).label(Pod.TLS_MODE_LABEL, "istio"));

    assertEquals("ISTIO_MUTUAL REFUSED", told(call(snapshot, "foo/curl", "bar/httpbin")));
  }

  @Test
  void withoutAutoMtlsClientsSendPlaintext() {
    MeshSettings settings = new MeshSettings("istio-system", "cluster.local", false, true);
    MeshSnapshot task = Worlds.task();
    MeshSnapshot snapshot =
        MeshSnapshot.of(settings, task.observedAt(), task.namespaces().values());

    assertEquals("PLAINTEXT OK", told(call(snapshot, "foo/curl", "bar/httpbin")));
  }

  @Test
  void disableForTheNamespaceSilencesClientsThoughTheWorkloadIsStrict() {
    MeshSnapshot snapshot =
        Worlds.task()
            .with(
                Worlds.bar()
                    .with(policy("ns", DISABLE), policy("w", STRICT).selector("app", "httpbin"))
                    .build());

    Prediction prediction = call(snapshot, "foo/curl", "bar/httpbin");

    assertEquals("PLAINTEXT REFUSED", told(prediction));
    assertEquals(
        List.of(
            ObjectRef.peerAuthentication("bar", "ns"), ObjectRef.peerAuthentication("bar", "w")),
        prediction.decidedBy());
  }

  @Test
  void aDisabledPortIsSpokenToInPlaintext() {
    MeshSnapshot snapshot =
        Worlds.task()
            .with(
                Worlds.bar()
                    .with(policy("w", STRICT).selector("app", "httpbin").port(8080, DISABLE))
                    .build());

    assertEquals("PLAINTEXT OK", told(call(snapshot, "foo/curl", "bar/httpbin")));
  }

  @Test
  void aServicePortAsKeyDoesNothing() {
    MeshSnapshot snapshot =
        Worlds.task()
            .with(
                Worlds.bar()
                    .with(policy("w", STRICT).selector("app", "httpbin").port(8000, PERMISSIVE))
                    .build());

    assertEquals("PLAINTEXT REFUSED", told(call(snapshot, "legacy/curl", "bar/httpbin")));
  }

  @Test
  void aPortThatBypassesTheProxyTakesPlaintextOnly() {
    MeshSnapshot snapshot = server(STRICT, sidecarPod("httpbin").ports(8080).excludeInbound(8080));

    assertEquals("PLAINTEXT OK", told(call(snapshot, "legacy/curl", "bar/httpbin")));
    assertEquals("ISTIO_MUTUAL REFUSED", told(call(snapshot, "foo/curl", "bar/httpbin")));
  }

  @Test
  void aGatewayDecidesForItself() {
    MeshSnapshot snapshot = server(STRICT, gatewayPod("httpbin").ports(8080));

    assertEquals("PLAINTEXT OK", told(call(snapshot, "legacy/curl", "bar/httpbin")));
  }

  @Test
  void aGatewayTakesMutualTlsToo() {
    MeshSnapshot snapshot =
        server(STRICT, gatewayPod("httpbin").ports(8080))
            .with(
                Worlds.foo()
                    .with(destinationRule("r", "*").tls(ClientTlsMode.ISTIO_MUTUAL))
                    .build());

    assertEquals("ISTIO_MUTUAL OK", told(call(snapshot, "foo/curl", "bar/httpbin")));
  }

  @Test
  void noSidecarResourceNarrowsTheViewOfAGateway() {
    MeshSnapshot snapshot =
        Worlds.task()
            .with(
                namespace("ingress").with(gatewayPod("gw")).with(sidecarScope("s", "./*")).build());

    assertEquals("ISTIO_MUTUAL OK", told(call(snapshot, "ingress/gw", "bar/httpbin")));
  }

  @Test
  void aGatewayIsAClientWithAProxy() {
    MeshSnapshot snapshot =
        Worlds.task()
            .with(Worlds.bar().with(policy("default", STRICT)).build())
            .with(namespace("ingress").with(gatewayPod("gw")).build());

    assertEquals("ISTIO_MUTUAL OK", told(call(snapshot, "ingress/gw", "bar/httpbin")));
  }

  @Test
  void aClientThatIsNoPodSendsPlaintext() {
    MeshSnapshot snapshot =
        Worlds.task().with(Worlds.bar().with(policy("default", STRICT)).build());
    MeshModes modes = MeshModes.resolve(snapshot);
    var httpbin = modes.namespace("bar").facts().services().get(0);
    var port = httpbin.ports().get(0);
    Backend backend = modes.reachability().backends(httpbin, port).get(0);

    Prediction prediction = modes.reachability().predictPlaintext(httpbin, port, backend);

    assertEquals("PLAINTEXT REFUSED", told(prediction));
  }

  // Tunnels

  @ParameterizedTest
  @MethodSource("io.mtlsmigration.mesh.Worlds#meshDefaults")
  void ambientTunnelsToAmbientInEveryMode(MtlsMode mode) {
    MeshSnapshot snapshot = server(mode, ambientPod("httpbin").ports(8080));

    assertEquals("ISTIO_MUTUAL OK", told(call(snapshot, "ambient/curl", "bar/httpbin")));
    assertEquals("ISTIO_MUTUAL OK", told(call(snapshot, "foo/curl", "bar/httpbin")));
  }

  @Test
  void ambientRefusesPlaintextUnderStrictOnly() {
    for (MtlsMode mode : MtlsMode.values()) {
      MeshSnapshot snapshot = server(mode, ambientPod("httpbin").ports(8080));

      assertEquals(
          mode == STRICT ? REFUSED : OK, call(snapshot, "legacy/curl", "bar/httpbin").reach());
    }
  }

  /** istio-cni leads it past ztunnel, so that the kubelet gets through. */
  @Test
  void whatRunsOnTheNodeReachesItsAmbientPodsUnderStrict() {
    MeshSnapshot snapshot =
        mesh(
            namespace("bar")
                .with(policy("default", STRICT))
                .with(ambientPod("httpbin").ports(8080).node("one"))
                .with(service("httpbin").port(8000, 8080)),
            namespace("kube-system")
                .with(
                    pod("agent").hostNetwork().node("one"), pod("other").hostNetwork().node("two")),
            namespace("legacy").with(pod("curl").node("one")));

    assertEquals("PLAINTEXT OK", told(call(snapshot, "kube-system/agent", "bar/httpbin")));
    assertEquals("PLAINTEXT REFUSED", told(call(snapshot, "kube-system/other", "bar/httpbin")));
    assertEquals("PLAINTEXT REFUSED", told(call(snapshot, "legacy/curl", "bar/httpbin")));
  }

  @Test
  void ambientSendsPlaintextToASidecarThatTakesNoTunnel() {
    MeshSnapshot snapshot = server(STRICT, sidecarPod("httpbin").ports(8080));

    assertEquals("PLAINTEXT REFUSED", told(call(snapshot, "ambient/curl", "bar/httpbin")));
  }

  @Test
  void ambientTunnelsToASidecarThatTakesTunnels() {
    MeshSnapshot snapshot =
        server(
            STRICT,
            sidecarPod("httpbin").ports(8080).label("networking.istio.io/tunnel", "http,other"));

    assertEquals("ISTIO_MUTUAL OK", told(call(snapshot, "ambient/curl", "bar/httpbin")));
  }

  /** Where both would do, an Envoy client prefers plain Istio TLS, so its rules count. */
  @Test
  void aSidecarAppliesItsRulesToASidecarThatTakesTunnels() {
    MeshSnapshot snapshot =
        server(
                STRICT,
                sidecarPod("httpbin").ports(8080).label("networking.istio.io/tunnel", "http"))
            .with(Worlds.foo().with(destinationRule("r", "*").tls(ClientTlsMode.DISABLE)).build());

    assertEquals("PLAINTEXT REFUSED", told(call(snapshot, "foo/curl", "bar/httpbin")));
  }

  @Test
  void nobodyTunnelsToTheAddressOfAHeadlessEndpoint() {
    NamespaceBuilder bar =
        namespace("bar")
            .with(ambientPod("db").ports(5432))
            .with(service("db").port(5432, 5432).headless());
    MeshSnapshot ruled =
        world(bar)
            .with(
                Worlds.foo()
                    .with(destinationRule("r", "*").tls(ClientTlsMode.ISTIO_MUTUAL))
                    .build());

    assertEquals("PLAINTEXT OK", told(call(world(bar), "foo/curl", "bar/db")));
    assertEquals("ISTIO_MUTUAL REFUSED", told(call(ruled, "foo/curl", "bar/db")));
  }

  // Headless services

  /** The client cannot see which endpoint it calls, so a port's own mode never reaches it. */
  @Test
  void aDisabledPortOfAHeadlessServiceIsLostOnSidecarsButNotOnGateways() {
    NamespaceBuilder bar =
        namespace("bar")
            .with(sidecarPod("db").ports(5432))
            .with(service("db").port(5432, 5432).headless())
            .with(policy("w", STRICT).selector("app", "db").port(5432, DISABLE));
    MeshSnapshot snapshot = world(bar).with(namespace("ingress").with(gatewayPod("gw")).build());

    assertEquals("ISTIO_MUTUAL REFUSED", told(call(snapshot, "foo/curl", "bar/db")));
    assertEquals("PLAINTEXT OK", told(call(snapshot, "ingress/gw", "bar/db")));
  }

  @Test
  void aHeadlessServiceWithoutEndpointsIsSpokenToInPlaintext() {
    MeshModes modes =
        MeshModes.resolve(
            world(
                namespace("bar")
                    .with(sidecarPod("db").label("app", "other"))
                    .with(service("db").port(5432, 5432).headless())));
    var db = modes.namespace("bar").facts().services().get(0);
    Pod pod = Calls.pod(modes.snapshot(), "bar/db");

    Prediction prediction =
        modes
            .reachability()
            .predict(
                Calls.pod(modes.snapshot(), "foo/curl"),
                db,
                db.ports().get(0),
                new Backend(pod, "", 5432, true));

    assertEquals(PLAINTEXT, prediction.clientTls());
  }

  @Test
  void oneEndpointWithoutMtlsSilencesAHeadlessService() {
    NamespaceBuilder bar =
        namespace("bar")
            .with(policy("default", STRICT))
            .with(sidecarPod("db-0").of("StatefulSet", "db").ports(5432))
            .with(service("db").port(5432, 5432).headless());
    MeshSnapshot captured = world(bar);

    assertEquals("ISTIO_MUTUAL OK", told(call(captured, "foo/curl", "bar/db")));

    MeshSnapshot mixed = world(bar.with(pod("db-1").of("StatefulSet", "db").ports(5432)));
    assertEquals("PLAINTEXT REFUSED", told(call(mixed, "foo/curl", "bar/db")));
  }

  /** Endpoints of both registries come under one host, and one of them declines. */
  @Test
  void anEndpointThatAServiceEntryAddsSilencesAHeadlessService() {
    NamespaceBuilder bar =
        namespace("bar")
            .with(sidecarPod("db").ports(5432))
            .with(service("db").port(5432, 5432).headless());
    NamespaceBuilder marked =
        namespace("bar")
            .with(sidecarPod("db").ports(5432))
            .with(service("db").port(5432, 5432).headless());

    MeshSnapshot declining = world(bar.with(ns -> alias(ns, "disabled")));
    MeshSnapshot announcing = world(marked.with(ns -> alias(ns, "istio")));

    assertEquals("PLAINTEXT OK", told(call(declining, "foo/curl", "bar/db")));
    assertEquals("ISTIO_MUTUAL OK", told(call(announcing, "foo/curl", "bar/db")));
  }

  private static ServiceEntry alias(String namespace, String tlsMode) {
    return new ServiceEntry(
        new ObjectRef("ServiceEntry", namespace, "alias"),
        List.of("db." + namespace + ".svc.cluster.local"),
        List.of(),
        true,
        ServiceEntry.Resolution.STATIC,
        Set.of(),
        Map.of(),
        List.of(new ServiceEntry.Port("tcp", 5432, 0)),
        List.of(new ServiceEntry.Endpoint("192.0.2.7", Map.of(), Map.of(), tlsMode)));
  }

  @Test
  void aServiceWithAClusterIpDecidesForEachEndpoint() {
    NamespaceBuilder bar =
        namespace("bar")
            .with(policy("default", STRICT))
            .with(
                sidecarPod("db-0").of("StatefulSet", "db").ports(5432),
                pod("db-1").of("StatefulSet", "db").ports(5432))
            .with(service("db").port(5432, 5432));
    MeshModes modes = MeshModes.resolve(world(bar));
    var db = modes.namespace("bar").facts().services().get(0);
    Pod curl = Calls.pod(modes.snapshot(), "foo/curl");

    List<String> told =
        modes.reachability().backends(db, db.ports().get(0)).stream()
            .map(b -> told(modes.reachability().predict(curl, db, db.ports().get(0), b)))
            .toList();

    assertEquals(List.of("ISTIO_MUTUAL OK", "PLAINTEXT OK"), told);
  }

  // What a client's proxy does not know

  static Stream<Arguments> views() {
    return Stream.of(
        argumentSet("everything", new String[] {"*/*"}, ISTIO_MUTUAL),
        argumentSet("its own namespace", new String[] {"./*"}, PLAINTEXT),
        argumentSet("that namespace", new String[] {"./*", "bar/*"}, ISTIO_MUTUAL),
        argumentSet(
            "that host anywhere", new String[] {"*/httpbin.bar.svc.cluster.local"}, ISTIO_MUTUAL),
        argumentSet("another host", new String[] {"bar/other.bar.svc.cluster.local"}, PLAINTEXT),
        argumentSet("a wildcard host", new String[] {"bar/*.bar.svc.cluster.local"}, ISTIO_MUTUAL),
        argumentSet("nothing", new String[] {"~/*"}, PLAINTEXT),
        argumentSet("all but that namespace", new String[] {"*/*", "~bar/*"}, PLAINTEXT),
        argumentSet("all but another", new String[] {"*/*", "~other/*"}, ISTIO_MUTUAL),
        argumentSet("no egress section", new String[] {}, ISTIO_MUTUAL),
        argumentSet("not a host", new String[] {"nonsense"}, PLAINTEXT));
  }

  @ParameterizedTest
  @MethodSource("views")
  void aSidecarResourceNarrowsTheView(String[] hosts, ClientTls expected) {
    MeshSnapshot snapshot =
        Worlds.task().with(Worlds.foo().with(sidecarScope("default", hosts)).build());

    Prediction prediction = call(snapshot, "foo/curl", "bar/httpbin");

    assertEquals(expected, prediction.clientTls());
    assertEquals(OK, prediction.reach());
    assertEquals(
        expected == PLAINTEXT ? List.of(new ObjectRef("Sidecar", "foo", "default")) : List.of(),
        prediction.decidedBy());
  }

  @Test
  void aSidecarResourceWithASelectorComesFirst() {
    MeshSnapshot snapshot =
        Worlds.task()
            .with(
                Worlds.foo()
                    .with(
                        sidecarScope("general", "./*"),
                        sidecarScope("curl", "*/*").workloadSelector("app", "curl"),
                        sidecarScope("nobody", "./*").workloadSelector("app", "nobody"))
                    .build());

    assertEquals(ISTIO_MUTUAL, call(snapshot, "foo/curl", "bar/httpbin").clientTls());
    assertEquals(PLAINTEXT, call(snapshot, "foo/httpbin", "bar/httpbin").clientTls());
  }

  @Test
  void theRootNamespacesSidecarCountsWhereThereIsNoOther() {
    NamespaceBuilder root =
        namespace("istio-system")
            .with(
                sidecarScope("default", "./*"),
                sidecarScope("selecting", "*/*").workloadSelector("app", "curl"));
    MeshSnapshot snapshot =
        Worlds.task()
            .with(root.build())
            .with(Worlds.foo().with(sidecarScope("own", "*/*")).build());

    assertEquals(ISTIO_MUTUAL, call(snapshot, "foo/curl", "bar/httpbin").clientTls());
    assertEquals(PLAINTEXT, call(snapshot, "bar/curl", "foo/httpbin").clientTls());
  }

  @Test
  void registryOnlyLetsNothingUnknownOut() {
    MeshSnapshot snapshot =
        Worlds.task()
            .with(Worlds.foo().with(sidecarScope("default", "./*").registryOnly()).build());

    assertEquals("PLAINTEXT REFUSED", told(call(snapshot, "foo/curl", "bar/httpbin")));
    assertEquals("ISTIO_MUTUAL OK", told(call(snapshot, "foo/curl", "foo/httpbin")));
  }

  @Test
  void aMeshThatLetsNothingUnknownOutRefusesToo() {
    MeshSettings settings = new MeshSettings("istio-system", "cluster.local", true, false);
    MeshSnapshot task = Worlds.task();
    MeshSnapshot snapshot =
        MeshSnapshot.of(settings, task.observedAt(), task.namespaces().values())
            .with(Worlds.foo().with(sidecarScope("default", "./*")).build());

    assertEquals("PLAINTEXT REFUSED", told(call(snapshot, "foo/curl", "bar/httpbin")));
    assertEquals("ISTIO_MUTUAL OK", told(call(snapshot, "bar/curl", "foo/httpbin")));
  }

  @ParameterizedTest
  @CsvSource({
    "cluster.local, httpbin.bar.svc.cluster.local, PLAINTEXT OK",
    "corp.example, httpbin.bar.svc.corp.example, PLAINTEXT OK",
    "corp.example, httpbin.bar.svc.cluster.local, ISTIO_MUTUAL OK",
    "corp.example, *.svc.corp.example, PLAINTEXT OK"
  })
  void namesOfServicesEndInTheDomainOfTheCluster(String domain, String host, String expected) {
    MeshSnapshot task = Worlds.task();
    MeshSnapshot snapshot =
        MeshSnapshot.of(task.settings().in(domain), task.observedAt(), task.namespaces().values())
            .with(
                Worlds.foo().with(destinationRule("off", host).tls(ClientTlsMode.DISABLE)).build());

    assertEquals(expected, told(call(snapshot, "foo/curl", "bar/httpbin")));
  }

  @Test
  void aSidecarThatLetsAllOutReplacesWhatTheMeshSays() {
    MeshSettings settings = new MeshSettings("istio-system", "cluster.local", true, false);
    MeshSnapshot task = Worlds.task();
    MeshSnapshot snapshot =
        MeshSnapshot.of(settings, task.observedAt(), task.namespaces().values())
            .with(Worlds.foo().with(sidecarScope("default", "./*").allowAny()).build());

    assertEquals("PLAINTEXT OK", told(call(snapshot, "foo/curl", "bar/httpbin")));
  }

  @Test
  void aPortThatBypassesZtunnelIsGovernedByNoPolicy() {
    MeshSnapshot snapshot =
        mesh(
            namespace("foo")
                .with(ambientPod("httpbin").ports(8080).ip("10.0.0.1").includeInbound())
                .with(service("httpbin").port(8000, 8080))
                .with(policy("default", MtlsMode.STRICT)),
            namespace("legacy").with(pod("curl").ip("10.0.0.8")));

    assertEquals("PLAINTEXT OK", told(call(snapshot, "legacy/curl", "foo/httpbin")));
  }

  static Stream<Arguments> exports() {
    return Stream.of(
        argumentSet("default", new String[] {}, ISTIO_MUTUAL),
        argumentSet("everybody", new String[] {"*"}, ISTIO_MUTUAL),
        argumentSet("everybody and nobody", new String[] {"*", "~"}, ISTIO_MUTUAL),
        argumentSet("its own namespace", new String[] {"."}, PLAINTEXT),
        argumentSet("the client's", new String[] {"foo"}, ISTIO_MUTUAL),
        argumentSet("another", new String[] {"other"}, PLAINTEXT),
        argumentSet("nobody", new String[] {"~"}, PLAINTEXT),
        argumentSet("nobody, whoever else", new String[] {"~", "foo"}, PLAINTEXT));
  }

  @ParameterizedTest
  @MethodSource("exports")
  void aServiceThatIsNotExportedIsUnknown(String[] exportTo, ClientTls expected) {
    NamespaceBuilder bar =
        namespace("bar")
            .with(sidecarPod("httpbin").ports(8080))
            .with(service("httpbin").port(8000, 8080).exportTo(exportTo));

    assertEquals(expected, call(world(bar), "foo/curl", "bar/httpbin").clientTls());
  }

  @Test
  void aServiceIsAlwaysKnownWhereItIsExportedPrivately() {
    NamespaceBuilder bar =
        Worlds.bar()
            .with(
                service("private").selector(Map.of("app", "httpbin")).port(80, 8080).exportTo("."));

    assertEquals(ISTIO_MUTUAL, call(world(bar), "bar/curl", "bar/private").clientTls());
  }

  private static MeshSnapshot server(MtlsMode mode, PodBuilder server) {
    return world(
        namespace("bar")
            .with(policy("default", mode))
            .with(server)
            .with(service("httpbin").port(8000, 8080)));
  }

  private static MeshSnapshot world(NamespaceBuilder bar) {
    return mesh(
        namespace("istio-system"),
        Worlds.foo(),
        bar,
        Worlds.legacy(),
        namespace("ambient").with(ambientPod("curl")));
  }

  private static String told(Prediction prediction) {
    return prediction.clientTls() + " " + prediction.reach();
  }

  private static Prediction call(MeshSnapshot snapshot, String from, String to) {
    return Calls.predict(snapshot, from, to);
  }
}
