// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.security;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mtlsmigration.api.security.AccessRules.Rule;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The sandbox behind a cluster's accounts. */
@QuarkusTest
@TestProfile(KubernetesAccessIT.InCluster.class)
final class KubernetesAccessIT {

  private static final String PROBLEM = "application/problem+json";

  @TestHTTPResource(management = true)
  URI management;

  public static final class InCluster implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of("mtls-migration.auth.mode", "kubernetes");
    }

    @Override
    public List<TestResourceEntry> testResources() {
      return List.of(new TestResourceEntry(ReviewServerResource.class));
    }
  }

  @Test
  void asksForEachOperationWhoCalls() {
    List<String> open = new ArrayList<>();

    for (Rule rule : Handlers.rules().all()) {
      Response response = call(rule, given());
      if (response.statusCode() != 401
          || !response.contentType().equals(PROBLEM)
          || !"Bearer realm=\"mtls-migration\"".equals(response.header("WWW-Authenticate"))
          || !"UNAUTHENTICATED".equals(response.path("code"))) {
        open.add(rule.operationId() + " " + response.statusCode());
      }
    }

    assertEquals(List.of(), open);
  }

  @Test
  void refusesEachOperationWithoutItsVerb() {
    List<String> wrong = new ArrayList<>();

    for (Rule rule : withVerb()) {
      Response response = call(rule, as("all-but-" + rule.verb().text()));
      String detail = response.path("detail");
      if (response.statusCode() != 403
          || !response.contentType().equals(PROBLEM)
          || !detail.contains("\"" + rule.verb().text() + "\" on migrationplans.mtls-migration.io")
          || !detail.contains("verbs: [\"" + rule.verb().text() + "\"]")) {
        wrong.add(rule.operationId() + " " + response.statusCode() + " " + detail);
      }
    }

    assertEquals(List.of(), wrong);
  }

  @Test
  void letsInWhoHasTheVerb() {
    List<String> refused = new ArrayList<>();

    for (Rule rule : withVerb()) {
      Response response = call(rule, as("only-" + rule.verb().text()));
      if (Set.of(401, 403, 500, 503).contains(response.statusCode())) {
        refused.add(rule.operationId() + " " + response.statusCode());
      }
    }

    assertEquals(List.of(), refused);
  }

  @Test
  void tellsCallersWhatTheyMayDo() {
    as("only-approve")
        .get("/api/v1/access?plan=q4")
        .then()
        .statusCode(200)
        .body("mode", equalTo("KUBERNETES"))
        .body("name", equalTo("only-approve"))
        .body("verbs", equalTo(List.of("approve")));
    as("tenant")
        .get("/api/v1/access?plan=mine")
        .then()
        .body("verbs", equalTo(List.of("get", "start")));
    as("tenant").get("/api/v1/access").then().body("verbs", equalTo(List.of()));
  }

  private static List<Rule> withVerb() {
    return Handlers.rules().all().stream().filter(rule -> rule.verb() != null).toList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/v1/nope",
        "/api/v1/plans/nope",
        "/api/v2/mesh",
        "/api/v1/events",
        "/api/v1/mesh?x=1"
      })
  void tellsStrangersNothingOfWhatIsThere(String path) {
    given().get(path).then().statusCode(401).body("instance", equalTo(path.replace("?x=1", "")));
    given().accept("text/event-stream").get(path).then().statusCode(401);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "//api/v1/plans",
        "/api//v1/plans",
        "/api/v1/plans/",
        "/api/v1/plans;a=b",
        "/api/v1/%70lans",
        "/%61pi/v1/plans",
        "/x/../api/v1/plans",
        "/API/v1/plans"
      })
  void lendsNoOtherSpellingOfAPathAWayIn(String path) {
    int status =
        given()
            .urlEncodingEnabled(false)
            .contentType("application/json")
            .body("{}")
            .post(path)
            .statusCode();

    assertEquals(true, Set.of(401, 403, 404).contains(status), path + " " + status);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Bearer nobody", "bearer nobody", "Bearer two words", "Bearer a=b"})
  void refusesATokenThatTheClusterDoesNotTake(String authorization) {
    given()
        .header("Authorization", authorization)
        .get("/api/v1/mesh")
        .then()
        .statusCode(401)
        .contentType(PROBLEM)
        .header("WWW-Authenticate", containsString("error=\"invalid_token\""))
        .body("detail", not(containsString("nobody")));
  }

  @Test
  void takesNoOtherSchemeThanBearer() {
    given().auth().preemptive().basic("admin", "admin").get("/api/v1/mesh").then().statusCode(401);
  }

  @ParameterizedTest
  @ValueSource(strings = {"riddle", "puzzle"})
  void letsNobodyInWhileTheClusterDoesNotAnswer(String token) {
    as(token)
        .get("/api/v1/mesh")
        .then()
        .statusCode(503)
        .contentType(PROBLEM)
        .body("code", equalTo("UNAVAILABLE"))
        .body("detail", containsString("The API server gave no answer"));
  }

  @Test
  void restrictsToPlansOfAName() {
    as("tenant").get("/api/v1/plans/mine").then().statusCode(404);
    as("tenant").post("/api/v1/plans/mine/start").then().statusCode(404);
    as("tenant").get("/api/v1/plans/yours").then().statusCode(403);
    as("tenant").get("/api/v1/plans").then().statusCode(403);
    as("tenant")
        .post("/api/v1/plans/yours/start")
        .then()
        .statusCode(403)
        .body("detail", containsString("resourceNames: [\"yours\"]"));
  }

  @Test
  void knowsWhoDidWhat() {
    as("operator")
        .contentType("application/json")
        .body(
            "{\"name\":\"by-operator\",\"target\":\"NAMESPACES\",\"scope\":{\"namespaces\":[\"foo\"]}}")
        .post("/api/v1/plans")
        .then()
        .statusCode(201);
    as("operator")
        .contentType("application/json")
        .post("/api/v1/plans/by-operator/approvals")
        .then()
        .statusCode(403);

    as("viewer")
        .get("/api/v1/plans/by-operator/events")
        .then()
        .statusCode(200)
        .body("items.actor", hasItem("operator"));
    as("approver")
        .get("/api/v1/audit?plan=by-operator&actor=operator")
        .then()
        .statusCode(200)
        .body("items[0].operation", equalTo("approve"))
        .body("items[0].outcome", equalTo("DENIED"))
        .body("items[0].problem", equalTo("FORBIDDEN"))
        .body("items[1].operation", equalTo("createPlan"))
        .body("items[1].outcome", equalTo("SUCCEEDED"))
        .body("items[1].status", equalTo(201))
        .body("items[1].actorUid", equalTo("uid-of-operator"))
        .body("items[1].groups", equalTo(2));
    as("viewer").get("/api/v1/audit").then().statusCode(403);
  }

  @Test
  void takesALargeBodyAfterAsking() {
    StringBuilder body = new StringBuilder();
    for (int i = 0; i < 5_000; i++) {
      body.append(
          """
          apiVersion: v1
          kind: Pod
          metadata: {name: p-%d, namespace: foo}
          spec: {containers: [{name: app, image: app}]}
          ---
          """
              .formatted(i));
    }

    as("viewer")
        .contentType("application/yaml")
        .body(body.toString().getBytes(StandardCharsets.UTF_8))
        .post("/api/v1/analyses")
        .then()
        .statusCode(200)
        .body("workloads.size()", equalTo(5_000));
  }

  @Test
  void leavesOpenWhatHasToBe() {
    given().get(management.resolve("/q/health")).then().statusCode(200);
    given().get(management.resolve("/q/metrics")).then().statusCode(200);
    given().get("/q/openapi").then().statusCode(200).body(startsWith("---"));
    given().header("Authorization", "Bearer nobody").get("/q/openapi").then().statusCode(200);
    given().get("/no-such-page").then().statusCode(404);
  }

  private static RequestSpecification as(String token) {
    return given().header("Authorization", "Bearer " + token);
  }

  private static Response call(Rule rule, RequestSpecification caller) {
    String path =
        rule.path()
            .replace("{plan}", "nope")
            .replace("{client}", "nope")
            .replace("{receiver}", "nope")
            .replace("{namespace}", "nope")
            .replace("{id}", "nope")
            .replace("{exception}", "nope");
    RequestSpecification request =
        caller.header("If-Match", "\"1\"").contentType("application/json");
    if (rule.operationId().equals("startProbes")) {
      request = request.body("{\"pairs\":[]}");
    }
    return request.request(rule.method(), path);
  }
}
