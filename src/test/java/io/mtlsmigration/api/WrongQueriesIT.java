// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static io.restassured.RestAssured.given;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * What each operation answers to each wrong query: the code, and what it says of each parameter.
 * Run it with {@code -Dupdate.docs=true} after an operation or a parameter is added, and review the
 * difference.
 */
@QuarkusTest
final class WrongQueriesIT {

  private static final Path GOLDEN = Path.of("src/test/resources/golden/wrong-queries.txt");

  /** Parameters that take any text: a wrong one is not told from a right one by its form. */
  private static final String TEXT = "string";

  private Map<String, Object> document = Map.of();

  @Test
  void tellsWhatIsWrong() throws IOException {
    given()
        .contentType("application/json")
        .body("{\"name\":\"wrong-queries\",\"target\":\"MESH\"}")
        .post("/api/v1/plans")
        .then()
        .statusCode(201);
    document = given().get("/q/openapi?format=json").jsonPath().getMap("");
    List<String> told = new ArrayList<>();
    Map<String, Map<String, Map<String, Object>>> paths = new TreeMap<>();
    given()
        .get("/q/openapi?format=json")
        .jsonPath()
        .<String, Map<String, Map<String, Object>>>getMap("paths")
        .forEach((path, item) -> paths.put(path, new TreeMap<>(item)));

    paths.forEach(
        (path, item) ->
            item.forEach(
                (method, operation) ->
                    told.addAll(told(method.toUpperCase(Locale.ROOT), path, operation))));

    String text = String.join("\n", told) + "\n";
    if (Boolean.getBoolean("update.docs")) {
      Files.writeString(GOLDEN, text);
    }
    assertEquals(Files.readString(GOLDEN), text);
  }

  private List<String> told(String method, String path, Map<String, Object> operation) {
    List<String> told = new ArrayList<>();
    for (String accept : accepted(operation)) {
      for (String query : queries(operation)) {
        told.add(told(method, path, query, accept));
      }
    }
    return told;
  }

  @SuppressWarnings("unchecked")
  private static Set<String> accepted(Map<String, Object> operation) {
    Set<String> types = new TreeSet<>();
    Map<String, Map<String, Object>> responses =
        (Map<String, Map<String, Object>>) operation.get("responses");
    responses.forEach(
        (status, response) -> {
          if (status.startsWith("2")) {
            types.addAll(
                ((Map<String, Object>) response.getOrDefault("content", Map.of())).keySet());
          }
        });
    return types.isEmpty() ? Set.of("*/*") : types;
  }

  /**
   * An unknown parameter; then each that is known twice, with nonsense and without a value; then
   * all at once.
   */
  private List<String> queries(Map<String, Object> operation) {
    Map<String, Boolean> parameters = parameters(operation);
    List<String> queries = new ArrayList<>(List.of("x=1"));
    parameters.forEach(
        (name, any) -> {
          queries.add(name + "=1&" + name + "=2");
          if (!any) {
            queries.add(name + "=%3F");
            queries.add(name);
          }
        });
    if (!parameters.isEmpty()) {
      queries.add(
          parameters.keySet().stream().map(name -> name + "=%3F").collect(Collectors.joining("&"))
              + "&x=1&y=2");
    }
    return queries;
  }

  /** Names, and whether any text will do. */
  @SuppressWarnings("unchecked")
  private Map<String, Boolean> parameters(Map<String, Object> operation) {
    Map<String, Boolean> names = new TreeMap<>();
    for (Map<String, Object> declared :
        (List<Map<String, Object>>) operation.getOrDefault("parameters", List.of())) {
      Map<String, Object> parameter = resolved(declared);
      if ("query".equals(parameter.get("in"))) {
        Map<String, Object> schema = (Map<String, Object>) parameter.get("schema");
        boolean any = TEXT.equals(schema.get("type")) && schema.size() == 1;
        names.put((String) parameter.get("name"), any && !parameter.get("name").equals("continue"));
      }
    }
    return names;
  }

  @SuppressWarnings("unchecked")
  private Map<String, Object> resolved(Map<String, Object> declared) {
    String ref = (String) declared.get("$ref");
    if (ref == null) {
      return declared;
    }
    Map<String, Object> at = document;
    for (String part : ref.substring(2).split("/", -1)) {
      at = (Map<String, Object>) at.get(part);
    }
    return at;
  }

  private static String told(String method, String path, String query, String accept) {
    Response response =
        given()
            .urlEncodingEnabled(false)
            .accept(accept)
            .contentType("application/json")
            .request(
                method,
                path.replace("{plan}", "wrong-queries")
                        .replace("{namespace}", "foo")
                        .replace("{client}", "workload.0000000000000000")
                        .replace("{receiver}", "nope")
                        .replace("{exception}", "foo.8080.0000000000")
                        .replace("{id}", "1")
                    + "?"
                    + query);
    return method + " " + path + "?" + query + " as " + accept + ": " + answer(response);
  }

  private static String answer(Response response) {
    String code = response.statusCode() + " " + response.path("code");
    List<Map<String, String>> errors = response.path("errors");
    return errors == null
        ? code
        : code
            + errors.stream()
                .map(
                    e -> "\n  " + e.get("parameter") + " " + e.get("code") + ": " + e.get("detail"))
                .collect(Collectors.joining());
  }
}
