// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.Method;
import io.restassured.path.json.JsonPath;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever goes wrong, the answer is a problem of the catalogue. */
@QuarkusTest
final class ProblemsIT {

  private static final String API = "/api/v1";
  private static final String PROBLEM = "application/problem+json";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/nope",
        "/api",
        "/api/v1/nope",
        "/api/v1/namespaces/nope",
        "/api/v1/namespaces/nope/workloads",
        "/api/v1/namespaces/nope/readiness",
        "/api/v1/namespaces/nope/impact",
        "/api/v1/workloads?namespace=nope",
        "/api/v1/traffic?namespace=nope",
        "/api/v1/connectivity/probes/nope",
        "/api/v1/plans/nope",
        "/api/v1/plans/nope/spec",
        "/api/v1/plans/nope/namespaces",
        "/api/v1/plans/nope/namespaces/foo",
        "/api/v1/plans/nope/mesh",
        "/api/v1/plans/nope/events",
        "/api/v1/plans/nope/manifests",
        "/api/v1/plans/nope/report",
        "/api/v1/mesh/impact?plan=nope",
      })
  void answers404ForWhatIsNotThere(String path) {
    given()
        .get(path)
        .then()
        .statusCode(404)
        .contentType(PROBLEM)
        .body("type", equalTo("urn:mtls-migration:problem:not-found"))
        .body("code", equalTo("NOT_FOUND"))
        .body("status", equalTo(404))
        .body("instance", equalTo(path.replaceFirst("\\?.*", "")));
  }

  @ParameterizedTest
  @CsvSource({
    "/mesh?x=1,                             x,         UNKNOWN_PARAMETER",
    "/namespaces?posture=SECURE,            posture,   WRONG_VALUE",
    "/namespaces?limit=0,                   limit,     WRONG_VALUE",
    "/namespaces?limit=1001,                limit,     WRONG_VALUE",
    "/namespaces?limit=ten,                 limit,     WRONG_VALUE",
    "/namespaces?continue=xyz,              continue,  WRONG_VALUE",
    "/namespaces?limit=1&limit=2,           limit,     DUPLICATE_PARAMETER",
    "/findings?severity=HUGE,               severity,  WRONG_VALUE",
    "/findings?code=NOPE,                   code,      WRONG_VALUE",
    "/namespaces/foo/impact?mode=UNSET,     mode,      WRONG_VALUE",
    "/traffic?window=soon,                  window,    WRONG_VALUE",
    "/traffic?window=PT0S,                  window,    WRONG_VALUE",
    "/traffic?window=P91D,                  window,    WRONG_VALUE",
    "/traffic?security=open,                security,  WRONG_VALUE",
    "/connectivity/history?since=yesterday, since,     WRONG_VALUE",
    "/connectivity?unexpected=maybe,        unexpected, WRONG_VALUE",
  })
  void namesTheWrongParameter(String path, String parameter, String code) {
    given()
        .get(API + path)
        .then()
        .statusCode(400)
        .contentType(PROBLEM)
        .body("code", equalTo("INVALID_PARAMETER"))
        .body("errors.parameter", hasItem(parameter))
        .body("errors[0].code", equalTo(code));
  }

  @Test
  void namesEveryWrongParameter() {
    given()
        .get(API + "/findings?severity=HUGE&limit=0&x=1")
        .then()
        .statusCode(400)
        .body("errors.parameter", hasItems("severity", "limit", "x"));
  }

  @Test
  void aTokenHoldsForItsOwnFiltersOnly() {
    String token = given().get(API + "/workloads?limit=1").path("continue");

    given()
        .queryParam("continue", token)
        .queryParam("namespace", "foo")
        .get(API + "/workloads")
        .then()
        .statusCode(400)
        .body("errors[0].parameter", equalTo("continue"));
  }

  @Test
  void answers406ForWhatItCannotWrite() {
    given()
        .accept("image/png")
        .get(API + "/mesh")
        .then()
        .statusCode(406)
        .contentType(PROBLEM)
        .body("code", equalTo("NOT_ACCEPTABLE"))
        .body("detail", endsWith("accept one of application/json"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/worklist            | application/json, text/csv, text/markdown, text/plain",
        "/connectivity        | application/json, text/plain",
        "/events              | application/json, text/event-stream",
        "/plans/known/manifests | application/yaml, text/yaml",
        "/plans/known/report  | application/json, text/markdown",
        "/namespaces/foo/authorization-policies | application/json, application/yaml",
      })
  void tellsWhatIsAcceptable(String path, String types) {
    given()
        .contentType("application/json")
        .body("{\"name\":\"known\",\"scope\":{\"namespaces\":[\"bar\"]}}")
        .post(API + "/plans");
    given()
        .accept("image/png")
        .get(API + path)
        .then()
        .statusCode(406)
        .body("detail", endsWith("accept one of " + types));
  }

  /** As the client that is generated for Python asks. */
  @Test
  void printsManifestsAlsoForWhoAcceptsProblemsOnly() {
    given()
        .contentType("application/json")
        .body("{\"name\":\"printed\",\"scope\":{\"namespaces\":[\"bar\"]}}")
        .post(API + "/plans");
    String yaml =
        given().get(API + "/plans/printed/manifests").then().statusCode(200).extract().asString();

    for (String accept : List.of("application/problem+json", "text/yaml")) {
      given()
          .accept(accept)
          .get(API + "/plans/printed/manifests")
          .then()
          .statusCode(200)
          .contentType(startsWith("text/yaml"))
          .body(equalTo(yaml));
    }
    given().get(API + "/plans/printed/manifests").then().contentType("application/yaml");
    given()
        .accept("application/problem+json")
        .get(API + "/plans/nope/manifests")
        .then()
        .statusCode(404)
        .contentType(PROBLEM);
  }

  /** RFC 9110 §12.5.1; alike whether a resource has one form or several to choose from. */
  @ParameterizedTest
  @CsvSource({
    "/mesh,         foo",
    "/mesh,         text/",
    "/connectivity, foo",
    "/connectivity, text/",
    "/events,       foo",
    "/ratchet,      foo",
  })
  void answers406ForAnAcceptThatNamesNoMediaType(String path, String accept) {
    given()
        .header("Accept", accept)
        .get(API + path)
        .then()
        .statusCode(406)
        .contentType(PROBLEM)
        .body("code", equalTo("NOT_ACCEPTABLE"));
  }

  @Test
  void answers415ForWhatItCannotRead() {
    given()
        .contentType("application/xml")
        .body("<plan/>")
        .post(API + "/plans")
        .then()
        .statusCode(415)
        .contentType(PROBLEM)
        .body("code", equalTo("UNSUPPORTED_MEDIA_TYPE"));
  }

  @Test
  void answers405WithTheMethodsThatTheDocumentHas() {
    JsonPath document = given().get("/q/openapi?format=json").jsonPath();
    Map<String, Map<String, Object>> paths = document.getMap("paths");
    Map<String, Set<String>> expected = new TreeMap<>();
    Map<String, Set<String>> allowed = new TreeMap<>();

    paths.forEach(
        (path, item) -> {
          Set<String> methods = new TreeSet<>();
          item.keySet().forEach(method -> methods.add(method.toUpperCase(Locale.ROOT)));
          if (methods.contains("GET")) {
            methods.add("HEAD");
          }
          methods.add("OPTIONS");
          expected.put(path, methods);
          String allow =
              given()
                  .request(Method.PATCH, path.replaceAll("\\{\\w+}", "x"))
                  .then()
                  .statusCode(405)
                  .contentType(PROBLEM)
                  .body("code", equalTo("METHOD_NOT_ALLOWED"))
                  .extract()
                  .header("Allow");
          allowed.put(
              path,
              Arrays.stream(allow.split(", ")).collect(Collectors.toCollection(TreeSet::new)));
        });

    assertEquals(expected, allowed);
  }

  @Test
  void takesTheParametersThatTheDocumentHas() {
    JsonPath document = given().get("/q/openapi?format=json").jsonPath();
    Map<String, Map<String, Map<String, Object>>> paths = document.getMap("paths");
    Map<String, Set<String>> documented = new TreeMap<>();
    Map<String, Set<String>> known = new TreeMap<>();

    paths.forEach(
        (path, item) -> {
          if (!item.containsKey("get") || path.contains("{plan}") || path.contains("{id}")) {
            return;
          }
          documented.put(path, queryParameters(item.get("get")));
          String detail =
              given()
                  .get(path.replace("{namespace}", "foo") + "?neverHeardOf=1")
                  .then()
                  .statusCode(400)
                  .extract()
                  .path("errors[0].detail");
          int colon = detail.indexOf(": ");
          known.put(
              path,
              colon < 0
                  ? Set.of()
                  : new TreeSet<>(List.of(detail.substring(colon + 2).split(", "))));
        });

    assertEquals(documented, known);
  }

  @SuppressWarnings("unchecked")
  private static Set<String> queryParameters(Map<String, Object> operation) {
    Set<String> names = new TreeSet<>();
    for (Map<String, Object> parameter :
        (List<Map<String, Object>>) operation.getOrDefault("parameters", List.of())) {
      String ref = (String) parameter.get("$ref");
      if (ref != null && !ref.endsWith("/If-None-Match")) {
        names.add(ref.substring(ref.lastIndexOf('/') + 1));
      } else if ("query".equals(parameter.get("in"))) {
        names.add((String) parameter.get("name"));
      }
    }
    return names;
  }

  @Test
  void namesEachPairThatCannotBeProbed() {
    given()
        .contentType("application/json")
        .body(
            """
            {"pairs":[{"from":"foo/curl","to":"bar/httpbin:8000"},
                      {"from":"foo/nope","to":"bar/httpbin:8000"},
                      {"from":"foo/curl","to":"bar/nope:8000","x":1}]}""")
        .post(API + "/connectivity/probes")
        .then()
        .statusCode(422)
        .body("errors.pointer", hasItem("/pairs/2/x"));
    given()
        .contentType("application/json")
        .body("{\"pairs\":[{\"from\":\"foo/nope\",\"to\":\"bar/nope:8000\"}]}")
        .post(API + "/connectivity/probes")
        .then()
        .statusCode(422)
        .contentType(PROBLEM)
        .body("errors.pointer", hasItem(startsWith("/pairs/0/")))
        .body("errors[0].code", equalTo("UNKNOWN_REFERENCE"));
  }

  @Test
  void tellsNothingOfItsInside() {
    given()
        .get(API + "/plans/%2e%2e%2fnope")
        .then()
        .contentType(PROBLEM)
        .body("detail", not(containsString("Exception")));
  }
}
