// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.security;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Who makes plans switches consent off. */
@QuarkusTest
@TestProfile(LeastGatesAttackIT.Strict.class)
final class LeastGatesAttackIT {

  private static final String PLAN =
      """
      {"name":"of-USER","scope":{"namespaces":["foo"]},"gates":{"approval":"NONE"},
       "verification":{"ignoreClients":[{"cidr":"0.0.0.0/0"}]}}""";

  public static final class Strict implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      Map<String, String> keys =
          new HashMap<>(new KubernetesAccessIT.InCluster().getConfigOverrides());
      keys.put("mtls-migration.gates.least.approval", "wave");
      keys.put("mtls-migration.gates.least.ignored-addresses", "256");
      return keys;
    }

    @Override
    public java.util.List<TestResourceEntry> testResources() {
      return new KubernetesAccessIT.InCluster().testResources();
    }
  }

  private static Response make(String user, String query) {
    return given()
        .auth()
        .oauth2(user)
        .contentType("application/json")
        .body(PLAN.replace("USER", user))
        .post("/api/v1/plans" + query);
  }

  @Test
  void whoMayNotOverrideIsToldTheFieldAndTheRemedy() {
    for (String query : new String[] {"", "?dryRun=true"}) {
      make("operator", query)
          .then()
          .statusCode(422)
          .body(
              "errors.pointer",
              containsInAnyOrder("/gates/approval", "/verification/ignoreClients/0"))
          .body("errors[0].code", equalTo("BELOW_LEAST"))
          .body("errors[0].detail", containsString("mtls-migration.gates.least.approval"))
          .body("errors[0].detail", containsString("verb override"));
    }
  }

  @Test
  void whoMayOverrideMakesItAndThatIsKept() {
    make("admin", "?dryRun=true").then().statusCode(200);
    make("admin", "").then().statusCode(201);

    given()
        .auth()
        .oauth2("admin")
        .get("/api/v1/plans/of-admin/events")
        .then()
        .body("items.find { it.type == 'OVERRIDDEN' }.actor", equalTo("admin"))
        .body("items.find { it.type == 'OVERRIDDEN' }.message", containsString("/gates/approval"));
  }
}
