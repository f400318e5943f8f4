// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.cloudevents.CloudEvent;
import io.cloudevents.jackson.JsonFormat;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** Notices of a plan over the API, at receivers on a real socket. */
@QuarkusTest
@QuarkusTestResource(value = NoticesIT.Receivers.class, restrictToAnnotatedClass = true)
final class NoticesIT {

  private static final String STEP = "/api/v1/plans/noticed/namespaces/foo";
  private static final Duration SOON = Duration.ofSeconds(20);

  /** Ready at once but for an approval. */
  private static final String PLAN =
      """
      {'scope':{'namespaces':['foo']},
       'gates':{'plaintextWindow':'PT1S','soak':'PT0S','probes':false,'approval':'NAMESPACE'},
       'verification':{'duration':'PT2S','maxRefusals':1000000,'maxClientFailureRatio':1},
       'onFailure':'HOLD'}""";

  @TestHTTPResource(value = "/", management = true)
  URI management;

  /** Where notices go; its port is known before the service starts. */
  public static final class Receivers implements QuarkusTestResourceLifecycleManager {

    static final List<CloudEvent> EVENTS = new CopyOnWriteArrayList<>();
    static final List<JsonPath> MESSAGES = new CopyOnWriteArrayList<>();
    private HttpServer server;

    @Override
    public Map<String, String> start() {
      try {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", Receivers::handle);
        server.start();
        String url = "http://127.0.0.1:" + server.getAddress().getPort();
        Path file = Files.createTempFile("notice", ".url");
        Files.writeString(file, url + "/services/s3cret\n");
        return Map.of(
            "mtls-migration.public-url", "https://mesh.example/mtls/",
            "mtls-migration.notices.bus.format", "CLOUDEVENTS",
            "mtls-migration.notices.bus.url", url + "/events",
            "mtls-migration.notices.bus.plans", "noticed",
            "mtls-migration.notices.on-call.format", "SLACK",
            "mtls-migration.notices.on-call.url-file", file.toString(),
            "mtls-migration.notices.on-call.kinds", "awaiting-approval",
            "mtls-migration.notices.on-call.plans", "noticed");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static void handle(HttpExchange exchange) throws IOException {
      byte[] body = exchange.getRequestBody().readAllBytes();
      if (exchange.getRequestURI().getPath().equals("/events")) {
        EVENTS.add(new JsonFormat().deserialize(body));
      } else {
        MESSAGES.add(new JsonPath(new String(body, StandardCharsets.UTF_8)));
      }
      exchange.sendResponseHeaders(202, -1);
      exchange.close();
    }

    @Override
    public void stop() {
      server.stop(0);
    }
  }

  private static List<CloudEvent> events(String kind) {
    return Receivers.EVENTS.stream()
        .filter(event -> event.getType().equals("io.mtls-migration." + kind + ".v1"))
        .toList();
  }

  @Test
  void triesAReceiverOut() {
    given()
        .post("/api/v1/notices/bus/test")
        .then()
        .statusCode(200)
        .body("receiver", equalTo("bus"))
        .body("outcome", equalTo("ACCEPTED"));
    given().post("/api/v1/notices/bus/test").then().statusCode(429);
    given()
        .post("/api/v1/notices/nobody/test")
        .then()
        .statusCode(404)
        .body("detail", containsString("bus, on-call"))
        .body("detail", not(containsString("s3cret")));

    assertEquals(
        "https://mesh.example/mtls/api/v1/notices", "" + events("test").getFirst().getSource());
    given().get("/api/v1/audit").then().body("items.operation", hasItem("testNotice"));
  }

  @Test
  void tellsThatAnApprovalIsAwaitedAndThatThePlanHasEnded() {
    Plan.draft("noticed", PLAN);
    Plan.act("noticed", "start");
    await().atMost(SOON).until(() -> given().get(STEP).statusCode() == 200);
    given()
        .contentType("application/json")
        .body(
            "{\"gates\":[\"plaintext\",\"hazards\",\"capture\"],\"force\":true,\"comment\":\"not the subject\"}")
        .post(STEP + "/overrides")
        .then()
        .statusCode(202);

    await().atMost(SOON).until(() -> !events("awaiting-approval").isEmpty());
    await().atMost(SOON).until(() -> !Receivers.MESSAGES.isEmpty());
    Plan.act("noticed", "abort");
    // Of a plan that is deleted meanwhile nothing is told.
    await().atMost(SOON).until(() -> !events("plan-ended").isEmpty());
    Plan.end("noticed");

    CloudEvent asked = events("awaiting-approval").getFirst();
    assertEquals(1, events("awaiting-approval").size());
    assertEquals("namespaces/foo", asked.getSubject());
    JsonPath data = new JsonPath(new String(asked.getData().toBytes(), StandardCharsets.UTF_8));
    assertEquals("https://mesh.example/mtls/#/plans/noticed?step=foo", data.getString("link"));
    assertEquals(
        "Namespace foo waits for an approval (plan noticed)",
        Receivers.MESSAGES.getFirst().getString("text"));
    assertEquals(1, Receivers.MESSAGES.size(), "of one kind only");
    assertTrue(events("plan-ended").stream().allMatch(event -> event.getSubject() == null));
    given()
        .get(management.resolve("/q/metrics"))
        .then()
        .body(
            containsString("mtls_migration_notices_total{notice=\"on-call\",result=\"sent\"} 1.0"))
        .body(containsString("mtls_migration_notices_waiting{notice=\"bus\"} 0.0"))
        .body(not(containsString("s3cret")));
  }
}
