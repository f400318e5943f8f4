// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.probe;

import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.mtlsmigration.e2e.TestCluster;
import io.mtlsmigration.mesh.MeshBuilders;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mtls.Backend;
import io.mtlsmigration.probe.ProbeOutcome;
import io.mtlsmigration.probe.ProbeResult;
import io.mtlsmigration.probe.ProbeTarget;
import io.mtlsmigration.testing.ApiClients;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Probes by exec through a real API server, under the shipped roles, by the kubelet's own protocol.
 * What curl says stands in.
 */
final class ExecProberE2E {

  @RegisterExtension
  static final TestCluster CLUSTER = TestCluster.withIstio().withTask().withService();

  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final Service HTTPBIN = service("httpbin").port(8000, 8080).build("foo");
  private static final Backend ENDPOINT = new Backend(null, "10.244.0.4", 8080, true);

  private static KubernetesClient client;
  private static ExecProber prober;

  @BeforeAll
  static void connect() {
    client = CLUSTER.closing(CLUSTER.service().client());
    prober = new ExecProber(client, ProbeOptions.DEFAULT, System::nanoTime);
  }

  @AfterAll
  static void stop() {
    prober.close();
  }

  @AfterEach
  void unlock() {
    CLUSTER.kubectl().run("delete", "peerauthentication", "--all", "-n", "foo");
  }

  /** A pod of the cluster as the facts have it. */
  private static MeshBuilders.PodBuilder of(String namespace, String app) {
    String name =
        CLUSTER
            .admin()
            .pods()
            .inNamespace(namespace)
            .withLabel("app", app)
            .list()
            .getItems()
            .getFirst()
            .getMetadata()
            .getName();
    return namespace.equals("legacy") ? pod(name) : sidecarPod(name);
  }

  private static ProbeResult probe(Pod from) {
    return prober.probe(
        new ProbeTarget(from, HTTPBIN, HTTPBIN.ports().getFirst(), ENDPOINT), TIMEOUT);
  }

  private static ProbeResult.Completed completed(ProbeResult result) {
    return assertInstanceOf(ProbeResult.Completed.class, result);
  }

  private static String obstacle(ProbeResult result) {
    return assertInstanceOf(ProbeResult.NotPossible.class, result).reason();
  }

  @Test
  void tellsTheCodeAndTheExitThatCurlEndsWith() {
    ProbeResult.Completed mesh = completed(probe(of("bar", "curl").build("bar")));
    ProbeResult.Completed legacy = completed(probe(of("legacy", "curl").build("legacy")));

    assertEquals(List.of(200, 0), List.of(mesh.httpCode(), mesh.exitCode()));
    assertEquals(List.of(200, 0), List.of(legacy.httpCode(), legacy.exitCode()));
  }

  @Test
  void tellsARefusalByCurlsExitCode() {
    CLUSTER
        .kubectl()
        .apply(
            """
            apiVersion: security.istio.io/v1
            kind: PeerAuthentication
            metadata:
              name: default
              namespace: foo
            spec:
              mtls:
                mode: STRICT
            """);

    ProbeResult.Completed legacy = completed(probe(of("legacy", "curl").build("legacy")));

    assertEquals(List.of(0, 56), List.of(legacy.httpCode(), legacy.exitCode()));
    assertEquals(ProbeOutcome.REFUSED, legacy.outcome(false));
    assertEquals(200, completed(probe(of("bar", "curl").build("bar"))).httpCode());
  }

  @Test
  void makesManyProbesAtOnce() {
    Pod from = of("legacy", "curl").build("legacy");

    List<CompletableFuture<ProbeResult>> probes =
        IntStream.range(0, 40)
            .mapToObj(i -> CompletableFuture.supplyAsync(() -> probe(from)))
            .toList();

    probes.forEach(probe -> assertEquals(200, completed(probe.join()).httpCode()));
  }

  @Test
  void saysThatThereIsNoCurlAndRemembersIt() {
    Pod from = of("foo", "httpbin").build("foo");
    boolean before = prober.lacksProgram(from);

    String reason = obstacle(probe(from));

    assertTrue(reason.contains("no curl in container httpbin"), reason);
    assertFalse(before);
    assertTrue(prober.lacksProgram(from));
  }

  @Test
  void saysThatThePodIsGone() {
    String reason = obstacle(probe(pod("nobody").build("legacy")));

    assertTrue(reason.contains("gone"), reason);
  }

  @Test
  void saysThatThePodIsGoneThoughItWasKnown() {
    Pod from = of("legacy", "curl").build("legacy");
    assertEquals(200, completed(probe(from)).httpCode());
    var pods = CLUSTER.admin().pods().inNamespace("legacy");
    pods.withName(from.name()).withGracePeriod(0).delete();
    await().until(() -> pods.withName(from.name()).get() == null);

    String reason = obstacle(probe(from));

    assertTrue(reason.contains("gone"), reason);
    CLUSTER.kubectl().ok("rollout", "status", "deployment/curl", "-n", "legacy", "--timeout=60s");
  }

  @Test
  void saysWhichPermissionIsMissing() {
    Pod from = of("bar", "curl").build("bar");
    try (KubernetesClient reader = CLUSTER.as("people", "reader").client()) {
      CLUSTER
          .kubectl()
          .run(
              "create",
              "clusterrolebinding",
              "reader",
              "--clusterrole=view",
              "--serviceaccount=people:reader");
      try (ExecProber own = new ExecProber(reader, ProbeOptions.DEFAULT, System::nanoTime)) {
        String reason =
            obstacle(
                own.probe(
                    new ProbeTarget(from, HTTPBIN, HTTPBIN.ports().getFirst(), ENDPOINT), TIMEOUT));

        assertTrue(reason.contains("get and create on pods/exec"), reason);
      }
    }
  }

  @Test
  void saysThatItMayNotEvenLookAtThePod() {
    Pod from = of("bar", "curl").build("bar");
    try (KubernetesClient nobody = CLUSTER.as("people", "nobody").client();
        ExecProber own = new ExecProber(nobody, ProbeOptions.DEFAULT, System::nanoTime)) {
      String reason =
          obstacle(
              own.probe(
                  new ProbeTarget(from, HTTPBIN, HTTPBIN.ports().getFirst(), ENDPOINT), TIMEOUT));

      assertTrue(reason.contains("not allowed to get pods in namespace bar"), reason);
    }
  }

  @Test
  void takesTheContainerThatKubectlWouldTakeWhereNoneIsCalledCurl() {
    CLUSTER
        .kubectl()
        .apply(
            """
            apiVersion: v1
            kind: Pod
            metadata:
              name: tools
              namespace: legacy
              annotations:
                kubectl.kubernetes.io/default-container: second
            spec:
              containers:
              - name: first
                image: x
              - name: second
                image: x
            """);

    String reason = obstacle(probe(pod("tools").build("legacy")));

    assertTrue(reason.contains("container second"), reason);
  }

  @Test
  void neverTakesTheProxysContainer() {
    CLUSTER
        .kubectl()
        .apply(
            """
            apiVersion: v1
            kind: Pod
            metadata:
              name: sidecar-first
              namespace: legacy
            spec:
              containers:
              - name: istio-proxy
                image: x
              - name: app
                image: x
            """);

    String reason = obstacle(probe(pod("sidecar-first").build("legacy")));

    assertTrue(reason.contains("container app"), reason);
  }

  @Test
  void probesFromPodsThatAreReadyAndNoGateways() {
    assertTrue(prober.canProbeFrom(pod("a").build("foo")));
    assertFalse(prober.canProbeFrom(pod("a").notReady().build("foo")));
    assertFalse(prober.canProbeFrom(pod("a").terminated().build("foo")));
    assertFalse(prober.canProbeFrom(MeshBuilders.gatewayPod("a").build("foo")));
  }

  @Test
  void givesUpOnAnApiServerThatIsSilent() throws Exception {
    AtomicBoolean ended = new AtomicBoolean();
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        KubernetesClient mute = ApiClients.of(silent.getLocalPort());
        PodExec exec = new PodExec(mute)) {
      PodExec.Ending ending =
          exec.run(
              new PodExec.Place("foo", "curl", "curl"),
              List.of("curl"),
              bytes -> {},
              Duration.ofMillis(300),
              () -> ended.set(true));

      assertInstanceOf(PodExec.Ending.Overdue.class, ending);
      assertFalse(ended.get(), "nobody knows");
    }
  }
}
