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
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A plan with hooks, over the API, against a receiver on a real socket. */
@QuarkusTest
final class HooksIT {

  private static final String STEP = "/api/v1/plans/hooked/namespaces/foo";
  private static final Duration SOON = Duration.ofSeconds(20);

  /** Ready at once: what this test is not about is overridden or not asked for. */
  private static final String PLAN =
      """
      {'scope':{'namespaces':['foo']},
       'gates':{'plaintextWindow':'PT1S','soak':'PT0S','probes':false,
         'hooks':[{'url':'URL/before','when':'BEFORE_LOCK'},
                  {'url':'URL/after?key=s3cret','when':'AFTER_LOCK'},
                  {'url':'URL/back','when':'AFTER_ROLLBACK'}]},
       'verification':{'duration':'PT2S','maxRefusals':1000000,'maxClientFailureRatio':1},
       'onFailure':'HOLD'}""";

  @TestHTTPResource(value = "/", management = true)
  URI management;

  private final List<JsonPath> received = new CopyOnWriteArrayList<>();
  private volatile int status = 500;
  private HttpServer receiver;

  @BeforeEach
  void open() throws IOException {
    receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    receiver.createContext("/", this::handle);
    receiver.start();
  }

  @AfterEach
  void close() {
    receiver.stop(0);
  }

  private void handle(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    JsonPath call = new JsonPath(body);
    assertEquals(
        '"' + call.getString("id") + '"', exchange.getRequestHeaders().getFirst("Idempotency-Key"));
    received.add(call);
    int answer = exchange.getRequestURI().getPath().equals("/before") ? status : 200;
    byte[] reason = answer == 200 ? new byte[0] : "not on Fridays".getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "text/plain");
    exchange.sendResponseHeaders(answer, reason.length == 0 ? -1 : reason.length);
    exchange.getResponseBody().write(reason);
    exchange.close();
  }

  private static String gate(String field) {
    return given()
        .get("/api/v1/namespaces/foo/readiness?plan=hooked")
        .path("gates.find { it.gate == 'hooks' }." + field);
  }

  private static String phase() {
    return given().get(STEP).path("phase");
  }

  private List<JsonPath> calls(String when) {
    return received.stream().filter(c -> c.getString("when").equals(when)).toList();
  }

  @Test
  void isAskedUntilItAgreesAndToldOnce() {
    String url = "http://127.0.0.1:" + receiver.getAddress().getPort();
    Plan.draft("hooked", PLAN.replace("URL", url));
    Plan.act("hooked", "start");
    await().atMost(SOON).until(() -> given().get(STEP).statusCode() == 200);
    given()
        .contentType("application/json")
        .body(
            "{\"gates\":[\"plaintext\",\"hazards\",\"capture\"],\"force\":true,\"comment\":\"not the subject\"}")
        .post(STEP + "/overrides")
        .then()
        .statusCode(202);

    await().atMost(SOON).until(() -> String.valueOf(gate("message")).contains("HTTP 500"));
    assertEquals("INCONCLUSIVE", gate("result"));
    assertEquals("HOOK_PENDING", gate("reason"));
    assertEquals("READY", phase());
    status = 403;
    await().atMost(SOON).until(() -> "HOOK_REFUSED".equals(gate("reason")));
    assertEquals("FAIL", gate("result"));
    assertTrue(gate("message").contains("HTTP 403: not on Fridays"), gate("message"));
    given()
        .get(STEP)
        .then()
        .body("gates.find { it.gate == 'hooks' }.reason", equalTo("HOOK_REFUSED"));
    given()
        .get("/api/v1/plans/hooked")
        .then()
        .body("waitingOn.gate", hasItem("hooks"))
        .body("waitingOn.find { it.gate == 'hooks' }.reason", equalTo("HOOK_REFUSED"));
    assertEquals(List.of(), calls("AFTER_LOCK"));

    status = 200;
    await().atMost(SOON).until(() -> "LOCKED".equals(phase()));
    await().atMost(SOON).until(() -> calls("AFTER_LOCK").size() == 1);

    assertEquals(1, calls("BEFORE_LOCK").stream().map(c -> c.getString("id")).distinct().count());
    isToldOfTheLock();
    isToldOfTheWayBack();
    given()
        .get(management.resolve("/q/metrics"))
        .then()
        .body(containsString("mtls_migration_hook_calls_total{"))
        .body(containsString("result=\"refused\""));
    Plan.end("hooked");
  }

  private void isToldOfTheLock() {
    JsonPath told = calls("AFTER_LOCK").getFirst();
    assertEquals("foo", told.getString("namespace"));
    assertEquals("LOCKED", told.getString("phase"));
    assertEquals("STRICT", told.getString("objects[0].after.mtls.mode"));
    assertEquals(200, given().get(told.getString("links.step")).statusCode());
    await()
        .atMost(SOON)
        .until(
            () ->
                given()
                    .get("/api/v1/plans/hooked/events")
                    .<List<String>>path("items.type")
                    .contains("HOOK_DELIVERED"));
    given()
        .get("/api/v1/plans/hooked/events")
        .then()
        .body(
            "items.find { it.type == 'HOOK_DELIVERED' }.evidence.id", equalTo(told.getString("id")))
        .body(not(containsString("s3cret")));
  }

  private void isToldOfTheWayBack() {
    Plan.act("hooked", "rollback");
    await().atMost(SOON).until(() -> calls("AFTER_ROLLBACK").size() == 1);
    JsonPath back = calls("AFTER_ROLLBACK").getFirst();
    assertEquals("ROLLED_BACK", back.getString("phase"));
    assertEquals("foo", back.getString("namespace"));
    assertEquals(1, calls("AFTER_LOCK").size());
  }

  @Test
  void leadsNowhereThatOnlyTheServiceReaches() {
    given()
        .contentType("application/json")
        .body(
            "{\"name\":\"metadata\",\"gates\":{\"hooks\":[{\"when\":\"BEFORE_LOCK\","
                + "\"url\":\"http://169.254.169.254/latest\"}]}}")
        .post("/api/v1/plans")
        .then()
        .statusCode(422)
        .body("errors.pointer", hasItem("/gates/hooks/0/url"))
        .body("errors[0].detail", containsString("mtls-migration.hooks.allow"));
  }
}
