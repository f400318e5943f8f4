// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.mtlsmigration.Absent;
import io.mtlsmigration.e2e.PrometheusProcess;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.traffic.Edge;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import io.mtlsmigration.traffic.Watch;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Evidence from a real Prometheus, which scrapes what Istio's proxies would export. */
final class PrometheusTrafficE2E {

  /** As short as one can be measured: a window's steps are fifteen seconds at least. */
  private static final Duration WINDOW = Duration.ofSeconds(20);

  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final Duration REFRESH = Duration.ofMillis(200);
  private static final MeshSnapshot MESH =
      mesh(namespace("foo").with(sidecarPod("httpbin").ip("10.0.0.7")), namespace("legacy"));

  private static final WorkloadRef SERVER = new WorkloadRef("foo", "Deployment", "httpbin");
  private static final Watch NOT_TOLD = new Watch(null, false, null, "not told");
  private static final String UPTIME = "envoy_server_uptime{namespace=\"foo\",pod=\"httpbin\"}";
  private static final double DAYS = Duration.ofDays(3).toSeconds();

  private static final String TO_FOO =
      "destination_workload_namespace=\"foo\",destination_workload=\"httpbin\"";
  private static final String MUTUAL_TLS =
      "istio_requests_total{reporter=\"destination\",connection_security_policy=\"mutual_tls\","
          + "source_workload_namespace=\"bar\",source_workload=\"curl\",request_protocol=\"http\","
          + TO_FOO
          + "}";
  private static final String PLAINTEXT =
      "istio_requests_total{reporter=\"destination\",connection_security_policy=\"none\","
          + "source_workload_namespace=\"unknown\",source_workload=\"unknown\","
          + "request_protocol=\"http\","
          + TO_FOO
          + "}";
  private static final String TCP =
      "istio_tcp_connections_opened_total{reporter=\"destination\","
          + "connection_security_policy=\"mutual_tls\",source_workload_namespace=\"bar\","
          + "source_workload=\"curl\",request_protocol=\"tcp\","
          + TO_FOO
          + "}";
  private static final String WITHOUT_LABEL =
      "istio_requests_total{reporter=\"destination\",destination_workload_namespace=\"foo\","
          + "destination_workload=\"other\"}";

  @TempDir Path folder;
  private MeshMetrics metrics;
  private PrometheusProcess prometheus;
  private PrometheusTraffic traffic;

  @BeforeEach
  void start() throws IOException {
    metrics = new MeshMetrics();
    run();
  }

  private void run(String... flags) {
    run(PrometheusProcess.start(folder, metrics.address(), flags));
  }

  private void run(PrometheusProcess started) {
    prometheus = started;
    traffic =
        new PrometheusTraffic(
            PlainOptions.of(prometheus.url(), REFRESH),
            () -> MESH,
            Duration.ofSeconds(15),
            Clock.systemUTC(),
            Absent.METER,
            Set.of());
  }

  @AfterEach
  void stop() {
    if (prometheus != null) {
      traffic.close();
      prometheus.close();
    }
    metrics.close();
  }

  private Evidence<NamespaceTraffic> evidence(Duration window) {
    return traffic.read(Clock.systemUTC().instant(), window).of("foo");
  }

  /** Reads until the evidence is what a test waits for. */
  private Evidence<NamespaceTraffic> until(Predicate<Evidence<NamespaceTraffic>> expected) {
    return await().atMost(PATIENCE).pollInterval(REFRESH).until(() -> evidence(WINDOW), expected);
  }

  private NamespaceTraffic measured() {
    return until(e -> e instanceof Evidence.Measured)
            instanceof Evidence.Measured<NamespaceTraffic>(var value, var asOf)
        ? value
        : fail("nothing was measured");
  }

  private static boolean is(Evidence<NamespaceTraffic> evidence, Evidence.Reason reason) {
    return evidence instanceof Evidence.Unavailable<NamespaceTraffic>(var why, var detail)
        && why == reason;
  }

  private static Predicate<Evidence<NamespaceTraffic>> plaintext(long atLeast) {
    return evidence ->
        evidence instanceof Evidence.Measured<NamespaceTraffic>(var value, var asOf)
            && value.plaintext().stream().mapToLong(Edge::count).sum() >= atLeast;
  }

  private static Watch watch(Evidence<NamespaceTraffic> evidence) {
    return evidence instanceof Evidence.Measured<NamespaceTraffic>(var value, var asOf)
        ? value.watched().getOrDefault(SERVER, NOT_TOLD)
        : NOT_TOLD;
  }

  @Test
  void goesFromNothingKnownOverAnUnwatchedServerToAMeasurementAndSeesAFirstCall() {
    Evidence<NamespaceTraffic> atOnce = evidence(WINDOW);
    Evidence<NamespaceTraffic> blind = until(e -> e instanceof Evidence.Measured);
    metrics.set(UPTIME, DAYS);
    Evidence<NamespaceTraffic> watched = until(e -> watch(e).since() != null);
    metrics.set(MUTUAL_TLS, 5);
    Evidence<NamespaceTraffic> sampled = until(e -> watch(e).sampled());
    metrics.set(PLAINTEXT, 1);
    Evidence<NamespaceTraffic> called = until(plaintext(1));

    assertInstanceOf(Evidence.Unavailable.class, atOnce);
    assertEquals(Evidence.Reason.NOT_CONFIGURED, watch(blind).reason());
    assertFalse(watch(watched).sampled());
    assertTrue(plaintext(0).test(sampled) && !plaintext(1).test(sampled));
    assertEquals(
        1,
        called instanceof Evidence.Measured<NamespaceTraffic>(var value, var asOf)
            ? value.plaintext().getFirst().count()
            : 0);
  }

  /** It came back at the value that it had before, so that increase() is none. */
  @Test
  void seesACallToAProxyThatWasStartedAgain() {
    metrics.set(UPTIME, DAYS);
    metrics.set(PLAINTEXT, 1);
    until(plaintext(1));
    until(e -> e instanceof Evidence.Measured && !plaintext(1).test(e));

    metrics.set(UPTIME, 3);

    assertInstanceOf(Evidence.Measured.class, until(plaintext(1)));
  }

  @Test
  void forgetsPlaintextThatHasLeftTheWindow() {
    metrics.set(PLAINTEXT, 7);
    until(plaintext(7));

    Evidence<NamespaceTraffic> later =
        until(
            e ->
                e instanceof Evidence.Measured<NamespaceTraffic>(var value, var asOf)
                    && value.plaintext().isEmpty());

    assertInstanceOf(Evidence.Measured.class, later);
  }

  @Test
  void countsGrowingPlaintext() {
    metrics.set(PLAINTEXT, 100);
    until(plaintext(1));
    until(
        e ->
            e instanceof Evidence.Measured<NamespaceTraffic>(var value, var asOf)
                && value.plaintext().isEmpty());

    metrics.set(PLAINTEXT, 110);

    assertInstanceOf(Evidence.Measured.class, until(plaintext(8)));
  }

  @Test
  void saysThatALabelIsMissing() {
    metrics.set(MUTUAL_TLS, 5);
    metrics.set(WITHOUT_LABEL, 1);

    assertTrue(is(until(e -> is(e, Evidence.Reason.LABEL_MISSING)), Evidence.Reason.LABEL_MISSING));
  }

  @Test
  void holdsWhenPrometheusDiesAndGoesOnWhenItIsBack() {
    metrics.set(MUTUAL_TLS, 5);
    measured();

    prometheus.kill();
    Evidence<NamespaceTraffic> dead = until(e -> is(e, Evidence.Reason.SOURCE_DOWN));
    prometheus.restart();
    Evidence<NamespaceTraffic> back = until(e -> e instanceof Evidence.Measured);

    assertTrue(is(dead, Evidence.Reason.SOURCE_DOWN));
    assertInstanceOf(Evidence.Measured.class, back);
  }

  @Test
  void holdsWhenPrometheusIsStopped() {
    metrics.set(MUTUAL_TLS, 5);
    measured();

    prometheus.freeze();
    Evidence<NamespaceTraffic> frozen = until(e -> is(e, Evidence.Reason.SOURCE_DOWN));
    prometheus.thaw();

    assertTrue(is(frozen, Evidence.Reason.SOURCE_DOWN));
  }

  @Test
  void saysThatTheWindowBeginsBeforePrometheusWatched() {
    metrics.set(MUTUAL_TLS, 5);
    measured();

    saysOfADay(Evidence.Reason.WINDOW_NOT_COVERED);
  }

  /**
   * Reads until a window of a day is cut short for that reason. For a second of each half minute
   * the proxy's own gap, which is as long, may be told in its place.
   */
  private void saysOfADay(Evidence.Reason reason) {
    metrics.set(UPTIME, DAYS);
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              Watch day = watch(evidence(Duration.ofHours(24)));
              assertNotNull(day.since(), day::toString);
              assertEquals(reason, day.reason(), day::toString);
            });
  }

  /** Whoever drops metrics of TCP to save series sees no plaintext TCP. */
  @Test
  void doesNotWatchProxiesWhoseCountersOfTcpAreDropped() {
    metrics.set(UPTIME, DAYS);
    metrics.set(MUTUAL_TLS, 5);
    metrics.set(TCP, 1);
    await().atMost(PATIENCE).until(() -> watch(evidence(WINDOW)).since() != null);
    traffic.close();
    prometheus.close();
    run(PrometheusProcess.dropping("istio_tcp_.*", folder.resolve("drops"), metrics.address()));

    await()
        .atMost(PATIENCE)
        .until(
            () -> watch(evidence(WINDOW)).detail().contains("istio_tcp_connections_opened_total"));

    Watch watch = watch(evidence(WINDOW));
    assertNull(watch.since(), watch::toString);
    traffic.close();
    prometheus.close();
    run(PrometheusProcess.dropping("process_.*|go_.*", folder.resolve("keeps"), metrics.address()));
    await().atMost(PATIENCE).until(() -> watch(evidence(WINDOW)).since() != null);
  }

  @Test
  void saysThatPrometheusKeepsDataForTooShortATime() {
    traffic.close();
    prometheus.close();
    run("--storage.tsdb.retention.time=2h");
    metrics.set(MUTUAL_TLS, 5);
    measured();

    saysOfADay(Evidence.Reason.RETENTION_TOO_SHORT);
  }
}
