// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.security;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.specification.RequestSpecification;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Who writes plans opens no port that is locked. */
@QuarkusTest
@TestProfile(KubernetesAccessIT.InCluster.class)
final class ExceptionAccessIT {

  private static final String PLANS = "/api/v1/plans";

  /** Locks foo when plaintext is overridden there; nobody overrides it for bar. */
  private static final String PLAN =
      """
      {"name":"locking","scope":{"namespaces":["foo","bar"]},"onFailure":"HOLD",
       "waves":[{"name":"first","namespaces":["foo"]},{"name":"rest","namespaces":["bar"]}],
       "gates":{"plaintextWindow":"P7D","soak":"PT0S","probes":false},
       "verification":{"duration":"PT2S","maxRefusals":1000000,"maxClientFailureRatio":1}}\
      """;

  private static final String EXCEPTION =
      """
      {"namespace":"foo","selector":{"matchLabels":{"app":"httpbin"}},"port":9090,
       "owner":"team-a","reason":"scrape","expires":"2099-03-01"}\
      """;

  @Test
  void anExceptionInALockedNamespaceNeedsTheVerbOverride() {
    as("admin").body(PLAN).post(PLANS).then().statusCode(201);
    as("operator").body(EXCEPTION).post(PLANS + "/locking/exceptions").then().statusCode(201);
    as("operator")
        .header("If-Match", "*")
        .delete(
            PLANS
                + "/locking/exceptions/"
                + as("operator").get(PLANS + "/locking/exceptions").path("items[0].id"))
        .then()
        .statusCode(200);
    as("admin").post(PLANS + "/locking/start").then().statusCode(202);
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                as("admin")
                        .body(
                            "{\"gates\":[\"plaintext\",\"hazards\",\"capture\"],\"force\":true,\"comment\":\"a"
                                + " test\"}")
                        .post(PLANS + "/locking/namespaces/foo/overrides")
                        .statusCode()
                    == 202);
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                "STRICT".equals(as("admin").get("/api/v1/namespaces/foo").path("posture"))
                    && "RUNNING".equals(as("admin").get(PLANS + "/locking").path("phase")));

    as("operator")
        .body(EXCEPTION)
        .post(PLANS + "/locking/exceptions")
        .then()
        .statusCode(403)
        .body("detail", containsString("needs the verb override on plan locking"));
    String spec = as("operator").get(PLANS + "/locking/spec").asString();
    as("operator")
        .header("If-Match", "*")
        .body(spec.replace("\"exceptions\":[]", "\"exceptions\":[" + EXCEPTION + "]"))
        .put(PLANS + "/locking")
        .then()
        .statusCode(403);
    as("admin").body(EXCEPTION).post(PLANS + "/locking/exceptions").then().statusCode(201);

    String open = PLANS + "/locking/exceptions/";
    open += as("admin").get(PLANS + "/locking/exceptions").path("items[0].id");
    as("viewer").header("If-Match", "*").delete(open).then().statusCode(403);
    as("viewer").header("If-Match", "*").delete(open + "?dryRun=true").then().statusCode(403);
    as("operator")
        .header("If-Match", "*")
        .delete(open)
        .then()
        .statusCode(409)
        .body("detail", containsString("/locking/namespaces/foo/rollback"));
    as("operator")
        .header("If-Match", "*")
        .delete(open + "?dryRun=true")
        .then()
        .statusCode(200)
        .body("hindrance", containsString("/locking/namespaces/foo/rollback"));

    await() // what is not verified yet is taken back by an abort
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                "LOCKED".equals(as("admin").get(PLANS + "/locking/namespaces/foo").path("phase")));
    as("admin").post(PLANS + "/locking/abort");
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> as("admin").get(PLANS + "/locking").path("endedAt") != null);
    String later =
        PLAN.replace("locking", "opening")
            .replace(
                "\"onFailure\"",
                "\"exceptions\":[" + EXCEPTION.replace("9090", "8080") + "],\"onFailure\"");
    as("operator").body(later).post(PLANS).then().statusCode(201);
    as("operator")
        .post(PLANS + "/opening/start")
        .then()
        .statusCode(403)
        .body("detail", containsString("/exceptions/0"))
        .body("detail", containsString("foo, which plan locking has locked"));
    as("admin").post(PLANS + "/opening/start").then().statusCode(202);
    as("admin").post(PLANS + "/opening/abort");
    await() // the next class has a plan of the same namespace
        .atMost(Duration.ofSeconds(60))
        .until(() -> as("admin").get(PLANS + "/opening").path("endedAt") != null);
  }

  private static RequestSpecification as(String user) {
    return given().auth().oauth2(user).contentType("application/json");
  }
}
