// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.security;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import org.junit.jupiter.api.Test;

/** A portal of another origin calls from its users' browsers, once that origin is named. */
@QuarkusTest
@TestProfile(OpenIdAccessIT.Portal.class)
final class CrossOriginIT {

  private static final String PORTAL = "https://portal.example";

  @Test
  void letsANamedOriginCallWithATokenAndReadWhatItNeeds() {
    given()
        .header("Origin", PORTAL)
        .header("Access-Control-Request-Method", "PUT")
        .header("Access-Control-Request-Headers", "authorization,if-match,content-type")
        .options("/api/v1/plans/q4")
        .then()
        .statusCode(200)
        .header("Access-Control-Allow-Origin", equalTo(PORTAL))
        .header("Access-Control-Allow-Methods", containsString("PUT"))
        .header("Access-Control-Allow-Headers", containsString("if-match"));
    given()
        .header("Origin", PORTAL)
        .get("/api/v1/mesh")
        .then()
        .statusCode(401)
        .header("Access-Control-Allow-Origin", equalTo(PORTAL))
        .header("Access-Control-Expose-Headers", containsString("ETag"));
  }

  @Test
  void refusesOriginsThatAreNotNamed() {
    given()
        .header("Origin", "https://elsewhere.example")
        .get("/api/v1/mesh")
        .then()
        .statusCode(403)
        .header("Access-Control-Allow-Origin", nullValue());
  }
}
