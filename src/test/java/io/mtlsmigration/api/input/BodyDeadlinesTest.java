// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.input;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.mtlsmigration.api.problem.ProblemWriter;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
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
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.SubmissionPublisher;
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
    if (request.method().equals(HttpMethod.GET)) {
      answersLater(routing);
      return;
    }
    request.handler(bytes -> request.fetch(1));
    request.endHandler(
        end -> {
          if (request.version() != HttpVersion.HTTP_2) {
            request.pause();
          }
          answersLater(routing);
        });
    request.fetch(1);
  }

  private void answersLater(RoutingContext routing) {
    vertx.setTimer(WORK.toMillis(), id -> routing.response().end("done"));
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

  /** A proxy sends calls of many users through one connection. */
  @Test
  void aBodyThatDoesNotArriveEndsNoOtherCallOfItsConnection() throws Exception {
    try (HttpClient client = HttpClient.newHttpClient();
        SubmissionPublisher<ByteBuffer> nothing = new SubmissionPublisher<>();
        SubmissionPublisher<ByteBuffer> unmeasured = new SubmissionPublisher<>()) {
      assertEquals("done", over2(client, BodyPublishers.ofString("{}")).get().body());

      Future<HttpResponse<String>> late = over2(client, BodyPublishers.fromPublisher(nothing, 9));
      Future<HttpResponse<String>> later = over2(client, BodyPublishers.fromPublisher(unmeasured));
      Future<HttpResponse<String>> other = over2(client, BodyPublishers.ofString("{}"));

      assertEquals(408, late.get().statusCode());
      assertEquals(408, later.get().statusCode());
      assertEquals(HttpClient.Version.HTTP_2, late.get().version());
      assertEquals("done", other.get().body());
    }
  }

  @Test
  void workOverHttp2BeginsWhenThereIsNoBody() throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      for (String method : List.of("POST", "POST", "GET")) {
        assertEquals("done", over2(client, method, BodyPublishers.noBody()).get().body());
      }
    }
  }

  @Test
  void aBodyThatDoesNotArriveAfterAnUpgradeIsLate() throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.actualPort());
        OutputStream out = socket.getOutputStream();
        InputStream in = socket.getInputStream()) {
      socket.setSoTimeout((int) WORK.multipliedBy(4).toMillis());
      String head =
          "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\nUpgrade: h2c\r\n"
              + "Connection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk\r\n\r\n{";
      out.write(head.getBytes(StandardCharsets.US_ASCII));
      out.flush();

      StringBuilder answer = new StringBuilder();
      for (int c = in.read(); c >= 0 && answer.indexOf("BODY_TIMEOUT") < 0; c = in.read()) {
        answer.append((char) c);
      }

      assertTrue(answer.indexOf("BODY_TIMEOUT") > 0, answer.toString());
    }
  }

  private Future<HttpResponse<String>> over2(HttpClient client, BodyPublisher body) {
    return over2(client, "POST", body);
  }

  private Future<HttpResponse<String>> over2(HttpClient client, String method, BodyPublisher body) {
    return client.sendAsync(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.actualPort() + "/"))
            .method(method, body)
            .timeout(Duration.ofSeconds(10))
            .build(),
        BodyHandlers.ofString());
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
