// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.security;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import org.hamcrest.Matcher;
import org.junit.jupiter.api.Test;

/** Who writes plans makes no gate of a running one looser. */
@QuarkusTest
@TestProfile(KubernetesAccessIT.InCluster.class)
final class PlanTermsAccessIT {

  private static final String PLAN = "/api/v1/plans/terms";

  private static final String AGREED = ",\"override\":true,\"comment\":\"agreed with team-a\"";

  @Test
  void aRunningPlanIsMadeLooserByWhoMayOverrideAlone() {
    as("operator")
        .body(
            "{\"name\":\"terms\",\"scope\":{\"namespaces\":[\"bar\"]},"
                + "\"verification\":{\"ignoreClients\":[{\"workload\":\"legacy/curl\"}]}}")
        .post("/api/v1/plans")
        .then()
        .statusCode(201);
    as("operator").post(PLAN + "/start").then().statusCode(202);

    windows("viewer", "PT48H", "").then().statusCode(403);
    windows("operator", "PT48H", "")
        .then()
        .statusCode(200)
        .body("plaintextWindow", equalTo("PT48H"));
    windows("operator", "PT24H", "")
        .then()
        .statusCode(422)
        .body("errors[0].pointer", equalTo("/override"))
        .body("errors[0].detail", containsString("plaintextWindow from PT48H to PT24H"));
    windows("admin", "PT24H", ",\"override\":true")
        .then()
        .statusCode(422)
        .body("errors[0].pointer", equalTo("/comment"));
    windows("operator", "PT24H", AGREED)
        .then()
        .statusCode(403)
        .body("detail", containsString("needs the verb override on plan terms"));
    windows("admin", "P1000D", AGREED)
        .then()
        .statusCode(422)
        .body("errors[0].pointer", equalTo("/plaintextWindow"));
    windows("admin", "soon", AGREED).then().statusCode(422);
    String spec = as("admin").get(PLAN + "/spec").asString();
    as("admin")
        .header("If-Match", "*")
        .body(spec.replace("PT48H", "PT24H"))
        .put(PLAN)
        .then()
        .statusCode(409)
        .body("detail", containsString("PUT /api/v1/plans/terms/windows"));
    as("viewer").get(PLAN + "/windows").then().body("plaintextWindow", equalTo("PT48H"));
    windows("admin", "PT24H", AGREED).then().statusCode(200);

    as("operator")
        .get(PLAN + "/events")
        .then()
        .body("items.message", containsInAnyPlace("agreed with team-a"));
    as("admin")
        .get("/api/v1/audit?plan=terms")
        .then()
        .body("items[0].operation", equalTo("changePlanWindows"))
        .body("items[0].actor", equalTo("admin"));

    String id = as("viewer").get(PLAN + "/ignored-clients").path("items[0].id");
    as("operator").delete(PLAN + "/ignored-clients/" + id).then().statusCode(428);
    as("operator")
        .header("If-Match", "\"0\"")
        .delete(PLAN + "/ignored-clients/" + id)
        .then()
        .statusCode(412);
    as("viewer")
        .header("If-Match", "*")
        .delete(PLAN + "/ignored-clients/" + id)
        .then()
        .statusCode(403);
    as("operator")
        .header("If-Match", "*")
        .delete(PLAN + "/ignored-clients/" + id)
        .then()
        .statusCode(200)
        .body("verification.ignoreClients", empty());
    as("operator")
        .header("If-Match", "*")
        .delete(PLAN + "/ignored-clients/" + id)
        .then()
        .statusCode(404);
    as("operator")
        .body("{\"workload\":\"legacy/curl\",\"comment\":\"mine\"}")
        .post(PLAN + "/ignored-clients")
        .then()
        .statusCode(403);
    as("operator")
        .header("If-Match", "*")
        .body(
            as("operator")
                .get(PLAN + "/spec")
                .asString()
                .replace("\"ignoreClients\":[]", "\"ignoreClients\":[{\"workload\":\"bar/*\"}]"))
        .put(PLAN)
        .then()
        .statusCode(409)
        .body("detail", containsString("verification.ignoreClients with bar/*"));

    as("admin").post(PLAN + "/abort");
  }

  private static Matcher<Iterable<? super String>> containsInAnyPlace(String text) {
    return hasItem(containsString(text));
  }

  private static Response windows(String user, String window, String more) {
    return as(user)
        .header("If-Match", "*")
        .body(
            "{\"plaintextWindow\":\""
                + window
                + "\",\"soak\":\"PT30M\",\"verificationDuration\":\"PT10M\""
                + more
                + "}")
        .put(PLAN + "/windows");
  }

  private static RequestSpecification as(String user) {
    return given().auth().oauth2(user).contentType("application/json");
  }
}
