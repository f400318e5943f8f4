// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import org.junit.jupiter.api.Test;

@QuarkusTest
final class ManagementPortIT {

  @TestHTTPResource(management = true)
  URI management;

  @TestHTTPResource URI api;

  @Test
  void answersHealthOnTheManagementPort() {
    given()
        .get(management.resolve("/q/health"))
        .then()
        .statusCode(200)
        .body("status", equalTo("UP"));
  }

  @Test
  void answersMetricsOnTheManagementPort() {
    given()
        .get(management.resolve("/q/metrics"))
        .then()
        .statusCode(200)
        .body(containsString("jvm_memory"));
  }

  @Test
  void hidesHealthAndMetricsFromTheApiPort() {
    given().get(api.resolve("/q/health")).then().statusCode(404);
    given().get(api.resolve("/q/metrics")).then().statusCode(404);
  }

  @Test
  void showsTheOpenApiDocumentOnTheApiPort() {
    given()
        .get(api.resolve("/q/openapi"))
        .then()
        .statusCode(200)
        .body(containsString("openapi: 3.1.0"));
  }
}
