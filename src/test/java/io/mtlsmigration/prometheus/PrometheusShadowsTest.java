// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import static io.mtlsmigration.mesh.MeshBuilders.gatewayPod;
import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static io.mtlsmigration.prometheus.StubPrometheus.series;
import static io.mtlsmigration.prometheus.StubPrometheus.steps;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.Absent;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.ShadowDenial;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What becomes of Prometheus' answers about a dry run, and of the lack of them. */
final class PrometheusShadowsTest {

  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
  private static final Instant LONG_AGO = NOW.minusSeconds(3600);
  private static final Instant PLACED = NOW.minusSeconds(120);
  private static final String HTTPBIN = "httpbin-6f8d9c-x2x4z";
  private static final String PORT_8080 = "inbound_0.0.0.0_8080";

  private MeshSnapshot mesh =
      mesh(namespace("foo").with(sidecarPod(HTTPBIN).of("Deployment", "httpbin")));
  private StubPrometheus prometheus;

  @BeforeEach
  void start() throws IOException {
    prometheus = new StubPrometheus();
    counting(HTTPBIN);
  }

  @AfterEach
  void stop() {
    prometheus.close();
  }

  private PrometheusShadows shadows(URI url) {
    return new PrometheusShadows(
        PlainOptions.of(url, Duration.ofSeconds(30)),
        () -> mesh,
        Absent.ENDS,
        Duration.ofSeconds(15),
        Clock.fixed(NOW, ZoneOffset.UTC),
        Absent.METER);
  }

  private Evidence<List<ShadowDenial>> since(Instant from) {
    try (PrometheusShadows shadows = shadows(prometheus.url())) {
      return shadows.denials("foo", from, NOW);
    }
  }

  private Evidence<List<ShadowDenial>> evidence() {
    return since(PLACED);
  }

  private static List<ShadowDenial> measured(Evidence<List<ShadowDenial>> evidence) {
    return evidence instanceof Evidence.Measured<List<ShadowDenial>>(var value, var asOf)
        ? value
        : fail("nothing was measured: " + evidence);
  }

  private static Evidence.Unavailable<?> unavailable(Evidence<List<ShadowDenial>> evidence) {
    return assertInstanceOf(Evidence.Unavailable.class, evidence);
  }

  /** These pods of foo are scraped, and count. */
  private void counting(String... pods) {
    List<String> series = new ArrayList<>();
    for (String pod : pods) {
      series.add(series("1", "namespace", "foo", "pod", pod));
      series.add(series("1", "namespace", "foo", "pod", pod, "authz_dry_run_action", "deny"));
    }
    prometheus.has(PromQuery.SHADOW_PODS, series.toArray(String[]::new));
  }

  /** For five minutes Prometheus takes its last samples for those of now. */
  @Test
  void knowsNothingWhenNothingHasBeenScrapedLately() {
    judged();
    prometheus.behind = true;

    assertEquals(Evidence.Reason.SOURCE_DOWN, unavailable(evidence()).reason());
  }

  private void judged() {
    prometheus.has(PromQuery.SHADOW_JUDGEMENTS, steps(at(-30, 5), "namespace", "foo"));
  }

  /** A sample so many seconds from now. */
  private static String at(int seconds, double value) {
    return "[%d,\"%s\"]".formatted(NOW.getEpochSecond() + seconds, value);
  }

  private static String denied(String pod, String prefix, String metric, String samples) {
    return steps(
        samples,
        "namespace",
        "foo",
        "pod",
        pod,
        "http_conn_manager_prefix",
        prefix,
        "authz_dry_run_metric",
        metric);
  }

  private void denied(String... series) {
    prometheus.has(PromQuery.SHADOW_DENIALS, series);
  }

  private static ShadowDenial of(int port, long count, long own) {
    return new ShadowDenial(new WorkloadRef("foo", "Deployment", "httpbin"), port, count, own);
  }

  @Test
  void refusesNobodyWhereSidecarsHaveJudgedAndDeniedNobody() {
    judged();

    assertEquals(new Evidence.Measured<>(List.of(), NOW), evidence());
  }

  @Test
  void isNoMeasurementWhereNobodyCalled() {
    assertInstanceOf(Evidence.NoSamples.class, evidence());
  }

  @Test
  void countsStepsOfAllPodsOfAServerTogether() {
    mesh =
        mesh(
            namespace("foo")
                .with(
                    sidecarPod(HTTPBIN).of("Deployment", "httpbin"),
                    sidecarPod("httpbin-6f8d9c-aaaaa").of("Deployment", "httpbin")));
    counting(HTTPBIN, "httpbin-6f8d9c-aaaaa");
    denied(
        denied(HTTPBIN, PORT_8080, "envoy_http_rbac", at(-60, 2) + "," + at(-15, 3)),
        denied("httpbin-6f8d9c-aaaaa", PORT_8080, "envoy_http_rbac", at(0, 1)));

    assertEquals(List.of(of(8080, 6, 0)), measured(evidence()));
  }

  @Test
  void asksOfProxiesWhereAnybodyCountsWhenTheyWereScraped() {
    judged();

    evidence();

    assertTrue(
        prometheus.requests.stream()
            .map(request -> request.getOrDefault("query", ""))
            .anyMatch(query -> query.contains("envoy_server_uptime{namespace=~\"foo\"} offset")));
  }

  @Test
  void leavesOutStepsThatEndedBefore() {
    judged();
    denied(denied(HTTPBIN, PORT_8080, "envoy_http_rbac", at(-60, 2)));

    assertEquals(List.of(), measured(since(NOW.minusSeconds(45))));
    assertEquals(List.of(of(8080, 2, 0)), measured(since(NOW.minusSeconds(70))));
  }

  static Stream<Arguments> listeners() {
    return Stream.of(
        argumentSet("a label", "inbound_0.0.0.0_8080", "envoy_http_rbac", 8080),
        argumentSet("a label with its delimiter", "inbound_0.0.0.0_8080;", "envoy_http_rbac", 8080),
        argumentSet("a label of IPv6", "inbound_[::]_9090", "envoy_http_rbac", 9090),
        argumentSet("a name", "", "envoy_http_inbound_0_0_0_0_80_rbac", 80),
        argumentSet("a name with a delimiter", "", "envoy_http_inbound_0_0_0_0_80__rbac", 80),
        argumentSet("a name of IPv6", "", "envoy_http_inbound______9090_rbac", 9090),
        argumentSet("no Service's port", "InboundPassthroughCluster", "envoy_http_rbac", 0),
        argumentSet("TCP", "", "envoy_tcp", 0));
  }

  @ParameterizedTest
  @MethodSource("listeners")
  void readsThePortFromTheListener(String prefix, String metric, int port) {
    denied(denied(HTTPBIN, prefix, metric, at(-15, 1)));

    assertEquals(List.of(of(port, 1, 0)), measured(evidence()));
  }

  @Test
  void readsLabelsAsOlderScrapeConfigurationsNameThem() {
    prometheus.has(
        PromQuery.SHADOW_PODS,
        series("1", "kubernetes_namespace", "foo", "kubernetes_pod_name", HTTPBIN),
        series(
            "1",
            "kubernetes_namespace",
            "foo",
            "kubernetes_pod_name",
            HTTPBIN,
            "authz_dry_run_action",
            "deny"));
    denied(
        steps(
            at(-15, 4),
            "kubernetes_namespace",
            "foo",
            "kubernetes_pod_name",
            HTTPBIN,
            "authz_dry_run_metric",
            "envoy_http_inbound_0_0_0_0_8080_rbac"));

    assertEquals(List.of(of(8080, 4, 0)), measured(evidence()));
  }

  @Test
  void aFractionOfACallIsACall() {
    denied(denied(HTTPBIN, PORT_8080, "envoy_http_rbac", at(-15, 0.2)));

    assertEquals(List.of(of(8080, 1, 0)), measured(evidence()));
  }

  @Test
  void holdsWhenASidecarIsNotScraped() {
    judged();
    counting();

    Evidence.Unavailable<?> said = unavailable(evidence());

    assertEquals(Evidence.Reason.NOT_CONFIGURED, said.reason());
    assertTrue(said.detail().contains(HTTPBIN), said.detail());
    assertInstanceOf(Evidence.Unavailable.class, since(NOW), "before it is placed as well");
  }

  @Test
  void holdsWhenOneOfTheSidecarsDoesNotCount() {
    judged();
    mesh =
        mesh(
            namespace("foo")
                .with(
                    sidecarPod(HTTPBIN).of("Deployment", "httpbin"),
                    sidecarPod("other-1").of("Deployment", "other")));
    prometheus.has(
        PromQuery.SHADOW_PODS,
        series("1", "namespace", "foo", "pod", HTTPBIN, "authz_dry_run_action", "deny"),
        series("1", "namespace", "foo", "pod", "other-1"));

    Evidence.Unavailable<?> said = unavailable(evidence());

    assertTrue(said.detail().contains("other-1"), said.detail());
    assertTrue(!said.detail().contains(HTTPBIN), said.detail());
  }

  /** A pod that is scraped, and counts from a second on: negative, before now. */
  private static String[] present(String pod, int scraped, int counts) {
    List<String> series = new ArrayList<>();
    series.add(steps(every(scraped), "namespace", "foo", "pod", pod));
    if (counts < 0) {
      series.add(
          steps(every(counts), "namespace", "foo", "pod", pod, "authz_dry_run_action", "deny"));
    }
    return series.toArray(String[]::new);
  }

  private static String every(int from) {
    return IntStream.iterate(from, second -> second <= 0, second -> second + 15)
        .mapToObj(second -> at(second, 1))
        .collect(Collectors.joining(","));
  }

  private Instant countedSince() {
    try (PrometheusShadows shadows = shadows(prometheus.url())) {
      return shadows.countedSince("foo", LONG_AGO, NOW);
    }
  }

  @ParameterizedTest
  @CsvSource({"-3600, -3600, 3600", "-3600, -600, 600", "-600, -600, 600", "-3600, 0, 0"})
  void tellsSinceWhenAServerCounts(int scraped, int counts, int since) {
    judged();
    prometheus.has(PromQuery.SHADOW_COUNTING, present(HTTPBIN, scraped, counts));

    assertEquals(NOW.minusSeconds(since), countedSince());
  }

  @Test
  void everyServerHasToCountAndOneOfItsPodsDoes() {
    judged();
    mesh =
        mesh(
            namespace("foo")
                .with(
                    sidecarPod(HTTPBIN).of("Deployment", "httpbin"),
                    sidecarPod("httpbin-6f8d9c-abcde").of("Deployment", "httpbin"),
                    sidecarPod("other-1").of("Deployment", "other")));
    List<String> all = new ArrayList<>(List.of(present(HTTPBIN, -3600, -3600)));
    all.addAll(List.of(present("httpbin-6f8d9c-abcde", -3600, -60)));
    all.addAll(List.of(present("other-1", -3600, -900)));
    prometheus.has(PromQuery.SHADOW_COUNTING, all.toArray(String[]::new));

    assertEquals(NOW.minusSeconds(900), countedSince());
  }

  /** A restart is no break, and neither is a Deployment that was created meanwhile. */
  @Test
  void aPodThatFollowsAnotherBreaksNothing() {
    judged();
    mesh =
        mesh(
            namespace("foo")
                .with(
                    sidecarPod(HTTPBIN)
                        .of("Deployment", "httpbin")
                        .createdAt(NOW.minusSeconds(600)),
                    sidecarPod("new-1").of("Deployment", "new").createdAt(NOW.minusSeconds(630))));
    List<String> all = new ArrayList<>(List.of(present(HTTPBIN, -600, -600)));
    String before =
        IntStream.iterate(-3600, second -> second < -660, second -> second + 15)
            .mapToObj(second -> at(second, 1))
            .collect(Collectors.joining(","));
    all.add(
        steps(
            before,
            "namespace",
            "foo",
            "pod",
            "httpbin-6f8d9c-abcde",
            "authz_dry_run_action",
            "deny"));
    all.addAll(List.of(present("new-1", -600, -600)));
    prometheus.has(PromQuery.SHADOW_COUNTING, all.toArray(String[]::new));

    assertEquals(LONG_AGO, countedSince());
  }

  @Test
  void doesNotAskForCountersBeforeThereIsADryRun() {
    prometheus.has(PromQuery.SHADOW_PODS, series("1", "namespace", "foo", "pod", HTTPBIN));

    assertInstanceOf(Evidence.NoSamples.class, since(NOW));
    assertInstanceOf(Evidence.Unavailable.class, evidence());
  }

  @Test
  void waitsForNobodyWhoHasNoSidecarOrIsTooYoungOrGone() {
    judged();
    mesh =
        mesh(
            namespace("foo")
                .with(
                    sidecarPod(HTTPBIN).of("Deployment", "httpbin"),
                    sidecarPod("young").createdAt(NOW.minusSeconds(30)),
                    sidecarPod("done").terminated(),
                    gatewayPod("gateway"),
                    pod("bare")));

    assertEquals(List.of(), measured(evidence()));
  }

  /** Where scrapes add kubernetes_namespace, a pod adds the label namespace itself. */
  @Test
  void whoseLabelsNameTwoNamespacesCountsForNeither() {
    String[] two = {
      "namespace", "foo", "kubernetes_namespace", "evil", "kubernetes_pod_name", HTTPBIN
    };
    List<String> counting = new ArrayList<>(List.of(two));
    counting.addAll(List.of("authz_dry_run_action", "deny"));
    prometheus.has(
        PromQuery.SHADOW_PODS, series("1", two), series("1", counting.toArray(String[]::new)));
    judged();

    Evidence.Unavailable<?> said = unavailable(evidence());

    assertEquals(Evidence.Reason.NOT_CONFIGURED, said.reason());
    assertTrue(said.detail().contains("count for nobody"), said.detail());
  }

  @Test
  void norDoesItKeepOthersFromBeingCounted() {
    judged();
    denied(
        steps(
            at(-15, 4),
            "namespace",
            "foo",
            "kubernetes_namespace",
            "evil",
            "pod",
            HTTPBIN,
            "authz_dry_run_metric",
            "envoy_http_rbac"));

    assertEquals(List.of(), measured(evidence()));
  }

  static Stream<Arguments> nameless() {
    return Stream.of(
        argumentSet("no namespace", PromQuery.SHADOW_DENIALS, "pod"),
        argumentSet("no pod", PromQuery.SHADOW_DENIALS, "namespace"));
  }

  @ParameterizedTest
  @MethodSource("nameless")
  void holdsWhenNobodyKnowsWhereADenialIsFrom(PromQuery query, String only) {
    judged();
    prometheus.has(
        query, steps(at(-15, 1), only, "foo", "authz_dry_run_metric", "envoy_http_rbac"));

    assertEquals(Evidence.Reason.LABEL_MISSING, unavailable(evidence()).reason());
  }

  /** A pod that is scraped through a Service may count what it likes, and has no label pod. */
  @Test
  void whatIsOfAnotherNamespaceHoldsNobodyHere() {
    judged();
    prometheus.has(
        PromQuery.SHADOW_PODS,
        series("1", "namespace", "foo", "pod", HTTPBIN, "authz_dry_run_action", "deny"),
        series("1", "namespace", "evil", "authz_dry_run_action", "deny"));
    denied(steps(at(-15, 1), "namespace", "evil", "authz_dry_run_metric", "anything"));

    assertEquals(List.of(), measured(evidence()));
  }

  @Test
  void holdsWhenCountersSayNothingOfWhereTheyAreFrom() {
    judged();
    prometheus.has(
        PromQuery.SHADOW_PODS,
        series("1", "namespace", "foo", "pod", HTTPBIN),
        series("1", "authz_dry_run_action", "deny"));

    assertEquals(Evidence.Reason.LABEL_MISSING, unavailable(evidence()).reason());
  }

  @Test
  void countsAPodThatIsGoneForItsWorkload() {
    denied(
        denied("httpbin-7c7c7c-bbbbb", PORT_8080, "envoy_http_rbac", at(-15, 2)),
        denied("httpbin-canary-7c7c7c-bbbbb", PORT_8080, "envoy_http_rbac", at(-15, 3)));

    assertEquals(
        List.of(
            of(8080, 2, 0),
            new ShadowDenial(
                new WorkloadRef("foo", "Pod", "httpbin-canary-7c7c7c-bbbbb"), 8080, 3, 0)),
        measured(evidence()));
  }

  @Test
  void holdsWhenPrometheusFails() {
    judged();
    prometheus.failsWith(500);

    assertEquals(Evidence.Reason.SOURCE_DOWN, unavailable(evidence()).reason());
  }

  @Test
  void holdsWhenNobodyAnswers() {
    try (PrometheusShadows shadows = shadows(URI.create("http://127.0.0.1:1"))) {
      assertEquals(
          Evidence.Reason.SOURCE_DOWN, unavailable(shadows.denials("foo", PLACED, NOW)).reason());
    }
  }

  @Test
  void holdsWhenOneOfItsQueriesIsAnsweredInPart() {
    judged();
    prometheus.warning = "store not reached";

    assertInstanceOf(Evidence.Unavailable.class, evidence());
  }

  @Test
  void aGapHoldsWhoeverItLiesInTheWindowOf() {
    judged();
    mesh = mesh(namespace("foo").with(sidecarPod(HTTPBIN)), namespace("bar"));
    prometheus.coverageFrom = NOW.minusSeconds(300).getEpochSecond();
    try (PrometheusShadows shadows = shadows(prometheus.url())) {
      Evidence<List<ShadowDenial>> longer = shadows.denials("bar", NOW.minusSeconds(3600), NOW);
      Evidence<List<ShadowDenial>> shorter = shadows.denials("foo", PLACED, NOW);

      assertEquals(Evidence.Reason.WINDOW_NOT_COVERED, unavailable(longer).reason());
      assertEquals(List.of(), measured(shorter));
    }
  }

  @Test
  void holdsWhenNothingHasBeenScrapedOfLate() {
    judged();
    prometheus.coverageFrom = Long.MAX_VALUE;

    assertInstanceOf(Evidence.Unavailable.class, evidence());
    assertInstanceOf(Evidence.Unavailable.class, since(NOW));
  }

  @Test
  void asksOnceForAllNamespacesAndAgainForALongerWindow() {
    mesh = mesh(namespace("foo"), namespace("bar"), namespace("baz"));
    try (PrometheusShadows shadows = shadows(prometheus.url())) {
      shadows.denials("foo", PLACED, NOW);
      int once = prometheus.requests.size();
      shadows.denials("bar", PLACED.plusSeconds(5), NOW);
      assertEquals(once, prometheus.requests.size());

      shadows.denials("baz", NOW.minusSeconds(3600), NOW);

      assertEquals(2 * once, prometheus.requests.size());
      assertEquals(5, once);
    }
  }
}
