// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.api.problem.ApiException;
import io.mtlsmigration.api.problem.ErrorCode;
import io.mtlsmigration.testing.ManualClock;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Small bodies whose objects select each other by the ten million. */
@Timeout(120)
final class AnalysesAttackTest {

  private static final String POD =
      """
      {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p%d", "namespace": "a",
       "labels": {"app": "a"}, "annotations": {"sidecar.istio.io/status": "{}"}},
       "spec": {"containers": [{"name": "istio-proxy", "image": "p", "ports": [{"containerPort": 80}]}]}}\
      """;

  private static final String SERVICE =
      """
      {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s%d", "namespace": "a"},
       "spec": {"selector": {"app": "a"}, "ports": [{"name": "http", "port": 80}]}}\
      """;

  private static final String EMPTY_SLICE =
      """
      {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
       "metadata": {"name": "e%1$d", "namespace": "a", "labels": {"kubernetes.io/service-name": "s%1$d"}},
       "endpoints": [], "ports": []}\
      """;

  private static final String NODE_PORT =
      """
      {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s%1$d", "namespace": "a"},
       "spec": {"selector": {"app": "a"}, "ports": [{"name": "http", "port": 80, "targetPort": 1%1$04d}]}}\
      """;

  private static final String MONITOR =
      """
      {"apiVersion": "monitoring.coreos.com/v1", "kind": "PodMonitor",
       "metadata": {"name": "m%d", "namespace": "a"},
       "spec": {"selector": {}, "podMetricsEndpoints": [{"targetPort": 80}]}}\
      """;

  private static final String ENTRY =
      """
      {"apiVersion": "networking.istio.io/v1", "kind": "ServiceEntry",
       "metadata": {"name": "e%d", "namespace": "a"},
       "spec": {"hosts": ["h%d.example.com"], "resolution": "STATIC", "location": "MESH_INTERNAL",
        "workloadSelector": {"labels": {"app": "a"}}, "ports": [{"number": 80, "name": "http"}]}}\
      """;

  private static final String POLICY =
      """
      {"apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication",
       "metadata": {"name": "q%1$d", "namespace": "a"},
       "spec": {"selector": {"matchLabels": {"app": "a", "x": "%1$d"}}, "mtls": {"mode": "STRICT"}}}\
      """;

  private static final String SAME_POLICY =
      """
      {"apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication",
       "metadata": {"name": "q%1$d", "namespace": "a"},
       "spec": {"selector": {"matchLabels": {"app": "a"}}, "mtls": {"mode": "STRICT"}}}\
      """;

  /** No policy selects any pod, which takes a look at each pair to know. */
  private static final String LONG_WORK = many(5_000, POD) + "," + many(5_000, POLICY);

  private final Analyses analyses = new Analyses(Clock.systemUTC());

  static Stream<Arguments> attacks() {
    return Stream.of(
        argumentSet("pods and Services", many(6_000, POD), many(6_000, SERVICE)),
        argumentSet(
            "Services that have an empty slice",
            many(2_000, POD),
            many(2_000, NODE_PORT) + "," + many(2_000, EMPTY_SLICE)),
        argumentSet("pods and monitors", many(2_000, POD), many(2_000, MONITOR)),
        argumentSet("pods and ServiceEntries", many(2_000, POD), many(2_000, ENTRY)),
        argumentSet("policies that lose", many(1_500, POD), many(1_500, SAME_POLICY)));
  }

  @ParameterizedTest
  @MethodSource("attacks")
  void refusesWhatSelectsEachOtherTooOften(String some, String others) {
    ApiException refused =
        assertThrows(ApiException.class, () -> analyse(analyses, some + "," + others, false));

    assertEquals(ErrorCode.TOO_LARGE, refused.code());
    says(refused, "more than 1000000 results");
    says(refused, "send fewer namespaces at a time");
    assertNothingRuns(analyses);
  }

  @Test
  void endsWhenItsTimeIsUp() {
    Analyses hasty = new Analyses(Clock.systemUTC(), Duration.ofMillis(1));

    ApiException refused = assertThrows(ApiException.class, () -> analyse(hasty, LONG_WORK, false));

    assertEquals(ErrorCode.TOO_LARGE, refused.code());
    says(refused, "take longer than");
    says(refused, "send fewer namespaces at a time");
    assertNothingRuns(hasty);
  }

  @Test
  void endsWhenItsCallerHasGone() {
    ApiException ended = assertThrows(ApiException.class, () -> analyse(analyses, LONG_WORK, true));

    says(ended, "The caller has gone");
    assertNothingRuns(analyses);
  }

  @Test
  void endsWhenTheServiceStops() {
    ManualClock clock = new ManualClock(Instant.EPOCH);
    Analyses stopping = new Analyses(clock);
    stopping.stop(new ShutdownDelayInitiatedEvent());
    clock.advance(Duration.ofSeconds(6));

    ApiException ended =
        assertThrows(ApiException.class, () -> analyse(stopping, LONG_WORK, false));

    assertEquals(ErrorCode.UNAVAILABLE, ended.code());
    says(ended, "The service is stopping");
    assertNothingRuns(stopping);
  }

  private static Object analyse(Analyses analyses, String items, boolean gone) {
    String list = "{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [" + items + "]}";
    InputStream body = new ByteArrayInputStream(list.getBytes(UTF_8));
    return analyses.analyse(body, Set.of(), true, false, () -> gone);
  }

  private static String many(int count, String template) {
    return IntStream.range(0, count)
        .mapToObj((IntFunction<String>) i -> template.formatted(i, i))
        .collect(Collectors.joining(","));
  }

  private static void says(ApiException problem, String words) {
    assertTrue(problem.getMessage().contains(words), problem.getMessage());
  }

  private static void assertNothingRuns(Analyses analyses) {
    assertEquals(0, analyses.running());
    assertTrue(
        Thread.getAllStackTraces().keySet().stream()
            .noneMatch(thread -> thread.getName().equals("analysis")));
  }
}
