// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.api.security.ReviewServerResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A replica that follows, what its callers can make of it, and who gets their tokens. */
@QuarkusTest
@TestProfile(LeaderForwardingAttackIT.Following.class)
final class LeaderForwardingAttackIT {

  private static final String READ = "/api/v1/traffic";

  /** How long a body may take here ({@code mtls-migration.body.timeout}). */
  private static final Duration A_BODY = Duration.ofSeconds(3);

  /** Longer than the first call takes on a busy machine. */
  private static final Duration LONG = Duration.ofSeconds(15);

  @TestHTTPResource URI replica;

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private StandInLeader leader;

  public static final class Following implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of("mtls-migration.auth.mode", "kubernetes");
    }

    @Override
    public Set<Class<?>> getEnabledAlternatives() {
      return Set.of(Follower.class);
    }

    @Override
    public List<TestResourceEntry> testResources() {
      return List.of(new TestResourceEntry(ReviewServerResource.class));
    }
  }

  @BeforeEach
  void follow() {
    leader = StandInLeader.withKey();
    Follower.address = leader.address().published();
  }

  @AfterEach
  void stop() {
    Follower.address = "";
    leader.close();
  }

  /** What is missing of such a body would be made up for by the next caller's request. */
  @ParameterizedTest
  @ValueSource(strings = {"", "only-capture"})
  void sendsNothingOnOfACallerThatHangsUpInABody(String token) throws Exception {
    for (int i = 0; i < 10; i++) {
      Socket attacker = open(post("/api/v1/wire-checks", token, 300) + "{\"namespace\":");
      Thread.sleep(50);
      attacker.close();
    }

    for (int i = 0; i < 10; i++) {
      assertEquals("of the leader", read().body());
    }
    assertEquals(
        Set.of("GET " + READ + " Bearer viewer"),
        Set.copyOf(
            leader.reached.stream()
                .map(r -> r.method() + " " + r.uri() + " " + r.getHeader("Authorization"))
                .toList()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET @127.0.0.66/latest/x?://x/api/v1/traffic",
        "PUT @127.0.0.66/latest/x?://x/api/v1/traffic",
        "GET @127.0.0.66:PORT/latest/x?://x/api/v1/traffic",
        "PUT @127.0.0.66:PORT/latest/x?://x/api/v1/traffic",
        "GET http://127.0.0.66:PORT/api/v1/traffic",
        "GET http://127.0.0.66:PORT@x/api/v1/traffic",
        "GET ://127.0.0.66:PORT/api/v1/traffic",
        "GET /\\127.0.0.66:PORT/../api/v1/traffic",
        "GET //127.0.0.66:PORT/api/v1/traffic",
        "GET /api/v1/namespaces/%40127.0.0.66:PORT%2f..%2f/readiness",
        "GET /api/v1/namespaces/..%5c127.0.0.66:PORT/readiness",
        "GET /api/v1/namespaces/%2e%2e/%2e%2e/x/readiness",
        "GET /api/v1/traffic%0d%0aX:%20y"
      })
  void callsNobodyButTheLeaderAndNothingButItsOperations(String attack) throws Exception {
    try (StandInLeader trap = new StandInLeader(new HttpServerOptions(), "127.0.0.66")) {
      String line = attack.replace("PORT", "" + trap.port());
      String answer;
      try (Socket attacker =
          open(
              line
                  + " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer viewer\r\n"
                  + "Metadata-Flavor: Google\r\nConnection: close\r\n\r\n")) {
        attacker.setSoTimeout(10_000);
        answer = new String(attacker.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      }

      assertEquals(0, trap.connections.get(), answer);
      assertTrue(answer.matches("(?s)HTTP/1\\.1 (200|4\\d\\d) .*"), answer);
      for (var request : leader.reached) {
        assertEquals(READ, request.path());
        assertEquals(null, request.getHeader("Metadata-Flavor"));
      }
    }
  }

  /** Twice as many as there were connections to the leader, and then some. */
  @ParameterizedTest
  @ValueSource(strings = {"", "only-capture"})
  void answersOthersWhileBodiesTrickle(String token) throws Exception {
    assertEquals("of the leader", read().body()); // the first call is slow by itself
    List<Socket> attackers = new ArrayList<>();
    try {
      for (int i = 0; i < 140; i++) {
        attackers.add(open(post("/api/v1/wire-checks", token, 300) + "{"));
      }
      Thread.sleep(500);

      for (int i = 0; i < 5; i++) {
        assertEquals("of the leader", read(A_BODY).body());
      }
      assertTrue(leader.reached.stream().allMatch(r -> r.method().name().equals("GET")));
    } finally {
      for (Socket attacker : attackers) {
        attacker.close();
      }
    }
  }

  static Stream<Arguments> addresses() {
    String another = new ReplicaKey("127.0.0.1", Clock.systemUTC()).certificate();
    return Stream.of(
        argumentSet("plain HTTP", "http://127.0.0.1:PORT"),
        argumentSet("no certificate", "https://127.0.0.1:PORT"),
        argumentSet("no certificate's bytes", "https://127.0.0.1:PORT#AAAA"),
        argumentSet("another certificate", "https://127.0.0.1:PORT#" + another),
        argumentSet("a user", "https://x@127.0.0.1:PORT#" + another),
        argumentSet("a path", "https://127.0.0.1:PORT/x#" + another));
  }

  @ParameterizedTest
  @MethodSource("addresses")
  void sendsNoTokenToWhoeverTheLeaseNames(String address) throws Exception {
    try (StandInLeader plain = new StandInLeader(new HttpServerOptions(), "127.0.0.1")) {
      boolean tls = address.startsWith("https");
      Follower.address = address.replace("PORT", "" + (tls ? leader : plain).port());

      HttpResponse<String> answer = read();

      assertEquals(503, answer.statusCode(), answer.body());
      assertEquals(List.of(), plain.reached);
      assertEquals(List.of(), leader.reached);
    }
  }

  static Stream<Arguments> answers() {
    return Stream.of(
        argumentSet(
            "a redirect",
            answer(r -> r.setStatusCode(307).putHeader("Location", "http://127.0.0.66/").end())),
        argumentSet(
            "more than is taken",
            answer(r -> r.end(Buffer.buffer(new byte[LeaderClient.MAX_ANSWER_BYTES + 1])))),
        argumentSet(
            "the half of what was promised",
            (Consumer<HttpServerRequest>)
                request ->
                    request
                        .response()
                        .putHeader("Content-Length", "9")
                        .write("half")
                        .onComplete(sent -> request.connection().close())));
  }

  private static Consumer<HttpServerRequest> answer(Consumer<HttpServerResponse> how) {
    return request -> how.accept(request.response());
  }

  @ParameterizedTest
  @MethodSource("answers")
  void relaysNoAnswerThatTheApiDoesNotGive(Consumer<HttpServerRequest> answers) throws Exception {
    leader.answers = answers;

    HttpResponse<String> answer = read();

    assertEquals(503, answer.statusCode(), answer.body());
    assertTrue(answer.body().contains("The leader does not answer"), answer.body());
  }

  @Test
  void relaysNoHeaderButThoseOfTheApi() throws Exception {
    leader.answers =
        answer(
            r ->
                r.setStatusCode(202)
                    .putHeader("Content-Type", "text/plain")
                    .putHeader("Location", "https://127.0.0.66/api/v1/wire-checks/7?x")
                    .putHeader("Set-Cookie", "a=b")
                    .putHeader("Access-Control-Allow-Origin", "*")
                    .end("of the leader"));

    HttpResponse<String> answer = read();

    assertEquals(202, answer.statusCode());
    assertEquals("text/plain", answer.headers().firstValue("Content-Type").orElseThrow());
    assertEquals(
        replica.resolve("/api/v1/wire-checks/7").toString(),
        answer.headers().firstValue("Location").orElseThrow());
    assertEquals(Optional.empty(), answer.headers().firstValue("Set-Cookie"));
    assertEquals(Optional.empty(), answer.headers().firstValue("Access-Control-Allow-Origin"));
  }

  /** All slots are taken before more calls come: how fast the first calls are says nothing here. */
  @Test
  void holdsNoMoreCallsThanItHasPlacesFor() throws Exception {
    leader.answers = request -> {};
    for (int i = 0; i < LeaderClient.AT_ONCE; i++) {
      var unused = send(List.of("viewer", "admin", "operator").get(i % 3));
    }
    await().until(() -> leader.reached.size() == LeaderClient.AT_ONCE);

    var busy = IntStream.range(0, 5).mapToObj(i -> send("only-list")).toList();

    for (CompletableFuture<HttpResponse<String>> call : busy) {
      assertEquals(503, call.get().statusCode());
      assertTrue(call.get().body().contains("Too many calls wait for the leader"));
    }
    assertEquals(LeaderClient.AT_ONCE, leader.reached.size());
    leader.reached.forEach(request -> request.response().end("late"));
  }

  /** Each of its calls is one that the leader takes long to answer, or never answers. */
  @Test
  void leavesPlacesToOthersWhereOneCallerTakesAllThatItCan() throws Exception {
    leader.answers =
        request -> {
          if (!"Bearer viewer".equals(request.getHeader("Authorization"))) {
            request.response().end("of the leader");
          }
        };
    for (int i = 0; i < 100; i++) {
      var unused = send("viewer");
    }
    await().until(() -> leader.reached.size() == LeaderClient.OF_ONE_CALLER);

    for (int i = 0; i < 5; i++) {
      assertEquals("of the leader", send("admin").get().body());
    }
    assertEquals(
        LeaderClient.OF_ONE_CALLER,
        leader.reached.stream()
            .filter(r -> "Bearer viewer".equals(r.getHeader("Authorization")))
            .count());
    leader.reached.stream()
        .map(HttpServerRequest::response)
        .filter(response -> !response.ended())
        .forEach(response -> response.end("late"));
  }

  private CompletableFuture<HttpResponse<String>> send(String token) {
    return http.sendAsync(reading(token, LONG), BodyHandlers.ofString());
  }

  /** They are turned away here: nobody else has to be asked. */
  @ParameterizedTest
  @CsvSource({"'', 401", "nobody, 401", "only-approve, 403"})
  void sendsNothingOnOfWhoMayNot(String token, int status) throws Exception {
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(replica.resolve(READ))
                .header("Authorization", "Bearer " + token)
                .build(),
            BodyHandlers.ofString());

    assertEquals(status, answer.statusCode());
    assertEquals(List.of(), leader.reached);
  }

  private HttpResponse<String> read() throws Exception {
    return read(LONG);
  }

  private HttpResponse<String> read(Duration timeout) throws Exception {
    return http.send(reading("viewer", timeout), BodyHandlers.ofString());
  }

  private HttpRequest reading(String token, Duration timeout) {
    return HttpRequest.newBuilder(replica.resolve(READ))
        .timeout(timeout)
        .header("Authorization", "Bearer " + token)
        .GET()
        .build();
  }

  private static String post(String path, String token, int length) {
    return "POST "
        + path
        + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: "
        + length
        + (token.isEmpty() ? "" : "\r\nAuthorization: Bearer " + token)
        + "\r\n\r\n";
  }

  private Socket open(String bytes) throws IOException {
    Socket socket = new Socket(replica.getHost(), replica.getPort());
    socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
    return socket;
  }
}
