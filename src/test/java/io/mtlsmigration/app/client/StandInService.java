// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app.client;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.mtlsmigration.testing.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Answers what a test has it answer, and keeps what it was asked. */
final class StandInService implements AutoCloseable {

  /**
   * A call.
   *
   * @param call method and path with its query
   * @param token what follows {@code Bearer}; empty without one
   */
  record Asked(String call, String token, String body) {}

  private final List<String> ifMatch = new ArrayList<>();

  private record Answer(int status, String body, Map<String, String> headers) {}

  private final HttpServer server;
  private final Map<String, Deque<Answer>> answers = new HashMap<>();
  private final List<Asked> asked = new ArrayList<>();

  private StandInService(HttpServer server) {
    this.server = server;
  }

  static StandInService start() throws IOException {
    return start(HttpServer.create());
  }

  /** With a server of the test's own, such as one that speaks TLS. */
  static StandInService start(HttpServer server) throws IOException {
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), FreePort.next()), 0);
    StandInService service = new StandInService(server);
    server.createContext("/", service::answer);
    server.start();
    return service;
  }

  StandInService answers(String call, int status, String body) {
    return put(call, new Answer(status, body, Map.of()));
  }

  /** What comes after the answers that were given; the last one stays. */
  StandInService thenAnswers(String call, int status, String body) {
    synchronized (answers) {
      answers
          .computeIfAbsent(call, first -> new ArrayDeque<>())
          .add(new Answer(status, body, Map.of()));
    }
    return this;
  }

  /** An answer with its ETag. */
  StandInService answersWithTag(String call, String body, String tag) {
    return put(call, new Answer(200, body, Map.of("ETag", tag)));
  }

  StandInService redirects(String call, String to) {
    return put(call, new Answer(302, "", Map.of("Location", to)));
  }

  private StandInService put(String call, Answer answer) {
    synchronized (answers) {
      answers.put(call, new ArrayDeque<>(List.of(answer)));
    }
    return this;
  }

  private Answer next(String call) {
    synchronized (answers) {
      Deque<Answer> left = answers.get(call);
      if (left != null) {
        return left.size() == 1 ? left.getFirst() : left.removeFirst();
      }
    }
    return new Answer(
        404,
        "{\"title\": \"none\", \"code\": \"NOT_FOUND\", \"detail\": \"%s\"}".formatted(call),
        Map.of());
  }

  private void answer(HttpExchange exchange) throws IOException {
    String call =
        exchange.getRequestMethod()
            + " "
            + exchange.getRequestURI().toString().replaceFirst("^/api/v1", "");
    String authorization = exchange.getRequestHeaders().getFirst("Authorization");
    synchronized (asked) {
      ifMatch.addAll(exchange.getRequestHeaders().getOrDefault("If-Match", List.of()));
      asked.add(
          new Asked(
              call,
              authorization == null ? "" : authorization.replaceFirst("^Bearer ", ""),
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
    }
    Answer answer = next(call);
    answer.headers().forEach(exchange.getResponseHeaders()::set);
    byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  List<Asked> asked() {
    synchronized (asked) {
      return List.copyOf(asked);
    }
  }

  /** The versions that calls demanded. */
  List<String> ifMatch() {
    synchronized (asked) {
      return List.copyOf(ifMatch);
    }
  }

  int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
