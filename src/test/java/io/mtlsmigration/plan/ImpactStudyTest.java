// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import static io.mtlsmigration.mesh.MeshBuilders.ambientPod;
import static io.mtlsmigration.mesh.MeshBuilders.cronJob;
import static io.mtlsmigration.mesh.MeshBuilders.destinationRule;
import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarScope;
import static io.mtlsmigration.plan.PlanBuilders.exception;
import static io.mtlsmigration.plan.PlanBuilders.plan;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.DestinationRule;
import io.mtlsmigration.mesh.JobTemplate;
import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshBuilders.PodBuilder;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.mtls.ClientTls;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.Reach;
import io.mtlsmigration.plan.Impact.Basis;
import io.mtlsmigration.plan.Impact.Flow;
import io.mtlsmigration.probe.Cell;
import io.mtlsmigration.probe.Cells;
import io.mtlsmigration.probe.ConnectivityMatrix;
import io.mtlsmigration.probe.ProbeOutcome;
import io.mtlsmigration.traffic.Caller;
import io.mtlsmigration.traffic.Edge;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import io.mtlsmigration.traffic.TrafficReading;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ImpactStudyTest {

  private static final String HTTPBIN = "foo/httpbin:8000";

  @Test
  void showsWhoWouldBeRefusedAndWhoWouldNot() {
    Impact impact = strict(Worlds.task());

    assertEquals(
        List.of(
            "bar/curl ISTIO_MUTUAL OK OK",
            "bar/httpbin ISTIO_MUTUAL OK OK",
            "foo/curl ISTIO_MUTUAL OK OK",
            "foo/httpbin ISTIO_MUTUAL OK OK",
            "legacy/curl PLAINTEXT OK REFUSED"),
        lines(impact));
    assertTrue(impact.flows().stream().allMatch(f -> f.basis() == Basis.POSSIBLE));
  }

  /** What is in place for it would keep the port open, and is taken back before. */
  @Test
  void showsWhoIsRefusedOnceAnExceptionHasEnded() {
    PlanSpec with = plan().exceptions(exception("foo", Map.of("app", "httpbin"), 8080)).build();
    MeshModes open = MeshModes.resolve(Worlds.task());
    List<PolicyChange> written = Preview.namespace(open, "foo", with).changes();
    MeshModes locked = Preview.after(open, written);
    List<LedgerEntry> ledger =
        written.stream()
            .map(
                change ->
                    new LedgerEntry(
                        change.ref(),
                        "uid",
                        change.before(),
                        change.after(),
                        MtlsMode.PERMISSIVE,
                        Map.of(),
                        change.purpose(),
                        "7",
                        Instant.EPOCH))
            .toList();

    Impact impact =
        ImpactStudy.lockedAnew(
            locked,
            ledger,
            "foo",
            with.excepting(List.of()),
            reading(List.of()),
            ConnectivityMatrix.EMPTY);

    assertTrue(lines(impact).contains("legacy/curl PLAINTEXT OK REFUSED"), lines(impact)::toString);
    assertEquals(List.of("default"), impact.changes().stream().map(c -> c.ref().name()).toList());
  }

  @Test
  void showsTheExactWrites() {
    Impact impact = strict(mesh(Worlds.foo().with(policy("default", MtlsMode.DISABLE))));

    assertEquals(
        List.of(MtlsMode.PERMISSIVE, MtlsMode.STRICT),
        impact.changes().stream().map(c -> c.after() == null ? null : c.after().mode()).toList());
  }

  @Test
  void showsWritesThatAnObstacleHoldsUp() {
    Impact impact =
        strict(
            mesh(
                Worlds.foo().with(policy("w", MtlsMode.PERMISSIVE).selector("app", "curl")),
                Worlds.legacy()));

    assertEquals(1, impact.changes().size());
    assertTrue(lines(impact).contains("legacy/curl PLAINTEXT OK REFUSED"));
  }

  @Test
  void sparesWhatAnExceptionKeepsOpen() {
    PlanSpec spec = plan().exceptions(exception("foo", Map.of("app", "httpbin"), 8080)).build();

    Impact impact = impact(Worlds.task(), MtlsMode.STRICT, spec, List.of(), List.of());

    assertTrue(lines(impact).contains("legacy/curl PLAINTEXT OK OK"), impact.toString());
  }

  @Test
  void believesTheServerMoreThanThePrediction() {
    // A client with a sidecar that goes round it sends plaintext, whatever is predicted.
    Impact impact =
        impact(
            Worlds.task(),
            MtlsMode.STRICT,
            plan().build(),
            List.of(edge("bar", "curl", 8080, Edge.Security.PLAINTEXT, 3)),
            List.of());

    Flow flow = flow(impact, "bar/curl");
    assertEquals(Basis.OBSERVED, flow.basis());
    assertEquals(ClientTls.PLAINTEXT, flow.clientTls());
    assertTrue(flow.breaks());
  }

  @Test
  void judgesAClientThatSendsBothWaysByItsPlaintext() {
    Impact impact =
        impact(
            Worlds.task(),
            MtlsMode.STRICT,
            plan().build(),
            List.of(
                edge("bar", "curl", 8080, Edge.Security.MUTUAL_TLS, 3),
                edge("bar", "curl", 8080, Edge.Security.PLAINTEXT, 1)),
            List.of());

    assertTrue(flow(impact, "bar/curl").breaks());
  }

  @Test
  void showsClientsThatAreKnownByTheirAddressAlone() {
    Edge edge =
        new Edge(
            new Caller(null, "10.9.8.7"),
            new WorkloadRef("foo", "Deployment", "httpbin"),
            8080,
            "http",
            Edge.Security.PLAINTEXT,
            1,
            0,
            Instant.EPOCH,
            Instant.EPOCH,
            "test");

    Impact impact =
        impact(Worlds.task(), MtlsMode.STRICT, plan().build(), List.of(edge), List.of());

    assertTrue(flow(impact, "10.9.8.7").breaks());
  }

  @Test
  void namesTheWorkloadWhereNoServiceLeadsToThePort() {
    Impact impact =
        impact(
            Worlds.task(),
            MtlsMode.STRICT,
            plan().build(),
            List.of(edge("legacy", "curl", 9999, Edge.Security.PLAINTEXT, 1)),
            List.of());

    assertTrue(
        impact.flows().stream().anyMatch(f -> f.to().equals("foo/httpbin:9999") && f.breaks()));
  }

  @Test
  void takesAnEdgeWithoutAPortForEveryServiceOfTheWorkload() {
    Impact impact =
        impact(
            Worlds.task(),
            MtlsMode.STRICT,
            plan().build(),
            List.of(edge("legacy", "curl", 0, Edge.Security.PLAINTEXT, 1)),
            List.of());

    assertEquals(Basis.OBSERVED, flow(impact, "legacy/curl").basis());
  }

  @Test
  void leavesOutEdgesThatCarriedNothingButOwnProbes() {
    Impact impact =
        impact(
            Worlds.task(),
            MtlsMode.STRICT,
            plan().build(),
            List.of(edge("legacy", "curl", 8080, Edge.Security.PLAINTEXT, 0)),
            List.of());

    assertEquals(Basis.POSSIBLE, flow(impact, "legacy/curl").basis());
  }

  static Stream<Arguments> probes() {
    return Stream.of(
        argumentSet("got through", ProbeOutcome.OK, Basis.PROBE, Reach.OK),
        argumentSet("refused", ProbeOutcome.REFUSED, Basis.PROBE, Reach.REFUSED),
        argumentSet("says nothing", ProbeOutcome.TIMEOUT, Basis.POSSIBLE, Reach.OK));
  }

  @ParameterizedTest
  @MethodSource("probes")
  void believesAProbeAboutNow(ProbeOutcome outcome, Basis basis, Reach now) {
    Impact impact =
        impact(Worlds.task(), MtlsMode.STRICT, plan().build(), List.of(), List.of(cell(outcome)));

    Flow flow = flow(impact, "legacy/curl");
    assertEquals(basis, flow.basis());
    assertEquals(now, flow.now());
    assertEquals(Reach.REFUSED, flow.then());
  }

  @Test
  void showsWhatOpeningAndDisablingWouldDo() {
    MeshSnapshot mesh =
        mesh(Worlds.foo().with(policy("default", MtlsMode.STRICT)), Worlds.legacy());

    Impact opened = impact(mesh, MtlsMode.PERMISSIVE, plan().build(), List.of(), List.of());
    Impact disabled = impact(mesh, MtlsMode.DISABLE, plan().build(), List.of(), List.of());

    assertTrue(lines(opened).contains("legacy/curl PLAINTEXT REFUSED OK"));
    assertTrue(opened.changes().getFirst().weakens());
    assertTrue(lines(disabled).contains("foo/curl PLAINTEXT OK OK"), disabled.toString());
  }

  @Test
  void meshImpactIsWhereTheMeshDecides() {
    MeshSnapshot mesh =
        mesh(
            namespace("istio-system"),
            Worlds.foo().with(policy("default", MtlsMode.PERMISSIVE)),
            Worlds.bar(),
            Worlds.legacy());

    Impact impact =
        ImpactStudy.mesh(
            MeshModes.resolve(mesh), plan().build(), reading(List.of()), ConnectivityMatrix.EMPTY);

    assertEquals(
        List.of("legacy/curl → bar/httpbin:8000"),
        impact.flows().stream().filter(Flow::breaks).map(f -> f.from() + " → " + f.to()).toList());
    assertTrue(impact.flows().stream().noneMatch(f -> f.to().startsWith("foo/")));
    assertEquals("mesh", impact.subject());
  }

  static Stream<Arguments> otherWorlds() {
    return Stream.of(
        argumentSet("the same", Worlds.task(), true),
        argumentSet(
            "another pod address",
            world(Worlds.foo(), namespace("legacy").with(pod("curl").ip("10.0.0.9"))),
            true),
        argumentSet(
            "another mesh client",
            world(Worlds.foo(), Worlds.legacy(), Worlds.injected("new")),
            true),
        argumentSet(
            "another client without a proxy",
            world(Worlds.foo(), Worlds.legacy(), namespace("new").with(pod("old"))),
            false),
        argumentSet(
            "another write",
            world(Worlds.foo().with(policy("x", MtlsMode.UNSET)), Worlds.legacy()),
            false));
  }

  @ParameterizedTest
  @MethodSource("otherWorlds")
  void theHashChangesWithWhatAPersonConsentsTo(MeshSnapshot other, boolean same) {
    String before = strict(Worlds.task()).hash();

    String after = strict(other).hash();

    assertEquals(same, before.equals(after));
    assertEquals(same, before.substring(0, 12).equals(after.substring(0, 12)), "as it is shown");
    assertTrue(after.matches("[0-9a-f]{64}"), after);
  }

  private static JobTemplate report(String namespace) {
    return cronJob(namespace, "report", Duration.ofHours(1));
  }

  static Stream<Arguments> jobs() {
    return Stream.of(
        argumentSet("without a proxy", namespace("legacy"), pod("report-1")),
        argumentSet(
            "whose rule disables mutual TLS",
            Worlds.injected("legacy")
                .with(
                    destinationRule("plain", "*.local").tls(DestinationRule.ClientTlsMode.DISABLE)),
            sidecarPod("report-1")));
  }

  /** Each run would void the approval for as long as it takes. */
  @ParameterizedTest
  @MethodSource("jobs")
  void namesAJobWhetherItRunsOrNot(NamespaceBuilder legacy, PodBuilder run) {
    legacy.with(ImpactStudyTest::report);
    Impact between = strict(world(Worlds.foo(), legacy));

    Impact running = strict(world(Worlds.foo(), legacy.with(run.of("CronJob", "report"))));

    assertTrue(flow(between, "legacy/report").breaks(), between.toString());
    assertEquals(lines(between), lines(running));
    assertEquals(between.hash(), running.hash());
  }

  @Test
  void aJobThatWillHaveAProxyIsRefusedNothing() {
    Impact impact =
        strict(world(Worlds.foo(), Worlds.injected("batch").with(ImpactStudyTest::report)));

    assertFalse(flow(impact, "batch/report").breaks(), impact.toString());
  }

  /** A node's own processes get past its ztunnel; nobody else does, nor they on other nodes. */
  @Test
  void namesWhoIsRefusedBesideAPodOfTheServersNode() {
    Impact impact =
        strict(
            world(
                namespace("foo")
                    .with(ambientPod("httpbin").ports(8080).node("n1"))
                    .with(service("httpbin").port(8000, 8080)),
                namespace("a-system").with(pod("agent").hostNetwork().node("n1")),
                Worlds.legacy()));

    assertEquals(
        List.of("a-system/agent", "legacy/curl"),
        impact.flows().stream().filter(Flow::breaks).map(Flow::from).toList());
  }

  @Test
  void theHashIsAboutOneSubject() {
    MeshSnapshot mesh = mesh(namespace("a"), namespace("b"));

    assertNotEquals(
        ImpactStudy.namespace(
                MeshModes.resolve(mesh),
                "a",
                MtlsMode.STRICT,
                plan().build(),
                reading(List.of()),
                ConnectivityMatrix.EMPTY)
            .hash(),
        ImpactStudy.namespace(
                MeshModes.resolve(mesh),
                "b",
                MtlsMode.STRICT,
                plan().build(),
                reading(List.of()),
                ConnectivityMatrix.EMPTY)
            .hash());
  }

  @Test
  void manyClientsThatFareAlikeAreOneLineForTheirNamespace() {
    NamespaceBuilder crowd = namespace("crowd");
    IntStream.range(0, 150).forEach(i -> crowd.with(pod("p" + i)));
    NamespaceBuilder mixed = namespace("mixed").with(sidecarPod("s"));
    IntStream.range(0, 60).forEach(i -> mixed.with(pod("q" + i)));

    Impact impact = strict(mesh(Worlds.foo(), crowd, mixed, Worlds.legacy()));

    List<String> lines = lines(impact);
    assertTrue(lines.contains("legacy/curl PLAINTEXT OK REFUSED"), lines.toString());
    assertTrue(lines.contains("crowd/* PLAINTEXT OK REFUSED"), lines.toString());
    assertTrue(lines.contains("mixed/q7 PLAINTEXT OK REFUSED"), lines.toString());
    assertFalse(lines.contains("mixed/* PLAINTEXT OK REFUSED"), lines.toString());
  }

  @Test
  void tooManyToListAreAnybody() {
    NamespaceBuilder[] crowds =
        IntStream.range(0, 250)
            .mapToObj(i -> namespace("n" + i).with(pod("p")))
            .toArray(NamespaceBuilder[]::new);
    NamespaceBuilder[] all = Arrays.copyOf(crowds, 251);
    all[250] = Worlds.foo();

    Impact impact = strict(mesh(all));

    assertTrue(lines(impact).contains("* PLAINTEXT OK REFUSED"), lines(impact).toString());
    assertTrue(lines(impact).contains("foo/curl ISTIO_MUTUAL OK OK"), lines(impact).toString());
  }

  @Test
  void clientsWithRulesOfTheirOwnAreNotTakenForTheOthers() {
    MeshSnapshot mesh =
        mesh(
            Worlds.foo(),
            Worlds.bar()
                .with(
                    destinationRule("off", "httpbin.foo.svc.cluster.local")
                        .tls(DestinationRule.ClientTlsMode.DISABLE)),
            Worlds.injected("baz"));

    List<String> lines = lines(strict(mesh));

    assertTrue(lines.contains("bar/curl PLAINTEXT OK REFUSED"), lines.toString());
    assertTrue(lines.contains("baz/curl ISTIO_MUTUAL OK OK"), lines.toString());
  }

  @Test
  void clientsWhoseCallsBypassTheirSidecarAreNotTakenForTheOthers() {
    MeshSnapshot mesh =
        mesh(
            Worlds.foo(),
            Worlds.bar()
                .with(
                    sidecarPod("batch")
                        .annotation("traffic.sidecar.istio.io/excludeOutboundPorts", "8000")));

    List<String> lines = lines(strict(mesh));

    assertTrue(lines.contains("bar/batch PLAINTEXT OK REFUSED"), lines.toString());
    assertTrue(lines.contains("bar/curl ISTIO_MUTUAL OK OK"), lines.toString());
  }

  @Test
  void clientsWhoseSidecarHidesTheServiceSendPlaintext() {
    MeshSnapshot mesh =
        mesh(
            Worlds.foo(), Worlds.bar().with(sidecarScope("narrow", "./*")), Worlds.injected("baz"));

    List<String> lines = lines(strict(mesh));

    assertTrue(lines.contains("bar/curl PLAINTEXT OK REFUSED"), lines.toString());
    assertTrue(lines.contains("baz/curl ISTIO_MUTUAL OK OK"), lines.toString());
  }

  @Test
  void aServiceThatIsShownToSomeIsAskedForEachClient() {
    MeshSnapshot mesh =
        mesh(
            namespace("foo")
                .with(sidecarPod("httpbin").ports(8080))
                .with(service("httpbin").port(8000, 8080).exportTo(".", "bar")),
            Worlds.bar(),
            Worlds.injected("baz"));

    List<String> lines = lines(strict(mesh));

    assertTrue(lines.contains("bar/curl ISTIO_MUTUAL OK OK"), lines.toString());
    assertTrue(lines.contains("baz/curl PLAINTEXT OK REFUSED"), lines.toString());
  }

  /** The same name stands for pods that fare differently: the worst is told. */
  static Stream<Arguments> namesakes() {
    return Stream.of(
        argumentSet(
            "some pods of a workload have a proxy",
            Worlds.injected("web")
                .with(pod("web-1").of("Deployment", "web"))
                .with(sidecarPod("web-2").of("Deployment", "web"))),
        argumentSet(
            "a workload of another kind has the name",
            Worlds.injected("web")
                .with(sidecarPod("web-a").of("Deployment", "web"))
                .with(pod("web-b").of("StatefulSet", "web"))),
        argumentSet(
            "a job runs without the proxy that its template asks for",
            Worlds.injected("web")
                .with(ns -> cronJob(ns, "web", Duration.ofHours(1)))
                .with(pod("web-1").of("CronJob", "web"))),
        argumentSet(
            "a rule is for some pods of a workload",
            Worlds.injected("web")
                .with(sidecarPod("web-1").of("Rollout", "web").label("role", "stable"))
                .with(sidecarPod("web-2").of("Rollout", "web").label("role", "canary"))
                .with(
                    destinationRule("off", "httpbin.foo.svc.cluster.local")
                        .tls(DestinationRule.ClientTlsMode.DISABLE)
                        .workloadSelector("role", "canary"))));
  }

  @ParameterizedTest
  @MethodSource("namesakes")
  void noEvidenceOfMutualTlsHidesWhoIsRefused(NamespaceBuilder web) {
    MeshSnapshot mesh = world(Worlds.foo(), web);
    Edge seen = edge("web", "web", 8080, Edge.Security.MUTUAL_TLS, 3);
    Edge seenSomewhere = edge("web", "web", 0, Edge.Security.MUTUAL_TLS, 3);
    Cell probed = cell("web/web", "*", true, ProbeOutcome.OK);
    PlanSpec spec = plan().build();

    Impact possible = strict(mesh);
    assertTrue(flow(possible, "web/web").breaks(), possible.toString());
    for (Impact impact :
        List.of(
            impact(mesh, MtlsMode.STRICT, spec, List.of(seen), List.of()),
            impact(mesh, MtlsMode.STRICT, spec, List.of(seenSomewhere), List.of()),
            impact(mesh, MtlsMode.STRICT, spec, List.of(), List.of(probed)))) {
      assertTrue(flow(impact, "web/web").breaks(), impact.toString());
      assertEquals(possible.hash(), impact.hash());
    }
  }

  @Test
  void mutualTlsToOnePortSaysNothingOfAnother() {
    MeshSnapshot mesh =
        mesh(
            namespace("foo")
                .with(sidecarPod("httpbin").ports(8080, 9090))
                .with(service("httpbin").port(8000, 8080).port(9000, 9090)),
            Worlds.injected("web")
                .with(
                    destinationRule("off", "httpbin.foo.svc.cluster.local")
                        .port(9000, DestinationRule.ClientTlsMode.DISABLE)));
    Edge seen = edge("web", "curl", 0, Edge.Security.MUTUAL_TLS, 3);

    Impact impact = impact(mesh, MtlsMode.STRICT, plan().build(), List.of(seen), List.of());

    assertEquals(
        List.of("web/curl → foo/httpbin:9000", "web/httpbin → foo/httpbin:9000"),
        impact.flows().stream().filter(Flow::breaks).map(f -> f.from() + " → " + f.to()).toList());
  }

  @Test
  void aRefusedProbeOfOnePodDoesNotSpeakForThoseWithoutAProxy() {
    MeshSnapshot mesh =
        world(
            Worlds.foo(),
            Worlds.injected("web")
                .with(pod("web-1").of("Deployment", "web"))
                .with(sidecarPod("web-2").of("Deployment", "web")));
    Cell probed = cell("web/web", "*", true, ProbeOutcome.REFUSED);

    Impact impact = impact(mesh, MtlsMode.STRICT, plan().build(), List.of(), List.of(probed));

    assertTrue(flow(impact, "web/web").breaks(), impact.toString());
  }

  /** Istio's usual advice: a namespace's clients know their own namespace alone. */
  @Test
  void aSidecarOfTheRootNamespaceHidesTheServiceFromOtherNamespaces() {
    MeshSnapshot mesh =
        mesh(
            namespace("istio-system").with(sidecarScope("default", "./*", "istio-system/*")),
            Worlds.foo(),
            Worlds.injected("aaa"),
            Worlds.injected("web"));

    assertEquals(
        List.of(
            "aaa/curl PLAINTEXT OK REFUSED",
            "aaa/httpbin PLAINTEXT OK REFUSED",
            "foo/curl ISTIO_MUTUAL OK OK",
            "foo/httpbin ISTIO_MUTUAL OK OK",
            "web/curl PLAINTEXT OK REFUSED",
            "web/httpbin PLAINTEXT OK REFUSED"),
        lines(strict(mesh)));
  }

  /** The first endpoint takes plaintext afterwards, the second does not. */
  static Stream<Arguments> unlikeServers() {
    return Stream.of(
        argumentSet("an exception selects one of them", server("1").label("open", "yes")),
        argumentSet("one excludes the port from its proxy", server("1").excludeInbound(8080)));
  }

  private static PodBuilder server(String number) {
    return sidecarPod("httpbin-" + number)
        .of("StatefulSet", "httpbin")
        .ports(8080)
        .ip("10.0.0." + number);
  }

  @ParameterizedTest
  @MethodSource("unlikeServers")
  void noServerSpeaksForOneThatDiffers(PodBuilder open) {
    PlanSpec spec = plan().exceptions(exception("foo", Map.of("open", "yes"), 8080)).build();
    NamespaceBuilder foo =
        namespace("foo")
            .with(open, server("2"), server("3"))
            .with(service("httpbin").port(8000, 8080));
    Edge elsewhere = edge("legacy", "curl", 9999, Edge.Security.PLAINTEXT, 1);

    Impact impact =
        impact(
            mesh(namespace("istio-system"), foo, Worlds.legacy()),
            MtlsMode.STRICT,
            spec,
            List.of(elsewhere),
            List.of());

    assertEquals(
        List.of("10.0.0.1:8080 OK", "10.0.0.2:8080 REFUSED"),
        impact.flows().stream()
            .filter(f -> f.from().equals("legacy/curl") && f.to().equals(HTTPBIN))
            .map(f -> f.endpoint() + " " + f.then())
            .toList());
  }

  @Test
  void aServerDoesNotSpeakForOneThatAnnouncesSomethingElse() {
    NamespaceBuilder foo =
        namespace("foo")
            .with(
                server("1"),
                server("2").label(Pod.TLS_MODE_LABEL, "disabled"),
                server("3")
                    .label(Pod.TLS_MODE_LABEL, "disabled")
                    .label("networking.istio.io/tunnel", "http"))
            .with(service("httpbin").port(8000, 8080));

    Impact impact = strict(mesh(namespace("istio-system"), foo, Worlds.injected("web")));

    assertEquals(
        List.of("10.0.0.1:8080 OK", "10.0.0.2:8080 REFUSED", "10.0.0.3:8080 OK"),
        impact.flows().stream()
            .filter(f -> f.from().equals("web/curl"))
            .map(f -> f.endpoint() + " " + f.then())
            .toList());
  }

  /** Some sources of evidence know a server by its name alone, and guess its kind. */
  @Test
  void namesakesOfAServerAreAllJudged() {
    NamespaceBuilder foo =
        namespace("foo")
            .with(
                sidecarPod("a")
                    .of("Deployment", "httpbin")
                    .label("k", "d")
                    .ports(8080)
                    .ip("10.0.0.1"),
                server("2"))
            .with(service("httpbin").port(8000, 8080));
    PlanSpec spec = plan().exceptions(exception("foo", Map.of("k", "d"), 8080)).build();

    for (int port : List.of(0, 8080)) {
      Impact impact =
          impact(
              mesh(namespace("istio-system"), foo),
              MtlsMode.STRICT,
              spec,
              List.of(edge("gone", "curl", port, Edge.Security.PLAINTEXT, 3)),
              List.of());

      assertEquals(
          List.of("10.0.0.1:8080 OK", "10.0.0.2:8080 REFUSED"),
          impact.flows().stream()
              .filter(f -> f.from().equals("gone/curl"))
              .map(f -> f.endpoint() + " " + f.then())
              .toList());
    }
  }

  /** The same where no Service leads to the port. */
  @Test
  void everyKindOfServerIsJudgedWhereNoServiceLeadsToThePort() {
    PlanSpec spec = plan().exceptions(exception("foo", Map.of("open", "yes"), 9999)).build();

    Impact impact =
        impact(
            mesh(
                namespace("istio-system"),
                namespace("foo").with(server("1").label("open", "yes"), server("2"), server("3"))),
            MtlsMode.STRICT,
            spec,
            List.of(edge("gone", "curl", 9999, Edge.Security.PLAINTEXT, 3)),
            List.of());

    assertEquals(
        List.of("10.0.0.1:9999 OK", "10.0.0.2:9999 REFUSED"),
        impact.flows().stream().map(f -> f.endpoint() + " " + f.then()).toList());
  }

  /** The pod that probes gets past the server's ztunnel; those on other nodes do not. */
  @Test
  void aProbeOnTheServersNodeDoesNotSpeakForOtherNodes() {
    MeshSnapshot mesh =
        mesh(
            namespace("foo")
                .with(ambientPod("httpbin").ports(8080).node("n1"))
                .with(service("httpbin").port(8000, 8080)),
            namespace("a-system")
                .with(
                    pod("agent-1").of("DaemonSet", "agent").hostNetwork().node("n1"),
                    pod("agent-2").of("DaemonSet", "agent").hostNetwork().node("n2")));
    Cell probed = cell("a-system/agent", ":8080", false, ProbeOutcome.OK);

    Impact impact = impact(mesh, MtlsMode.STRICT, plan().build(), List.of(), List.of(probed));

    assertTrue(flow(impact, "a-system/agent").breaks(), impact.toString());
  }

  @Test
  void harmlessClientsElsewhereVoidNoApproval() {
    NamespaceBuilder legacy = namespace("legacy").with(pod("a"), pod("b"));
    NamespaceBuilder crowd = Worlds.injected("crowd");
    IntStream.range(0, 194).forEach(i -> crowd.with(sidecarPod("p" + i)));
    Impact before = strict(mesh(Worlds.foo(), crowd, legacy));

    IntStream.range(194, 204).forEach(i -> crowd.with(sidecarPod("p" + i)));
    Impact after = strict(mesh(Worlds.foo(), crowd, legacy));

    assertTrue(lines(after).contains("crowd/* ISTIO_MUTUAL OK OK"), lines(after).toString());
    assertTrue(flow(after, "legacy/a").breaks(), after.toString());
    assertEquals(before.hash(), after.hash());
  }

  @Test
  void anybodyWhoIsRefusedIsNotHiddenByAnybodyWhoIsNot() {
    MeshSnapshot mesh = world(Worlds.foo());
    for (int i = 0; i < 250; i++) {
      mesh = mesh.with(namespace("n" + i).with(pod("p"), sidecarPod("s")).build());
    }

    assertEquals(List.of("* ISTIO_MUTUAL OK OK", "* PLAINTEXT OK REFUSED"), lines(strict(mesh)));
  }

  private static MeshSnapshot world(NamespaceBuilder foo, NamespaceBuilder... others) {
    MeshSnapshot mesh = mesh(others);
    for (NamespaceBuilder each : List.of(namespace("istio-system"), foo, Worlds.bar())) {
      mesh = mesh.with(each.build());
    }
    return mesh;
  }

  private static Impact strict(MeshSnapshot mesh) {
    return impact(mesh, MtlsMode.STRICT, plan().build(), List.of(), List.of());
  }

  private static Impact impact(
      MeshSnapshot mesh, MtlsMode mode, PlanSpec spec, List<Edge> edges, List<Cell> cells) {
    return ImpactStudy.namespace(
        MeshModes.resolve(mesh),
        "foo",
        mode,
        spec,
        reading(edges),
        new ConnectivityMatrix(Instant.EPOCH, cells));
  }

  private static List<String> lines(Impact impact) {
    return impact.flows().stream()
        .filter(flow -> flow.to().equals(HTTPBIN))
        .map(f -> f.from() + " " + f.clientTls() + " " + f.now() + " " + f.then())
        .toList();
  }

  private static Flow flow(Impact impact, String from) {
    return impact.flows().stream()
        .filter(f -> f.from().equals(from) && f.to().equals(HTTPBIN))
        .findFirst()
        .orElseThrow();
  }

  private static Edge edge(
      String namespace, String client, int port, Edge.Security security, long count) {
    return new Edge(
        new Caller(new WorkloadRef(namespace, "Deployment", client), ""),
        new WorkloadRef("foo", "Deployment", "httpbin"),
        port,
        "http",
        security,
        count,
        1,
        Instant.EPOCH,
        Instant.EPOCH,
        "test");
  }

  private static Cell cell(ProbeOutcome outcome) {
    return cell("legacy/curl", ":8080", false, outcome);
  }

  private static Cell cell(String from, String endpoint, boolean mesh, ProbeOutcome outcome) {
    return Cells.made(
        from, HTTPBIN, endpoint, "", mesh, outcome, 0, 0, null, 0, Instant.EPOCH, "", null);
  }

  static TrafficReading reading(List<Edge> edges) {
    return new TrafficReading() {
      @Override
      public Instant asOf() {
        return Instant.EPOCH;
      }

      @Override
      public Duration window() {
        return Duration.ofHours(1);
      }

      @Override
      public Evidence<NamespaceTraffic> of(String namespace) {
        return namespace.equals("foo")
            ? new Evidence.Measured<>(new NamespaceTraffic(edges, 0, 0), Instant.EPOCH)
            : new Evidence.NoSamples<>(Instant.EPOCH, "");
      }
    };
  }

  /** It was not refused, so it was to another port. */
  @Test
  void showsPlaintextToAnUnknownPortBesideAStrictOne() {
    Impact impact =
        impact(
            mesh(
                namespace("foo")
                    .with(sidecarPod("httpbin-1").of("Deployment", "httpbin"))
                    .with(
                        policy("metrics", MtlsMode.UNSET)
                            .selector("app", "httpbin")
                            .port(9090, MtlsMode.STRICT)),
                Worlds.legacy()),
            MtlsMode.STRICT,
            plan().build(),
            List.of(edge("legacy", "curl", 0, Edge.Security.PLAINTEXT, 7)),
            List.of());

    assertTrue(impact.flows().stream().anyMatch(Flow::breaks), impact::toString);
  }
}
