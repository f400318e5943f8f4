// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.probe;

import static io.mtlsmigration.mesh.MeshBuilders.ambientPod;
import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarScope;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.EndpointSlice;
import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshBuilders.PodBuilder;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.Reachability;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ProbePlanTest {

  private static final MeshSnapshot TASK =
      mesh(captured("bar"), captured("foo"), namespace("legacy").with(pod("curl")));

  @Test
  void probesTheWholeProductWhileItIsSmall() {
    ProbePlan.Choice choice = plan(TASK).choose(bounds(500, Set.of()), List.of(), List.of());

    assertFalse(choice.representative());
    assertEquals(
        Set.of(
            "bar/curl → bar/httpbin:8000",
            "bar/curl → foo/httpbin:8000",
            "foo/curl → bar/httpbin:8000",
            "foo/curl → foo/httpbin:8000",
            "legacy/curl → bar/httpbin:8000",
            "legacy/curl → foo/httpbin:8000"),
        pairs(choice));
  }

  @Test
  void takesOneClientOfEachKindWhenTheProductIsLarge() {
    MeshSnapshot large =
        mesh(
            captured("a"),
            captured("b"),
            captured("c"),
            namespace("legacy").with(pod("curl")),
            namespace("old").with(pod("curl")));

    ProbePlan.Choice choice = plan(large).choose(bounds(9, Set.of()), List.of(), List.of());

    assertTrue(choice.representative());
    assertEquals(
        Set.of(
            "b/curl → b/httpbin:8000", "a/curl → b/httpbin:8000", "legacy/curl → b/httpbin:8000"),
        onlyTo(choice, "b/"));
  }

  /** It gets through under STRICT where it reaches pods past ztunnel, as nobody else does. */
  @Test
  void aClientOnANodesNetworkSpeaksForThatNodeOnly() {
    MeshSnapshot large =
        mesh(
            captured("a"),
            namespace("b")
                .with(ambientPod("curl"), ambientPod("httpbin").ports(8080).node("one"))
                .with(service("httpbin").port(8000, 8080)),
            captured("c"),
            namespace("kube-system").with(pod("agent").hostNetwork().node("one")),
            namespace("old").with(pod("curl")));

    ProbePlan.Choice choice = plan(large).choose(bounds(9, Set.of("a", "b")), List.of(), List.of());

    assertEquals(
        Set.of(
            "b/curl → b/httpbin:8000",
            "a/curl → b/httpbin:8000",
            "old/curl → b/httpbin:8000",
            "kube-system/agent → b/httpbin:8000"),
        onlyTo(choice, "b/"));
    assertEquals(
        Set.of("a/curl → a/httpbin:8000", "b/curl → a/httpbin:8000", "old/curl → a/httpbin:8000"),
        onlyTo(choice, "a/"));
  }

  /** Whoever may edit pods could otherwise leave every server without a probe from elsewhere. */
  @Test
  void clientsWhoseCallsBypassTheirSidecarStandForNobody() {
    NamespaceBuilder many = namespace("a");
    for (int i = 10; i < 30; i++) {
      many.with(
          sidecarPod("past" + i)
              .annotation("traffic.sidecar.istio.io/excludeOutboundPorts", "8000"));
    }
    MeshSnapshot large = mesh(many, captured("b"), captured("c"), captured("d"));

    ProbePlan.Choice choice = plan(large).choose(bounds(9, Set.of("c")), List.of(), List.of());

    assertEquals(
        Set.of("c/curl → c/httpbin:8000", "b/curl → c/httpbin:8000"), onlyTo(choice, "c/"));
  }

  @Test
  void addsClientsThatWereSeenCalling() {
    MeshSnapshot large =
        mesh(captured("a"), captured("b"), captured("c"), namespace("old").with(pod("curl")));
    ProbePlan.ObservedCall call =
        new ProbePlan.ObservedCall("c/curl", new WorkloadRef("b", "Deployment", "httpbin"));

    ProbePlan.Choice choice = plan(large).choose(bounds(9, Set.of()), List.of(call), List.of());

    assertTrue(onlyTo(choice, "b/").contains("c/curl → b/httpbin:8000"));
    assertFalse(onlyTo(choice, "a/").contains("c/curl → a/httpbin:8000"));
  }

  @Test
  void probesEveryEndpointInFocusInEveryRound() {
    MeshSnapshot two = mesh(twoEndpoints("a"), twoEndpoints("b"));

    ProbePlan.Choice choice = plan(two).choose(bounds(3, Set.of("a")), List.of(), List.of());

    assertEquals(2, endpointsOf(choice, "a/").size());
    assertEquals(1, endpointsOf(choice, "b/").size());
  }

  @Test
  void comesToEveryEndpointOutOfFocusInTurn() {
    MeshSnapshot three = mesh(twoEndpoints("a"), twoEndpoints("b"), twoEndpoints("c"));

    Set<String> seen = new TreeSet<>();
    int most = 0;
    for (int turn = 0; turn < 6; turn++) {
      ProbePlan.Choice choice =
          plan(three).choose(new ProbePlan.Bounds(3, Set.of(), turn), List.of(), List.of());
      choice.targets().forEach(t -> seen.add(t.to() + " " + t.endpoint()));
      most = Math.max(most, choice.targets().size());
    }

    assertEquals(6, seen.size());
    assertTrue(most <= 3, "a round made " + most + " probes");
  }

  /**
   * Its endpoints out of focus have their turns; what did not get through is not left till then.
   */
  @Test
  void triesAgainInEveryRoundWhatAClientWithAProxyDidNotReach() {
    MeshSnapshot two =
        mesh(
            twoEndpoints("a"),
            namespace("b").with(ambientPod("curl").of("Deployment", "curl")),
            namespace("c").with(pod("curl").of("Deployment", "curl")));
    for (long turn = 0; turn < 4; turn++) {
      ProbePlan.Choice choice =
          plan(two)
              .choose(
                  new ProbePlan.Bounds(3, Set.of(), turn),
                  List.of(),
                  List.of(
                      cell("b/curl", true, "10.0.0.1:8080", ProbeOutcome.REFUSED),
                      cell("c/curl", false, "10.0.0.2:8080", ProbeOutcome.REFUSED),
                      cell("b/curl", true, "10.0.0.9:8080", ProbeOutcome.REFUSED),
                      cell("b/curl", true, "10.0.0.2:8080", ProbeOutcome.OK)));
      List<String> made =
          choice.targets().stream()
              .filter(target -> target.from().equals("b/curl"))
              .map(ProbeTarget::endpoint)
              .toList();

      assertEquals(
          turn % 2 == 0 ? List.of("10.0.0.1:8080") : List.of("10.0.0.2:8080", "10.0.0.1:8080"),
          made,
          "turn " + turn);
    }
  }

  /** An error's body is whatever the server says. */
  @Test
  void noServerSaysThatItsProbeCannotBeRepeated() {
    assertFalse(cell("b/curl", true, "10.0.0.1:8080", ProbeOutcome.REFUSED).notRepeated());
  }

  /** As of a client in whose pods no command runs any more. */
  @Test
  void aFailureThatCannotBeRepeatedKeepsNoOtherFromItsTurn() {
    MeshSnapshot two =
        mesh(
            twoEndpoints("a"),
            namespace("b").with(ambientPod("curl").of("Deployment", "curl")),
            namespace("d").with(ambientPod("curl").of("Deployment", "curl")));

    ProbePlan.Choice choice =
        plan(two)
            .choose(
                new ProbePlan.Bounds(3, Set.of(), 1),
                List.of(),
                List.of(
                    cell("b/curl", true, "10.0.0.1:8080", ProbeOutcome.REFUSED)
                        .unrepeated("exec is forbidden"),
                    cell("d/curl", true, "10.0.0.1:8080", ProbeOutcome.REFUSED)));

    assertEquals(
        List.of("d/curl"),
        choice.targets().stream()
            .filter(target -> target.endpoint().equals("10.0.0.1:8080"))
            .map(ProbeTarget::from)
            .toList());
  }

  private static Cell cell(String from, boolean meshClient, String endpoint, ProbeOutcome outcome) {
    return failed(from, "Deployment", meshClient, endpoint, outcome);
  }

  private static Cell failed(
      String from, String kind, boolean meshClient, String endpoint, ProbeOutcome outcome) {
    return new Cell(
        from,
        "a/httpbin:8000",
        endpoint,
        "",
        meshClient,
        outcome,
        503,
        56,
        null,
        1,
        Instant.EPOCH,
        "whoever runs the server writes this (not probed again: or not)",
        null,
        false,
        false,
        Set.of(),
        kind,
        "");
  }

  /** Only the client's proxy knows where a call to a Service goes. */
  @Test
  void probesTheServiceInsteadOfItsEndpointsFromASidecar() {
    MeshSnapshot snapshot =
        mesh(twoEndpoints("a"), namespace("b").with(sidecarPod("curl").of("Deployment", "curl")));

    List<ProbeTarget> targets =
        plan(snapshot).choose(bounds(500, Set.of()), List.of(), List.of()).targets();

    assertEquals(
        List.of("a/curl 10.0.0.1:8080 1", "a/curl 10.0.0.2:8080 1", "b/curl * 8"),
        targets.stream()
            .map(t -> t.from() + " " + t.endpoint() + " " + t.calls())
            .sorted()
            .toList());
  }

  @Test
  void namesTheEndpointWhereASidecarHasNoChoice() {
    MeshSnapshot snapshot = mesh(captured("foo"));

    List<ProbeTarget> targets =
        plan(snapshot).choose(bounds(500, Set.of()), List.of(), List.of()).targets();

    assertEquals(List.of("10.0.0.3:8080"), targets.stream().map(ProbeTarget::endpoint).toList());
    assertEquals(1, targets.getFirst().calls());
  }

  @Test
  void probesEachEndpointOfAHeadlessServiceFromASidecarToo() {
    MeshSnapshot snapshot =
        mesh(
            namespace("a")
                .with(
                    sidecarPod("curl"),
                    sidecarPod("httpbin-0").of("Deployment", "httpbin").ports(8080).ip("10.0.0.1"),
                    sidecarPod("httpbin-1").of("Deployment", "httpbin").ports(8080).ip("10.0.0.2"))
                .with(service("httpbin").headless().port(8080, 8080)));

    List<ProbeTarget> targets =
        plan(snapshot).choose(bounds(500, Set.of()), List.of(), List.of()).targets();

    assertEquals(
        List.of("10.0.0.1:8080", "10.0.0.2:8080"),
        targets.stream().map(ProbeTarget::endpoint).toList());
  }

  /** As with the Service of Istio's sample curl, on whose port nobody listens. */
  @Test
  void takesNoClientForAServerThatDeclaresNoPort() {
    MeshSnapshot snapshot =
        mesh(captured("foo").with(service("curl").port(80, 80)), namespace("b").with(pod("curl")));

    assertEquals(
        Set.of("b/curl → foo/httpbin:8000", "foo/curl → foo/httpbin:8000"),
        pairs(plan(snapshot).choose(bounds(500, Set.of()), List.of(), List.of())));
  }

  @Test
  void keepsOnlyCellsThatWouldBeProbedAgain() {
    MeshSnapshot snapshot = mesh(twoEndpoints("a"), namespace("b").with(sidecarPod("curl")));
    List<Cell> cells =
        List.of(
            cell("a/curl", "10.0.0.1:8080"),
            cell("a/curl", "10.0.0.9:8080"),
            cell("a/curl", "*"),
            cell("b/curl", "10.0.0.1:8080"),
            cell("b/curl", "*"),
            cell("gone/curl", "10.0.0.1:8080"));

    Set<Cell.Key> there = plan(snapshot).stillThere(cells);

    assertEquals(Set.of(cell("a/curl", "10.0.0.1:8080").key(), cell("b/curl", "*").key()), there);
  }

  /** As while its pod is made anew: nobody has seen yet that it gets through. */
  @Test
  void aFailureIsNotOverBecauseItsClientOrServerIsNotReady() {
    PodBuilder server = sidecarPod("httpbin").ports(8080).ip("10.0.0.1");
    Cell failed = cell("b/curl", true, "10.0.0.1:8080", ProbeOutcome.REFUSED);
    Cell through = cell("b/curl", true, "10.0.0.1:8080", ProbeOutcome.OK);
    MeshSnapshot client =
        mesh(
            namespace("a").with(server).with(service("httpbin").port(8000, 8080)),
            namespace("b").with(sidecarPod("curl").notReady()));
    MeshSnapshot unready =
        mesh(
            namespace("a").with(server.notReady()).with(service("httpbin").port(8000, 8080)),
            namespace("b").with(sidecarPod("curl")));

    assertEquals(Set.of(failed.key()), ofReady(client).stillThere(List.of(failed)));
    assertEquals(Set.of(failed.key()), ofReady(unready).stillThere(List.of(failed)));
    Cell unreachable = cell("b/curl", true, "10.0.0.1:8080", ProbeOutcome.UNREACHABLE);
    assertEquals(Set.of(), ofReady(unready).stillThere(List.of(unreachable)));
    assertEquals(Set.of(), ofReady(client).stillThere(List.of(through)));
    assertEquals(Set.of(), ofReady(unready).stillThere(List.of(through)));
  }

  /** As in a namespace of thousands of pods, most of whose probes fail. */
  @Test
  void asksOnceOfEachPodWhetherItsFailuresAreOver() {
    NamespaceBuilder clients = namespace("b");
    List<Cell> failed = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      clients.with(sidecarPod("curl" + i));
      failed.add(cell("b/curl" + i, true, "10.0.0.1:8080", ProbeOutcome.REFUSED));
    }
    MeshSnapshot snapshot =
        mesh(
            namespace("a")
                .with(sidecarPod("httpbin").ports(8080).ip("10.0.0.1"))
                .with(service("httpbin").port(8000, 8080)),
            clients);
    AtomicInteger asked = new AtomicInteger();
    ProbePlan plan =
        new ProbePlan(
            snapshot,
            Reachability.of(MeshModes.resolve(snapshot)),
            pod -> asked.incrementAndGet() > 0,
            pod -> false);
    asked.set(0);

    assertEquals(100, plan.stillThere(failed).size());
    assertTrue(asked.get() < 300, asked::toString);
  }

  /** A Deployment and a StatefulSet may have one name. */
  @Test
  void keepsTheCellsOfNamesakesApart() {
    MeshSnapshot snapshot =
        mesh(
            namespace("a")
                .with(sidecarPod("httpbin").ports(8080).ip("10.0.0.1"))
                .with(service("httpbin").port(8000, 8080)),
            namespace("b")
                .with(
                    sidecarPod("web-a").of("Deployment", "web"),
                    pod("web-0").of("StatefulSet", "web")));
    Set<Cell> cells =
        Set.of(
            cell("b/web", true, "10.0.0.1:8080", ProbeOutcome.REFUSED),
            failed("b/web", "StatefulSet", false, "10.0.0.1:8080", ProbeOutcome.REFUSED));

    assertEquals(2, plan(snapshot).stillThere(cells).size());
    Cell another = failed("b/web", "DaemonSet", true, "10.0.0.1:8080", ProbeOutcome.REFUSED);
    assertEquals(Set.of(), plan(snapshot).stillThere(List.of(another)));
    assertEquals(
        Set.of("web-a"),
        plan(snapshot)
            .choose(new ProbePlan.Bounds(1, Set.of("b"), 1), List.of(), cells)
            .targets()
            .stream()
            .map(target -> target.client().name())
            .collect(Collectors.toSet()));
  }

  @Test
  void dropsTheCellOfAClientThatGotAProxySince() {
    MeshSnapshot snapshot = mesh(captured("a"));

    assertEquals(Set.of(), plan(snapshot).stillThere(List.of(cell("a/curl", "10.0.0.1:8080"))));
  }

  /** HTTP/3 beside HTTPS. */
  @Test
  void keepsCellsOfATcpPortBesideAUdpPortOfItsNumber() {
    MeshSnapshot snapshot =
        mesh(
            namespace("a")
                .with(pod("curl"), sidecarPod("httpbin").ports(8080).ip("10.0.0.1"))
                .with(service("httpbin").port(8000, 8080).udp(8000, 8080)));
    Cell cell = cell("a/curl", "10.0.0.1:8080");

    assertEquals(Set.of(cell.key()), plan(snapshot).stillThere(List.of(cell)));
  }

  /** Who asks foo, in a round of representative clients. */
  private static Set<String> asking(NamespaceBuilder... namespaces) {
    Set<String> clients = new TreeSet<>();
    plan(mesh(namespaces))
        .choose(bounds(1, Set.of("foo")), List.of(), List.of())
        .targets()
        .forEach(target -> clients.add(target.from()));
    return clients;
  }

  @Test
  void takesAClientFromElsewhereWhoseProxyKnowsTheService() {
    assertEquals(
        Set.of("foo/curl", "b/curl"),
        asking(
            captured("foo"),
            namespace("a").with(sidecarPod("curl")).with(sidecarScope("default", "./*")),
            namespace("b").with(sidecarPod("curl")),
            namespace("c").with(sidecarPod("curl"))));
  }

  @Test
  void takesAClientThatImportsTheServiceWhereOthersDoNot() {
    assertEquals(
        Set.of("foo/curl", "c/curl"),
        asking(
            namespace("istio-system").with(sidecarScope("default", "./*")),
            captured("foo"),
            namespace("a").with(sidecarPod("curl")),
            namespace("b").with(sidecarPod("curl")).with(sidecarScope("default", "./*", "*/none")),
            namespace("c").with(sidecarPod("curl")).with(sidecarScope("default", "foo/*"))));
  }

  @Test
  void takesAClientThatTheServiceIsExportedTo() {
    assertEquals(
        Set.of("foo/curl", "c/curl"),
        asking(
            namespace("foo")
                .with(sidecarPod("curl"), sidecarPod("httpbin").ports(8080).ip("10.0.0.1"))
                .with(service("httpbin").port(8000, 8080).exportTo(".", "c")),
            namespace("a").with(sidecarPod("curl")),
            namespace("b").with(sidecarPod("curl")),
            namespace("c").with(sidecarPod("curl"))));
  }

  @Test
  void takesTheFirstClientWhereNobodyElsewhereKnowsTheService() {
    assertEquals(
        Set.of("foo/curl", "a/curl"),
        asking(
            namespace("istio-system").with(sidecarScope("default", "./*")),
            captured("foo"),
            namespace("a").with(sidecarPod("curl")),
            namespace("b").with(sidecarPod("curl"))));
  }

  @Test
  void takesAClientOfTheNamespaceWhoseProxyKnowsTheService() {
    assertEquals(
        Set.of("foo/curl"),
        asking(
            captured("foo")
                .with(sidecarPod("alone"))
                .with(sidecarScope("alone", "none/*").workloadSelector("app", "alone")),
            namespace("legacy")));
  }

  @Test
  void tellsHowMuchOfTheWholeARoundCovers() {
    MeshSnapshot large =
        mesh(captured("a"), captured("b"), captured("c"), namespace("old").with(pod("curl")));

    ProbeCoverage coverage =
        plan(large).choose(bounds(9, Set.of()), List.of(), List.of()).coverage();

    assertTrue(coverage.representative());
    assertEquals(12, coverage.whole());
    assertTrue(coverage.probes() < 12, coverage.toString());
  }

  /** A server elsewhere would take its probes for a client's: they are recorded for another one. */
  @ParameterizedTest
  @CsvSource({"10.0.0.3, ''", "10.0.0.3, own", "::ffff:10.0.0.3, ''", "10.96.0.3, ''"})
  void callsNoServerElsewhereThatEndpointsAreAimedAt(String address, String pod) {
    EndpointSlice.Endpoint own = new EndpointSlice.Endpoint(List.of("10.0.0.9"), "own", true);
    EndpointSlice.Endpoint aimed = new EndpointSlice.Endpoint(List.of(address), pod, true);
    MeshSnapshot snapshot =
        mesh(
            captured("foo").with(service("other").clusterIps("10.96.0.3")),
            namespace("legacy").with(pod("curl")),
            namespace("tenant")
                .with(pod("own").of("Deployment", "httpbin").ports(8080).ip("10.0.0.9"))
                .with(service("aimed").port(80, 8080))
                .with(slice("aimed", own, aimed))
                .with(service("outside").port(80, 8080))
                .with(
                    slice("outside", new EndpointSlice.Endpoint(List.of("192.0.2.1"), "", true))));

    ProbePlan.Choice choice = plan(snapshot).choose(bounds(500, Set.of()), List.of(), List.of());

    assertEquals(
        Set.of("foo/curl → tenant/outside:80", "legacy/curl → tenant/outside:80"),
        onlyTo(choice, "tenant/"));
  }

  private static EndpointSlice slice(String service, EndpointSlice.Endpoint... endpoints) {
    return new EndpointSlice(
        new ObjectRef("EndpointSlice", "tenant", service + "-1"),
        service,
        List.of(endpoints),
        List.of(new EndpointSlice.Port("http", 8080, "TCP")));
  }

  @Test
  void takesOnePodOfAWorkloadAndNoneThatIsNotReady() {
    MeshSnapshot snapshot =
        mesh(
            namespace("foo")
                .with(sidecarPod("curl-1").of("Deployment", "curl"))
                .with(sidecarPod("curl-0").of("Deployment", "curl"))
                .with(sidecarPod("late").of("Deployment", "late").notReady()));

    assertEquals(List.of("curl-0"), plan(snapshot).clients().stream().map(p -> p.name()).toList());
  }

  private static Cell cell(String from, String endpoint) {
    return Cells.made(
        from,
        "a/httpbin:8000",
        endpoint,
        "",
        from.startsWith("b/"),
        ProbeOutcome.OK,
        200,
        0,
        ProbeOutcome.OK,
        1,
        Instant.EPOCH,
        "",
        null);
  }

  /** As in a cluster, where nothing runs in a pod that is not ready. */
  private static ProbePlan ofReady(MeshSnapshot snapshot) {
    return new ProbePlan(
        snapshot,
        Reachability.of(MeshModes.resolve(snapshot)),
        pod -> pod.ready() && !pod.workload().name().equals("httpbin"),
        pod -> false);
  }

  private static ProbePlan plan(MeshSnapshot snapshot) {
    return new ProbePlan(
        snapshot,
        Reachability.of(MeshModes.resolve(snapshot)),
        pod -> !pod.workload().name().equals("httpbin"),
        pod -> false);
  }

  private static NamespaceBuilder captured(String name) {
    return namespace(name)
        .with(sidecarPod("curl"), sidecarPod("httpbin").ports(8080).ip("10.0.0." + name.length()))
        .with(service("httpbin").port(8000, 8080));
  }

  private static NamespaceBuilder twoEndpoints(String name) {
    return namespace(name)
        .with(
            pod("curl"),
            sidecarPod("httpbin-0").of("Deployment", "httpbin").ports(8080).ip("10.0.0.1"),
            sidecarPod("httpbin-1").of("Deployment", "httpbin").ports(8080).ip("10.0.0.2"))
        .with(service("httpbin").port(8000, 8080));
  }

  private static ProbePlan.Bounds bounds(int limit, Set<String> focus) {
    return new ProbePlan.Bounds(limit, focus, 0);
  }

  private static Set<String> pairs(ProbePlan.Choice choice) {
    Set<String> pairs = new TreeSet<>();
    choice.targets().forEach(t -> pairs.add(t.from() + " → " + t.to()));
    return pairs;
  }

  private static Set<String> onlyTo(ProbePlan.Choice choice, String prefix) {
    Set<String> pairs = new TreeSet<>();
    choice.targets().stream()
        .filter(t -> t.to().startsWith(prefix))
        .forEach(t -> pairs.add(t.from() + " → " + t.to()));
    return pairs;
  }

  private static Set<String> endpointsOf(ProbePlan.Choice choice, String prefix) {
    Set<String> endpoints = new TreeSet<>();
    choice.targets().stream()
        .filter(t -> t.to().startsWith(prefix))
        .forEach(t -> endpoints.add(t.endpoint()));
    return endpoints;
  }
}
