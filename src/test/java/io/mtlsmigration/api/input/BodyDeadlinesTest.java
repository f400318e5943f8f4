// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.input;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.mtlsmigration.api.problem.ProblemWriter;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class BodyDeadlinesTest {

  private static final Duration ALLOWED = Duration.ofMillis(300);
  private static final Duration WORK = ALLOWED.multipliedBy(4);

  private Vertx vertx;
  private HttpServer server;

  @BeforeEach
  void listens() throws Exception {
    vertx = Vertx.vertx();
    Filters filters = new Filters();
    new BodyDeadlines(new ProblemWriter(new ObjectMapper()), ALLOWED, ALLOWED).register(filters);
    Router router = Router.router(vertx);
    router
        .route()
        .handler(
            routing -> {
              routing.request().pause();
              routing.next();
            });
    router.route().handler(filters.getFilters().getFirst().getHandler());
    router.route().handler(this::works);
    server =
        vertx
            .createHttpServer()
            .requestHandler(router)
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .get(10, TimeUnit.SECONDS);
  }

  @AfterEach
  void closes() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  /** Reads as the framework does, one buffer at a time, and answers long after the last one. */
  private void works(RoutingContext routing) {
    HttpServerRequest request = routing.request();
    request.handler(bytes -> request.fetch(1));
    request.endHandler(
        end -> {
          request.pause();
          vertx.setTimer(WORK.toMillis(), id -> routing.response().end("done"));
        });
    request.fetch(1);
  }

  @Test
  void workBeginsWhenTheBodyIsWhole() throws Exception {
    assertEquals("done", post(BodyPublishers.ofString("{}")).body());
  }

  @Test
  void workBeginsWhenABodyInChunksIsWhole() throws Exception {
    assertEquals(
        "done",
        post(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(new byte[9]))).body());
  }

  @Test
  void aBodyThatDoesNotArriveIsLate() throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.actualPort());
        OutputStream out = socket.getOutputStream();
        InputStream in = socket.getInputStream()) {
      String head = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{";
      out.write(head.getBytes(StandardCharsets.US_ASCII));
      out.flush();

      String answer = new String(in.readAllBytes(), StandardCharsets.UTF_8);

      assertTrue(answer.startsWith("HTTP/1.1 408 "), answer);
    }
  }

  private HttpResponse<String> post(BodyPublisher body) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      URI uri = URI.create("http://127.0.0.1:" + server.actualPort() + "/");
      return client.send(
          HttpRequest.newBuilder(uri).POST(body).version(HttpClient.Version.HTTP_1_1).build(),
          BodyHandlers.ofString());
    }
  }
}
