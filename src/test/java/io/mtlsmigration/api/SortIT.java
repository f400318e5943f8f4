// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanPhase;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Lists in the order that is asked for, in a mesh that has something of each kind. */
@QuarkusTest
@TestProfile(SortIT.Showcase.class)
final class SortIT {

  private static final String API = "/api/v1";

  private static final List<String> PHASES =
      Stream.concat(Arrays.stream(PlanPhase.values()), Arrays.stream(Phase.values()))
          .map(Enum::name)
          .toList();

  /** Values whose order is not that of their names or numbers. */
  private static final Map<String, List<String>> ORDERS =
      Map.of(
          "posture", List.of("UNCAPTURED", "DISABLED", "PERMISSIVE", "MIXED", "STRICT"),
          "dataPlane", List.of("NONE", "GATEWAY", "AMBIENT", "SIDECAR"),
          "severity", List.of("INFO", "WARNING", "BLOCKER"),
          "security", List.of("PLAINTEXT", "MUTUAL_TLS"),
          "outcome", List.of("OK", "SKIPPED", "UNREACHABLE", "TIMEOUT", "REFUSED"),
          "phase", PHASES);

  /** A mesh with something of each kind. */
  public static final class Showcase implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of("mtls-migration.sandbox.scenario", "showcase");
    }
  }

  @BeforeEach
  void probedAndPlanned() {
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                given().get(API + "/connectivity").<List<?>>path("cells").size() > 3
                    && given().get(API + "/traffic").<List<?>>path("items").size() > 1);
    for (String plan : List.of("later", "all")) {
      given()
          .contentType("application/json")
          .body("{\"name\":\"" + plan + "\",\"target\":\"NAMESPACES\"}")
          .post(API + "/plans");
    }
    given().post(API + "/plans/all/start");
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> given().get(API + "/plans/all/namespaces").<List<?>>path("items").size() > 3);
  }

  /** Path, array, page, and how many there are at least. What changes all the time: in one page. */
  static List<Arguments> lists() {
    return List.of(
        argumentSet("namespaces", "/namespaces", "items", 3, 5),
        argumentSet("workloads", "/workloads", "items", 4, 10),
        argumentSet(
            "a namespace's workloads", "/namespaces/half-captured/workloads", "items", 1, 2),
        argumentSet("policies", "/policies", "items", 1, 2),
        argumentSet("findings", "/findings", "items", 1, 2),
        argumentSet("traffic", "/traffic", "items", 1000, 2),
        argumentSet("connectivity", "/connectivity", "cells", 1000, 4),
        argumentSet("plans", "/plans", "items", 1, 2),
        argumentSet("a plan's namespaces", "/plans/all/namespaces", "items", 1000, 4));
  }

  /** Every value that the document names, walked page by page. */
  @ParameterizedTest
  @MethodSource("lists")
  void keepsTheOrderThatTheDocumentNames(String path, String items, int limit, int least)
      throws Exception {
    for (String sort : documented(path)) {
      List<JsonNode> walked = walk(path, items, limit, sort);
      boolean down = sort.startsWith("-");
      String field = down ? sort.substring(1) : sort;

      assertTrue(walked.size() >= least, () -> path + " has " + walked.size());
      List<JsonNode> expected = new ArrayList<>(walked);
      expected.sort(comparator(field, down));
      assertEquals(expected, walked, () -> path + " by " + sort);
      assertEquals(walked.size(), Set.copyOf(walked).size(), "twice");
    }
  }

  private static List<JsonNode> walk(String path, String items, int limit, String sort)
      throws Exception {
    List<JsonNode> walked = new ArrayList<>();
    String token = null;
    do {
      var call = given().queryParam("sort", sort).queryParam("limit", limit);
      if (token != null) {
        call.queryParam("continue", token);
      }
      JsonNode page = new ObjectMapper().readTree(call.get(API + path).asString());
      page.path(items).forEach(walked::add);
      token = page.path("continue").textValue();
    } while (token != null && walked.size() < 1000);
    return walked;
  }

  private static Comparator<JsonNode> comparator(String field, boolean down) {
    Comparator<String> order = down ? Comparator.reverseOrder() : Comparator.naturalOrder();
    Comparator<JsonNode> values =
        Comparator.comparing(
            entry -> comparable(entry.path(field), ORDERS.getOrDefault(field, List.of())), order);
    return Comparator.<JsonNode>comparingInt(entry -> entry.path(field).isNull() ? 1 : 0)
        .thenComparing(values);
  }

  private static String comparable(JsonNode value, List<String> order) {
    if (value.isNumber()) {
      return "%019d".formatted(value.longValue());
    }
    if (value.isObject()) {
      return "%09d%09d%09d"
          .formatted(
              value.path("BLOCKER").intValue(),
              value.path("WARNING").intValue(),
              value.path("INFO").intValue());
    }
    int place = order.indexOf(value.asText());
    return place < 0 ? value.asText() : "%03d".formatted(place);
  }

  private static List<String> documented(String path) throws Exception {
    JsonNode document =
        new ObjectMapper().readTree(given().get("/q/openapi?format=json").asString());
    String template =
        path.replace("/namespaces/half-captured/", "/namespaces/{namespace}/")
            .replace("/plans/all/", "/plans/{plan}/");
    for (JsonNode parameter :
        document.path("paths").path(API + template).path("get").path("parameters")) {
      if (parameter.path("name").asText().equals("sort")) {
        String ref = parameter.at("/schema/$ref").asText().substring(1);
        List<String> values = new ArrayList<>();
        document.at(ref).path("enum").forEach(value -> values.add(value.asText()));
        assertTrue(values.size() >= 4, () -> ref + " has " + values);
        assertEquals(values.size(), document.at(ref).path("x-enum-varnames").size());
        return values;
      }
    }
    throw new AssertionError(path + " documents no sort");
  }

  @Test
  void namesWhatMayBeSortedBy() {
    given()
        .queryParam("sort", "colour")
        .get(API + "/findings")
        .then()
        .statusCode(400)
        .body("code", equalTo("INVALID_PARAMETER"))
        .body("errors[0].parameter", equalTo("sort"))
        .body("errors[0].detail", containsString("severity, namespace, code"));
  }

  @Test
  void takesNoTokenOfAnotherOrder() {
    String token =
        given()
            .queryParams(Map.of("sort", "name", "limit", 1))
            .get(API + "/namespaces")
            .path("continue");

    given()
        .queryParams(Map.of("sort", "-name", "limit", 1, "continue", token))
        .get(API + "/namespaces")
        .then()
        .statusCode(400)
        .body("errors[0].parameter", equalTo("continue"))
        .body("errors[0].detail", containsString("filters and sort"));
    given()
        .queryParams(Map.of("limit", 1, "continue", token))
        .get(API + "/namespaces")
        .then()
        .statusCode(400);
  }

  @Test
  void isUnknownWhereAListHasOneOrder() {
    given()
        .queryParam("sort", "name")
        .get(API + "/audit")
        .then()
        .statusCode(400)
        .body("errors[0].code", is("UNKNOWN_PARAMETER"));
  }
}
