// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.Absent;
import io.mtlsmigration.e2e.PrometheusProcess;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.ShadowDenial;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Evidence of a dry run from a real Prometheus, which scrapes what Istio's sidecars export. */
final class PrometheusShadowsE2E {

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration WINDOW = Duration.ofSeconds(20);
  private static final Duration REFRESH = Duration.ofMillis(200);
  private static final MeshSnapshot MESH = mesh(namespace("foo").with(sidecarPod("httpbin")));

  private static final String POD = "namespace=\"foo\",pod=\"httpbin\"";
  private static final String LIVE = "envoy_server_live{" + POD + "}";

  /** Of another proxy: where none is scraped, nothing is known. */
  private static final String OTHER = "envoy_server_uptime{namespace=\"bar\",pod=\"other\"}";

  @TempDir Path folder;
  private MeshMetrics metrics;
  private PrometheusProcess prometheus;
  private PrometheusShadows shadows;

  @BeforeEach
  void start() throws IOException {
    metrics = new MeshMetrics();
    metrics.set(OTHER, 600);
    prometheus = PrometheusProcess.start(folder, metrics.address());
    shadows =
        new PrometheusShadows(
            PlainOptions.of(prometheus.url(), REFRESH),
            () -> MESH,
            Absent.ENDS,
            Duration.ofSeconds(15),
            Clock.systemUTC(),
            Absent.METER);
  }

  @AfterEach
  void stop() {
    if (prometheus != null) {
      shadows.close();
      prometheus.close();
    }
    metrics.close();
  }

  /** As sidecars of today export it: the listener is a label. */
  private static String counter(String result, String port) {
    return "envoy_http_rbac{authz_dry_run_action=\"deny\",authz_dry_run_result=\"%s\","
            .formatted(result)
        + "http_conn_manager_prefix=\"inbound_0.0.0.0_%s\",".formatted(port)
        + POD
        + "}";
  }

  /** As older ones do: the listener is in the name. */
  private static String named(String result, String port) {
    return "envoy_http_inbound_0_0_0_0_%s_rbac{authz_dry_run_action=\"deny\",authz_dry_run_result=\"%s\",%s}"
        .formatted(port, result, POD);
  }

  private Evidence<List<ShadowDenial>> evidence() {
    var now = Clock.systemUTC().instant();
    return shadows.denials("foo", now.minus(WINDOW), now);
  }

  private Evidence<List<ShadowDenial>> until(Predicate<Evidence<List<ShadowDenial>>> expected) {
    return await().atMost(PATIENCE).pollInterval(REFRESH).until(this::evidence, expected);
  }

  private static Predicate<Evidence<List<ShadowDenial>>> denied(String counts) {
    return evidence ->
        evidence instanceof Evidence.Measured<List<ShadowDenial>>(var denials, var asOf)
            && counts.equals(
                denials.stream()
                    .map(d -> d.server().name() + ":" + d.port() + " " + d.count())
                    .sorted()
                    .collect(Collectors.joining(", ")));
  }

  private static boolean is(Evidence<List<ShadowDenial>> evidence, String words) {
    return evidence instanceof Evidence.Unavailable<List<ShadowDenial>>(var why, var detail)
        && detail.contains(words);
  }

  @Test
  void goesFromUnseenOverSilentAndIdleToAFirstDenialAndForgetsIt() {
    until(e -> is(e, "has no statistics"));
    metrics.set(LIVE, 1);
    until(e -> is(e, "do not count"));
    metrics.set(counter("allowed", "8080"), 0);
    metrics.set(counter("denied", "8080"), 0);
    assertInstanceOf(Evidence.NoSamples.class, until(e -> e instanceof Evidence.NoSamples));
    metrics.set(counter("allowed", "8080"), 3);
    until(denied(""));

    metrics.set(counter("denied", "8080"), 1);

    until(denied("httpbin:8080 1"));
    metrics.set(counter("allowed", "8080"), 4);
    until(e -> denied("").test(e) || e instanceof Evidence.NoSamples);
  }

  @Test
  void seesADenialThatIsACountersFirstSample() {
    metrics.set(LIVE, 1);
    until(e -> is(e, "do not count"));

    metrics.set(counter("denied", "8080"), 1);

    until(denied("httpbin:8080 1"));
  }

  @Test
  void tellsPortsApartThatOnlyTheNameTells() {
    metrics.set(LIVE, 1);
    metrics.set(named("allowed", "8080"), 5);
    metrics.set(named("denied", "8080"), 0);
    metrics.set(named("denied", "9090"), 0);
    until(e -> e instanceof Evidence.Measured || e instanceof Evidence.NoSamples);

    metrics.set(named("denied", "8080"), 2);
    metrics.set(named("denied", "9090"), 3);

    until(denied("httpbin:8080 2, httpbin:9090 3"));
  }

  @Test
  void holdsWhenPrometheusDies() {
    metrics.set(LIVE, 1);
    metrics.set(counter("denied", "8080"), 0);
    AtomicInteger calls = new AtomicInteger();
    // What is judged before Prometheus has watched for a whole window may have left it by then.
    until(
        e -> {
          metrics.set(counter("allowed", "8080"), calls.incrementAndGet());
          return e instanceof Evidence.Measured;
        });

    prometheus.kill();

    Evidence<List<ShadowDenial>> dead =
        until(
            e ->
                e instanceof Evidence.Unavailable<List<ShadowDenial>>(var why, var detail)
                    && why == Evidence.Reason.SOURCE_DOWN);
    assertTrue(is(dead, "no answer"), dead::toString);
  }
}
