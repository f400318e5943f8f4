// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hook;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.plan.HookTargets;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Receivers that answer without end: a call lasts no longer than it may, nor does its connection.
 * And URLs that would have the service command what it depends on.
 */
@Timeout(60)
final class HookAttackTest {

  private final Vertx vertx = Vertx.vertx();
  private ServerSocket server;

  /** Bytes that the receiver has got rid of; -1 once its connection was closed. */
  private final AtomicLong sent = new AtomicLong();

  private HookClient client;

  @BeforeEach
  void open() throws IOException {
    server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    client =
        new HookClient(
            options(HookTargets.allowing(List.of("127.0.0.0/8"))), vertx, NameLookup::ofTheMachine);
  }

  private static HookOptions options(HookTargets targets) {
    return new HookOptions(
        targets,
        List.of(),
        null,
        null,
        "test",
        Duration.ofMillis(500),
        Duration.ofSeconds(2),
        2,
        new HookPace(
            Duration.ofMinutes(1),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1)));
  }

  @AfterEach
  void close() throws IOException {
    client.close();
    server.close();
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  /** One in some hundred such answers had ended before anybody read it, and was no answer. */
  @Test
  void hearsAnAnswerThatComesAtOnce() throws IOException, InterruptedException {
    try (Receiver receiver = new Receiver(null)) {
      for (int i = 0; i < 3000; i++) {
        assertInstanceOf(
            Reply.Accepted.class,
            client.post(URI.create(receiver.url("/")), "id", new byte[10]),
            "call " + i);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 102 Processing\r\n\r\n",
        "X-Header: without end\r\n",
        "x"
      })
  void endsWithTheCallThatAsked(String again) throws InterruptedException {
    Thread.ofVirtual().start(() -> answer(again));

    Reply reply =
        client.post(
            URI.create("http://127.0.0.1:" + server.getLocalPort() + "/"), "id", new byte[10]);

    Reply.Failed failed = assertInstanceOf(Reply.Failed.class, reply);
    assertTrue(failed.detail().length() < 400, failed.detail());
    await().atMost(Duration.ofSeconds(3)).until(() -> sent.get() < 0);
  }

  @Test
  void readsNoMoreThanAFewInterimAnswers() throws InterruptedException {
    Thread.ofVirtual().start(() -> answer("HTTP/1.1 103 Early Hints\r\n\r\n"));

    Reply reply =
        client.post(
            URI.create("http://127.0.0.1:" + server.getLocalPort() + "/"), "id", new byte[10]);

    Reply.Failed failed = assertInstanceOf(Reply.Failed.class, reply);
    assertTrue(failed.detail().contains("more than 10 interim answers"), failed.detail());
  }

  /**
   * It is told to leave alone what the service asks: {@code POST /api/v1/admin/tsdb/delete_series}
   * takes the evidence away, {@code POST /-/quit} whoever has it.
   */
  @ParameterizedTest
  @CsvSource({
    "http://prometheus.istio-system:9090/-/quit, Prometheus",
    "http://PROMETHEUS.istio-system.:9090/-/quit, Prometheus",
    "http://prometheus.istio-system.svc:9090/-/quit, Prometheus",
    "http://10.96.0.7:9090/api/v1/admin/tsdb/delete_series, Prometheus",
    "http://[::ffff:0:a60:7]:9090/-/quit, Prometheus",
    "http://[64:ff9b::a60:7]:9090/-/quit, Prometheus",
    "https://10.96.0.1/api/v1/namespaces, the API server",
    "https://kubernetes.default.svc:443/, the API server",
  })
  void callsNothingThatTheServiceDependsOn(String url, String what) throws InterruptedException {
    HookClient sparing = new HookClient(sparing(), vertx, HookAttackTest::inTheCluster);

    Reply reply = sparing.post(URI.create(url), "id", new byte[10]);

    Reply.Closed closed = assertInstanceOf(Reply.Closed.class, reply);
    assertTrue(closed.detail().contains(what), closed.detail());
    sparing.close();
  }

  @Test
  void callsNoAddressOfTheServiceItself() throws Exception {
    InetAddress own = InetAddress.getByName(own());
    HookClient sparing = new HookClient(sparing(), vertx, host -> List.of(own));

    Reply reply = sparing.post(URI.create("http://hook.test:8080/"), "id", new byte[10]);

    Reply.Closed closed = assertInstanceOf(Reply.Closed.class, reply);
    assertTrue(closed.detail().contains("the service itself"), closed.detail());
    sparing.close();
  }

  /** Nobody knows then whether it is one of those. */
  @Test
  void callsNothingAtTheirPortsWhileTheyCannotBeLookedUp() throws InterruptedException {
    HookClient sparing =
        new HookClient(
            sparing(),
            vertx,
            host -> {
              if (host.startsWith("prometheus")) {
                throw new UnknownHostException(host);
              }
              return inTheCluster(host);
            });

    Reply reply = sparing.post(URI.create("http://10.96.0.7:9090/"), "id", new byte[10]);

    Reply.Failed failed = assertInstanceOf(Reply.Failed.class, reply);
    assertTrue(failed.detail().contains("not known to DNS"), failed.detail());
    sparing.close();
  }

  /** This machine's, but for loopback. */
  private static String own() throws SocketException {
    return NetworkInterface.networkInterfaces()
        .flatMap(NetworkInterface::inetAddresses)
        .filter(a -> !a.isLoopbackAddress() && !a.isLinkLocalAddress())
        .map(InetAddress::getHostAddress)
        .findFirst()
        .orElseGet(() -> Assumptions.abort("this machine has no address"));
  }

  private static List<InetAddress> inTheCluster(String host) throws UnknownHostException {
    return List.of(
        switch (host) {
          case "prometheus.istio-system", "prometheus.istio-system.svc" ->
              InetAddress.getByName("10.96.0.7");
          case "kubernetes.default.svc" -> InetAddress.getByName("10.96.0.1");
          default -> InetAddress.getByName(host);
        });
  }

  private static HookOptions sparing() {
    return options(
        HookTargets.PUBLIC.sparing(
            List.of(
                HookTargets.Needed.at(
                    "Prometheus", URI.create("http://prometheus.istio-system:9090/prometheus")),
                HookTargets.Needed.at("the API server", URI.create("https://10.96.0.1")))));
  }

  private void answer(String again) {
    try (Socket socket = server.accept()) {
      OutputStream out = socket.getOutputStream();
      socket.getInputStream().read(new byte[1000]);
      String head = again.startsWith("HTTP") ? "" : "HTTP/1.1 200 OK\r\n";
      out.write((head + (again.equals("x") ? "X-Long: " : "")).getBytes(ISO_8859_1));
      byte[] many = again.repeat(100).getBytes(ISO_8859_1);
      while (true) {
        out.write(many);
        sent.addAndGet(many.length);
      }
    } catch (IOException e) {
      sent.set(-1);
    }
  }
}
