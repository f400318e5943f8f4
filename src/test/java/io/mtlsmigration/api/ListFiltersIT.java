// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.path.json.JsonPath;
import io.restassured.response.ValidatableResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Lists by filters and in parts, in a mesh that has something of each kind. */
@QuarkusTest
@TestProfile(SortIT.Showcase.class)
final class ListFiltersIT {

  private static final String API = "/api/v1";

  @BeforeEach
  void seen() {
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                given().get(API + "/connectivity").<List<?>>path("cells").size() > 3
                    && edges(Map.of()).stream().anyMatch(ListFiltersIT::ownProbesAlone)
                    && edges(Map.of()).stream().anyMatch(edge -> count(edge) > 0));
  }

  private static ValidatableResponse list(String path, Map<String, ?> query) {
    return given().queryParams(query).get(API + path).then().statusCode(200);
  }

  private static List<Map<String, Object>> items(String path, Map<String, ?> query) {
    Map<String, Object> all = new HashMap<>(Map.of("limit", 1000));
    all.putAll(query);
    return list(path, all).extract().path("items");
  }

  private static List<Map<String, Object>> edges(Map<String, ?> query) {
    return items("/traffic", query);
  }

  private static long count(Map<String, Object> edge) {
    return ((Number) edge.get("count")).longValue();
  }

  private static boolean ownProbesAlone(Map<String, Object> edge) {
    return count(edge) == 0 && ((Number) edge.get("ownProbes")).longValue() > 0;
  }

  private static boolean plaintext(Map<String, Object> edge) {
    return edge.get("security").equals("PLAINTEXT");
  }

  /** Path, filters, and what entries must satisfy. Filters leave something out, and not all. */
  static List<Arguments> filters() {
    return List.of(
        filter("a part of a name", "/namespaces", Map.of("name", "PORT"), ns -> name(ns, "port")),
        filter(
            "labels",
            "/namespaces",
            Map.of("labelSelector", "istio-injection in (enabled),!team"),
            ns -> ((Map<?, ?>) ns.get("labels")).containsKey("istio-injection")),
        filter(
            "no such label",
            "/namespaces",
            Map.of("labelSelector", "istio-injection!=enabled"),
            ns -> !((Map<?, ?>) ns.get("labels")).containsKey("istio-injection")),
        filter("mode of workloads", "/workloads", Map.of("mode", "STRICT"), ofMode("STRICT")),
        filter(
            "mode of sorted workloads",
            "/workloads",
            Map.of("mode", "permissive", "sort", "-name"),
            ofMode("PERMISSIVE")),
        filter(
            "mode of a namespace's workloads",
            "/namespaces/half-captured/workloads",
            Map.of("mode", "PERMISSIVE"),
            ofMode("PERMISSIVE")),
        filter("mode of policies", "/policies", Map.of("mode", "STRICT"), ofMode("STRICT")),
        filter("mode unset", "/policies", Map.of("mode", "UNSET"), ofMode("UNSET")));
  }

  private static Arguments filter(
      String name, String path, Map<String, String> query, Predicate<Map<String, Object>> holds) {
    return argumentSet(name, path, query, holds);
  }

  private static boolean name(Map<String, Object> entry, String part) {
    return ((String) entry.get("name")).contains(part);
  }

  private static Predicate<Map<String, Object>> ofMode(String mode) {
    return entry -> mode.equals(entry.get("mode"));
  }

  /** All, in parts of one: the same entries, with the number of those that remain. */
  @ParameterizedTest
  @MethodSource("filters")
  void showWhatTheyNameAndCountTheRest(
      String path, Map<String, String> query, Predicate<Map<String, Object>> holds) {
    List<Map<String, Object>> all = items(path, Map.of());
    List<Map<String, Object>> wanted = all.stream().filter(holds).toList();
    assertFalse(wanted.isEmpty(), "the mesh has none");
    assertTrue(wanted.size() < all.size(), "the mesh has no other");

    List<Map<String, Object>> walked = walk(path, query, wanted.size());

    assertEquals(names(wanted), names(walked));
  }

  private static Set<List<?>> names(List<Map<String, Object>> entries) {
    Set<List<?>> names = new HashSet<>();
    entries.forEach(e -> names.add(Arrays.asList(e.get("namespace"), e.get("name"))));
    return names;
  }

  private static List<Map<String, Object>> walk(String path, Map<String, ?> query, int size) {
    List<Map<String, Object>> walked = new ArrayList<>();
    Map<String, Object> next = new HashMap<>(query);
    next.put("limit", 1);
    for (int left = size - 1; left >= 0; left--) {
      JsonPath page = list(path, next).extract().jsonPath();
      walked.addAll(page.getList("items"));
      assertEquals(left, page.getInt("remaining"), () -> page.prettify());
      assertEquals(left == 0, page.get("continue") == null);
      next.put("continue", page.get("continue"));
    }
    return walked;
  }

  /** Every list has the number, those of other shapes too. */
  @ParameterizedTest
  @CsvSource({
    "/namespaces, items",
    "/workloads, items",
    "/policies, items",
    "/findings, items",
    "/connectivity, cells",
    "/traffic, items",
    "/worklist, items",
    "/mesh/impact, flows",
    "/namespaces/half-captured/impact, flows",
  })
  void tellHowManyRemain(String path, String items) {
    JsonPath whole = list(path, Map.of("limit", 1000)).extract().jsonPath();
    int all = whole.getList(items).size() + whole.getInt("remaining");
    assertTrue(all > 1, () -> path + " has " + all);
    assertEquals(whole.getInt("remaining") == 0, whole.get("continue") == null);

    // Traffic goes on meanwhile.
    list(path, Map.of("limit", 1)).body("remaining", greaterThan(all - 2));
  }

  @Test
  void leaveOwnProbesOutOfPlaintext() {
    List<Map<String, Object>> shown = edges(Map.of("security", "plaintext"));
    List<Map<String, Object>> all = edges(Map.of("security", "plaintext", "ownProbes", "true"));
    List<Map<String, Object>> anySecurity = edges(Map.of());
    List<Map<String, Object>> nobodysProbes = edges(Map.of("ownProbes", "false"));

    assertFalse(shown.isEmpty());
    assertTrue(shown.stream().noneMatch(ListFiltersIT::ownProbesAlone));
    assertTrue(all.stream().anyMatch(ListFiltersIT::ownProbesAlone));
    assertTrue(anySecurity.stream().anyMatch(e -> plaintext(e) && ownProbesAlone(e)));
    assertTrue(nobodysProbes.stream().noneMatch(ListFiltersIT::ownProbesAlone));
    assertTrue(nobodysProbes.stream().anyMatch(edge -> !plaintext(edge)));
  }

  @Test
  void showTrafficByClientAndServer() {
    Map<String, Object> edge =
        edges(Map.of("ownProbes", "false")).stream()
            .filter(e -> ((String) e.get("from")).contains("/"))
            .findFirst()
            .orElseThrow();
    String from = (String) edge.get("from");
    String to = (String) edge.get("to");

    list("/traffic", Map.of("client", from, "server", to))
        .body("items", not(empty()))
        .body("items.from", everyItem(equalTo(from)))
        .body("items.to", everyItem(equalTo(to)));
    list("/traffic", Map.of("client", from.split("/")[0]))
        .body("items.from", hasItem(from))
        .body("items.from", everyItem(startsWith(from.split("/")[0] + "/")));
    list("/traffic", Map.of("server", to.split("/")[0]))
        .body("items.to", hasItem(to))
        .body("gaps.namespace", everyItem(equalTo(to.split("/")[0])));
    list("/traffic", Map.of("client", from.substring(0, from.length() - 1)))
        .body("items.from", not(hasItem(from)));
    list("/traffic", Map.of("server", to, "namespace", "istio-system"))
        .body("items", empty())
        .body("gaps", empty());
    given().queryParam("server", "nope/app").get(API + "/traffic").then().statusCode(404);
  }

  @Test
  void showTrafficByPort() {
    Integer port =
        edges(Map.of()).stream()
            .map(edge -> (Integer) edge.get("port"))
            .filter(Objects::nonNull)
            .findFirst()
            .orElseThrow();

    list("/traffic", Map.of("port", port)).body("items.port", hasItem(port));
    list("/traffic", Map.of("port", 1)).body("items.port", everyItem(nullValue()));
  }

  @Test
  void showEventsSinceAnInstant() {
    given()
        .contentType("application/json")
        .body("{\"name\":\"since\",\"scope\":{\"namespaces\":[\"half-captured\"]}}")
        .post(API + "/plans");
    given().post(API + "/plans/since/pause");
    given().post(API + "/plans/since/start");
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> items("/plans/since/events", Map.of()).size() > 2);
    List<Map<String, Object>> all = items("/plans/since/events", Map.of());
    String newest = (String) all.getFirst().get("at");
    String oldest = (String) all.getLast().get("at");

    for (String path : List.of("/events", "/plans/since/events")) {
      list(path, Map.of("since", newest)).body("items.at", hasItem(newest));
      list(path, Map.of("since", newest, "limit", 1000)).body("items.at", not(hasItem(oldest)));
      list(path, Map.of("since", "2999-01-01T00:00:00Z"))
          .body("items", empty())
          .body("remaining", is(0));
    }
    // Others of this mesh start plans for the same namespaces.
    given().post(API + "/plans/since/abort");
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> given().get(API + "/plans/since").path("endedAt") != null);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/namespaces | labelSelector | team=      a b         | team=a,env!=prod",
        "/traffic    | port          | 0                      | from 1 to 65535",
        "/traffic    | port          | http                   | the number of a port",
        "/traffic    | ownProbes     | no                     | true or false",
        "/workloads  | mode          | UNSET                  | one of DISABLE, PERMISSIVE, STRICT",
        "/workloads  | mode          | MUTUAL                 | one of",
        "/policies   | mode          | MUTUAL                 | UNSET, DISABLE, PERMISSIVE, STRICT",
        "/events     | since         | yesterday              | 2026-11-25T10:00:00Z",
      })
  void tellWhichParameterIsWrongAndWhatIsExpected(
      String path, String parameter, String wrong, String remedy) {
    given()
        .queryParam(parameter, wrong)
        .get(API + path)
        .then()
        .statusCode(400)
        .body("code", equalTo("INVALID_PARAMETER"))
        .body("errors.parameter", contains(parameter))
        .body("errors[0].detail", containsString(remedy));
  }
}
