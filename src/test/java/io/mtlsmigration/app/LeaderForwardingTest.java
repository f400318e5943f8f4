package io.mtlsmigration.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mtlsmigration.api.problem.ProblemWriter;
import io.mtlsmigration.rollout.Leadership;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A replica behind a real socket, and a stand-in for the leader behind another. */
final class LeaderForwardingTest {

  private final Vertx vertx = Vertx.vertx();
  private final Lead lead = new Lead();
  private final List<HttpServerRequest> reachedLeader = new CopyOnWriteArrayList<>();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private Consumer<HttpServerRequest> leaderAnswers = r -> r.response().end("of the leader");
  private String replica = "";
  private HttpServer leader;

  private static final class Lead implements Leadership {
    boolean leads;
    @Nullable String address;

    @Override
    public boolean leads() {
      return leads;
    }

    @Override
    public long term() {
      return 1;
    }

    @Override
    public Optional<String> leader() {
      return address().map(a -> "leader");
    }

    @Override
    public Optional<String> address() {
      return Optional.ofNullable(address);
    }
  }

  @BeforeEach
  void listen() {
    Router router = Router.router(vertx);
    LeaderForwarding forwarding =
        new LeaderForwarding(lead, new ProblemWriter(new ObjectMapper()), vertx);
    router.route().order(-1).handler(forwarding::handle);
    router.route().handler(call -> call.response().end("of the replica"));
    replica = address(vertx.createHttpServer().requestHandler(router));
    leader =
        vertx
            .createHttpServer()
            .requestHandler(
                request -> {
                  reachedLeader.add(request);
                  leaderAnswers.accept(request);
                });
    lead.address = address(leader);
  }

  private static String address(HttpServer server) {
    return "http://127.0.0.1:" + await(server.listen(0, "127.0.0.1")).actualPort();
  }

  private static <T> T await(io.vertx.core.Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().join();
  }

  @AfterEach
  void stop() {
    await(vertx.close());
  }

  @Test
  void sendsOnWhatOnlyTheLeaderKnowsAsItCame() throws Exception {
    leaderAnswers =
        request ->
            request
                .body()
                .onSuccess(
                    body ->
                        request
                            .response()
                            .setStatusCode(202)
                            .putHeader("Location", "/api/v1/connectivity/probes/7")
                            .end(body));
    String body = "{\"pairs\": [" + " ".repeat(200_000) + "]}";

    HttpResponse<String> answer =
        call(
            request("/api/v1/connectivity/probes?x=a%20b")
                .header("Authorization", "Bearer t")
                .header("X-Request-ID", "r1")
                .header("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
                .POST(HttpRequest.BodyPublishers.ofString(body)));

    assertEquals(202, answer.statusCode());
    assertEquals("/api/v1/connectivity/probes/7", answer.headers().firstValue("Location").get());
    assertEquals(body, answer.body());
    HttpServerRequest sent = reachedLeader.getFirst();
    assertEquals("/api/v1/connectivity/probes?x=a%20b", sent.uri());
    assertEquals("Bearer t", sent.getHeader("Authorization"));
    assertEquals("r1", sent.getHeader("X-Request-ID"));
    assertTrue(sent.getHeader("traceparent").startsWith("00-0af7"));
  }

  @Test
  void relaysAnAnswerWithoutALengthAndKeepsTheConnection() throws Exception {
    leaderAnswers =
        request -> {
          request.response().setChunked(true).write("first ");
          vertx.setTimer(50, t -> request.response().end("second"));
        };

    for (int i = 0; i < 3; i++) {
      assertEquals("first second", get("/api/v1/connectivity").body());
    }
  }

  @Test
  void relaysARefusalOfTheLeader() throws Exception {
    leaderAnswers = request -> request.response().setStatusCode(403).end("no");

    HttpResponse<String> answer = get("/api/v1/connectivity");

    assertEquals(403, answer.statusCode());
    assertEquals("no", answer.body());
  }

  @Test
  void answersItselfWhatEveryReplicaKnows() throws Exception {
    assertEquals("of the replica", get("/api/v1/policies").body());
    assertTrue(reachedLeader.isEmpty());
  }

  @Test
  void answersItselfWhileItLeads() throws Exception {
    lead.leads = true;

    assertEquals("of the replica", get("/api/v1/connectivity").body());
  }

  @Test
  void saysWhenThereIsNoLeader() throws Exception {
    lead.address = null;

    refused(get("/api/v1/connectivity"), "No replica leads");
    assertEquals("of the replica", get("/api/v1/mesh").body());
  }

  @Test
  void saysWhenTheLeaderDoesNotAnswer() throws Exception {
    await(leader.close());

    refused(get("/api/v1/connectivity"), "The leader does not answer");
    assertEquals("of the replica", get("/api/v1/mesh").body());
    assertEquals("of the replica", get("/api/v1/mesh").body());
  }

  @Test
  void sendsNothingOnTwice() throws Exception {
    HttpResponse<String> answer =
        call(request("/api/v1/connectivity").header(LeaderForwarding.HOP, "1").GET());

    refused(answer, "changing hands");
    assertTrue(reachedLeader.isEmpty());
  }

  @Test
  void cutsAnAnswerOffThatTheLeaderCutOff() {
    leaderAnswers =
        request -> {
          request.response().putHeader("Content-Length", "100").write("half");
          vertx.setTimer(50, t -> request.connection().close());
        };

    boolean whole;
    try {
      whole = get("/api/v1/connectivity").body().length() == 100;
    } catch (Exception e) {
      whole = false;
    }

    assertFalse(whole);
  }

  private void refused(HttpResponse<String> answer, String why) throws Exception {
    assertEquals(503, answer.statusCode());
    assertEquals("5", answer.headers().firstValue("Retry-After").get());
    assertEquals("application/problem+json", answer.headers().firstValue("Content-Type").get());
    JsonNode problem = new ObjectMapper().readTree(answer.body());
    assertEquals("UNAVAILABLE", problem.get("code").asText());
    assertEquals("/api/v1/connectivity", problem.get("instance").asText());
    assertTrue(problem.get("detail").asText().contains(why), answer.body());
  }

  private HttpResponse<String> get(String path) throws Exception {
    return call(request(path).GET());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(replica + path)).timeout(Duration.ofSeconds(10));
  }

  private HttpResponse<String> call(HttpRequest.Builder request) throws Exception {
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }
}
