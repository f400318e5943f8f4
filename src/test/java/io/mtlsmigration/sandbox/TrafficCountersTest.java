// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import static io.mtlsmigration.mesh.MeshBuilders.destinationRule;
import static io.mtlsmigration.mesh.MeshBuilders.gatewayPod;
import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static io.mtlsmigration.mesh.MtlsMode.STRICT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.DestinationRule.ClientTlsMode;
import io.mtlsmigration.mesh.MeshBuilders.PodBuilder;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.traffic.Edge;
import io.mtlsmigration.traffic.Edge.Security;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import io.mtlsmigration.traffic.PlaintextCalls;
import io.mtlsmigration.traffic.Refusal;
import io.mtlsmigration.traffic.SecuredCalls;
import io.mtlsmigration.traffic.TrafficReading;
import io.mtlsmigration.traffic.Watch;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the sandbox tells of its traffic: all samples come from calls over real sockets. */
final class TrafficCountersTest {

  private static final Duration WINDOW = Duration.ofSeconds(20);

  private Stage stage = start(sidecarPod("server").ports(8080));

  private static Stage start(PodBuilder server) {
    return Stage.of(
        mesh(
            namespace("istio-system"),
            namespace("in")
                .with(server, sidecarPod("meshed"))
                .with(service("server").port("http", 80, "8080").port("tcp", 81, "8081")),
            namespace("legacy").with(pod("curl").ip("10.9.8.7"))));
  }

  private void restartWith(PodBuilder server) {
    stage.close();
    stage = start(server);
  }

  @AfterEach
  void stop() {
    stage.close();
  }

  private void watchFor(Duration time) {
    stage.clock.advance(time);
  }

  private static String brief(Edge e) {
    return "%s → %s:%d %s %s %d+%d"
        .formatted(
            e.client().id(),
            e.server().id(),
            e.port(),
            e.protocol(),
            e.security(),
            e.count(),
            e.ownProbes());
  }

  private List<String> edges() {
    return stage.measured("in", WINDOW).edges().stream().map(TrafficCountersTest::brief).toList();
  }

  private List<Edge> edgesOrNone() {
    return stage.evidence("in", WINDOW)
            instanceof Evidence.Measured<NamespaceTraffic>(var traffic, var asOf)
        ? traffic.edges()
        : List.of();
  }

  private Evidence.Unavailable<?> unavailable(Evidence<?> evidence) {
    return assertInstanceOf(Evidence.Unavailable.class, evidence);
  }

  @Test
  void namesEachClientWithItsSecurity() {
    watchFor(WINDOW);
    stage.call("in/meshed", "in/server:80");
    stage.call("legacy/curl", "in/server:80");
    stage.call("legacy/curl", "in/server:80");
    stage.call("legacy/curl", "in/server:81");

    assertEquals(
        List.of(
            "in/meshed → in/server:8080 http MUTUAL_TLS 1+0",
            "legacy/curl → in/server:8080 http PLAINTEXT 2+0",
            "legacy/curl → in/server:8081 tcp PLAINTEXT 1+0"),
        edges());
    assertEquals("10.9.8.7", stage.measured("in", WINDOW).plaintext().get(0).client().address());
  }

  @Test
  void countsOwnProbesApart() {
    watchFor(WINDOW);
    stage.call("legacy/curl", "in/server:80");
    stage.probe("legacy/curl", "in/server:80");
    stage.probe("in/meshed", "in/server:80");

    assertEquals(
        List.of(
            "in/meshed → in/server:8080 http MUTUAL_TLS 0+1",
            "legacy/curl → in/server:8080 http PLAINTEXT 1+1"),
        edges());
  }

  @Test
  void takesOwnProbesForNoSample() {
    watchFor(WINDOW);
    stage.probe("legacy/curl", "in/server:80");

    assertInstanceOf(Evidence.NoSamples.class, stage.evidence("in", WINDOW));
  }

  @Test
  void forgetsACallThatTheWindowHasLeftBehind() {
    watchFor(WINDOW);
    stage.call("legacy/curl", "in/server:80");
    watchFor(WINDOW);
    assertEquals(1, stage.measured("in", WINDOW).plaintext().size());

    watchFor(Duration.ofSeconds(1));

    assertInstanceOf(Evidence.NoSamples.class, stage.evidence("in", WINDOW));
  }

  @Test
  void hasNoSamplesOfANamespaceThatNobodyCalls() {
    watchFor(WINDOW);
    stage.call("legacy/curl", "in/server:80");

    assertInstanceOf(Evidence.NoSamples.class, stage.evidence("legacy", WINDOW));
  }

  private Watch watch(Duration window) {
    Watch watch =
        stage.measured("in", window).watched().get(new WorkloadRef("in", "Deployment", "server"));
    assertNotNull(watch);
    return watch;
  }

  @Test
  void tellsAtOnceAndSaysSinceWhenItWatches() {
    stage.call("legacy/curl", "in/server:80");

    assertEquals(1, stage.measured("in", WINDOW).plaintext().size());
    assertEquals(Watch.from(Stage.START, true).since(), watch(WINDOW).since());
  }

  @Test
  void watchesAServerSinceItsProxyIsThere() {
    restartWith(pod("server").ports(8080));
    watchFor(WINDOW);
    stage.sandbox.happen(new ScenarioEvent.Action.Inject("in/server"));
    watchFor(Duration.ofSeconds(6));
    stage.call("in/meshed", "in/server:80");

    assertEquals(Stage.START.plus(WINDOW), watch(WINDOW).since());
  }

  @Test
  void cannotVouchForLongerThanItsRetention() {
    watchFor(Duration.ofDays(30));
    stage.call("in/meshed", "in/server:80");

    assertEquals(Evidence.Reason.RETENTION_TOO_SHORT, watch(Duration.ofDays(7)).reason());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "in"})
  void cannotSayWhileItsSourceIsDown(String target) {
    watchFor(WINDOW);
    stage.call("legacy/curl", "in/server:80");
    stage.fault(Fault.Kind.EVIDENCE_DOWN, target, Duration.ofSeconds(5));
    assertEquals(Evidence.Reason.SOURCE_DOWN, unavailable(stage.evidence("in", WINDOW)).reason());

    watchFor(Duration.ofSeconds(5));

    assertInstanceOf(Evidence.Measured.class, stage.evidence("in", WINDOW));
  }

  @Test
  void staysUpForNamespacesThatAFaultDoesNotStrike() {
    watchFor(WINDOW);
    stage.fault(Fault.Kind.EVIDENCE_DOWN, "legacy", Duration.ofSeconds(5));

    assertInstanceOf(Evidence.NoSamples.class, stage.evidence("in", WINDOW));
  }

  @Test
  void recordsRefusalsWithTheirTimes() {
    stage.create("in", STRICT);
    watchFor(WINDOW);
    stage.call("legacy/curl", "in/server:80");
    watchFor(Duration.ofSeconds(1));
    stage.probe("legacy/curl", "in/server:80");

    NamespaceTraffic traffic = stage.measured("in", WINDOW);

    List<Refusal> refused = stage.refusals("in", WINDOW).seen();
    assertEquals(
        List.of("legacy/curl 8080 false", "legacy/curl 8080 true"),
        refused.stream().map(r -> r.client().id() + " " + r.port() + " " + r.ownProbe()).toList());
    assertEquals(
        List.of(Stage.START.plus(WINDOW), Stage.START.plus(WINDOW).plusSeconds(1)),
        refused.stream().map(Refusal::at).toList());
    assertTrue(traffic.edges().isEmpty(), "who is refused sends no request");
  }

  @Test
  void countsCallsAndFailuresOfMeshClients() {
    stage.close();
    stage =
        Stage.of(
            mesh(
                namespace("istio-system"),
                namespace("in")
                    .with(sidecarPod("server"), sidecarPod("meshed"))
                    .with(service("server").port(80, 8080)),
                namespace("broken")
                    .with(sidecarPod("client"))
                    .with(
                        destinationRule("r", "server.in.svc.cluster.local")
                            .tls(ClientTlsMode.DISABLE)),
                namespace("legacy").with(pod("curl"))));
    stage.create("in", STRICT);
    watchFor(WINDOW);
    stage.call("in/meshed", "in/server:80");
    stage.call("in/meshed", "in/server:80");
    stage.call("broken/client", "in/server:80");
    stage.call("legacy/curl", "in/server:80");
    stage.probe("broken/client", "in/server:80");

    NamespaceTraffic traffic = stage.measured("in", WINDOW);

    assertEquals(3, traffic.clientRequests());
    assertEquals(1, traffic.clientFailures());
  }

  /** No proxy, no metrics: not even of what comes in plaintext. */
  @Test
  void seesNothingAtServersWithoutAProxy() {
    for (PodBuilder server :
        List.of(pod("server"), sidecarPod("server").excludeInbound(8080), gatewayPod("server"))) {
      restartWith(server);
      watchFor(WINDOW);
      stage.call("legacy/curl", "in/server:80");

      assertEquals(List.of(), edgesOrNone());
    }
  }

  @Test
  void tellsTheSameHoweverOftenOneReadingIsAsked() {
    watchFor(WINDOW);
    stage.call("legacy/curl", "in/server:80");
    TrafficReading reading = stage.sandbox.trafficRecord().read(stage.clock.instant(), WINDOW);
    Evidence<NamespaceTraffic> first = reading.of("in");

    stage.call("legacy/curl", "in/server:80");

    assertEquals(first, reading.of("in"));
  }

  @Test
  void ordersEdgesByServerPortAndClient() {
    watchFor(WINDOW);
    stage.call("legacy/curl", "in/server:81");
    stage.call("legacy/curl", "in/server:80");
    stage.call("in/meshed", "in/server:80");

    List<Edge> edges = stage.measured("in", WINDOW).edges();

    assertEquals(
        List.of("8080 in/meshed", "8080 legacy/curl", "8081 legacy/curl"),
        edges.stream().map(e -> e.port() + " " + e.client().id()).toList());
    assertEquals(Security.MUTUAL_TLS, edges.get(0).security());
  }

  @Test
  void tellsTheShareOfEachStepAndWhatItDoesNotKnow() {
    Duration step = Duration.ofSeconds(10);
    Instant start = stage.clock.instant();
    stage.call("in/meshed", "in/server:80");
    stage.call("in/meshed", "in/server:80");
    stage.call("legacy/curl", "in/server:80");
    stage.probe("legacy/curl", "in/server:80");
    watchFor(step);
    stage.probe("in/meshed", "in/server:80");
    watchFor(step);

    List<Evidence<SecuredCalls>> told =
        stage.sandbox.trafficHistory().read(start.minus(step), step, 3);

    assertEquals(Evidence.Reason.WINDOW_NOT_COVERED, unavailable(told.get(0)).reason());
    assertEquals(new Evidence.Measured<>(new SecuredCalls(2, 1, 0), start.plus(step)), told.get(1));
    assertInstanceOf(Evidence.NoSamples.class, told.get(2));
  }

  @Test
  void tellsTheHistoryOfAllNamespacesThatAFaultDoesNotStrike() {
    stage.close();
    stage =
        Stage.of(
            mesh(
                namespace("istio-system"),
                namespace("in")
                    .with(sidecarPod("server"), sidecarPod("meshed"))
                    .with(service("server").port(80, 8080)),
                namespace("blind")
                    .with(sidecarPod("server"))
                    .with(service("server").port(80, 8080))));
    Instant start = stage.clock.instant();
    stage.fault(Fault.Kind.EVIDENCE_DOWN, "blind", WINDOW.multipliedBy(2));
    stage.call("in/meshed", "in/server:80");
    stage.call("in/meshed", "blind/server:80");
    watchFor(WINDOW);

    assertEquals(
        List.of(new Evidence.Measured<>(new SecuredCalls(1, 0, 0), start.plus(WINDOW))),
        stage.sandbox.trafficHistory().read(start, WINDOW, 1));
  }

  @Test
  void tellsNoHistoryWhileTheCountersAreDown() {
    watchFor(WINDOW);
    stage.call("in/meshed", "in/server:80");
    stage.fault(Fault.Kind.EVIDENCE_DOWN, "", WINDOW);

    List<Evidence<SecuredCalls>> told =
        stage.sandbox.trafficHistory().read(stage.clock.instant().minus(WINDOW), WINDOW, 1);

    assertEquals(Evidence.Reason.SOURCE_DOWN, unavailable(told.getFirst()).reason());
  }

  @Test
  void tellsInWhichHoursEachClientSentPlaintext() {
    Instant start = stage.clock.instant().truncatedTo(ChronoUnit.HOURS);
    watchFor(Duration.between(stage.clock.instant(), start.plus(Duration.ofMinutes(61))));
    stage.call("legacy/curl", "in/server:80");
    stage.call("in/meshed", "in/server:80");
    stage.probe("legacy/curl", "in/server:80");
    watchFor(Duration.ofHours(2));
    stage.call("legacy/curl", "in/server:80");

    PlaintextCalls told =
        assertInstanceOf(Evidence.Measured.class, stage.sandbox.callHistory().read("in", start, 4))
                    .value()
                instanceof PlaintextCalls calls
            ? calls
            : new PlaintextCalls(start, WINDOW, List.of(), List.of());

    assertEquals(List.of("legacy/curl"), told.rows().stream().map(r -> r.client().id()).toList());
    assertEquals(List.of(0L, 1L, 0L, 1L), told.rows().getFirst().calls());
    assertEquals(List.of(true, true, true), told.watched().subList(1, 4));
    stage.fault(Fault.Kind.EVIDENCE_DOWN, "", WINDOW);
    assertInstanceOf(Evidence.Unavailable.class, stage.sandbox.callHistory().read("in", start, 4));
  }
}
