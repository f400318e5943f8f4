// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.anyOf;
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
import static org.hamcrest.Matchers.oneOf;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What can be read of the mesh of Istio's task: foo and bar with sidecars, legacy without. */
@QuarkusTest
final class ReadsIT {

  private static final String API = "/api/v1";
  private static final String INSTANT = "[0-9]{4}-[0-9]{2}-[0-9]{2}T.*Z";

  @BeforeEach
  void probed() {
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> given().get(API + "/connectivity").path("cells.size()").equals(6));
  }

  @Test
  void showsTheMesh() {
    given()
        .get(API + "/mesh")
        .then()
        .statusCode(200)
        .body("rootNamespace", equalTo("istio-system"))
        .body("mode", equalTo("PERMISSIVE"))
        .body("decidedBy", nullValue())
        .body("autoMtls", is(true))
        .body("trustDomain", equalTo("cluster.local"))
        .body("counts.namespaces", equalTo(4))
        .body("counts.workloads", equalTo(5))
        .body("counts.byDataPlane.SIDECAR", equalTo(4))
        .body("counts.byDataPlane.NONE", equalTo(1))
        .body("counts.byPosture.values().sum()", equalTo(4))
        .body("plaintext.byEvidence.values().sum()", equalTo(4))
        .body("sources.source", hasItems("kubernetes", "probes", "traffic"))
        .body("observedAt", matchesPattern("\\d{4}-.*Z"));
  }

  @Test
  void showsNamespacesInOrder() {
    given()
        .get(API + "/namespaces")
        .then()
        .statusCode(200)
        .body("items.name", contains("bar", "foo", "istio-system", "legacy"))
        .body("items[3].posture", equalTo("UNCAPTURED"))
        .body("items[1].workloads", equalTo(2))
        .body("items[1].captured", equalTo(2))
        .body("items[1].findings.BLOCKER", notNullValue())
        .body("continue", nullValue());
  }

  @Test
  void filtersNamespacesByPosture() {
    given()
        .queryParam("posture", "uncaptured")
        .get(API + "/namespaces")
        .then()
        .statusCode(200)
        .body("items.name", contains("istio-system", "legacy"));
  }

  @Test
  void showsOneNamespace() {
    given()
        .get(API + "/namespaces/legacy")
        .then()
        .statusCode(200)
        .body("name", equalTo("legacy"))
        .body("captured", equalTo(0))
        .body("capturedPods", equalTo(0));
  }

  @Test
  void showsWorkloadsWithTheirPorts() {
    given()
        .get(API + "/namespaces/foo/workloads")
        .then()
        .statusCode(200)
        .body("items.name", contains("curl", "httpbin"))
        .body("items[1].kind", equalTo("Deployment"))
        .body("items[1].dataPlane", equalTo("SIDECAR"))
        .body("items[1].ports.port", hasItem(8080))
        .body("items[1].ports.find { it.port == 8080 }.mode", oneOf("PERMISSIVE", "STRICT"))
        .body("items[1].ports.find { it.port == 8080 }.bypassed", is(false));
  }

  @Test
  void showsNoModeWhereNoProxyStands() {
    given()
        .queryParam("namespace", "legacy")
        .get(API + "/workloads")
        .then()
        .statusCode(200)
        .body("items.name", contains("curl"))
        .body("items[0].dataPlane", equalTo("NONE"))
        .body("items[0].mode", nullValue());
  }

  @Test
  void showsPoliciesAndFindings() {
    given().get(API + "/policies").then().statusCode(200).body("items", notNullValue());
    given()
        .queryParam("severity", "BLOCKER")
        .get(API + "/findings")
        .then()
        .statusCode(200)
        .body("items.severity", everyItem(equalTo("BLOCKER")));
  }

  @Test
  void judgesReadinessByTheDefaults() {
    given()
        .get(API + "/namespaces/foo/readiness")
        .then()
        .statusCode(200)
        .body("namespace", equalTo("foo"))
        .body("basis", equalTo("defaults"))
        .body("verdict", oneOf("READY", "BLOCKED", "INCONCLUSIVE"))
        .body("gates.gate", hasItems("capture", "hazards", "plaintext", "probes", "sync", "soak"));
  }

  /** The sandbox's counters are whole: its servers are watched since they were made. */
  @Test
  void saysSinceWhenTheSilenceOfEachServerCounts() {
    given()
        .get(API + "/namespaces/foo/readiness")
        .then()
        .statusCode(200)
        .body("servers.workload", hasItems("foo/httpbin"))
        .body("servers.find { it.workload == 'foo/httpbin' }.reason", notNullValue())
        .body("servers.find { it.workload == 'foo/httpbin' }.since", matchesPattern(INSTANT))
        .body("plaintextAt", anyOf(nullValue(), matchesPattern(INSTANT)));
  }

  @Test
  void tellsHowLongAWindowHasToBeAndWhatItDoesNotKnow() {
    given()
        .get(API + "/namespaces/foo/window?history=7d")
        .then()
        .statusCode(200)
        .body("evidence", equalTo("MEASURED"))
        .body("resolution", equalTo("PT1H"))
        .body("bucket", equalTo("PT1H"))
        .body("limits.kind", hasItems("HISTORY_SHORT", "STRICT", "RESOLUTION"));
    given().get(API + "/namespaces/foo/readiness").then().body("warnings", equalTo(List.of()));
    given()
        .get(API + "/namespaces/foo/window?history=P91D")
        .then()
        .statusCode(400)
        .body("errors[0].parameter", equalTo("history"));
    given().get(API + "/namespaces/nowhere/window").then().statusCode(404);
  }

  @Test
  void draftsAuthorizationPoliciesForWhatIsOpen() {
    given()
        .get(API + "/namespaces/foo/authorization-policies")
        .then()
        .statusCode(200)
        .body("basis", equalTo("defaults"))
        .body("outlook", equalTo("AS_IT_IS"))
        .body("open.name", contains("curl", "httpbin"))
        .body("items[0].name", equalTo("mtls-migration-open"))
        .body("items[0].rules[0].origin", equalTo("MESH_IDENTITIES"))
        .body("items[0].manifest.kind", equalTo("AuthorizationPolicy"))
        .body("items[0].manifest.spec.rules[0].from[0].source.principals", contains("*"))
        .body("missing", not(empty()))
        .body("continue", nullValue());
    given()
        .accept("application/yaml")
        .get(API + "/namespaces/foo/authorization-policies")
        .then()
        .statusCode(200)
        .contentType("application/yaml")
        .body(startsWith("# Drafts for foo (AS_IT_IS, basis defaults)"));
  }

  @Test
  void draftsNothingWhereNothingIsOpen() {
    given()
        .get(API + "/namespaces/legacy/authorization-policies")
        .then()
        .statusCode(200)
        .body("open", empty())
        .body("items", empty());
  }

  @Test
  void draftsNothingByAPlanThatIsNotThere() {
    given()
        .get(API + "/namespaces/foo/authorization-policies?plan=none")
        .then()
        .statusCode(404)
        .body("detail", containsString("plan none"));
  }

  @Test
  void offersARatchetAndSaysThatThereIsNone() {
    given()
        .get(API + "/ratchet")
        .then()
        .statusCode(200)
        .body("mesh", is(false))
        .body("namespaces", empty())
        .body("installed.state", equalTo("ABSENT"))
        .body("objects[0].data._root", equalTo("istio-system"))
        .body("objects.kind", hasItems("ConfigMap", "ValidatingAdmissionPolicy"))
        .body("objects[2].spec.paramRef.namespace", equalTo("mtls-migration"));
    given()
        .accept("application/yaml")
        .get(API + "/ratchet")
        .then()
        .statusCode(200)
        .body(containsString("ConfigMap mtls-migration/mtls-migration-ratchet'"));
  }

  @Test
  void showsWhatALockWouldBreak() {
    given()
        .queryParam("mode", "STRICT")
        .get(API + "/namespaces/foo/impact")
        .then()
        .statusCode(200)
        .body("hash", matchesPattern("[0-9a-f]{64}"))
        .body("changes[0].policy.kind", equalTo("PeerAuthentication"))
        .body("changes[0].after.mode", equalTo("STRICT"))
        .body("flows[0].from", equalTo("legacy/curl"))
        .body("flows[0].breaks", is(true))
        .body("flows[0].then", equalTo("REFUSED"));
  }

  @Test
  void showsWhatTheMeshStepWouldBreak() {
    given()
        .queryParam("breaking", "true")
        .get(API + "/mesh/impact")
        .then()
        .statusCode(200)
        .body("subject", equalTo("mesh"))
        .body("flows.from.unique()", contains("legacy/curl"))
        .body("breaking", equalTo(2));
  }

  @Test
  void showsTrafficOfTheWidestWindowThatIsCovered() {
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () ->
                given()
                    .queryParam("namespace", "foo")
                    .get(API + "/traffic")
                    .then()
                    .statusCode(200)
                    .body("items.to", hasItem("foo/httpbin"))
                    .body("items.source", everyItem(equalTo("sandbox"))));
  }

  @Test
  void saysWhoAClientIs() {
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () ->
                given()
                    .queryParam("namespace", "foo")
                    .get(API + "/traffic")
                    .then()
                    .statusCode(200)
                    .rootPath("items.find { it.from == 'legacy/curl' }.client")
                    .body("kind", equalTo("WORKLOAD"))
                    .body("workloadKind", equalTo("Deployment"))
                    .body("knownBy", equalTo("ADDRESS"))
                    .body("address", notNullValue())
                    .body("owner", nullValue()));
  }

  @Test
  void saysWhichNamespacesAWindowSaysNothingAbout() {
    given()
        .queryParam("window", "30d")
        .get(API + "/traffic")
        .then()
        .statusCode(200)
        .body("window", equalTo("PT720H"))
        .body("items.to", hasItem("foo/httpbin"))
        .body("gaps.find { it.namespace == 'foo' }.detail", containsString("watch"));
  }

  @Test
  void printsTheTasksLines() {
    String text =
        given()
            .accept("text/plain")
            .get(API + "/connectivity")
            .then()
            .statusCode(200)
            .contentType("text/plain")
            .extract()
            .asString();

    assertEquals(
        List.of(
            "curl.bar to httpbin.bar",
            "curl.bar to httpbin.foo",
            "curl.foo to httpbin.bar",
            "curl.foo to httpbin.foo",
            "curl.legacy to httpbin.bar",
            "curl.legacy to httpbin.foo"),
        text.lines()
            .filter(line -> line.matches("curl\\.\\w+ to httpbin\\.\\w+: \\d{3}"))
            .map(line -> line.substring(0, line.indexOf(':')))
            .toList());
  }

  @Test
  void filtersTheMatrixByClientAndServer() {
    given()
        .queryParam("from", "legacy")
        .queryParam("to", "foo/httpbin:8000")
        .get(API + "/connectivity")
        .then()
        .statusCode(200)
        .body("cells.from", contains("legacy/curl"))
        .body("cells[0].to", equalTo("foo/httpbin:8000"))
        .body("cells[0].expected", notNullValue());
  }

  @Test
  void tellsHowACellChanged() {
    given()
        .queryParam("from", "legacy/curl")
        .queryParam("to", "foo/httpbin:8000")
        .queryParam("since", "2020-01-01T00:00:00Z")
        .get(API + "/connectivity/history")
        .then()
        .statusCode(200)
        .body("items.size()", greaterThan(0))
        .body("items.from.unique()", contains("legacy/curl"));
  }

  @Test
  void probesOnDemand() {
    String location =
        given()
            .contentType("application/json")
            .body("{\"pairs\":[{\"from\":\"foo/curl\",\"to\":\"bar/httpbin:8000\"}]}")
            .post(API + "/connectivity/probes")
            .then()
            .statusCode(202)
            .header("Location", matchesPattern(".*/api/v1/connectivity/probes/.+"))
            .body("total", equalTo(1))
            .extract()
            .header("Location");

    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () ->
                given()
                    .get(location)
                    .then()
                    .statusCode(200)
                    .body("state", equalTo("DONE"))
                    .body("cells[0].from", equalTo("foo/curl"))
                    .body("cells[0].httpCode", equalTo(200)));
  }

  @Test
  void probesEverythingWithoutABody() {
    given().post(API + "/connectivity/probes").then().statusCode(202).body("total", equalTo(6));
  }

  @Test
  void aWalkByPagesShowsEachEntryOnce() {
    List<String> names = new ArrayList<>();
    String token = null;
    do {
      JsonPath page =
          (token == null ? given() : given().queryParam("continue", token))
              .queryParam("limit", 2)
              .get(API + "/workloads")
              .then()
              .statusCode(200)
              .extract()
              .jsonPath();
      page.<String>getList("items.collect { it.namespace + '/' + it.name }").forEach(names::add);
      token = page.getString("continue");
    } while (token != null);

    assertEquals(
        List.of("bar/curl", "bar/httpbin", "foo/curl", "foo/httpbin", "legacy/curl"), names);
  }

  @Test
  void answersNotModifiedWhileNothingChanges() {
    String tag =
        given()
            .get(API + "/namespaces/legacy/workloads")
            .then()
            .header("ETag", matchesPattern("\"[0-9a-f]{32}(;gzip)?\""))
            .extract()
            .header("ETag");

    given()
        .header("If-None-Match", "\"other\", W/" + tag)
        .get(API + "/namespaces/legacy/workloads")
        .then()
        .statusCode(304)
        .header("ETag", equalTo(tag));
    given()
        .header("If-None-Match", "\"other\"")
        .get(API + "/namespaces/legacy/workloads")
        .then()
        .statusCode(200);
  }
}
