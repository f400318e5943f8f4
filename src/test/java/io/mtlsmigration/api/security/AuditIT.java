// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.security;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import io.quarkus.test.junit.QuarkusTest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The record of calls, where nobody is asked who they are. */
@QuarkusTest
final class AuditIT {

  @Test
  void recordsWhatChangedSomethingOrWantedTo() {
    create("audited", "", 201);
    given()
        .header("X-Request-ID", "second")
        .post("/api/v1/plans/audited/pause")
        .then()
        .statusCode(409);
    given().delete("/api/v1/plans/audited").then().statusCode(428);

    given()
        .get("/api/v1/audit?plan=audited")
        .then()
        .statusCode(200)
        .body("items.operation", equalTo(List.of("deletePlan", "pausePlan", "createPlan")))
        .body("items.outcome", equalTo(List.of("REJECTED", "REJECTED", "SUCCEEDED")))
        .body("items.status", equalTo(List.of(428, 409, 201)))
        .body("items[1].problem", equalTo("PHASE"))
        .body("items[1].requestId", equalTo("second"))
        .body("items[1].path", equalTo("/api/v1/plans/{plan}/pause"))
        .body("items[2].actor", equalTo("anonymous"))
        .body("items[2].address", equalTo("127.0.0.1"))
        .body("items[2].problem", nullValue())
        .body("items[2].at", notNullValue());
  }

  @Test
  void recordsNoReadsDryRunsOrAnalyses() {
    create("dry", "?dryRun=true", 200);
    given()
        .contentType("application/yaml")
        .body("{apiVersion: v1, kind: List, items: []}".getBytes(StandardCharsets.UTF_8))
        .post("/api/v1/analyses")
        .then()
        .statusCode(200);
    given().get("/api/v1/plans/dry").then().statusCode(404);

    given().get("/api/v1/audit?plan=dry").then().body("items", empty());
    given().get("/api/v1/audit").then().body("items.operation", not(hasItem("analyse")));
  }

  @Test
  void recordsADryRunThatIsNone() {
    given().post("/api/v1/plans/undry/start?dryRun=true").then().statusCode(400);

    given().get("/api/v1/audit?plan=undry").then().body("items", hasSize(1));
  }

  @Test
  void recordsADryRunWithoutAValue() {
    given()
        .header("If-Match", "*")
        .contentType("application/json")
        .body("{\"name\":\"valueless\"}")
        .put("/api/v1/plans/valueless?dryRun")
        .then()
        .statusCode(400);

    given().get("/api/v1/audit?plan=valueless").then().body("items", hasSize(1));
  }

  @Test
  void recordsCallsFromElsewhere() {
    given()
        .header("Origin", "https://evil.example")
        .header("X-Request-ID", "from-elsewhere")
        .post("/api/v1/plans/elsewhere/start")
        .then()
        .statusCode(403);

    given()
        .get("/api/v1/audit?outcome=DENIED")
        .then()
        .body("items.requestId", hasItem("from-elsewhere"))
        .body(
            "items.find { it.requestId == 'from-elsewhere' }.path",
            equalTo("/api/v1/plans/elsewhere/start"));
  }

  @Test
  void showsAPageAtATime() {
    create("paged", "", 201);
    given().post("/api/v1/plans/paged/resume").then().statusCode(409);
    String next =
        given()
            .get("/api/v1/audit?plan=paged&limit=1")
            .then()
            .body("items.operation", equalTo(List.of("resumePlan")))
            .extract()
            .path("continue");

    given()
        .queryParam("continue", next)
        .get("/api/v1/audit?plan=paged&limit=1")
        .then()
        .body("items.operation", equalTo(List.of("createPlan")))
        .body("continue", nullValue());
  }

  @Test
  void namesEachCallInItsAnswer() {
    given()
        .header("X-Request-ID", "portal-5581")
        .get("/api/v1/mesh")
        .then()
        .header("X-Request-ID", "portal-5581");
    given()
        .header("X-Request-ID", "bad id")
        .get("/api/v1/nope")
        .then()
        .statusCode(404)
        .header("X-Request-ID", matchesPattern("[0-9a-f-]{36}"));
    given().get("/q/openapi").then().header("X-Request-ID", matchesPattern("[0-9a-f-]{36}"));
  }

  private static void create(String plan, String query, int status) {
    given()
        .contentType("application/json")
        .body(
            "{\"name\":\"%s\",\"target\":\"NAMESPACES\",\"scope\":{\"namespaces\":[\"bar\"]}}"
                .formatted(plan))
        .post("/api/v1/plans" + query)
        .then()
        .statusCode(status);
  }
}
