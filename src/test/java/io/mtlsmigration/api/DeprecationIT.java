// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import io.mtlsmigration.api.openapi.DeprecatedOperation;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.junit.jupiter.api.Test;

/**
 * Answers of an operation that will go. There is none, so it is one of this test's own: outside of
 * the API, where nobody is let in, but an answer that refuses is one, too.
 */
@QuarkusTest
final class DeprecationIT {

  @Path("/deprecated-in-tests")
  public static final class Resource {

    @GET
    @Path("/old")
    @Operation(hidden = true)
    @DeprecatedOperation(since = "2027-03-01", sunset = "2028-03-01", instead = "Call new.")
    public String old() {
      return "old";
    }

    @GET
    @Path("/new")
    @Operation(hidden = true)
    public String latest() {
      return "new";
    }
  }

  @Test
  void saysThatItWillGo() {
    given()
        .get("/deprecated-in-tests/old")
        .then()
        .statusCode(403)
        .header("Deprecation", equalTo("@1803859200"))
        .header("Sunset", equalTo("Wed, 01 Mar 2028 00:00:00 GMT"))
        .header("Link", equalTo("</q/openapi>; rel=\"deprecation\"; type=\"application/yaml\""));
  }

  @Test
  void saysNothingOfOthers() {
    given()
        .get("/deprecated-in-tests/new")
        .then()
        .statusCode(403)
        .header("Deprecation", nullValue())
        .header("Sunset", nullValue());
    given().get("/api/v1/mesh").then().statusCode(200).header("Deprecation", nullValue());
  }
}
