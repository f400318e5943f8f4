// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;

/** Plans as tests make and remove them, over the API. */
final class Plan {

  private static final String PLANS = "/api/v1/plans/";

  private Plan() {}

  /**
   * Makes a plan and leaves it as a draft.
   *
   * @param rest of the body, with single quotes
   * @return its ETag
   */
  static String draft(String name, String rest) {
    String more = rest.replace('\'', '"').strip();
    more = more.substring(1, more.length() - 1);
    return given()
        .contentType("application/json")
        .body("{\"name\":\"" + name + "\"" + (more.isBlank() ? "" : "," + more) + "}")
        .post(PLANS)
        .then()
        .statusCode(201)
        .extract()
        .header("ETag");
  }

  static void act(String name, String action) {
    given().post(PLANS + name + "/" + action).then().statusCode(202);
  }

  static String phase(String name) {
    return given().get(PLANS + name).path("phase");
  }

  private static List<String> allowed(String name) {
    return given().get(PLANS + name).path("allowedActions");
  }

  /** Deletes a plan in whatever phase it is. */
  static void end(String name) {
    if (allowed(name).contains("ABORT")) {
      given().post(PLANS + name + "/abort");
    }
    // An aborted plan has ended once what was under way has settled, exemptions included.
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> allowed(name).contains("CLEANUP") || allowed(name).contains("DELETE"));
    if (allowed(name).contains("CLEANUP")) {
      act(name, "cleanup");
    }
    await().atMost(Duration.ofSeconds(20)).until(() -> deleted(name) == 204);
  }

  static void delete(String name) {
    given().header("If-Match", "*").delete(PLANS + name).then().statusCode(204);
  }

  /** The policies are those of the next test to deal with. */
  private static int deleted(String name) {
    return given().header("If-Match", "*").delete(PLANS + name + "?keepPolicies=true").statusCode();
  }
}
