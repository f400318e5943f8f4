// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.rollout.InstalledRatchet;
import io.mtlsmigration.rollout.ProxySync;
import io.mtlsmigration.traffic.DirectCall;
import io.mtlsmigration.traffic.Edge;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calls and events of a folder, in real time: every kind of them. */
final class ScenarioPlayerTest {

  private static final Clock CLOCK = Clock.systemUTC();

  private static final String MESH =
      """
      apiVersion: v1
      kind: Namespace
      metadata: { name: foo, labels: { istio-injection: enabled } }
      ---
      apiVersion: v1
      kind: Service
      metadata: { name: httpbin, namespace: foo }
      spec:
        selector: { app: httpbin }
        ports: [{ name: http, port: 8000, targetPort: 8080 }]
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: { name: httpbin, namespace: foo }
      spec:
        template:
          metadata: { labels: { app: httpbin } }
          spec: { containers: [{ name: httpbin, image: httpbin }] }
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: { name: curl, namespace: legacy }
      spec:
        template:
          metadata: { labels: { app: curl } }
          spec: { containers: [{ name: curl, image: curl }] }
      """;

  @TempDir private Path folder;
  private @Nullable Sandbox sandbox;

  @AfterEach
  void stop() {
    if (sandbox != null) {
      sandbox.close();
    }
  }

  private Sandbox play(String spec) throws IOException {
    Files.writeString(folder.resolve("mesh.yaml"), MESH, UTF_8);
    Files.writeString(
        folder.resolve("traffic.yaml"),
        "apiVersion: sandbox.mtls-migration.io/v1\nkind: Traffic\nmetadata: { name: t }\nspec:\n"
            + spec.indent(2),
        UTF_8);
    Sandbox started =
        Sandbox.start(Scenarios.folder(folder, CLOCK.instant()), CLOCK, Stage.AT_ONCE);
    sandbox = started;
    return started;
  }

  private static ConditionFactory soon() {
    return await().atMost(Duration.ofSeconds(10)).pollInterval(Duration.ofMillis(20));
  }

  private static void awaitMesh(Sandbox sandbox, Predicate<MeshSnapshot> condition) {
    soon().until(() -> condition.test(sandbox.inventory().snapshot()));
  }

  private static NamespaceFacts facts(MeshSnapshot snapshot, String namespace) {
    NamespaceFacts facts = snapshot.namespace(namespace);
    return facts == null ? NamespaceFacts.empty(namespace) : facts;
  }

  private static long plaintextCalls(Sandbox sandbox, Instant since) {
    Instant now = CLOCK.instant();
    Evidence<NamespaceTraffic> evidence =
        sandbox.trafficRecord().read(now, Duration.between(since, now)).of("foo");
    return evidence instanceof Evidence.Measured<NamespaceTraffic> measured
        ? measured.value().plaintext().stream().mapToLong(Edge::count).sum()
        : 0;
  }

  @Test
  void callsFromStartToEnd() throws IOException {
    Sandbox played =
        play(
            """
            calls:
              - { from: legacy/curl, to: "http://httpbin.foo:8000/ip", rate: 50, end: 0.3s }
            """);
    Instant since = CLOCK.instant();

    soon().until(() -> plaintextCalls(played, since) >= 5);
    // The end has come when half a second, hundreds of turns at that rate, brings no call more.
    await()
        .atMost(Duration.ofSeconds(10))
        .during(Duration.ofMillis(300))
        .until(() -> plaintextCalls(played, CLOCK.instant().minusMillis(100)) == 0);
    long calls = plaintextCalls(played, since);
    assertEquals(true, calls <= 20, calls + " calls in 0.3 s at 50/s");
  }

  @Test
  void appliesAPolicy() throws IOException {
    Sandbox played =
        play(
            """
            events:
              - at: PT0.05S
                apply:
                  apiVersion: security.istio.io/v1
                  kind: PeerAuthentication
                  metadata: { name: default, namespace: foo }
                  spec: { mtls: { mode: STRICT } }
            """);

    awaitMesh(played, mesh -> !facts(mesh, "foo").peerAuthentications().isEmpty());
    var policy = facts(played.inventory().snapshot(), "foo").peerAuthentications().get(0);
    assertEquals(MtlsMode.STRICT, policy.spec().mode());
    assertEquals(false, policy.meta().resourceVersion().isEmpty());
  }

  @Test
  void appliesADeploymentThroughTheWebhook() throws IOException {
    Sandbox played =
        play(
            """
            events:
              - at: PT0.05S
                apply:
                  apiVersion: apps/v1
                  kind: Deployment
                  metadata: { name: late, namespace: foo }
                  spec:
                    template:
                      metadata: { labels: { app: late } }
                      spec: { containers: [{ name: late, image: late }] }
            """);

    awaitMesh(played, mesh -> facts(mesh, "foo").pods().size() == 2);
    Pod pod =
        facts(played.inventory().snapshot(), "foo").pods().stream()
            .filter(p -> p.workload().name().equals("late"))
            .findFirst()
            .orElseThrow();
    assertEquals(DataPlane.SIDECAR, pod.dataPlane());
    assertEquals(false, pod.ip().isEmpty());
    assertEquals(
        "enabled", facts(played.inventory().snapshot(), "foo").labels().get("istio-injection"));
  }

  @Test
  void appliesANamespaceThatWasNotThere() throws IOException {
    Sandbox played =
        play(
            """
            events:
              - at: PT0.05S
                apply: { apiVersion: v1, kind: Namespace, metadata: { name: born } }
            """);

    awaitMesh(played, mesh -> mesh.namespace("born") != null);
    assertEquals(false, facts(played.inventory().snapshot(), "born").uid().isEmpty());
  }

  @Test
  void deletesAWorkloadWithItsPods() throws IOException {
    Sandbox played =
        play(
            "events: [{ at: PT0.05S, delete: { kind: Deployment, namespace: foo, name: httpbin }"
                + " }]");

    awaitMesh(played, mesh -> facts(mesh, "foo").pods().isEmpty());
    assertEquals(1, facts(played.inventory().snapshot(), "foo").services().size());
  }

  @Test
  void callsAPodByItsAddress() throws IOException {
    Sandbox played =
        play("calls: [{ from: foo/httpbin, to: 'pod://foo/httpbin:8080/ip', rate: 50 }]");
    Instant since = CLOCK.instant();

    soon().until(() -> !direct(played, since).isEmpty());

    DirectCall call = direct(played, since).getFirst();
    assertEquals("foo/httpbin", call.client().id());
    assertEquals(
        facts(played.inventory().snapshot(), "foo").pods().getFirst().ip(), call.address());
    assertEquals(8080, call.port());
  }

  private static List<DirectCall> direct(Sandbox sandbox, Instant since) {
    Instant now = CLOCK.instant();
    return sandbox.trafficRecord().read(now, Duration.between(since, now)).direct()
            instanceof Evidence.Measured<List<DirectCall>> measured
        ? measured.value()
        : List.of();
  }

  private static final String RATCHET =
      """
      apiVersion: v1
      kind: ConfigMap
      metadata: { name: mtls-migration-ratchet, namespace: mtls-migration }
      data: { _root: istio-system, foo: STRICT }
      """;

  private static final String PERMISSIVE =
      """
      apiVersion: security.istio.io/v1
      kind: PeerAuthentication
      metadata: { name: default, namespace: foo }
      spec: { mtls: { mode: PERMISSIVE } }
      """;

  @Test
  void holdsEventsToTheRatchetThatAnEventInstalls() throws IOException {
    Sandbox played =
        play(
            "events:\n"
                + event("0.05s", RATCHET)
                + event("0.15s", PERMISSIVE)
                + event("0.25s", PERMISSIVE.replace("namespace: foo", "namespace: legacy")));

    awaitMesh(played, mesh -> !facts(mesh, "legacy").peerAuthentications().isEmpty());
    assertEquals(List.of(), facts(played.inventory().snapshot(), "foo").peerAuthentications());
    assertInstanceOf(InstalledRatchet.State.Present.class, played.ratchet().read());
  }

  private static String event(String at, String manifest) {
    return "  - at: " + at + "\n    apply:\n" + manifest.indent(6);
  }

  @Test
  void deletesANamespace() throws IOException {
    Sandbox played = play("events: [{ at: PT0.05S, delete: { kind: Namespace, name: foo } }]");

    awaitMesh(played, mesh -> mesh.namespace("foo") == null);
    assertEquals(1, facts(played.inventory().snapshot(), "legacy").pods().size());
  }

  @Test
  void injectsASidecarIntoAWorkload() throws IOException {
    Sandbox played = play("events: [{ at: PT0.05S, inject: legacy/curl }]");
    Pod before = facts(played.inventory().snapshot(), "legacy").pods().get(0);

    awaitMesh(played, mesh -> facts(mesh, "legacy").pods().get(0).dataPlane() == DataPlane.SIDECAR);

    Pod after = facts(played.inventory().snapshot(), "legacy").pods().get(0);
    assertEquals(true, after.announcesIstioTls());
    assertEquals(false, after.uid().equals(before.uid()), "it was restarted");
    assertEquals(before.workload(), after.workload());
  }

  @Test
  void breaksThingsForAWhile() throws IOException {
    Sandbox played = play("events: [{ at: PT0.05S, fault: { kind: API_DOWN, for: PT0.4S } }]");

    soon()
        .untilAsserted(
            () -> assertInstanceOf(ProxySync.Status.Unknown.class, played.proxySync().of("foo")));
    soon()
        .untilAsserted(
            () -> assertInstanceOf(ProxySync.Status.Synced.class, played.proxySync().of("foo")));
  }

  @Test
  void letsEndpointsTakeTurns() throws IOException {
    String replicas =
        MESH.replace(
            "name: httpbin, namespace: foo }\nspec:\n  template",
            "name: httpbin, namespace: foo }\nspec:\n  replicas: 3\n  template");
    Files.writeString(folder.resolve("mesh.yaml"), replicas, UTF_8);
    Scenario scenario = Scenarios.folder(folder, CLOCK.instant());
    try (Stage stage = Stage.of(scenario.mesh())) {
      Pod client = stage.pod("legacy/curl-0");
      var to = new TrafficCall.Destination("foo", "httpbin", 8000, "/");

      List<String> ends =
          java.util.stream.LongStream.range(0, 3)
              .mapToObj(
                  turn ->
                      Stage.brief(stage.sandbox.clients().make(client, to, turn, Stage.TIMEOUT)))
              .toList();

      assertEquals(List.of("200/0", "200/0", "200/0"), ends);
      assertEquals(3, stage.sandbox.listeners().size());
    }
  }
}
