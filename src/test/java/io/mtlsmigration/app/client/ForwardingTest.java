// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/**
 * A command through a kubeconfig's cluster: an API server that lists one pod, and forwards its port
 * to a service as a kubelet does.
 */
final class ForwardingTest {

  private static final String PROTOCOL = "v4.channel.k8s.io";

  private static final String PODS =
      """
      {"apiVersion": "v1", "kind": "PodList", "items": [{
        "metadata": {"name": "POD", "namespace": "mtls-migration"},
        "spec": {"containers": [{"name": "service", "ports": [
          {"name": "management", "containerPort": 9000}, {"name": "http", "containerPort": 8088}]}]},
        "status": {"conditions": [{"type": "Ready", "status": "READY"}]}}]}
      """;

  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final Map<String, String> variables = new HashMap<>();
  private final Vertx vertx = Vertx.vertx();
  private StandInService service;
  private HttpServer server;
  private String ready = "True";
  private boolean forwards = true;
  private volatile String pod = "a";
  private final List<String> forwarded = new CopyOnWriteArrayList<>();

  @TempDir private Path folder;

  @BeforeEach
  void start() throws Exception {
    service = StandInService.start();
    service.answers("GET /plans?limit=1000", 200, "{\"items\": [], \"continue\": null}");
    server =
        vertx
            .createHttpServer(
                new HttpServerOptions().setHost("127.0.0.1").addWebSocketSubProtocol(PROTOCOL))
            .webSocketHandler(this::forward)
            .webSocketHandshakeHandler(
                handshake -> {
                  if (forwards) {
                    handshake.accept();
                  } else {
                    handshake.reject(403);
                  }
                })
            .requestHandler(this::list)
            .listen(0)
            .toCompletionStage()
            .toCompletableFuture()
            .get(10, TimeUnit.SECONDS);
    Files.writeString(
        folder.resolve("config"),
        """
        apiVersion: v1
        kind: Config
        current-context: lab
        contexts: [{name: lab, context: {cluster: lab, user: ann}}]
        clusters: [{name: lab, cluster: {server: "http://127.0.0.1:%d"}}]
        users: [{name: ann, user: {token: of.kubeconfig}}]
        """
            .formatted(server.actualPort()));
  }

  @AfterEach
  void end() throws Exception {
    service.close();
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    assertFalse(said().contains("of.kubeconfig"), "a token is printed");
  }

  private void list(HttpServerRequest request) {
    boolean pods = request.path().equals("/api/v1/namespaces/mtls-migration/pods");
    request
        .response()
        .setStatusCode(pods ? 200 : 403)
        .putHeader("Content-Type", "application/json")
        .end(
            pods
                ? PODS.replace("READY", ready).replace("POD", pod)
                : "{\"kind\": \"Status\", \"code\": 403}");
  }

  /** Channel 0 carries data, channel 1 errors; each begins with the port, little-endian. */
  private void forward(ServerWebSocket socket) {
    assertTrue(socket.uri().contains("ports=8088"), socket.uri());
    forwarded.add(socket.path().replaceAll(".*/pods/|/portforward", ""));
    pod = "b";
    Buffer port = Buffer.buffer().appendUnsignedShortLE(8088);
    socket.writeBinaryMessage(Buffer.buffer().appendByte((byte) 0).appendBuffer(port));
    socket.writeBinaryMessage(Buffer.buffer().appendByte((byte) 1).appendBuffer(port));
    socket.pause();
    vertx
        .createNetClient()
        .connect(service.port(), "127.0.0.1")
        .onFailure(failure -> socket.close())
        .onSuccess(
            connection -> {
              connection.handler(
                  data ->
                      socket.writeBinaryMessage(
                          Buffer.buffer().appendByte((byte) 0).appendBuffer(data)));
              connection.closeHandler(gone -> socket.close());
              socket.closeHandler(gone -> connection.close());
              socket.binaryMessageHandler(
                  message -> {
                    if (message.length() > 1 && message.getByte(0) == 0) {
                      connection.write(message.slice(1, message.length()));
                    }
                  });
              socket.resume();
            });
  }

  @Test
  void asksAsTheKubeconfigsUser() {
    assertEquals(0, run("--kubeconfig", folder.resolve("config").toString()), this::said);

    assertEquals("there is no plan\n", said());
    assertEquals("of.kubeconfig", service.asked().getFirst().token());
  }

  @Test
  void asksAsWhoeverIsNamed() {
    variables.put("MTLS_MIGRATION_TOKEN", "of.variable");

    assertEquals(0, run("--kubeconfig", folder.resolve("config").toString()), this::said);

    assertEquals("of.variable", service.asked().getFirst().token());
  }

  @Test
  void sendsTheKubeconfigsTokenToNoOtherServer() {
    assertEquals(0, run("--server", "http://127.0.0.1:" + service.port()), this::said);

    assertEquals("", service.asked().getFirst().token());
  }

  @Test
  void saysThatTheServiceIsNotThere() {
    ready = "False";

    assertEquals(3, run());

    assertTrue(said().contains("is ready in namespace mtls-migration"), said());
  }

  @Test
  void saysThatPodsMayNotBeListed() {
    assertEquals(3, run("--service-namespace", "other"));

    assertTrue(said().contains("you may not list pods in namespace other"), said());
  }

  @Test
  void saysThatNothingIsForwarded() {
    forwards = false;

    assertEquals(3, run());

    assertTrue(said().contains("no answer from pod mtls-migration/a of"), said());
    assertTrue(said().contains("403") || said().contains("Forbidden"), said());
  }

  /** A rolling upgrade takes the pod away that a command began with. */
  @Test
  void waitsThroughAnotherPod() {
    service
        .answers("GET /plans/q4", 200, "{\"name\": \"q4\", \"phase\": \"RUNNING\"}")
        .thenAnswers("GET /plans/q4", 503, "{\"title\": \"away\"}")
        .thenAnswers("GET /plans/q4", 200, "{\"name\": \"q4\", \"phase\": \"COMPLETED\"}");

    assertEquals(0, runs("wait", "q4", "--for", "COMPLETED"), this::said);

    assertEquals(List.of("a", "b"), forwarded);
  }

  private int run(String... options) {
    return runs(
        Stream.concat(Stream.of("plan", "list"), Stream.of(options)).toArray(String[]::new));
  }

  private int runs(String... words) {
    CommandSpec root = CommandSpec.create().name("mtls-migration");
    ClientCommands.specs().forEach(spec -> root.addSubcommand(spec.name(), spec));
    PrintStream stream = new PrintStream(printed, true, StandardCharsets.UTF_8);
    return new ClientCommands(
            new Streams(new ByteArrayInputStream(new byte[0]), stream, stream),
            new ClientEnvironment(variables, List.of(folder.resolve("config"))),
            Clock.systemUTC(),
            "test")
        .run(new CommandLine(root).parseArgs(words).subcommand());
  }

  private String said() {
    return printed.toString(StandardCharsets.UTF_8);
  }
}
