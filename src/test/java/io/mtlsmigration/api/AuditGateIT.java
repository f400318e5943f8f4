// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.test.junit.QuarkusTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A plan with a dry run of STRICT in the sandbox, over the API. */
@QuarkusTest
final class AuditGateIT {

  private static final String STEP = "/api/v1/plans/shadowed/namespaces/foo";
  private static final String PLAN =
      """
      {'scope':{'namespaces':['foo']},
       'gates':{'plaintextWindow':'PT1S','soak':'PT0S','probes':false,'audit':'PT4S'},
       'verification':{'duration':'PT2S','maxRefusals':1000000,'maxClientFailureRatio':1},
       'onFailure':'HOLD'}""";

  @Test
  void countsBeforeItLocksAndLeavesNothingBehind() {
    Plan.draft("shadowed", PLAN);
    Plan.act("shadowed", "start");
    await().atMost(Duration.ofSeconds(20)).until(() -> given().get(STEP).statusCode() == 200);
    given()
        .contentType("application/json")
        .body(
            "{\"gates\":[\"plaintext\",\"hazards\",\"capture\"],\"force\":true,\"comment\":\"not the subject\"}")
        .post(STEP + "/overrides")
        .then()
        .statusCode(202);
    List<String> phases = new ArrayList<>();

    // The scenario's plaintext client stops after forty seconds.
    await()
        .atMost(Duration.ofSeconds(70))
        .pollInterval(Duration.ofMillis(200))
        .until(
            () -> {
              String phase = given().get(STEP).path("phase");
              phases.add(phase);
              return "LOCKED".equals(phase);
            });

    assertTrue(phases.contains("AUDITING"), phases.toString());
    given()
        .get("/api/v1/plans/shadowed/events")
        .then()
        .body(
            "items.findAll { it.evidence.purpose == 'AUDIT' }.message.join(' ')",
            containsString("mtls-migration-dry-run"))
        .body(
            "items.findAll { it.evidence.purpose == 'AUDIT' }.message.join(' ')",
            containsString("is removed"));
    given()
        .get(STEP)
        .then()
        .body("gates.find { it.gate == 'audit' }.result", equalTo("PASS"))
        .body("gates.find { it.gate == 'audit' }.message", containsString("refused nobody"));
    Plan.act("shadowed", "rollback");
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> Plan.phase("shadowed").equals("ROLLED_BACK"));
    Plan.end("shadowed");
    assertEquals(404, given().get("/api/v1/plans/shadowed").statusCode());
  }
}
