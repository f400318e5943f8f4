// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A plan's life over the API, from draft to deletion. */
@QuarkusTest
final class PlansIT {

  private static final String PLANS = "/api/v1/plans";
  private static final Duration SOON = Duration.ofSeconds(20);

  /** Never ready within a test: it holds the gates open for as long as tests look at them. */
  private static final String HOLDS =
      """
      {'scope':{'namespaces':['bar']},
       'gates':{'plaintextWindow':'P7D','soak':'PT1H','approval':'NAMESPACE'}}""";

  @Test
  void makesAPlanWithEveryDefaultFilledIn() {
    given()
        .contentType("application/json")
        .body("{\"name\":\"short-form\",\"target\":\"MESH\"}")
        .post(PLANS)
        .then()
        .statusCode(201)
        .header("Location", matchesPattern(".*/api/v1/plans/short-form"))
        .header("ETag", notNullValue())
        .body("name", equalTo("short-form"))
        .body("phase", equalTo("DRAFT"))
        .body("generation", equalTo(1))
        .body("gates.plaintextWindow", equalTo("PT24H"))
        .body("gates.noSamples", equalTo("HOLD"))
        .body("verification.duration", equalTo("PT10M"))
        .body("onFailure", equalTo("ROLLBACK"))
        .body("waves.members.flatten().namespace", hasItems("foo", "bar"))
        .body("waves.members.flatten().reason", everyItem(not(empty())))
        .body("progress.percent", equalTo(0))
        .body("allowedActions", hasItems("START", "DELETE"))
        .body("observation", not(empty()));
    Plan.delete("short-form");
  }

  @Test
  void beginsByItselfWhereItSaysSoAndNeverAgain() {
    Plan.draft("in-git", HOLDS.replace("{'scope'", "{'start':'WHEN_ACCEPTED','scope'"));

    await().atMost(SOON).until(() -> Plan.phase("in-git").equals("RUNNING"));
    Plan.act("in-git", "pause");
    String body = given().get(PLANS + "/in-git/spec").asString();
    given()
        .contentType("application/json")
        .header("If-Match", "*")
        .body(body)
        .put(PLANS + "/in-git")
        .then()
        .statusCode(200)
        .body("start", equalTo("WHEN_ACCEPTED"))
        .body("phase", equalTo("PAUSED"));
    await()
        .during(Duration.ofSeconds(3))
        .atMost(SOON)
        .until(() -> Plan.phase("in-git").equals("PAUSED"));
    Plan.end("in-git");
  }

  @Test
  void takesAPlanInYaml() {
    for (String body :
        List.of(
            "name: in-yaml\ngates:\n  soak: 5m\n  audit: 1h\n",
            "{\"name\": in-yaml, \"gates\": {\"soak\": 5m, audit: 1h}} # in flow style")) {
      given()
          .contentType("application/yaml")
          .body(body.getBytes(UTF_8))
          .post(PLANS)
          .then()
          .statusCode(201)
          .body("gates.soak", equalTo("PT5M"))
          .body("gates.audit", equalTo("PT1H"));
      Plan.delete("in-yaml");
    }
  }

  @Test
  void aDryRunStoresNothing() {
    given()
        .contentType("application/json")
        .body("{\"name\":\"dry\",\"scope\":{\"namespaces\":[\"bar\"]}}")
        .post(PLANS + "?dryRun=true")
        .then()
        .statusCode(200)
        .body("dryRun", is(true))
        .body("waves.namespaces.flatten()", contains("bar"))
        .body("changes[0].policy.namespace", equalTo("bar"))
        .body("changes[0].weakens", is(false))
        .body("spec.gates.plaintextWindow", equalTo("PT24H"));

    given().get(PLANS + "/dry").then().statusCode(404);
  }

  @Test
  void aDryRunWithoutAValueStoresNothing() {
    for (String query : List.of("?dryRun", "?dryRun=")) {
      given()
          .contentType("application/json")
          .body("{\"name\":\"dry\",\"scope\":{\"namespaces\":[\"bar\"]}}")
          .post(PLANS + query)
          .then()
          .statusCode(400)
          .body("errors.parameter", contains("dryRun"));

      given().get(PLANS + "/dry").then().statusCode(404);
    }
  }

  @Test
  void aDryRunOfAChangeRefusesWhatTheChangeWould() {
    String tag = Plan.draft("judged", "{'scope':{'namespaces':['bar']},'gates':{'soak':'1h'}}");
    String narrower = "{'name':'judged','scope':{'namespaces':['foo']},'gates':{'soak':'1h'}}";
    String shorter = "{'name':'judged','scope':{'namespaces':['bar']},'gates':{'soak':'1m'}}";
    String longer = "{'name':'judged','scope':{'namespaces':['bar']},'gates':{'soak':'2h'}}";
    judged(tag, shorter).statusCode(200);
    Plan.act("judged", "start");

    judged("*", narrower)
        .statusCode(409)
        .body("code", equalTo("PHASE"))
        .body("detail", containsString("not scope"));
    judged("*", shorter)
        .statusCode(409)
        .body("code", equalTo("PHASE"))
        .body("detail", containsString("gates.soak from PT1H to PT1M"));
    judged(tag, longer).statusCode(412).body("code", equalTo("STALE"));
    judged("*", longer).statusCode(200).body("spec.gates.soak", equalTo("PT2H"));

    given().get(PLANS + "/judged").then().body("gates.soak", equalTo("PT1H"));
    Plan.end("judged");
  }

  private static ValidatableResponse judged(String tag, String body) {
    return given()
        .contentType("application/json")
        .header("If-Match", tag)
        .body(body.replace('\'', '"'))
        .put(PLANS + "/judged?dryRun=true")
        .then();
  }

  @Test
  void aNameIsTakenOnce() {
    Plan.draft("taken", "{}");

    given()
        .contentType("application/json")
        .body("{\"name\":\"taken\"}")
        .post(PLANS)
        .then()
        .statusCode(409)
        .contentType("application/problem+json")
        .body("code", equalTo("ALREADY_EXISTS"));
    Plan.delete("taken");
  }

  @Test
  void whatWasReadCanBeChangedAndSentBack() {
    Plan.draft("changed", "{'scope':{'namespaces':['bar']}}");
    var read = given().get(PLANS + "/changed/spec");
    String body = read.asString().replace("PT30M", "PT45M");

    given()
        .contentType("application/json")
        .header("If-Match", read.header("ETag"))
        .body(body)
        .put(PLANS + "/changed")
        .then()
        .statusCode(200)
        .body("generation", equalTo(2))
        .body("gates.soak", equalTo("PT45M"));
    Plan.delete("changed");
  }

  @Test
  void aChangeNeedsTheLatestVersion() {
    String tag = Plan.draft("contended", "{}");
    String body = "{\"name\":\"contended\",\"adopt\":true}";
    given()
        .contentType("application/json")
        .header("If-Match", tag)
        .body(body)
        .put(PLANS + "/contended")
        .then()
        .statusCode(200);

    given()
        .contentType("application/json")
        .header("If-Match", tag)
        .body(body)
        .put(PLANS + "/contended")
        .then()
        .statusCode(412)
        .contentType("application/problem+json")
        .body("code", equalTo("STALE"));
    given().header("If-Match", tag).delete(PLANS + "/contended").then().statusCode(412);
    given()
        .contentType("application/json")
        .body(body)
        .put(PLANS + "/contended")
        .then()
        .statusCode(428)
        .body("code", equalTo("PRECONDITION_REQUIRED"));
    given().delete(PLANS + "/contended").then().statusCode(428);
    given()
        .header("If-Match", "W/\"1\"")
        .delete(PLANS + "/contended")
        .then()
        .statusCode(400)
        .body("errors[0].parameter", equalTo("If-Match"));
    Plan.delete("contended");
  }

  @Test
  void aPlanKeepsItsName() {
    Plan.draft("named", "{}");

    given()
        .contentType("application/json")
        .header("If-Match", "*")
        .body("{\"name\":\"renamed\"}")
        .put(PLANS + "/named")
        .then()
        .statusCode(422)
        .body("errors.pointer", hasItem("/name"));
    Plan.delete("named");
  }

  @Test
  void answersNotModifiedForAPlanThatIsAsItWas() {
    Plan.draft("unchanged", "{}");
    String tag = given().get(PLANS + "/unchanged").header("ETag");

    given().header("If-None-Match", tag).get(PLANS + "/unchanged").then().statusCode(304);
    Plan.delete("unchanged");
  }

  @Test
  void listsPlans() {
    Plan.draft("listed-a", "{}");
    Plan.draft("listed-b", "{}");

    given()
        .queryParam("phase", "DRAFT")
        .get(PLANS)
        .then()
        .statusCode(200)
        .body("items.name", hasItems("listed-a", "listed-b"))
        .body("items.phase", everyItem(equalTo("DRAFT")));
    Plan.delete("listed-a");
    Plan.delete("listed-b");
  }

  @Test
  void refusesWhatThePhaseDoesNotAllowAndSaysWhatItDoes() {
    Plan.draft("still-draft", "{}");

    given()
        .post(PLANS + "/still-draft/resume")
        .then()
        .statusCode(409)
        .contentType("application/problem+json")
        .body("code", equalTo("PHASE"))
        .body("allowedActions", hasItem("START"));
    given()
        .header("If-Match", "\"0-no-such-version\"")
        .post(PLANS + "/still-draft/start")
        .then()
        .statusCode(412);
    Plan.delete("still-draft");
  }

  @Test
  void runsPausesAndAbortsAPlan() {
    Plan.draft("life", HOLDS);
    Plan.act("life", "start");
    try {
      showsItsNamespaces();
      showsWhyItWaits();
      refusesASecondPlanForTheSameNamespace();
      takesConsentAndOverrides();
      letsAClientFail();
      showsWhatItWouldWrite();
      showsItsReport();
      Plan.act("life", "pause");
      assertEquals("PAUSED", Plan.phase("life"));
      Plan.act("life", "resume");
      assertEquals("RUNNING", Plan.phase("life"));
      leavesANamespaceUntouchedAndSoEnds();
      tellsWhatHappened();
    } finally {
      Plan.end("life");
    }
    given().get(PLANS + "/life").then().statusCode(404);
  }

  @Test
  void keepsAPlanThatKnowsTheWayBackUnlessItsPoliciesAreToStay() {
    Plan.draft("kept", HOLDS);
    Plan.act("kept", "start");
    given()
        .contentType("application/json")
        .body("{\"comment\":\"never\"}")
        .post(PLANS + "/kept/namespaces/bar/exempt")
        .then()
        .statusCode(202);
    await().atMost(SOON).until(() -> given().get(PLANS + "/kept").path("endedAt") != null);

    given()
        .header("If-Match", "*")
        .delete(PLANS + "/kept?keepPolicies=false")
        .then()
        .statusCode(409)
        .contentType("application/problem+json")
        .body("code", equalTo("POLICIES_IN_PLACE"))
        .body("detail", containsString("bar/default"))
        .body("allowedActions", contains("ROLLBACK", "CLEANUP"));
    Plan.act("kept", "cleanup");
    await()
        .atMost(SOON)
        .untilAsserted(
            () ->
                given()
                    .header("If-Match", "*")
                    .delete(PLANS + "/kept?keepPolicies=true")
                    .then()
                    .statusCode(204));

    given()
        .get("/api/v1/audit?plan=kept")
        .then()
        .body("items.findAll { it.status == 204 }.keepPolicies", contains(true))
        .body(
            "items.findAll { it.status == 409 && !it.keepPolicies }.operation",
            contains("deletePlan"));
  }

  private static void leavesANamespaceUntouchedAndSoEnds() {
    given()
        .contentType("application/json")
        .body("{\"comment\":\"not yet\"}")
        .post(PLANS + "/life/namespaces/bar/skip")
        .then()
        .statusCode(202)
        .body("namespace", equalTo("bar"))
        .body("request.action", equalTo("SKIP"))
        .body("request.comment", equalTo("not yet"));
    await()
        .atMost(SOON)
        .until(() -> given().get(PLANS + "/life/namespaces/bar").path("phase").equals("SKIPPED"));
  }

  private static void showsItsNamespaces() {
    await()
        .atMost(SOON)
        .untilAsserted(
            () ->
                given()
                    .get(PLANS + "/life/namespaces")
                    .then()
                    .statusCode(200)
                    .body("items.namespace", contains("bar"))
                    .body("items[0].gates.gate", hasItems("capture", "plaintext")));
    given()
        .get(PLANS + "/life/namespaces/bar")
        .then()
        .statusCode(200)
        .body("plan", equalTo("life"))
        .body("wave", notNullValue())
        .body("since", notNullValue())
        .body("lastProbe.to", everyItem(startsWith("bar/")))
        .body("policies", empty())
        .body("allowedActions", hasItems("SKIP", "EXEMPT"));
    given().get(PLANS + "/life/namespaces/foo").then().statusCode(404);
    given().get(PLANS + "/life/mesh").then().statusCode(404);
    given()
        .get("/api/v1/namespaces/bar")
        .then()
        .body("plan", equalTo("life"))
        .body("phase", notNullValue());
    given()
        .get("/api/v1/namespaces/bar/readiness")
        .then()
        .body("basis", containsString("life"))
        .body("verdict", not(equalTo("READY")));
  }

  private static void showsWhyItWaits() {
    given()
        .get(PLANS + "/life")
        .then()
        .statusCode(200)
        .body("phase", equalTo("RUNNING"))
        .body("progress.total", equalTo(1))
        .body("waitingOn.size()", greaterThan(0))
        .body("waitingOn[0].namespace", equalTo("bar"))
        .body("waitingOn[0].gate", matchesPattern("[a-z]+"))
        .body("waitingOn[0].reason", matchesPattern("[A-Z_]+"))
        .body("waitingOn[0].since", notNullValue());
  }

  private static void refusesASecondPlanForTheSameNamespace() {
    Plan.draft("rival", "{'scope':{'namespaces':['bar','foo']}}");
    given()
        .post(PLANS + "/rival/start")
        .then()
        .statusCode(409)
        .body("code", equalTo("OVERLAP"))
        .body("detail", containsString("life"));
    Plan.delete("rival");
    given()
        .header("If-Match", "*")
        .delete(PLANS + "/life")
        .then()
        .statusCode(409)
        .body("code", equalTo("PHASE"))
        .body("allowedActions", hasItem("PAUSE"));
  }

  private static void takesConsentAndOverrides() {
    given()
        .contentType("application/json")
        .body("{\"namespace\":\"bar\",\"impactHash\":\"0000\"}")
        .post(PLANS + "/life/approvals")
        .then()
        .statusCode(409)
        .body("code", equalTo("IMPACT_CHANGED"));
    given()
        .contentType("application/json")
        .body("{\"namespace\":\"bar\",\"comment\":\"seen\"}")
        .post(PLANS + "/life/approvals")
        .then()
        .statusCode(202)
        .body("approvals[0].subject", equalTo("bar"))
        .body("approvals[0].by", equalTo("anonymous"))
        .body("approvals[0].comment", equalTo("seen"))
        .body("approvals[0].impactHash", matchesPattern("[0-9a-f]{64}"));
    given()
        .contentType("application/json")
        .body("{\"gates\":[\"soak\"],\"comment\":\"agreed\"}")
        .post(PLANS + "/life/namespaces/bar/overrides")
        .then()
        .statusCode(202)
        .body("overrides[0].gates", contains("soak"))
        .body("overrides[0].comment", equalTo("agreed"))
        .body("overrides[0].force", equalTo(false));
    given()
        .contentType("application/json")
        .header("If-Match", "\"0-no-such-version\"")
        .body("{\"gates\":[\"soak\"],\"comment\":\"agreed\"}")
        .post(PLANS + "/life/namespaces/bar/overrides")
        .then()
        .statusCode(412)
        .body("code", equalTo("STALE"));
    given()
        .contentType("application/json")
        .body("{\"gates\":[\"sync\"],\"comment\":\"agreed\"}")
        .post(PLANS + "/life/namespaces/bar/overrides")
        .then()
        .statusCode(422)
        .body("errors[0].code", equalTo("NOT_OVERRIDABLE"));
  }

  private static void letsAClientFail() {
    given()
        .contentType("application/json")
        .body("{\"workload\":\"legacy/curl\",\"comment\":\"goes in May\"}")
        .post(PLANS + "/life/ignored-clients")
        .then()
        .statusCode(202)
        .body("phase", equalTo("RUNNING"))
        .body("verification.ignoreClients.workload", contains("legacy/curl"));
    given()
        .get(PLANS + "/life/events")
        .then()
        .body(
            "items.find { it.evidence.client == 'legacy/curl' }.message",
            containsString("goes in May"));
    given()
        .contentType("application/json")
        .body("{\"cidr\":\"10.0.0.0/33\",\"comment\":\"why\"}")
        .post(PLANS + "/life/ignored-clients")
        .then()
        .statusCode(422)
        .body("errors.pointer", contains("/cidr"));
    given()
        .contentType("application/json")
        .body("{\"workload\":\"legacy/curl\"}")
        .post(PLANS + "/life/ignored-clients")
        .then()
        .statusCode(422)
        .body("errors.pointer", contains("/comment"));
  }

  private static void showsWhatItWouldWrite() {
    given()
        .get(PLANS + "/life/manifests")
        .then()
        .statusCode(200)
        .contentType("application/yaml")
        .body(startsWith("# wave: "))
        .body(containsString("kind: PeerAuthentication\n"))
        .body(containsString("  namespace: bar\n"))
        .body(containsString("    mode: STRICT\n"));
    given().get(PLANS + "/life/manifests?wave=nope").then().statusCode(404);
  }

  private static void showsItsReport() {
    given()
        .get(PLANS + "/life/report")
        .then()
        .statusCode(200)
        .contentType("application/json")
        .body("plan", equalTo("life"))
        .body("approvals.subject", contains("bar"))
        .body("namespaces.namespace", contains("bar"))
        .body("namespaces[0].lockedAt", nullValue())
        .body("namespaces[0].overrides[0].by", equalTo("anonymous"));
    given()
        .accept("text/markdown")
        .get(PLANS + "/life/report")
        .then()
        .statusCode(200)
        .contentType("text/markdown")
        .body(startsWith("# Migration report: life\n"))
        .body(containsString("| bar | anonymous |"));
  }

  private static void tellsWhatHappened() {
    given()
        .get(PLANS + "/life/events")
        .then()
        .statusCode(200)
        .body("items.plan", everyItem(equalTo("life")))
        .body("items.type", hasItems("PHASE_CHANGED", "APPROVED", "OVERRIDDEN", "REQUESTED"))
        .body("items.id[0]", greaterThan(given().get(PLANS + "/life/events").path("items.id[-1]")));
    given()
        .queryParam("namespace", "bar")
        .queryParam("type", "phase_changed")
        .get("/api/v1/events")
        .then()
        .statusCode(200)
        .body("items.namespace", everyItem(equalTo("bar")))
        .body("items.to", hasItem("SKIPPED"));
  }
}
