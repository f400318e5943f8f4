// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The exceptions of a plan as a resource. */
@QuarkusTest
final class ExceptionsIT {

  private static final String PLAN = "excepting";
  private static final String EXCEPTIONS = "/api/v1/plans/" + PLAN + "/exceptions";
  private static final Duration SOON = Duration.ofSeconds(60);

  private static final String SCRAPE =
      """
      {"namespace":"foo","selector":{"matchLabels":{"app":"httpbin"}},"port":9090,
       "owner":"team-a","reason":"scrape","expires":"2099-03-01","plaintextPaths":["/metrics"]}\
      """;

  /** Locks within seconds of an override, whoever calls. */
  private static final String QUICK =
      """
      {'scope':{'namespaces':['foo']},
       'gates':{'plaintextWindow':'PT1S','soak':'PT0S','probes':false},
       'verification':{'duration':'PT2S','maxRefusals':1000000,'maxClientFailureRatio':1},
       'onFailure':'HOLD'}\
      """;

  @AfterEach
  void removeThePlan() {
    Plan.end(PLAN);
  }

  private static ValidatableResponse add(String body) {
    return given().contentType("application/json").body(body).post(EXCEPTIONS).then();
  }

  private static ValidatableResponse change(String id, String ifMatch, String body) {
    return given()
        .contentType("application/json")
        .header("If-Match", ifMatch)
        .body(body)
        .put(EXCEPTIONS + "/" + id)
        .then();
  }

  private static ValidatableResponse remove(String id) {
    return given().header("If-Match", "*").delete(EXCEPTIONS + "/" + id).then();
  }

  /** Waits until foo is locked, though legacy calls it. */
  private static void lock() {
    await()
        .atMost(SOON)
        .until(
            () ->
                given()
                            .contentType("application/json")
                            .body(
                                "{\"gates\":[\"plaintext\",\"hazards\",\"capture\"],\"force\":true,\"comment\":\"a"
                                    + " test\"}")
                            .post("/api/v1/plans/" + PLAN + "/namespaces/foo/overrides")
                            .statusCode()
                        == 202
                    || Plan.phase(PLAN).equals("COMPLETED")); // legacy was silent for a second
    await().atMost(SOON).until(() -> Plan.phase(PLAN).equals("COMPLETED"));
  }

  @Test
  void isAddedListedAgreedAnewAndRemoved() {
    String made = Plan.draft(PLAN, "{'scope':{'namespaces':['foo']}}");
    given().get(EXCEPTIONS).then().statusCode(200).body("items", empty());

    String id =
        add(SCRAPE)
            .statusCode(201)
            .header("Location", containsString(EXCEPTIONS + "/foo.9090."))
            .body("state", equalTo("VALID"))
            .body("selector.matchLabels.app", equalTo("httpbin"))
            .extract()
            .path("id");
    add(SCRAPE).statusCode(409).body("code", equalTo("ALREADY_EXISTS"));
    change(id, made, SCRAPE).statusCode(412).body("code", equalTo("STALE"));
    String tag =
        given()
            .get(EXCEPTIONS)
            .then()
            .body("items.id", contains(id))
            .body("items.expires", contains("2099-03-01"))
            .body("continue", nullValue())
            .extract()
            .header("ETag");
    change(id, tag, SCRAPE.replace("2099-03-01", "2099-06-01"))
        .statusCode(200)
        .body("expires", equalTo("2099-06-01"));
    given().get(EXCEPTIONS + "/" + id).then().body("expires", equalTo("2099-06-01"));
    given().get(EXCEPTIONS + "?state=EXPIRED").then().body("items", empty());

    remove(id).statusCode(200).body("exceptions", empty());

    given().get(EXCEPTIONS + "/" + id).then().statusCode(404);
    given()
        .get("/api/v1/plans/" + PLAN + "/events")
        .then()
        .body("items[0].message", equalTo("exception removed: " + id))
        .body("items[1].message", containsString("until 2099-06-01"));
  }

  @Test
  void saysWhatIsWrongWithIt() {
    Plan.draft(PLAN, "{'scope':{'namespaces':['foo']}}");
    String id = add(SCRAPE).statusCode(201).extract().path("id");

    add("{\"port\":0,\"more\":1}")
        .statusCode(422)
        .body("errors.pointer", hasItems("/port", "/more", "/namespace", "/owner", "/expires"));
    add("[]").statusCode(422).body("errors.code", hasItems("WRONG_TYPE"));
    add(SCRAPE.replace("httpbin", "nobody"))
        .statusCode(422)
        .body("errors.pointer", contains("/selector"))
        .body("errors.code", contains("EXCEPTION_WITHOUT_PODS"));
    change(id, "*", SCRAPE.replace("9090", "9091"))
        .statusCode(422)
        .body("errors.code", contains("IMMUTABLE"));
    change(id, "*", SCRAPE.replace("2099", "2020"))
        .statusCode(422)
        .body("errors.pointer", contains("/expires"));
    change("foo.1.0000000000", "*", SCRAPE).statusCode(404);
    given().delete(EXCEPTIONS + "/" + id).then().statusCode(428);
  }

  /** docs/alerts.md tells people to do this when an exception expires, which is after the plan. */
  @Test
  void outlivesTheEndOfItsPlan() {
    Plan.draft(PLAN, QUICK);
    String id = add(SCRAPE).statusCode(201).extract().path("id");
    Plan.act(PLAN, "start");
    lock();

    change(id, "*", SCRAPE.replace("2099-03-01", "2099-06-01"))
        .statusCode(200)
        .body("expires", equalTo("2099-06-01"));

    add(SCRAPE.replace("9090", "9091")).statusCode(409).body("code", equalTo("PHASE"));
    remove(id)
        .statusCode(409)
        .body("code", equalTo("PHASE"))
        .body("allowedActions", hasItems("ROLLBACK"))
        .body("detail", containsString("/" + PLAN + "/namespaces/foo/rollback"));
    ends(id)
        .body("hindrance", containsString("which takes the plan up, PAUSED"))
        .body("impact.breaking", equalTo(0)) // nobody is known to call it
        .body("impact.changes.name", not(hasItems("plaintext-httpbin")));
    given()
        .get("/api/v1/plans/" + PLAN)
        .then()
        .body("phase", equalTo("COMPLETED"))
        .body("exceptions.expires", contains("2099-06-01"));
  }

  private static ValidatableResponse ends(String id) {
    return given()
        .header("If-Match", "*")
        .delete(EXCEPTIONS + "/" + id + "?dryRun=true")
        .then()
        .statusCode(200)
        .body("kind", equalTo("ExceptionPreview"))
        .body("dryRun", equalTo(true))
        .body("exception.id", equalTo(id))
        .body("impact.subject", equalTo("foo"))
        .body("impact.mode", equalTo("STRICT"));
  }

  /** Nothing of foo is in place: it is locked without the exception. */
  @Test
  void endsWhileThePlanRuns() {
    Plan.draft(PLAN, "{'scope':{'namespaces':['foo']}}");
    String id = add(SCRAPE.replace("9090", "8080")).statusCode(201).extract().path("id");
    Plan.act(PLAN, "start");
    int before = given().get("/api/v1/plans/" + PLAN).then().extract().path("generation");

    given().delete(EXCEPTIONS + "/" + id + "?dryRun=true").then().statusCode(428);
    given()
        .header("If-Match", "*")
        .delete(EXCEPTIONS + "/" + id + "?dryRun=x")
        .then()
        .statusCode(400);
    ends(id)
        .body("hindrance", nullValue())
        .body("impact.flows.find { it.breaks }.from", equalTo("legacy/curl"));
    given().get(EXCEPTIONS).then().body("items.id", contains(id));
    given()
        .header("If-Match", "\"0\"")
        .delete(EXCEPTIONS + "/" + id)
        .then()
        .statusCode(412)
        .body("code", equalTo("STALE"));

    remove(id)
        .statusCode(200)
        .body("kind", equalTo("Plan"))
        .body("phase", equalTo("RUNNING"))
        .body("exceptions", empty())
        .body("generation", equalTo(before + 1));
    given()
        .get("/api/v1/plans/" + PLAN + "/events")
        .then()
        .body("items.message", hasItem(startsWith("exception ended: foo {app=httpbin} port 8080")));
    given()
        .header("If-Match", "*")
        .delete(EXCEPTIONS + "/" + id + "?dryRun=true")
        .then()
        .statusCode(404);
  }
}
