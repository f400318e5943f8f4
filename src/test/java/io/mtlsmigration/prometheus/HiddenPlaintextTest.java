// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import static io.mtlsmigration.mesh.MeshBuilders.ambientPod;
import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.EnvoyFilter;
import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.OtherObject;
import io.mtlsmigration.mesh.Telemetry;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import io.mtlsmigration.traffic.Watch;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Servers with samples, of which a Telemetry keeps the plaintext out. */
final class HiddenPlaintextTest {

  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Instant LONG_AGO = NOW.minus(Duration.ofDays(9));
  private static final WorkloadRef HTTPBIN = new WorkloadRef("foo", "Deployment", "httpbin");

  private final ScrapedMesh prometheus = new ScrapedMesh();
  private MeshSnapshot facts = with(null);
  private final PrometheusTrafficQuery survey =
      new PrometheusTrafficQuery(prometheus, () -> facts, ScrapedMesh.SCRAPE, Set.of());

  private static EnvoyFilter filter(String namespace, boolean hides, String app) {
    return new EnvoyFilter(
        new ObjectRef("EnvoyFilter", namespace, "f"), Map.of("app", app), hides, List.of());
  }

  private static MeshSnapshot with(@Nullable OtherObject telemetry) {
    NamespaceBuilder foo =
        namespace("foo")
            .with(
                sidecarPod("httpbin-1-a")
                    .of("Deployment", "httpbin")
                    .label("app", "httpbin")
                    .ip("10.0.0.1")
                    .createdAt(LONG_AGO));
    return mesh(telemetry == null ? foo : foo.with(ns -> telemetry));
  }

  private static Telemetry telemetry(@Nullable Boolean toPrometheus, Telemetry.Change... changes) {
    return new Telemetry(
        new ObjectRef("Telemetry", "foo", "t"),
        LONG_AGO,
        null,
        Map.of("app", "httpbin"),
        false,
        Boolean.FALSE.equals(toPrometheus) ? List.of() : List.of(changes),
        Boolean.FALSE.equals(toPrometheus) ? List.of(changes) : List.of(),
        toPrometheus,
        Telemetry.Logging.INHERITED);
  }

  private Watch watch(Instant now) {
    for (int i = 10; i >= 0; i--) {
      survey.read(now.minusSeconds(i * 6L), HOUR);
    }
    return survey.read(now, HOUR).of("foo")
            instanceof Evidence.Measured<NamespaceTraffic>(var traffic, var asOf)
        ? traffic.watched().getOrDefault(HTTPBIN, Watch.from(now, false))
        : fail("nothing is measured");
  }

  static Stream<Arguments> hiding() {
    return Stream.of(
        argumentSet(
            "connection_security_policy is always mutual_tls",
            new Telemetry.Change("REQUEST_COUNT", null, true)),
        argumentSet("requests are not counted", new Telemetry.Change("REQUEST_COUNT", true, false)),
        argumentSet("bytes are not counted", new Telemetry.Change("TCP_SENT_BYTES", true, false)),
        argumentSet("nothing is counted", new Telemetry.Change("ALL_METRICS", true, false)));
  }

  /** Its other series are there, so that it does not look as if nothing were measured. */
  @ParameterizedTest
  @MethodSource("hiding")
  void aServerWhosePlaintextIsNotCountedIsNotWatched(Telemetry.Change change) {
    prometheus.proxy("foo", "httpbin", "httpbin-1-a", LONG_AGO);
    facts = with(telemetry(null, change));

    Watch watch = watch(NOW);

    assertNull(watch.since());
    assertEquals(Evidence.Reason.LABEL_MISSING, watch.reason());
    assertTrue(watch.detail().startsWith("Telemetry foo/t keeps"), watch.detail());
    // A lock that a person wanted all the same is verified by calls and failures.
    assertTrue(watch.counts(NOW), watch::toString);
  }

  /** HTTP requests may be counted, while TCP connections are not. */
  @Test
  void aServerWhoseFilterForCountersIsRemovedIsNotWatched() {
    prometheus.proxy("foo", "httpbin", "httpbin-1-a", LONG_AGO);
    facts = with(filter("foo", true, "httpbin"));

    Watch watch = watch(NOW);

    assertNull(watch.since());
    assertTrue(watch.detail().startsWith("EnvoyFilter foo/f may keep"), watch.detail());
    assertTrue(watch.counts(NOW), watch::toString);
  }

  /** One of the root namespace selects pods of all others. */
  @Test
  void aFilterOfTheRootNamespaceHidesAsWell() {
    prometheus.proxy("foo", "httpbin", "httpbin-1-a", LONG_AGO);
    EnvoyFilter filter = filter("istio-system", true, "httpbin");
    facts =
        mesh(
            namespace("istio-system").with(ns -> filter),
            namespace("foo")
                .with(
                    sidecarPod("httpbin-1-a")
                        .of("Deployment", "httpbin")
                        .label("app", "httpbin")
                        .ip("10.0.0.1")
                        .createdAt(LONG_AGO)));

    assertNull(watch(NOW).since());
  }

  @ParameterizedTest
  @CsvSource({"false, httpbin", "true, other"})
  void anEnvoyFilterThatHidesNothingOfAServerLeavesItWatched(boolean hides, String app) {
    prometheus.proxy("foo", "httpbin", "httpbin-1-a", LONG_AGO);
    facts = with(filter("foo", hides, app));

    assertEquals(LONG_AGO, watch(NOW).since());
  }

  /** Others may call meanwhile, and nobody would know. */
  @Test
  void isWatchedAnewOnceTheTelemetryIsGone() {
    prometheus.proxy("foo", "httpbin", "httpbin-1-a", LONG_AGO);
    facts = with(telemetry(null, new Telemetry.Change("REQUEST_COUNT", true, false)));
    assertNull(watch(NOW).since());
    facts = with(null);

    Watch watch = watch(NOW.plusSeconds(600));

    assertEquals(NOW.plus(ScrapedMesh.SCRAPE.multipliedBy(2)).plusSeconds(30), watch.since());
    assertTrue(watch.detail().contains("Telemetry foo/t"), watch.detail());
  }

  /** A provider of another name may be a Prometheus as well: then there are samples. */
  @Test
  void isNotWatchedWithoutSamplesWhereMetricsGoElsewhere() {
    facts = with(telemetry(false));
    ScrapedMesh.Proxy proxy = prometheus.proxy("foo", "httpbin", "httpbin-1-a", LONG_AGO);
    assertEquals(LONG_AGO, watch(NOW).since());

    prometheus.unsampled.add(proxy);

    assertNull(watch(NOW.plusSeconds(60)).since());
  }

  /** The metrics of a canary alone go elsewhere. */
  @Test
  void samplesOfOnePodDoNotVouchForAnother() {
    Telemetry telemetry = telemetry(false);
    facts =
        mesh(
            namespace("foo")
                .with(
                    sidecarPod("httpbin-1-a")
                        .of("Deployment", "httpbin")
                        .label("app", "stable")
                        .ip("10.0.0.1")
                        .createdAt(LONG_AGO),
                    sidecarPod("httpbin-2-b")
                        .of("Deployment", "httpbin")
                        .ip("10.0.0.2")
                        .createdAt(LONG_AGO))
                .with(ns -> telemetry));
    prometheus.proxy("foo", "httpbin", "httpbin-1-a", LONG_AGO);
    prometheus.unsampled.add(prometheus.proxy("foo", "httpbin", "httpbin-2-b", LONG_AGO));

    assertNull(watch(NOW).since());
  }

  /** Counters stay where they are when metrics go elsewhere from now on. */
  @Test
  void samplesOfBeforeDoNotVouchForAnotherServer() {
    Telemetry telemetry =
        new Telemetry(
            new ObjectRef("Telemetry", "foo", "t"),
            NOW.minus(HOUR),
            null,
            Map.of(),
            false,
            List.of(),
            List.of(),
            false,
            Telemetry.Logging.INHERITED);
    Instant later = NOW.minusSeconds(1800);
    facts =
        mesh(
            namespace("foo")
                .with(
                    sidecarPod("old-1-a")
                        .of("Deployment", "old")
                        .ip("10.0.0.1")
                        .createdAt(LONG_AGO),
                    sidecarPod("httpbin-2-b")
                        .of("Deployment", "httpbin")
                        .ip("10.0.0.2")
                        .createdAt(later))
                .with(ns -> telemetry));
    prometheus.proxy("foo", "old", "old-1-a", LONG_AGO);
    prometheus.unsampled.add(prometheus.proxy("foo", "httpbin", "httpbin-2-b", later));

    assertNull(watch(NOW).since());
  }

  /** Then there are samples, of what it does not turn off. */
  @Test
  void isNotWatchedWhereAnotherPrometheusDoesNotCount() {
    facts = with(telemetry(false, new Telemetry.Change("REQUEST_COUNT", true, false)));
    prometheus.proxy("foo", "httpbin", "httpbin-1-a", LONG_AGO);

    assertNull(watch(NOW).since());
  }

  @Test
  void ztunnelCountsWhateverATelemetrySays() {
    Telemetry telemetry = telemetry(null, new Telemetry.Change("ALL_METRICS", true, false));
    facts =
        mesh(
            namespace("foo")
                .with(ambientPod("httpbin").label("app", "httpbin").ip("10.0.0.1"))
                .with(ns -> telemetry));
    prometheus.proxy("foo", "other", "other", LONG_AGO);

    assertTrue(watch(NOW).reason() != Evidence.Reason.LABEL_MISSING);
  }
}
