// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import static io.mtlsmigration.mesh.MeshBuilders.ambientPod;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static io.mtlsmigration.prometheus.StubPrometheus.steps;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.Absent;
import io.mtlsmigration.mesh.MeshBuilders;
import io.mtlsmigration.mesh.MeshSettings;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.testing.ManualClock;
import io.mtlsmigration.traffic.ClientCalls;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.PlaintextCalls;
import io.mtlsmigration.traffic.StepGap;
import io.mtlsmigration.traffic.StepSet;
import io.mtlsmigration.traffic.WindowStudy;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of Prometheus' answers about the calls of a namespace. */
final class PrometheusCallsTest {

  private static final Instant FROM = Instant.parse("2026-01-01T00:00:00Z");
  private static final int HOURS = 8;
  private static final String[] CURL = {
    "source_workload_namespace", "legacy",
    "source_workload", "curl",
    "destination_workload_namespace", "foo",
    "destination_workload", "httpbin"
  };

  private static final String PROXIES = proxies(0, 1, 2, 3, 4, 5, 6, 7, 8);

  private final ManualClock clock = new ManualClock(FROM.plus(Duration.ofHours(HOURS)));
  private StubPrometheus prometheus;
  private PrometheusCalls calls;

  @BeforeEach
  void start() throws IOException {
    prometheus = new StubPrometheus();
    calls = calls(MeshSnapshot.of(MeshSettings.DEFAULT, FROM, List.of()));
    prometheus.has(PromQuery.WATCHED, steps(at(0, 1, 2, 3, 4, 5, 6, 7, 8)));
    prometheus.has(PromQuery.HISTORY_WATCHED, PROXIES);
  }

  private PrometheusCalls calls(MeshSnapshot facts) {
    return new PrometheusCalls(
        PlainOptions.of(prometheus.url(), Duration.ofSeconds(30)),
        () -> facts,
        clock,
        Absent.METER,
        Set.of());
  }

  @AfterEach
  void stop() {
    calls.close();
    prometheus.close();
  }

  /** Samples of 2.5 at the ends of hours. */
  private static String at(int... hours) {
    return Arrays.stream(hours)
        .mapToObj(
            hour -> "[%d,\"2.5\"]".formatted(FROM.plus(Duration.ofHours(hour)).getEpochSecond()))
        .collect(Collectors.joining(","));
  }

  private static String proxies(int... hours) {
    return steps(at(hours), "what", "proxies", "namespace", "foo");
  }

  private static String[] and(String[] labels, String... more) {
    return Stream.concat(Arrays.stream(labels), Arrays.stream(more)).toArray(String[]::new);
  }

  private PlaintextCalls read() {
    return measured(calls.read("foo", FROM, HOURS));
  }

  private static PlaintextCalls measured(Evidence<PlaintextCalls> evidence) {
    return assertInstanceOf(Evidence.Measured.class, evidence).value()
            instanceof PlaintextCalls told
        ? told
        : new PlaintextCalls(FROM, Duration.ofHours(1), List.of(), List.of());
  }

  @Test
  void addsRequestsAndConnectionsAndCountsBytesWhereThereIsNeither() {
    prometheus.has(PromQuery.HISTORY_REQUESTS, steps(at(1), CURL));
    prometheus.has(PromQuery.HISTORY_CONNECTIONS, steps(at(1, 3), CURL));
    prometheus.has(PromQuery.HISTORY_BYTES, steps(at(3, 4), CURL));

    PlaintextCalls told = read();

    assertEquals(Collections.nCopies(HOURS, true), told.watched());
    assertEquals("legacy/curl", told.rows().getFirst().client().id());
    assertEquals(List.of(5L, 0L, 3L, 1L, 0L, 0L, 0L, 0L), told.rows().getFirst().calls());
  }

  /** Whoever exports a great number for one server hides no call to another one. */
  @ParameterizedTest
  @ValueSource(strings = {"1e300", "+Inf"})
  void aClientIsNotSilentForWhoExaggeratesItsCalls(String count) {
    String[] other = CURL.clone();
    other[other.length - 1] = "other";
    prometheus.has(
        PromQuery.HISTORY_REQUESTS,
        steps(at(3).replace("2.5", count), CURL),
        steps(at(3).replace("2.5", count), other),
        steps(at(3), and(CURL, "request_protocol", "grpc")));

    ClientCalls client = WindowStudy.of(read(), clock.instant(), false).clients().getFirst();

    assertEquals(FROM.plus(Duration.ofHours(2)), client.firstCall());
    assertTrue(client.total() > 0, "" + client.total());
  }

  @Test
  void callsWithoutADateAreNoCallsOfTheirStep() {
    prometheus.has(
        PromQuery.HISTORY_REQUESTS, steps(at(2), and(CURL, "dated", "no")), steps(at(4), CURL));

    PlaintextCalls.Row row = read().rows().getFirst();

    assertEquals(List.of(0L, 0L, 0L, 3L, 0L, 0L, 0L, 0L), row.calls());
    assertEquals(FROM.plus(Duration.ofHours(2)), row.undatedBefore());
  }

  /** Nor of its neighbours: one scrape at the edge of a hole is not the whole hour. */
  @ParameterizedTest
  @ValueSource(strings = {"nothing scraped", "no proxy scraped", "a proxy failed", "no label"})
  void anHourThatNobodyWatchedIsAHole(String why) {
    switch (why) {
      case "nothing scraped" ->
          prometheus.has(PromQuery.WATCHED, steps(at(0, 1, 2, 3, 4, 6, 7, 8)));
      case "no proxy scraped" ->
          prometheus.has(PromQuery.HISTORY_WATCHED, proxies(0, 1, 2, 3, 4, 6, 7, 8));
      case "a proxy failed" ->
          prometheus.has(
              PromQuery.HISTORY_WATCHED,
              PROXIES,
              steps(at(5), "what", "failing", "namespace", "foo"));
      default ->
          prometheus.has(
              PromQuery.HISTORY_WATCHED,
              PROXIES,
              steps(at(5), "what", "unlabelled", "destination_workload_namespace", "foo"));
    }

    assertEquals(List.of(true, true, true, false, false, false, true, true), read().watched());
  }

  /** That the mesh is scraped says nothing of this namespace. */
  @Test
  void whereNoProxyWasEverScrapedNobodyWatched() {
    prometheus.has(PromQuery.HISTORY_WATCHED);

    assertEquals(Collections.nCopies(HOURS, false), read().watched());
  }

  @Test
  void ofAnAmbientNamespaceNobodyWatchesWhileNoZtunnelIsScraped() {
    try (PrometheusCalls ambient =
        calls(MeshBuilders.mesh(namespace("foo").with(ambientPod("httpbin-1"))))) {
      PlaintextCalls told = measured(ambient.read("foo", FROM, HOURS));

      assertEquals(Collections.nCopies(HOURS, false), told.watched());
    }
  }

  /** An ambient namespace without a waypoint has no proxy of its own. */
  @Test
  void ofAnAmbientNamespaceZtunnelsWatchThatAnswer() {
    prometheus.has(PromQuery.HISTORY_WATCHED);
    prometheus.has(
        PromQuery.HISTORY_ZTUNNELS,
        steps(at(0, 1, 2, 3, 4, 5, 6, 7, 8), "what", "scraped"),
        steps(at(5), "what", "failing"));
    try (PrometheusCalls ambient =
        calls(MeshBuilders.mesh(namespace("foo").with(ambientPod("httpbin-1"))))) {
      PlaintextCalls told = measured(ambient.read("foo", FROM, HOURS));

      assertEquals(List.of(true, true, true, false, false, false, true, true), told.watched());
    }
  }

  /** Anybody may export the build of a ztunnel, of its own pod. */
  @Test
  void ofAnAmbientNamespaceNoOtherPodWatchesNorFailsToAsAZtunnel() {
    prometheus.has(PromQuery.HISTORY_WATCHED);
    prometheus.has(
        PromQuery.HISTORY_ZTUNNELS,
        steps(at(0, 1, 2, 3, 4, 5, 6, 7), "what", "scraped", "namespace", "istio-system"),
        steps(at(8), "what", "scraped", "namespace", "evil"),
        steps(at(3), "what", "failing", "namespace", "evil"));
    try (PrometheusCalls ambient =
        calls(MeshBuilders.mesh(namespace("foo").with(ambientPod("httpbin-1"))))) {
      PlaintextCalls told = measured(ambient.read("foo", FROM, HOURS));

      assertEquals(List.of(true, true, true, true, true, true, false, false), told.watched());
    }
  }

  @Test
  void noPodOfAnotherNamespaceMakesAHole() {
    prometheus.has(
        PromQuery.HISTORY_WATCHED,
        PROXIES,
        steps(
            at(5),
            "what",
            "unlabelled",
            "destination_workload_namespace",
            "foo",
            "namespace",
            "evil"));

    assertEquals(Collections.nCopies(HOURS, true), read().watched());
  }

  /** Its calls are nobody's, so that some of this namespace may be missing. */
  @Test
  void aProxyThatContradictsItselfMakesAHole() {
    String[] two = {"namespace", "foo", "kubernetes_namespace", "evil"};
    prometheus.has(PromQuery.HISTORY_WATCHED, PROXIES, steps(at(3), and(two, "what", "proxies")));

    assertEquals(List.of(true, false, false, false, true, true, true, true), read().watched());
  }

  @Test
  void norIsItTheProxyThatWatches() {
    prometheus.has(
        PromQuery.HISTORY_WATCHED,
        steps(
            at(0, 1, 2, 3, 4, 5, 6, 7, 8),
            "what",
            "proxies",
            "namespace",
            "foo",
            "kubernetes_namespace",
            "evil"));

    assertEquals(Collections.nCopies(HOURS, false), read().watched());
  }

  @Test
  void whatPodsOfOtherNamespacesExportDoesNotCount() {
    prometheus.has(PromQuery.HISTORY_REQUESTS, steps(at(1), and(CURL, "namespace", "evil")));

    assertEquals(List.of(), read().rows());
  }

  @Test
  void isUnavailableWhilePrometheusIsDownAndAsksAgainAfterAWhile() {
    prometheus.failsWith(500);

    assertInstanceOf(Evidence.Unavailable.class, calls.read("foo", FROM, HOURS));
    assertInstanceOf(Evidence.Unavailable.class, calls.read("foo", FROM, HOURS));
    clock.advance(Duration.ofSeconds(30));
    assertInstanceOf(Evidence.Measured.class, calls.read("foo", FROM, HOURS));
  }

  @Test
  void asksOnceForAllWhoAskWithinMinutesAndAnewForOtherHours() {
    read();
    int once = prometheus.requests.size();
    clock.advance(Duration.ofMinutes(9));
    read();

    assertEquals(5, once);
    assertEquals(once, prometheus.requests.size());
    clock.advance(Duration.ofHours(1));
    calls.read("foo", FROM.plus(Duration.ofHours(2)), HOURS);
    assertEquals(2 * once, prometheus.requests.size());
  }

  @Test
  void thatAnHourEndsMakesNoAnswerOld() {
    prometheus.has(PromQuery.HISTORY_REQUESTS, steps(at(1, 4), CURL));
    read();
    int once = prometheus.requests.size();

    PlaintextCalls told = measured(calls.read("foo", FROM.plus(Duration.ofHours(1)), HOURS));

    assertEquals(once, prometheus.requests.size());
    assertEquals(FROM.plus(Duration.ofHours(1)), told.from());
    assertEquals(Collections.nCopies(HOURS - 1, true), told.watched());
    assertEquals(List.of(0L, 0L, 3L, 0L, 0L, 0L, 0L), told.rows().getFirst().calls());
  }

  @Test
  void historiesOfAnyLengthAreCutFromAFew() {
    prometheus.has(PromQuery.HISTORY_REQUESTS, steps(at(1), CURL));
    read();
    int once = prometheus.requests.size();

    PlaintextCalls told = measured(calls.read("foo", FROM.plus(Duration.ofHours(3)), HOURS - 3));

    assertEquals(once, prometheus.requests.size());
    assertEquals(HOURS - 3, told.watched().size());
    assertEquals(List.of(), told.rows());
  }

  @Test
  void whoCanDoWithoutWaitsForNothing() {
    prometheus.stalls = true;

    assertInstanceOf(
        Evidence.Unavailable.class,
        assertTimeoutPreemptively(Duration.ofSeconds(1), () -> calls.lately("foo", FROM, HOURS)));
  }

  @Test
  void answersAtOnceWhenTooManyWait() {
    prometheus.stalls = true;
    try (ExecutorService many = Executors.newVirtualThreadPerTaskExecutor()) {
      List<? extends Future<?>> asked =
          IntStream.range(0, 40)
              .mapToObj(i -> many.submit(() -> calls.read("foo" + i, FROM, HOURS)))
              .toList();
      await()
          .atMost(Duration.ofSeconds(2))
          .until(() -> asked.stream().filter(Future::isDone).count() >= 20);
      calls.close();
    }
  }

  @Test
  void clientsBeyondAFewHundredAreToldTogether() {
    prometheus.has(
        PromQuery.HISTORY_REQUESTS,
        IntStream.range(0, 2_000)
            .mapToObj(i -> steps(at(1), and(CURL, "source_workload", "forged-" + i)))
            .toArray(String[]::new));

    List<PlaintextCalls.Row> rows = read().rows();

    assertEquals(251, rows.size());
    assertEquals("others", rows.getLast().client().id());
    assertEquals(4_375L, rows.getLast().calls().getFirst());
  }

  @Test
  void clientsThatExistAreToldApartFirst() {
    String[] forged =
        IntStream.range(0, 2_000)
            .mapToObj(i -> steps(at(1), and(CURL, "source_workload", "forged-" + i)))
            .toArray(String[]::new);
    prometheus.has(PromQuery.HISTORY_REQUESTS, forged);
    prometheus.has(
        PromQuery.HISTORY_CONNECTIONS,
        steps(at(2), and(CURL, "source_workload_namespace", "foo", "source_workload", "web")));
    try (PrometheusCalls full =
        calls(
            MeshBuilders.mesh(
                namespace("foo").with(sidecarPod("web-1").of("Deployment", "web"))))) {
      PlaintextCalls told = measured(full.read("foo", FROM, HOURS));

      assertEquals(1, told.rows().stream().filter(r -> r.client().id().equals("foo/web")).count());
    }
  }

  @Test
  void forgetsWhatNobodyAsksForAnyMore() {
    read();
    clock.advance(Duration.ofMinutes(21));
    calls.read("bar", FROM, HOURS);

    assertEquals(1, calls.remembered());
  }

  @Test
  void anAnswerThatIsTooLargeIsNone() {
    String name = "x".repeat(1 << 20);
    prometheus.has(
        PromQuery.HISTORY_REQUESTS,
        IntStream.range(0, 33)
            .mapToObj(i -> steps(at(1), and(CURL, "source_workload", name + i)))
            .toArray(String[]::new));

    Evidence.Unavailable<?> told =
        assertInstanceOf(Evidence.Unavailable.class, calls.read("foo", FROM, HOURS));
    assertTrue(told.detail().contains("more than 32 MB"), told.detail());
  }

  @Test
  void severalNamespacesAreAskedAboutTogetherAndToldApart() {
    prometheus.has(
        PromQuery.HISTORY_WATCHED, PROXIES, steps(at(1, 2), "what", "proxies", "namespace", "bar"));
    prometheus.has(
        PromQuery.HISTORY_REQUESTS,
        steps(at(2), CURL),
        steps(at(1), and(CURL, "destination_workload_namespace", "bar")));
    prometheus.has(
        PromQuery.HISTORY_SAMPLED,
        steps(at(3), "destination_workload_namespace", "foo", "destination_workload", "httpbin"));
    List<String> names = new ArrayList<>(List.of("foo", "bar"));
    IntStream.range(0, PrometheusCalls.TOGETHER).forEach(i -> names.add("other-" + i));

    Map<String, Evidence<PlaintextCalls>> all = calls.readAll(names, FROM, HOURS);

    assertEquals(1 + 2 * 5, prometheus.requests.size());
    assertEquals(Set.copyOf(names), all.keySet());
    PlaintextCalls foo = measured(all.get("foo"));
    PlaintextCalls bar = measured(all.get("bar"));
    assertEquals(List.of(0L, 3L, 0L, 0L, 0L, 0L, 0L, 0L), foo.rows().getFirst().calls());
    assertEquals(List.of(3L, 0L, 0L, 0L, 0L, 0L, 0L, 0L), bar.rows().getFirst().calls());
    assertEquals(Map.of(), foo.gaps());
    assertEquals(StepGap.BESIDE_GAP, bar.gaps().get(1));
    assertEquals(StepGap.NO_PROXY, bar.gaps().get(2));
    assertEquals(Set.of(foo.rows().getFirst().server()), foo.sampled().keySet());
    StepSet sampled = foo.sampled().values().iterator().next();
    assertEquals(2, IntStream.range(0, 8).filter(sampled::contains).findFirst().orElse(-1));
    assertEquals(Map.of(), bar.sampled());
  }

  @Test
  void whatIsTooLargeTogetherIsAskedForInHalves() {
    prometheus.failsWith(422);

    Map<String, Evidence<PlaintextCalls>> all =
        calls.readAll(List.of("foo", "bar", "baz"), FROM, HOURS);

    assertEquals(3, all.values().stream().filter(Evidence.Measured.class::isInstance).count());
  }

  /** Otherwise it would be asked all the more while it is down. */
  @Test
  void whatFailsForAnotherReasonIsNotAskedForInHalves() {
    prometheus.failsWith(400);

    Map<String, Evidence<PlaintextCalls>> all =
        calls.readAll(List.of("foo", "bar", "baz"), FROM, HOURS);

    assertEquals(1, prometheus.requests.size());
    assertEquals(3, all.values().stream().filter(Evidence.Unavailable.class::isInstance).count());
  }
}
