// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The wire in the mesh of Istio's task, where everybody is probed every two seconds. */
@QuarkusTest
final class WireChecksIT {

  private static final String CHECKS = "/api/v1/wire-checks";
  private static final String PLAINTEXT = "connections.find { it.workload == 'legacy/curl' }";
  private static final String MUTUAL = "connections.find { it.workload == 'foo/curl' }";

  private static String start(Map<String, ?> body) {
    return given()
        .contentType("application/json")
        .body(body)
        .post(CHECKS)
        .then()
        .statusCode(202)
        .body("state", equalTo("RUNNING"))
        .extract()
        .header("Location");
  }

  private static ValidatableResponse ended(String location) {
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> !given().get(location).path("state").equals("RUNNING"));
    return given().get(location).then().statusCode(200);
  }

  @Test
  void tellsPlaintextFromMutualTls() {
    String check = start(Map.of("namespace", "foo", "workload", "httpbin", "duration", "4s"));

    ended(check)
        .body("state", equalTo("DONE"))
        .body("pod", equalTo("httpbin-0"))
        .body("ports", equalTo(List.of(Map.of("port", 8080, "bypassed", false))))
        .body("endedBy", equalTo("TIME"))
        .body("verdict", equalTo("PLAINTEXT_SEEN"))
        .body("counts.PLAINTEXT", greaterThan(0))
        .body("counts.ISTIO_MTLS", greaterThan(0))
        .body("counts.UNKNOWN", equalTo(0))
        .body("lost", equalTo(0))
        .body(PLAINTEXT + ".security", equalTo("PLAINTEXT"))
        .body(PLAINTEXT + ".firstBytes", startsWith("GET /"))
        .body(PLAINTEXT + ".firstBytes", containsString("Host: httpbin.foo:8000"))
        .body(PLAINTEXT + ".port", equalTo(8080))
        .body(PLAINTEXT + ".peer", matchesPattern("10\\.\\d+\\.\\d+\\.\\d+:\\d+"))
        .body(PLAINTEXT + ".alpn", equalTo(List.of()))
        .body(MUTUAL + ".security", equalTo("ISTIO_MTLS"))
        .body(MUTUAL + ".basis", equalTo("BEGINNING"))
        .body(MUTUAL + ".answer", equalTo("ANSWERED"))
        .body(MUTUAL + ".firstBytes", equalTo(""))
        .body(MUTUAL + ".alpn", hasItem("istio"))
        .body("failure", nullValue());
  }

  @Test
  void printsLinesForATerminal() {
    String check = start(Map.of("namespace", "bar", "pod", "httpbin-0", "duration", "4s"));
    ended(check);

    String text = given().accept("text/plain").get(check).asString();

    List<String> lines = text.lines().toList();
    assertTrue(lines.contains("PLAINTEXT_SEEN"), text);
    assertTrue(lines.contains("curl.foo to httpbin.bar:8080: ISTIO_MTLS (istio)"), text);
    assertTrue(lines.contains("curl.legacy to httpbin.bar:8080: PLAINTEXT (GET / HTTP/1.1)"), text);
  }

  @Test
  void printsTheLatestForATerminal() {
    ended(start(Map.of("namespace", "bar", "pod", "httpbin-0", "duration", "4s")));

    String text = given().accept("text/plain").get(CHECKS + "?namespace=bar&limit=1").asString();

    List<String> lines = text.lines().toList();
    assertTrue(
        lines.getFirst().matches("20[^ ]+Z bar/httpbin \\(pod httpbin-0\\): PLAINTEXT_SEEN"), text);
    assertTrue(lines.contains("  curl.foo to httpbin.bar:8080: ISTIO_MTLS (istio)"), text);
    assertEquals(
        "",
        given()
            .accept("text/plain")
            .get(CHECKS + "?namespace=nobody")
            .then()
            .statusCode(200)
            .extract()
            .asString());
    given().accept("text/plain").get(CHECKS + "?limit=none").then().statusCode(400);
  }

  @Test
  void saysThatNobodyCalled() {
    String check =
        start(Map.of("namespace", "foo", "workload", "httpbin", "port", 9999, "duration", "1s"));

    ended(check)
        .body("state", equalTo("DONE"))
        .body("verdict", equalTo("NO_TRAFFIC"))
        .body("packets", equalTo(0))
        .body("connections", equalTo(List.of()));
  }

  @Test
  void endsWhenItHasSeenAsManyPacketsAsWereAskedFor() {
    String check =
        start(
            Map.of("namespace", "foo", "workload", "httpbin", "maxPackets", 1, "duration", "30s"));

    ended(check).body("endedBy", equalTo("PACKETS")).body("packets", equalTo(1));
  }

  @Test
  void failsWithARemedyWhereThereIsNoProxy() {
    String check =
        start(Map.of("namespace", "legacy", "workload", "curl", "port", 80, "duration", "1s"));

    ended(check)
        .body("state", equalTo("FAILED"))
        .body("verdict", nullValue())
        .body("failure.code", equalTo("NO_PROXY"))
        .body("failure.reason", containsString("curl-0"))
        .body("failure.remedy", not(equalTo("")));
  }

  @Test
  void listsTheLatestFirst() {
    Map<String, ?> body =
        Map.of("namespace", "foo", "workload", "httpbin", "port", 9999, "duration", "1s");
    String first = start(body);
    String second = start(body);

    List<String> ids = given().get(CHECKS + "?namespace=foo").path("items.id");

    int of = ids.indexOf(first.substring(first.lastIndexOf('/') + 1));
    assertTrue(ids.indexOf(second.substring(second.lastIndexOf('/') + 1)) < of, ids::toString);
    given().get(CHECKS + "?namespace=nowhere").then().body("items", equalTo(List.of()));
  }

  static Stream<Arguments> unknown() {
    return Stream.of(
        argumentSet("namespace", Map.of("namespace", "x", "workload", "httpbin"), "/namespace"),
        argumentSet("workload", Map.of("namespace", "foo", "workload", "x"), "/workload"),
        argumentSet("pod", Map.of("namespace", "foo", "pod", "x"), "/pod"),
        argumentSet("port", Map.of("namespace", "legacy", "workload", "curl"), "/port"));
  }

  @ParameterizedTest
  @MethodSource("unknown")
  void knowsNoTargetThatDoesNotExist(Map<String, ?> body, String pointer) {
    given()
        .contentType("application/json")
        .body(body)
        .post(CHECKS)
        .then()
        .statusCode(404)
        .contentType("application/problem+json")
        .body("code", equalTo("NOT_FOUND"))
        .body("errors.pointer", contains(pointer))
        .body("errors[0].code", equalTo("UNKNOWN_REFERENCE"));
  }

  static Stream<Arguments> wrong() {
    return Stream.of(
        argumentSet("no namespace", "{\"workload\":\"httpbin\"}", List.of("/namespace")),
        argumentSet("neither", "{\"namespace\":\"foo\"}", List.of("")),
        argumentSet(
            "both", "{\"namespace\":\"foo\",\"workload\":\"a\",\"pod\":\"b\"}", List.of("")),
        argumentSet(
            "bounds",
            "{\"namespace\":\"foo\",\"workload\":\"a\",\"port\":0,\"duration\":\"61s\",\"maxPackets\":10001}",
            List.of("/port", "/duration", "/maxPackets")),
        argumentSet(
            "short and misspelt",
            "{\"namespace\":\"foo\",\"workload\":\"a\",\"duration\":\"999ms\",\"prot\":80}",
            List.of("/duration", "/prot")),
        argumentSet("nothing", "", List.of("", "/namespace")));
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void namesEachWrongField(String body, List<String> pointers) {
    given()
        .contentType("application/json")
        .body(body)
        .post(CHECKS)
        .then()
        .statusCode(422)
        .body("errors.pointer", containsInAnyOrder(pointers.toArray()));
  }

  @Test
  void knowsNoOtherCheck() {
    given().get(CHECKS + "/x").then().statusCode(404).body("code", equalTo("NOT_FOUND"));
    given().accept("text/plain").get(CHECKS + "/x").then().statusCode(404);
  }

  @Test
  void acceptsNoMoreThanItCanRun() {
    Map<String, ?> body =
        Map.of("namespace", "bar", "workload", "httpbin", "port", 9999, "duration", "3s");

    int status = 202;
    String retryAfter = null;
    for (int i = 0; i < 9 && status == 202; i++) {
      var response = given().contentType("application/json").body(body).post(CHECKS);
      status = response.statusCode();
      retryAfter = response.header("Retry-After");
    }

    assertTrue(status == 429 && retryAfter != null, "status " + status);
    await() // for those to end, so that other tests find room
        .atMost(Duration.ofSeconds(20))
        .until(() -> !given().get(CHECKS).<List<String>>path("items.state").contains("RUNNING"));
  }
}
