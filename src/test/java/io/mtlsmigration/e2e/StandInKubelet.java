// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.net.PemKeyCertOptions;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The part of a kubelet that the API server calls for {@code exec}, {@code port-forward} and {@code
 * logs} (k8s.io/kubelet pkg/cri/streaming): WebSocket with the protocol v4.channel.k8s.io, which
 * the API server passes on as it is. What runs in the containers is told by {@link Containers}.
 *
 * <p>Not SPDY, so the real kubectl cannot exec here.
 */
final class StandInKubelet implements AutoCloseable {

  private static final String PROTOCOL = "v4.channel.k8s.io";
  private static final int PIECE = 32 << 10;
  private static final int STDOUT = 1;
  private static final int STDERR = 2;
  private static final int STATUS = 3;
  private static final short POLICY_VIOLATION = 1008;

  private final Containers containers;
  private final Vertx vertx =
      Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2).setWorkerPoolSize(32));
  private final HttpServer server;

  /**
   * Listens on a free port of loopback.
   *
   * @param certificate any, for the API server is not told whom to trust
   */
  StandInKubelet(Containers containers, Path certificate, Path key) {
    this.containers = containers;
    this.server =
        vertx
            .createHttpServer(
                new HttpServerOptions()
                    .setHost("127.0.0.1")
                    .setPort(0)
                    .setSsl(true)
                    .setKeyCertOptions(
                        new PemKeyCertOptions()
                            .setCertPath(certificate.toString())
                            .setKeyPath(key.toString()))
                    .addWebSocketSubProtocol(PROTOCOL))
            .webSocketHandler(this::open)
            .requestHandler(this::answer);
    try {
      server.listen().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    } catch (Exception e) {
      vertx.close();
      throw new IllegalStateException("the stand-in kubelet does not start", e);
    }
  }

  int port() {
    return server.actualPort();
  }

  /** {@code /containerLogs/NAMESPACE/POD/CONTAINER}. */
  private void answer(HttpServerRequest request) {
    String[] path = request.path().split("/", -1);
    if (path.length == 5 && path[1].equals("containerLogs")) {
      request.response().end(containers.log(path[2], path[3], path[4]));
    } else {
      request.response().setStatusCode(404).end();
    }
  }

  /** {@code /exec/NAMESPACE/POD/CONTAINER?command=…}, {@code /portForward/NAMESPACE/POD?port=…}. */
  private void open(ServerWebSocket socket) {
    String[] path = socket.path().split("/", -1);
    List<String[]> query = query(socket.query());
    if (path.length == 5 && path[1].equals("exec")) {
      exec(socket, path, values(query, "command"));
    } else if (path.length == 4 && path[1].equals("portForward")) {
      List<String> ports = values(query, "port");
      forward(socket, path, Integer.parseInt(ports.get(0).split(",", -1)[0]));
    } else {
      socket.close(POLICY_VIOLATION);
    }
  }

  private void exec(ServerWebSocket socket, String[] path, List<String> command) {
    vertx
        .executeBlocking(() -> containers.exec(path[2], path[3], path[4], command), false)
        .onSuccess(
            ended -> {
              send(socket, STDOUT, ended.stdout());
              send(socket, STDERR, ended.stderr());
              send(socket, STATUS, status(ended, command));
              socket.close();
            })
        .onFailure(failure -> socket.close(POLICY_VIOLATION));
  }

  /** As the kubelet puts it (k8s.io/apimachinery, pkg/util/remotecommand). */
  private static String status(Containers.Ended ended, List<String> command) {
    if (ended.exit() == 0) {
      return "{\"metadata\":{},\"status\":\"Success\"}";
    }
    if (ended.exit() < 0) {
      return """
      {"metadata":{},"status":"Failure","reason":"InternalError","code":500,\
      "message":"exec: \\"%s\\": executable file not found in $PATH"}"""
          .formatted(command.get(0));
    }
    return """
    {"metadata":{},"status":"Failure","reason":"NonZeroExitCode",\
    "message":"command terminated with non-zero exit code",\
    "details":{"causes":[{"reason":"ExitCode","message":"%d"}]}}"""
        .formatted(ended.exit());
  }

  private static void send(ServerWebSocket socket, int channel, String text) {
    send(socket, channel, Buffer.buffer(text));
  }

  /** In pieces as a kubelet reads them from a pipe. */
  private static void send(ServerWebSocket socket, int channel, Buffer content) {
    for (int at = 0; at < content.length(); at += PIECE) {
      Buffer piece = content.slice(at, Math.min(content.length(), at + PIECE));
      socket.writeBinaryMessage(Buffer.buffer().appendByte((byte) channel).appendBuffer(piece));
    }
  }

  /** Channel 0 carries data, channel 1 errors; each begins with the port, little-endian. */
  private void forward(ServerWebSocket socket, String[] path, int port) {
    Buffer begin = Buffer.buffer().appendUnsignedShortLE(port);
    socket.writeBinaryMessage(Buffer.buffer().appendByte((byte) 0).appendBuffer(begin));
    socket.writeBinaryMessage(Buffer.buffer().appendByte((byte) 1).appendBuffer(begin));
    int local = containers.localPort(path[2], path[3], port);
    if (local == 0) {
      send(socket, 1, "connection refused");
      socket.close();
      return;
    }
    socket.pause();
    vertx
        .createNetClient()
        .connect(local, "127.0.0.1")
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

  private static List<String[]> query(String text) {
    List<String[]> pairs = new ArrayList<>();
    for (String pair : text == null ? new String[0] : text.split("&", -1)) {
      String[] parts = pair.split("=", 2);
      pairs.add(
          Arrays.stream(parts)
              .map(part -> URLDecoder.decode(part, StandardCharsets.UTF_8))
              .toArray(String[]::new));
    }
    return pairs;
  }

  private static List<String> values(List<String[]> query, String name) {
    return query.stream()
        .filter(pair -> pair.length == 2 && pair[0].equals(name))
        .map(pair -> pair[1])
        .toList();
  }

  @Override
  public void close() {
    try {
      vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    } catch (Exception e) {
      System.err.println("the stand-in kubelet does not end: " + e);
    }
  }
}
