// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static io.mtlsmigration.prometheus.StubPrometheus.series;
import static io.mtlsmigration.prometheus.StubPrometheus.steps;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.mtlsmigration.mesh.MeshBuilders;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.testing.ManualClock;
import io.mtlsmigration.traffic.DirectCall;
import io.mtlsmigration.traffic.Edge;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import io.mtlsmigration.traffic.Watch;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of Prometheus' answers, and of the lack of them. */
final class PrometheusTrafficTest {

  private static final Instant START = Instant.parse("2026-01-01T12:00:00Z");
  private static final Duration WINDOW = Duration.ofHours(1);
  private static final Duration SCRAPE = Duration.ofSeconds(15);
  private static final Duration REFRESH = Duration.ofSeconds(30);
  private static final MeshSnapshot MESH =
      mesh(
          namespace("foo")
              .label("istio.io/use-waypoint-namespace", "gateways")
              .with(sidecarPod("httpbin").ip("10.0.0.7")),
          namespace("legacy"));

  private final ManualClock clock = new ManualClock(START);
  private StubPrometheus prometheus;

  @BeforeEach
  void start() throws IOException {
    prometheus = new StubPrometheus();
  }

  @AfterEach
  void stop() {
    prometheus.close();
  }

  /** Writes down what was made, and what was wrong with it. */
  private static final class Notes implements QueryMeter {
    private final List<String> ended = Collections.synchronizedList(new ArrayList<>());

    @Override
    public <T> T reading(
        String evidence, Supplier<T> reading, Function<? super T, String> problem) {
      return noted("reading " + evidence, reading, problem);
    }

    @Override
    public <T> T query(String name, Supplier<T> query, Function<? super T, String> problem) {
      return noted(name, query, problem);
    }

    private <T> T noted(String what, Supplier<T> work, Function<? super T, String> problem) {
      T made = work.get();
      ended.add(problem.apply(made).isEmpty() ? what : what + " failed");
      return made;
    }
  }

  private final Notes notes = new Notes();

  /** This machine's clock; the stub says what time it really is. */
  private InstantSource wall = InstantSource.system();

  private PrometheusTraffic traffic(URI url) {
    return new PrometheusTraffic(
        new PrometheusOptions(
            url,
            () -> "Bearer secret",
            Map.of("X-Scope-OrgID", "team-a"),
            null,
            Duration.ofSeconds(2),
            2,
            REFRESH,
            wall),
        () -> MESH,
        SCRAPE,
        clock,
        notes,
        Set.of());
  }

  private Evidence<NamespaceTraffic> evidence() {
    try (PrometheusTraffic traffic = traffic(prometheus.url())) {
      return traffic.read(clock.instant(), WINDOW).of("foo");
    }
  }

  private void plaintextFromLegacy(String count) {
    prometheus.has(
        PromQuery.PLAINTEXT_REQUESTS,
        series(
            count,
            "source_workload_namespace",
            "unknown",
            "source_workload",
            "unknown",
            "destination_workload_namespace",
            "foo",
            "destination_workload",
            "httpbin",
            "request_protocol",
            "http"));
  }

  private static Evidence.Unavailable<NamespaceTraffic> unavailable(
      Evidence<NamespaceTraffic> evidence) {
    if (evidence instanceof Evidence.Unavailable<NamespaceTraffic> unavailable) {
      return unavailable;
    }
    return fail("expected no evidence, got " + evidence);
  }

  private static NamespaceTraffic measured(Evidence<NamespaceTraffic> evidence) {
    if (evidence instanceof Evidence.Measured<NamespaceTraffic> measured) {
      return measured.value();
    }
    return fail("expected a measurement, got " + evidence);
  }

  @Test
  void asksOnlyTargetsWithPlaintextHowOftenTheyWereScraped() {
    prometheus.has(
        PromQuery.PLAINTEXT_TARGETS,
        series("1", "instance", "10.0.0.1:15020", "of", "requests"),
        series("1", "instance", "10.0.0.2:15020", "of", "requests gone"),
        series("1", "instance", "10.0.0.3:15020", "of", "failures"));

    evidence();

    String requests = asked("sum by (source_workload_namespace, source_workload,", "resets");
    assertTrue(requests.contains("uptime{instance=~\"10\\\\.0\\\\.0\\\\.1:15020\"}["), requests);
    assertTrue(requests.contains(",instance=~\"10\\\\.0\\\\.0\\\\.2:15020\"}["), requests);
    String failures = asked("URX", "label_join");
    assertTrue(failures.contains("uptime{instance=~\"10\\\\.0\\\\.0\\\\.3:15020\"}["), failures);
  }

  /** Returns the first query that contains these. */
  private String asked(String... parts) {
    return prometheus.requests.stream()
        .map(request -> request.getOrDefault("query", ""))
        .filter(query -> Stream.of(parts).allMatch(query::contains))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void tellsItsMeterOfTheReadingAndOfEachQuery() {
    plaintextFromLegacy("1");

    measured(evidence());

    await().until(() -> notes.ended.contains("reading traffic"));
    assertEquals("watched", notes.ended.getFirst());
    assertEquals(23, notes.ended.size(), notes.ended.toString());
    assertTrue(notes.ended.stream().noneMatch(note -> note.endsWith("failed")));
  }

  @Test
  void tellsItsMeterWhatFailed() {
    prometheus.close();

    evidence();

    await().until(() -> notes.ended.size() == 2);
    assertEquals(List.of("watched failed", "reading traffic failed"), notes.ended);
  }

  @Test
  void countsWhatServersTookInPlaintext() {
    plaintextFromLegacy("41.7");

    Edge edge = measured(evidence()).plaintext().getFirst();

    assertEquals("unknown", edge.client().id());
    assertEquals("foo/httpbin", edge.server().id());
    assertEquals(42, edge.count());
  }

  /** A series about foo/httpbin that Prometheus scraped from a pod of this namespace. */
  private static String scraped(String namespace, String... more) {
    List<String> labels =
        new ArrayList<>(
            List.of(
                "source_workload_namespace",
                "legacy",
                "source_workload",
                "curl",
                "destination_workload_namespace",
                "foo",
                "destination_workload",
                "httpbin",
                "namespace",
                namespace));
    labels.addAll(List.of(more));
    return series("3", labels.toArray(String[]::new));
  }

  @Test
  void whatAPodTellsOfServersElsewhereIsNoPlaintext() {
    prometheus.has(PromQuery.MEASURED, scraped("foo"));
    prometheus.has(PromQuery.PLAINTEXT_REQUESTS, scraped("evil", "request_protocol", "http"));
    prometheus.has(PromQuery.PLAINTEXT_CONNECTIONS, scraped("evil"));
    prometheus.has(PromQuery.PLAINTEXT_BYTES, scraped("evil"));
    prometheus.has(PromQuery.PLAINTEXT_MESSAGES, scraped("evil"));

    NamespaceTraffic traffic = measured(evidence());

    assertEquals(List.of(), traffic.edges());
    assertEquals(List.of("evil"), traffic.disowned());
  }

  /** Whoever sends plaintext names itself, and what holds a gate is kept by its words. */
  @Test
  void aClientWithANameThatNobodyCanHaveIsUnknown() {
    for (PromQuery query : List.of(PromQuery.PLAINTEXT_REQUESTS, PromQuery.PLAINTEXT_CONNECTIONS)) {
      prometheus.has(
          query,
          series(
              "3",
              "source_workload_namespace",
              "legacy",
              "source_workload",
              "x".repeat(40_000),
              "destination_workload_namespace",
              "foo",
              "destination_workload",
              "httpbin",
              "request_protocol",
              "http"));
    }

    List<Edge> plaintext = measured(evidence()).plaintext();

    assertEquals(
        List.of("unknown", "unknown"), plaintext.stream().map(edge -> edge.client().id()).toList());
  }

  /** A token of a list of traffic names a server, and has to fit into a URL. */
  @Test
  void aServerWithANameThatNobodyCanHaveIsNone() {
    prometheus.has(PromQuery.MEASURED, scraped("foo"));
    prometheus.has(
        PromQuery.PLAINTEXT_REQUESTS,
        series(
            "3",
            "destination_workload_namespace",
            "foo",
            "destination_workload",
            "x".repeat(40_000)));

    assertEquals(List.of(), measured(evidence()).edges());
  }

  /** A request counts when it ends; the messages of a stream are counted before. */
  @Test
  void aStreamThatHasNotEndedIsSeenByItsMessages() {
    prometheus.has(PromQuery.MEASURED, scraped("foo"));
    prometheus.has(PromQuery.PLAINTEXT_MESSAGES, scraped("foo"));

    Edge edge = measured(evidence()).plaintext().getFirst();

    assertEquals("grpc", edge.protocol());
    assertEquals(1, edge.count());
    assertEquals(1, edge.open());
  }

  @Test
  void messagesOfRequestsThatHaveEndedAddNothing() {
    prometheus.has(PromQuery.MEASURED, scraped("foo"));
    prometheus.has(PromQuery.PLAINTEXT_REQUESTS, scraped("foo", "request_protocol", "grpc"));
    prometheus.has(PromQuery.PLAINTEXT_MESSAGES, scraped("foo"));

    Edge edge = measured(evidence()).plaintext().getFirst();

    assertEquals(3, edge.count());
    assertEquals(0, edge.open());
  }

  @Test
  void norIsItCoverNorTakesItAnyAway() {
    prometheus.has(PromQuery.MEASURED, scraped("evil"));
    prometheus.has(PromQuery.LABEL_MISSING, scraped("evil"));

    NamespaceTraffic traffic = measured(evidence());

    Watch watch = traffic.watched().values().iterator().next();
    assertEquals(false, watch.sampled());
    assertEquals(Evidence.Reason.NOT_CONFIGURED, watch.reason());
    assertEquals(List.of("evil"), traffic.disowned());
  }

  /** Where scrapes add kubernetes_namespace, a pod adds the label namespace itself. */
  @Test
  void whoseLabelsNameTwoNamespacesSpeaksForNeither() {
    String[] two = {"kubernetes_namespace", "evil", "request_protocol", "http"};
    prometheus.has(PromQuery.MEASURED, scraped("foo", two));
    prometheus.has(PromQuery.PLAINTEXT_REQUESTS, scraped("foo", two));

    NamespaceTraffic traffic = measured(evidence());

    assertEquals(List.of(), traffic.edges());
    assertEquals(false, traffic.watched().values().iterator().next().sampled());
    assertEquals(List.of("foo or evil (the labels of the scrape contradict)"), traffic.disowned());
  }

  @ParameterizedTest
  @CsvSource({"kubernetes_namespace, evil", "pod_name, evil-1", "kubernetes_pod_name, evil-1"})
  void norDoesItWatchAProxyThatIsNotScraped(String label, String other) {
    prometheus.has(
        PromQuery.PROXIES, series("3600", "namespace", "foo", "pod", "httpbin", label, other));

    Watch watch = measured(evidence()).watched().values().iterator().next();

    assertNull(watch.since());
    assertEquals(Evidence.Reason.NOT_CONFIGURED, watch.reason());
    assertTrue(watch.detail().contains("statistics of httpbin count for nobody"), watch.detail());
  }

  /** Any pod that is scraped may export it; all readings of the mesh ended. */
  @ParameterizedTest
  @ValueSource(strings = {"1e300", "-1e300", "+Inf", "-Inf", "NaN"})
  void norDoesAnUptimeOfNoProxyEndAReading(String uptime) {
    prometheus.has(PromQuery.PROXIES, series(uptime, "namespace", "foo", "pod", "httpbin"));
    prometheus.has(
        PromQuery.DEPARTED,
        series(uptime, "namespace", "foo", "pod", "gone", "what", "uptime"),
        series("1767265200", "namespace", "foo", "pod", "gone", "what", "at"));

    assertEquals(1, measured(evidence()).watched().size());
  }

  @Test
  void labelsThatAgreeAreOne() {
    prometheus.has(
        PromQuery.PROXIES,
        series("3600", "namespace", "foo", "kubernetes_namespace", "foo", "pod", "httpbin"));

    assertNotNull(measured(evidence()).watched().values().iterator().next().since());
  }

  @Test
  void ztunnelAndTheWaypointThatANamespaceChoseSpeakForIt() {
    prometheus.has(
        PromQuery.PLAINTEXT_REQUESTS,
        scraped("istio-system", "request_protocol", "http"),
        scraped("gateways", "request_protocol", "http"),
        scraped("", "kubernetes_namespace", "foo", "request_protocol", "http"));

    assertEquals(9, measured(evidence()).plaintext().getFirst().count());
  }

  @Test
  void tellsWhoseCallsFailButNotByTheWordOfOthers() {
    prometheus.has(PromQuery.MEASURED, scraped("foo"));
    prometheus.has(
        PromQuery.CLIENT_FAILURES,
        scraped("legacy", "destination_service_namespace", "foo"),
        scraped("evil", "destination_service_namespace", "foo"));

    NamespaceTraffic traffic = measured(evidence());

    assertEquals(3, traffic.clientFailures());
    assertEquals(Map.of("legacy/curl", 3L), traffic.failing());
    assertEquals(List.of("evil"), traffic.disowned());
  }

  @ParameterizedTest
  @ValueSource(strings = {"+Inf", "1e300", "9223372036854775807"})
  void aClientThatExaggeratesTakesNoFailureOfOthersAway(String count) {
    prometheus.has(PromQuery.MEASURED, scraped("foo"));
    prometheus.has(
        PromQuery.CLIENT_FAILURES,
        scraped("legacy", "destination_service_namespace", "foo"),
        scraped("legacy", "destination_service_namespace", "foo")
            .replace("\"3\"", '"' + count + '"'));

    assertTrue(measured(evidence()).clientFailures() > 3);
  }

  @Test
  void nobodyThinsOutARatioOfFailuresByCallsOfOthers() {
    prometheus.has(PromQuery.MEASURED, scraped("foo"));
    prometheus.has(
        PromQuery.CLIENT_REQUESTS,
        scraped("legacy", "destination_service_namespace", "foo"),
        scraped("istio-system", "destination_service_namespace", "foo"),
        scraped("evil", "destination_service_namespace", "foo"));

    NamespaceTraffic traffic = measured(evidence());

    assertEquals(6, traffic.clientRequests());
    assertEquals(List.of("evil"), traffic.disowned());
  }

  @Test
  void norSaysOfOthersThatTheyCallPastAllServices() {
    prometheus.has(PromQuery.PASSTHROUGH_REQUESTS, scraped("evil"), scraped("legacy"));
    prometheus.has(PromQuery.PASSTHROUGH_CONNECTIONS, scraped("evil"));

    Evidence<List<DirectCall>> direct;
    try (PrometheusTraffic traffic = traffic(prometheus.url())) {
      direct = traffic.read(clock.instant(), WINDOW).direct();
    }

    assertEquals(
        new Evidence.Measured<>(
            List.of(new DirectCall(new WorkloadRef("legacy", "Deployment", "curl"), "", 3)), START),
        direct);
  }

  /** Of ztunnel's only what was closed is counted, and a silent one has no bytes. */
  @Test
  void tellsWhichConnectionsAreOpen() {
    String[] labels = {
      "source_workload_namespace", "legacy", "source_workload", "curl",
      "destination_workload_namespace", "foo", "destination_workload", "httpbin"
    };
    prometheus.has(PromQuery.PLAINTEXT_CONNECTIONS, series("5", labels));
    prometheus.has(PromQuery.OPEN_CONNECTIONS, series("2", labels));

    Edge edge = measured(evidence()).plaintext().getFirst();

    assertEquals(5, edge.count());
    assertEquals(2, edge.open());
  }

  @Test
  void countsAConnectionThatIsOpenAndSilent() {
    prometheus.has(
        PromQuery.OPEN_CONNECTIONS,
        series("2", "destination_workload_namespace", "foo", "destination_workload", "httpbin"));

    assertEquals(2, measured(evidence()).plaintext().getFirst().count());
  }

  /** What a pod exports for its own namespace may be any number. */
  @ParameterizedTest
  @ValueSource(strings = {"1e300", "+Inf", "9223372036854775807"})
  void sumsOfExaggeratedCallsDoNotOverflow(String count) {
    prometheus.has(PromQuery.PLAINTEXT_REQUESTS, calls(count, "a"), calls(count, "b"));
    prometheus.has(PromQuery.OPEN_CONNECTIONS, calls(count, "a"), calls(count, "b"));

    List<Edge> edges = measured(evidence()).plaintext();

    assertEquals(4, edges.size());
    assertTrue(edges.stream().mapToLong(Edge::count).sum() > 2, edges.toString());
    assertTrue(edges.stream().mapToLong(Edge::open).sum() > 2, edges.toString());
  }

  private static String calls(String count, String client) {
    return series(
        count,
        "source_workload_namespace",
        "bar",
        "source_workload",
        client,
        "destination_workload_namespace",
        "foo",
        "destination_workload",
        "httpbin");
  }

  /**
   * The last step of a range may end before now, where the window is no multiple of it, or a server
   * in between moves its ends: what came since is in no step.
   */
  @ParameterizedTest
  @CsvSource({"0, 0", "29, 0", "30, 30", "90, 90"})
  void plaintextWasSeenLastBeforeTheFirstStepThatHadNone(long stepEnded, long lastSeen) {
    plaintextFromLegacy("1");
    long at = clock.instant().getEpochSecond() - stepEnded;
    prometheus.has(
        PromQuery.PLAINTEXT_BUCKETS,
        steps(
            "[%d,\"1\"]".formatted(at),
            "source_workload_namespace",
            "unknown",
            "source_workload",
            "unknown",
            "destination_workload_namespace",
            "foo",
            "destination_workload",
            "httpbin"));

    Edge edge = measured(evidence()).plaintext().getFirst();

    assertEquals(clock.instant().minusSeconds(lastSeen), edge.lastSeen());
  }

  @Test
  void takesAFractionOfACallForACall() {
    plaintextFromLegacy("0.3");

    assertEquals(1, measured(evidence()).plaintext().getFirst().count());
  }

  @Test
  void tellsWhoCallsPastAllServices() {
    prometheus.has(
        PromQuery.PASSTHROUGH_REQUESTS,
        series(
            "2.6",
            "source_workload_namespace",
            "bar",
            "source_workload",
            "curl",
            "destination_service",
            "10.0.0.7:8080"),
        series(
            "9",
            "source_workload_namespace",
            "unknown",
            "source_workload",
            "unknown",
            "destination_service",
            "10.0.0.7:8080"));
    prometheus.has(
        PromQuery.PASSTHROUGH_CONNECTIONS,
        series("0.2", "source_workload_namespace", "bar", "source_workload", "db"));

    Evidence<List<DirectCall>> direct;
    try (PrometheusTraffic traffic = traffic(prometheus.url())) {
      direct = traffic.read(clock.instant(), WINDOW).direct();
    }

    assertEquals(
        new Evidence.Measured<>(
            List.of(
                new DirectCall(new WorkloadRef("bar", "Deployment", "curl"), "10.0.0.7:8080", 3),
                new DirectCall(new WorkloadRef("bar", "Deployment", "db"), "", 1)),
            START),
        direct);
  }

  @Test
  void cannotSayWhoCallsPastServicesWhilePrometheusIsDown() {
    prometheus.failsWith(500, 500, 500, 500, 500, 500);

    Evidence<List<DirectCall>> direct;
    try (PrometheusTraffic traffic = traffic(prometheus.url())) {
      direct = traffic.read(clock.instant(), WINDOW).direct();
    }

    assertInstanceOf(Evidence.Unavailable.class, direct);
  }

  @Test
  void holdsWhenAnAnswerMakesNoSense() {
    plaintextFromLegacy("plenty");

    assertTrue(unavailable(evidence()).detail().contains("plenty"));
  }

  /** Its proxy is as old as the pod, and scraped. */
  private Watch watched() {
    String up = Long.toString(Duration.between(MeshBuilders.EPOCH, START).toSeconds());
    prometheus.has(PromQuery.PROXIES, series(up, "namespace", "foo", "pod", "httpbin"));
    return measured(evidence()).watched().get(new WorkloadRef("foo", "Deployment", "httpbin"));
  }

  @Test
  void watchesNoLongerThanPrometheusKeepsData() {
    prometheus.coverageFrom = START.minus(Duration.ofMinutes(20)).getEpochSecond();
    prometheus.retention = "30m or 10GiB";

    assertEquals(Evidence.Reason.RETENTION_TOO_SHORT, watched().reason());
  }

  @Test
  void doesNotBlameARetentionThatIsLongEnough() {
    prometheus.coverageFrom = START.minus(Duration.ofMinutes(20)).getEpochSecond();
    prometheus.retention = "15d";

    assertEquals(Evidence.Reason.WINDOW_NOT_COVERED, watched().reason());
  }

  @Test
  void watchesSinceTheDataBegins() {
    prometheus.coverageFrom = START.minus(Duration.ofMinutes(20)).getEpochSecond();

    assertEquals(START.minus(Duration.ofMinutes(20)), watched().since());
  }

  @Test
  void tellsPlaintextWhateverElseIsMissing() {
    prometheus.coverageFrom = START.minus(Duration.ofMinutes(2)).getEpochSecond();
    prometheus.has(PromQuery.LABEL_MISSING, series("1", "destination_workload_namespace", "foo"));
    plaintextFromLegacy("1");

    assertEquals(1, measured(evidence()).plaintext().size());
  }

  @Test
  void namesServersOfWhichNothingIsMeasured() {
    Watch watch =
        measured(evidence()).watched().get(new WorkloadRef("foo", "Deployment", "httpbin"));

    assertEquals(Evidence.Reason.NOT_CONFIGURED, watch.reason());
    assertTrue(watch.detail().contains("httpbin"), watch.detail());
  }

  @Test
  void hasNoSamplesWhereThereIsNoServer() {
    try (PrometheusTraffic traffic = traffic(prometheus.url())) {
      assertInstanceOf(
          Evidence.NoSamples.class, traffic.read(clock.instant(), WINDOW).of("legacy"));
    }
  }

  @Test
  void findsNoPlaintextWhereServersAreMeasured() {
    prometheus.has(PromQuery.MEASURED, series("3", "destination_workload_namespace", "foo"));

    assertEquals(0, measured(evidence()).edges().size());
  }

  /** It would read evidence up to what it takes for now. */
  @Test
  void holdsWhenTheClockHereIsBehind() {
    prometheus.has(PromQuery.MEASURED, series("3", "destination_workload_namespace", "foo"));
    wall = () -> Instant.now().minus(Duration.ofHours(2));

    Evidence.Unavailable<NamespaceTraffic> evidence = unavailable(evidence());

    assertEquals(Evidence.Reason.SOURCE_DOWN, evidence.reason());
    assertTrue(evidence.detail().contains("synchronize"), evidence.detail());
  }

  @Test
  void holdsWhenPrometheusIsDown() {
    prometheus.close();

    assertEquals(Evidence.Reason.SOURCE_DOWN, unavailable(evidence()).reason());
  }

  @Test
  void holdsWhenTheAnswerIsPartial() {
    prometheus.warning = "store 10.0.0.1 was not reached";

    assertTrue(unavailable(evidence()).detail().contains("10.0.0.1"));
  }

  @Test
  void takesRemarksOfTheEngineForWhatTheyAre() {
    prometheus.warning = "PromQL info: metric might not be a counter";

    assertInstanceOf(Evidence.Measured.class, evidence());
  }

  @Test
  void holdsWhenTheSecurityLabelIsMissing() {
    prometheus.has(PromQuery.LABEL_MISSING, series("1", "destination_workload_namespace", "foo"));

    assertEquals(Evidence.Reason.LABEL_MISSING, unavailable(evidence()).reason());
  }

  @Test
  void asksAgainWhenAServerIsBusy() {
    prometheus.failsWith(503, 429);
    plaintextFromLegacy("1");

    assertEquals(1, measured(evidence()).plaintext().size());
  }

  @Test
  void doesNotAskAgainWhenItIsNotAllowedTo() {
    prometheus.failsWith(403);

    Evidence<NamespaceTraffic> evidence = evidence();

    assertTrue(unavailable(evidence).detail().contains("403"));
    assertEquals(1, prometheus.requests.size());
  }

  @Test
  void sendsTokenAndTenantBelowThePathOfTheAddress() {
    assertInstanceOf(Evidence.Measured.class, evidence());

    Map<String, String> request = prometheus.requests.getFirst();
    assertEquals("Bearer secret", request.get("Authorization"));
    assertEquals("team-a", request.get("X-scope-orgid"));
    assertEquals("/prom/api/v1/query", request.get("path"));
  }

  @Test
  void keepsTheLastReadingThroughOneFailureAndNotForEver() {
    plaintextFromLegacy("1");
    try (PrometheusTraffic traffic = traffic(prometheus.url())) {
      Evidence<NamespaceTraffic> first = traffic.read(START, WINDOW).of("foo");
      assertInstanceOf(Evidence.Measured.class, first);
      prometheus.failsWith(400);

      Evidence<NamespaceTraffic> afterOne = later(traffic, REFRESH.plusSeconds(1));
      prometheus.failsWith(400);
      Evidence<NamespaceTraffic> muchLater = later(traffic, REFRESH.multipliedBy(3));

      assertInstanceOf(Evidence.Measured.class, afterOne);
      assertInstanceOf(Evidence.Unavailable.class, muchLater);
    }
  }

  /** Lets the background reading that this read starts come to its end. */
  private Evidence<NamespaceTraffic> later(PrometheusTraffic traffic, Duration after) {
    clock.set(START.plus(after));
    int before = prometheus.requests.size();
    assertEquals(WINDOW, traffic.read(clock.instant(), WINDOW).window());
    await().until(() -> prometheus.requests.size() > before && traffic.settled());
    return traffic.read(clock.instant(), WINDOW).of("foo");
  }
}
