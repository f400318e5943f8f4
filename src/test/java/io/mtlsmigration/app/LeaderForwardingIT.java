// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.quarkus.arc.Arc;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A replica that follows: with a stand-in for the leader, and with itself, as the leader, on the
 * port for replicas.
 */
@QuarkusTest
@TestProfile(LeaderForwardingAttackIT.Following.class)
final class LeaderForwardingIT {

  @Inject ReplicaListener listener;
  @Inject CurrentVertxRequest request;

  private StandInLeader leader;

  @BeforeEach
  void follow() {
    leader = StandInLeader.withKey();
    Follower.address = leader.address().published();
  }

  @AfterEach
  void stop() {
    Follower.leads = () -> false;
    Follower.address = "";
    leader.close();
  }

  @Test
  void sendsOnAnOperationWithItsBodyAndToken() {
    String body = "{\"pairs\": [" + " ".repeat(200_000) + "]}";
    leader.answers =
        call ->
            call.body()
                .onSuccess(
                    sent ->
                        call.response()
                            .setStatusCode(202)
                            .putHeader("Content-Type", "application/json")
                            .end(sent));

    String answer =
        as("only-probe")
            .header("X-Request-ID", "r1")
            .header("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
            .header("Cookie", "a=b")
            .header("If-Match", "\"7\"")
            .contentType("application/json")
            .body(body)
            .post("/api/v1/connectivity/probes?x=a%20b%26c&x=%2B")
            .then()
            .statusCode(202)
            .contentType("application/json")
            .header("X-Request-ID", "r1")
            .extract()
            .asString();

    assertEquals(body, answer);
    HttpServerRequest sent = leader.reached.getFirst();
    assertEquals("/api/v1/connectivity/probes?x=a%20b%26c&x=%2B", sent.uri());
    assertEquals("Bearer only-probe", sent.getHeader("Authorization"));
    assertEquals("r1", sent.getHeader("X-Request-ID"));
    assertEquals("\"7\"", sent.getHeader("If-Match"));
    assertEquals(
        "00-0af7651916cd43dd8448eb211c80319c", sent.getHeader("traceparent").substring(0, 35));
    assertFalse(sent.headers().contains("Cookie"));
  }

  @Test
  void relaysARefusalOfTheLeader() {
    leader.answers =
        call ->
            call.response()
                .setStatusCode(403)
                .putHeader("Content-Type", "application/problem+json")
                .end("{\"code\":\"FORBIDDEN\"}");

    as("viewer")
        .get("/api/v1/connectivity")
        .then()
        .statusCode(403)
        .contentType("application/problem+json")
        .body("code", equalTo("FORBIDDEN"));
  }

  @Test
  void tagsAnAnswerAsTheLeaderDid() {
    leader.answers = call -> call.response().putHeader("ETag", "\"7;x\"").end("of the leader");
    String tag =
        as("viewer")
            .get("/api/v1/connectivity")
            .then()
            .statusCode(200)
            .header("ETag", startsWith("\"7;"))
            .extract()
            .header("ETag");

    as("viewer").header("If-None-Match", tag).get("/api/v1/connectivity").then().statusCode(304);
    as("viewer").head("/api/v1/connectivity").then().statusCode(200).header("ETag", equalTo(tag));
  }

  @ParameterizedTest
  @ValueSource(strings = {"start", "resume", "mesh/retry", "namespaces/foo/retry"})
  void letsTheLeaderBeginWork(String command) {
    leader.answers =
        call -> call.response().setStatusCode(202).putHeader("ETag", "\"8\"").end("of the leader");

    as("admin")
        .post("/api/v1/plans/q4/" + command)
        .then()
        .statusCode(202)
        .header("ETag", equalTo("\"8\""));

    assertEquals("/api/v1/plans/q4/" + command, leader.reached.getFirst().uri());
    Follower.address = "";
    as("admin").post("/api/v1/plans/q4/" + command).then().statusCode(404);
  }

  @Test
  void answersItselfWhatEveryReplicaKnows() {
    as("viewer").get("/api/v1/policies").then().statusCode(200);
    as("viewer").get("/api/v1/namespaces/no%20name/readiness").then().statusCode(404);

    assertEquals(0, leader.reached.size());
  }

  @Test
  void answersItselfWhileItLeads() {
    Follower.leads = () -> true;

    as("viewer").get("/api/v1/connectivity").then().statusCode(200);
    assertEquals(0, leader.reached.size());
  }

  @Test
  void saysWhenThereIsNoLeader() {
    Follower.address = "";

    refused(as("viewer").get("/api/v1/connectivity"), "No replica leads");
    as("viewer").get("/api/v1/mesh").then().statusCode(200);
  }

  @Test
  void saysWhenTheLeaderDoesNotAnswer() {
    leader.close();

    refused(as("viewer").get("/api/v1/connectivity"), "The leader does not answer");
    as("viewer").get("/api/v1/mesh").then().statusCode(200);
    as("admin")
        .post("/api/v1/plans/q4/start")
        .then()
        .statusCode(503)
        .body("detail", containsString("may have done it"));
  }

  @Test
  void sendsNothingOnTwice() {
    refused(
        as("viewer").header(LeaderForwarding.HOP, "1").get("/api/v1/connectivity"),
        "the lead changes hands");
    assertEquals(0, leader.reached.size());
  }

  /** What a caller gets differs in nothing from what the leader would have said itself. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/v1/connectivity",
        "/api/v1/connectivity?limit=3&sort=from",
        "/api/v1/namespaces/foo/impact",
        "/api/v1/namespaces/nope/readiness",
        "/api/v1/traffic?nonsense=1",
        "/api/v1/wire-checks/nope"
      })
  void answersAsTheLeaderDoes(String path) {
    Follower.leads = () -> true;
    Response own = as("admin").get(path);
    throughTheListener();

    Response relayed = as("admin").get(path);

    assertEquals(own.statusCode(), relayed.statusCode(), relayed.asString());
    assertEquals(own.contentType(), relayed.contentType());
    assertEquals(own.header("Retry-After"), relayed.header("Retry-After"));
    assertEquals(own.header("Vary"), relayed.header("Vary"));
    assertEquals(own.header("ETag") == null, relayed.header("ETag") == null);
    if (own.statusCode() != 200) {
      assertEquals(own.asString(), relayed.asString());
    }
  }

  @Test
  void isAskedForTheTokenByTheLeaderToo() {
    throughTheListener();

    as("admin")
        .contentType("application/json")
        .body("{\"namespace\":\"foo\",\"workload\":\"httpbin\",\"duration\":\"PT1S\"}")
        .post("/api/v1/wire-checks")
        .then()
        .statusCode(202)
        .header("Location", matchesPattern("http://[^/]+/api/v1/wire-checks/.+"))
        .header("Location", not(containsString(listening().authority())));
    as("admin").post("/api/v1/connectivity/probes").then().statusCode(202);
    given()
        .relaxedHTTPSValidation()
        .get(listening().at("/api/v1/wire-checks"))
        .then()
        .statusCode(401);
  }

  private ReplicaAddress listening() {
    return ReplicaAddress.read(Follower.address).orElseThrow();
  }

  /** This replica leads for whoever comes by the port for replicas, and follows for all others. */
  private void throughTheListener() {
    ReplicaAddress address = listener.open("https://127.0.0.1:0");
    Follower.address = address.published();
    Follower.leads =
        () -> {
          if (!Arc.container().requestContext().isActive()) {
            return false;
          }
          RoutingContext call = request.getCurrent();
          return call != null
              && address.authority().endsWith(":" + call.request().localAddress().port());
        };
  }

  private static void refused(Response answer, String why) {
    answer
        .then()
        .statusCode(503)
        .contentType("application/problem+json")
        .header("Retry-After", equalTo("5"))
        .body("code", equalTo("UNAVAILABLE"))
        .body("instance", equalTo("/api/v1/connectivity"))
        .body("detail", containsString(why));
  }

  private static RequestSpecification as(String token) {
    return given().urlEncodingEnabled(false).header("Authorization", "Bearer " + token);
  }
}
