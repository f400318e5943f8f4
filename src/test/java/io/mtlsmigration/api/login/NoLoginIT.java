// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.login;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.aMapWithSize;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.Test;

/** The sandbox, where nobody has configured a login. */
@QuarkusTest
final class NoLoginIT {

  @Test
  void saysWhatToSet() {
    given()
        .get("/login")
        .then()
        .statusCode(404)
        .contentType("application/problem+json")
        .body("code", equalTo("NOT_FOUND"))
        .body("detail", containsString("quarkus.oidc.page.client-id"));
    given().get("/login/callback?code=a&state=b").then().statusCode(404);
    given().post("/login/logout").then().statusCode(404);
  }

  @Test
  void tellsThePageThatThereIsNone() {
    given()
        .get("/login/session")
        .then()
        .statusCode(200)
        .body("offered", equalTo(false))
        .body("$", aMapWithSize(1));
  }
}
