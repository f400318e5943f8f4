// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.wire;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.mtlsmigration.e2e.Programs;
import io.mtlsmigration.e2e.TestCluster;
import io.mtlsmigration.mesh.MeshBuilders;
import io.mtlsmigration.wire.Greetings;
import io.mtlsmigration.wire.Sighting;
import io.mtlsmigration.wire.WireAnswer;
import io.mtlsmigration.wire.WireEnd;
import io.mtlsmigration.wire.WireFailureCode;
import io.mtlsmigration.wire.WireSecurity;
import io.mtlsmigration.wire.WireTap.Bounds;
import io.mtlsmigration.wire.WireTap.Capture;
import io.mtlsmigration.wire.WireTap.Target;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Captures by exec through a real API server, under the shipped roles. The pod's containers stand
 * in, but tcpdump is real, and so is what goes over loopback to the pod's address.
 */
final class ExecWireTapE2E {

  @RegisterExtension
  static final TestCluster CLUSTER = TestCluster.withIstio().withTask().withService();

  private static final String NS = "wire";
  private static final String ADDRESS = "127.9.9.1";
  private static final byte[] HTTP = "GET /ip HTTP/1.1\r\nHost: httpbin\r\n\r\n".getBytes(US_ASCII);
  private static final byte[] ISTIO = Greetings.istio("httpbin");
  private static final WireOptions LOOPBACK = new WireOptions("lo", 1 << 20, Optional.empty());
  private static final Bounds SHORT = new Bounds(Duration.ofSeconds(2), 1000);

  private static KubernetesClient service;

  /** Answers whoever sends something, or resets the connection. */
  private static final class Server implements AutoCloseable {
    private final ServerSocket socket;

    Server(boolean resets) throws IOException {
      socket = new ServerSocket(0, 50, InetAddress.getByName(ADDRESS));
      Thread.ofVirtual().start(() -> serve(resets));
    }

    int port() {
      return socket.getLocalPort();
    }

    private void serve(boolean resets) {
      while (!socket.isClosed()) {
        try (Socket client = socket.accept()) {
          if (client.getInputStream().read() >= 0 && resets) {
            client.setSoLinger(true, 0);
          } else {
            client.getOutputStream().write("HTTP/1.1 200 OK\r\n\r\n".getBytes(US_ASCII));
          }
        } catch (IOException e) {
          // The client has gone; the next one comes.
        }
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  @BeforeAll
  static void connect() {
    CLUSTER.namespace(NS, Map.of());
    service = CLUSTER.closing(CLUSTER.service().client());
  }

  /** A pod that runs, with an address of loopback. */
  private static String pod(String name, String container, String image) {
    var pods = CLUSTER.admin().pods().inNamespace(NS);
    pods.resource(
            new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName(container)
                .withImage(image)
                .endContainer()
                .endSpec()
                .build())
        .create();
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> "Running".equals(pods.withName(name).get().getStatus().getPhase()));
    pods.withName(name)
        .editStatus(
            running ->
                new PodBuilder(running)
                    .editStatus()
                    .withPodIP(ADDRESS)
                    .withPodIPs()
                    .addNewPodIP(ADDRESS)
                    .endStatus()
                    .build());
    return name;
  }

  private static Target target(String pod, Integer... ports) {
    return new Target(
        MeshBuilders.sidecarPod(pod).ip(ADDRESS).build(NS), new TreeSet<>(List.of(ports)));
  }

  private static Capture capture(WireOptions options, Target target, Bounds bounds) {
    return new ExecWireTap(service, options).capture(target, bounds);
  }

  /** Calls until the capture has ended. */
  private static Capture.Taken captured(WireOptions options, Target target, Bounds bounds) {
    CompletableFuture<Capture> capture =
        CompletableFuture.supplyAsync(() -> capture(options, target, bounds));
    while (!capture.isDone()) {
      for (int port : target.ports()) {
        call(port, HTTP);
        call(port, ISTIO);
      }
    }
    return assertInstanceOf(Capture.Taken.class, capture.join());
  }

  private static void call(int port, byte[] what) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(ADDRESS, port), 1000);
      socket.setSoTimeout(1000);
      socket.getOutputStream().write(what);
      while (socket.getInputStream().read() >= 0) {
        // until the server closes
      }
    } catch (IOException e) {
      // reset, as it may be
    }
  }

  private static Capture.NotPossible notPossible(Capture capture) {
    return assertInstanceOf(Capture.NotPossible.class, capture);
  }

  private static void needTcpdump() {
    Programs.need("tcpdump", "tcpdump");
    Programs.needRoot("tcpdump listens on loopback");
  }

  @Test
  void seesWhoSpeaksPlaintextAndWhatTheServerMakesOfIt() throws IOException {
    needTcpdump();
    try (Server answers = new Server(false);
        Server resets = new Server(true)) {
      Target target =
          target(pod("httpbin", "istio-proxy", "proxyv2"), answers.port(), resets.port());

      Capture.Taken taken = captured(LOOPBACK, target, new Bounds(Duration.ofSeconds(20), 60));

      Map<Integer, List<Sighting>> byPort =
          taken.sightings().stream()
              .filter(s -> s.judgement().security() != WireSecurity.UNKNOWN)
              .collect(Collectors.groupingBy(s -> s.flow().serverPort()));
      assertEquals(WireEnd.PACKETS, taken.end());
      assertEquals(0, taken.lost());
      assertTrue(taken.sightings().stream().allMatch(s -> s.flow().ip().startsWith("127.")));
      assertTrue(
          byPort.get(answers.port()).stream()
              .anyMatch(
                  s ->
                      s.judgement().security() == WireSecurity.PLAINTEXT
                          && s.answer() == WireAnswer.ANSWERED
                          && s.judgement().firstBytes().startsWith("GET /ip")),
          byPort::toString);
      assertTrue(
          byPort.get(answers.port()).stream()
              .anyMatch(s -> s.judgement().security() == WireSecurity.ISTIO_MTLS),
          byPort::toString);
      assertTrue(
          byPort.get(resets.port()).stream()
              .anyMatch(
                  s ->
                      s.judgement().security() == WireSecurity.PLAINTEXT
                          && s.answer() == WireAnswer.RESET),
          byPort::toString);
    }
  }

  @Test
  void endsInTimeWhenNobodyCalls() {
    needTcpdump();

    Capture.Taken taken =
        assertInstanceOf(
            Capture.Taken.class,
            capture(LOOPBACK, target(pod("silent", "istio-proxy", "proxyv2"), 9), SHORT));

    assertEquals(new Capture.Taken(List.of(), 0, 0, WireEnd.TIME), taken);
  }

  @Test
  void endsWhenTheCaptureHasGrownLarge() throws IOException {
    needTcpdump();
    try (Server answers = new Server(false)) {
      Target target = target(pod("busy", "istio-proxy", "proxyv2"), answers.port());

      Capture.Taken taken = captured(new WireOptions("lo", 2000, Optional.empty()), target, SHORT);

      assertEquals(WireEnd.SIZE, taken.end());
      assertEquals(0, taken.lost());
      assertTrue(taken.packets() > 0);
    }
  }

  @Test
  void doesWithoutSudoWhereThereIsNone() throws IOException {
    needTcpdump();

    assertInstanceOf(
        Capture.Taken.class,
        capture(LOOPBACK, target(pod("rootful", "istio-proxy", "proxyv2:no-sudo"), 9), SHORT));
  }

  @Test
  void takesAnEphemeralContainerWhereTheProxyHasNoTcpdump() {
    needTcpdump();
    CLUSTER.kubectl().ok("apply", "-f", "k8s/components/ephemeral-containers/rbac.yaml");
    WireOptions options = new WireOptions("lo", 1 << 20, Optional.of("tools/tcpdump"));
    Target target = target(pod("distroless", "istio-proxy", "proxyv2:distroless"), 9);

    Capture first = capture(options, target, SHORT);
    Capture second = capture(options, target, SHORT);

    assertInstanceOf(Capture.Taken.class, first);
    assertInstanceOf(Capture.Taken.class, second);
    Pod pod = CLUSTER.admin().pods().inNamespace(NS).withName("distroless").get();
    assertEquals(1, pod.getSpec().getEphemeralContainers().size());
    assertEquals("tools/tcpdump", pod.getSpec().getEphemeralContainers().getFirst().getImage());
    CLUSTER.kubectl().ok("delete", "-f", "k8s/components/ephemeral-containers/rbac.yaml");
  }

  @Test
  void saysThatItMayNotAddAnEphemeralContainer() {
    WireOptions options = new WireOptions("lo", 1 << 20, Optional.of("tools/tcpdump"));

    Capture capture =
        capture(options, target(pod("closed", "istio-proxy", "proxyv2:distroless"), 9), SHORT);

    assertEquals(WireFailureCode.FORBIDDEN, notPossible(capture).failure().code());
  }

  @Test
  void saysWhatTheProxyLacks() {
    Capture distroless =
        capture(LOOPBACK, target(pod("none", "istio-proxy", "proxyv2:distroless"), 9), SHORT);
    Capture withoutTcpdump =
        capture(LOOPBACK, target(pod("half", "istio-proxy", "proxyv2:no-tcpdump"), 9), SHORT);
    Capture unprivileged =
        capture(LOOPBACK, target(pod("user", "istio-proxy", "proxyv2:unprivileged"), 9), SHORT);
    Capture bare = capture(LOOPBACK, target(pod("bare", "app", "app"), 9), SHORT);

    assertEquals(WireFailureCode.NO_TCPDUMP, notPossible(distroless).failure().code());
    assertEquals(WireFailureCode.NO_TCPDUMP, notPossible(withoutTcpdump).failure().code());
    assertEquals(WireFailureCode.NOT_PRIVILEGED, notPossible(unprivileged).failure().code());
    assertEquals(WireFailureCode.NO_PROXY, notPossible(bare).failure().code());
  }

  @Test
  void saysThatTheInterfaceIsNotThere() {
    needTcpdump();
    WireOptions other = new WireOptions("eth77", 1 << 20, Optional.empty());

    Capture capture = capture(other, target(pod("odd", "istio-proxy", "proxyv2"), 9), SHORT);

    assertEquals(WireFailureCode.CAPTURE_FAILED, notPossible(capture).failure().code());
    assertTrue(notPossible(capture).failure().remedy().contains("mtls-migration.wire.device"));
  }

  @Test
  void saysThatThePodIsGone() {
    Capture capture = capture(LOOPBACK, target("nobody", 9), SHORT);

    assertEquals(WireFailureCode.POD_GONE, notPossible(capture).failure().code());
  }

  @Test
  void saysWhichPermissionIsMissing() {
    pod("forbidden", "istio-proxy", "proxyv2");
    try (KubernetesClient nobody = CLUSTER.as("people", "nobody").client()) {
      Capture capture = new ExecWireTap(nobody, LOOPBACK).capture(target("forbidden", 9), SHORT);

      assertEquals(WireFailureCode.FORBIDDEN, notPossible(capture).failure().code());
      assertTrue(notPossible(capture).failure().remedy().contains("pods/exec"));
    }
  }
}
