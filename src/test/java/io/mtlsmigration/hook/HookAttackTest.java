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
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Receivers that answer without end: a call lasts no longer than it may, nor does its connection.
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
    HookOptions options =
        new HookOptions(
            HookTargets.allowing(List.of("127.0.0.0/8")),
            List.of(),
            null,
            null,
            "test",
            Duration.ofMillis(500),
            Duration.ofSeconds(1),
            2,
            new HookPace(
                Duration.ofMinutes(1),
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                Duration.ofSeconds(1)));
    client = new HookClient(options, vertx, NameLookup::ofTheMachine);
  }

  @AfterEach
  void close() throws IOException {
    client.close();
    server.close();
    vertx.close().toCompletionStage().toCompletableFuture().join();
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
