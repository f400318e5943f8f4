// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.emptyString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What HTTP itself promises, of every path. */
@QuarkusTest
final class HttpMannersIT {

  private static final String API = "/api/v1";
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";

  @TestHTTPResource("/api/v1/")
  URI api;

  @ParameterizedTest
  @CsvSource({
    "GET,  /mesh,        200",
    "GET,  /nope,        404",
    "GET,  /mesh?x=1,    400",
    "PUT,  /mesh,        405",
    "HEAD, /mesh,        200",
    "GET,  /plans/nope,  404",
    "POST, /plans,       415",
  })
  void everyAnswerNamesItsCallAndItsTrace(String method, String path, int status) {
    given()
        .header("X-Request-ID", "portal-5581")
        .header("traceparent", "00-" + TRACE + "-b7ad6b7169203331-01")
        .body(method.equals("POST") ? "x" : "")
        .request(method, API + path)
        .then()
        .statusCode(status)
        .header("X-Request-ID", equalTo("portal-5581"))
        .header("traceparent", matchesPattern("00-" + TRACE + "-[0-9a-f]{16}-01"))
        .header("traceparent", not(containsString("b7ad6b7169203331")));
  }

  @Test
  void aCallWithoutNamesIsGivenSome() {
    given()
        .header("X-Request-ID", "{not harmless}")
        .get(API + "/mesh")
        .then()
        .header("X-Request-ID", matchesPattern("[0-9a-f-]{36}"))
        .header("traceparent", matchesPattern("00-[0-9a-f]{32}-[0-9a-f]{16}-00"));
  }

  @Test
  void headAnswersLikeGetWithoutABody() {
    List<String> otherwise = new ArrayList<>();
    for (String path : reads()) {
      var get = given().get(path);
      var head = given().head(path);
      if (head.statusCode() != get.statusCode()
          || !head.contentType().equals(get.contentType())
          || !head.asString().isEmpty()) {
        otherwise.add(path + ": " + head.statusCode() + " " + head.contentType());
      }
    }

    assertEquals(List.of(), otherwise);
  }

  @Test
  void headOfAStreamEnds() {
    given()
        .header("Accept", "text/event-stream")
        .head(API + "/events")
        .then()
        .statusCode(200)
        .contentType(startsWith("text/event-stream"));
  }

  /** Paths that can be read without anything that has to be made before. */
  private static List<String> reads() {
    JsonPath document = given().get("/q/openapi?format=json").jsonPath();
    Map<String, Map<String, Object>> paths = document.getMap("paths");
    return paths.entrySet().stream()
        .filter(entry -> entry.getValue().containsKey("get"))
        .map(entry -> entry.getKey().replace("{namespace}", "foo"))
        .filter(path -> !path.contains("{"))
        .toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/mesh                  | GET, HEAD, OPTIONS",
        "/plans                 | GET, HEAD, POST, OPTIONS",
        "/plans/nope            | GET, HEAD, PUT, DELETE, OPTIONS",
        "/plans/nope/start      | POST, OPTIONS",
        "/analyses              | POST, OPTIONS",
        "/namespaces/foo/impact | GET, HEAD, OPTIONS",
      })
  void optionsNamesTheMethods(String path, String allowed) {
    String allow =
        given()
            .options(API + path)
            .then()
            .statusCode(204)
            .body(emptyString())
            .extract()
            .header("Allow");

    assertEquals(allowed, allow);
  }

  @Test
  void optionsOfNothingIsNotFound() {
    given().options(API + "/nope").then().statusCode(404).contentType("application/problem+json");
  }

  @ParameterizedTest
  @ValueSource(strings = {"namespaces", "namespaces/foo/authorization-policies"})
  void compressesForWhoeverAsks(String path) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(api.resolve(path)).header("Accept-Encoding", "gzip").build();

      HttpResponse<byte[]> answer = client.send(request, HttpResponse.BodyHandlers.ofByteArray());

      assertEquals("gzip", answer.headers().firstValue("Content-Encoding").orElse("none"));
      String text =
          new String(
              new GZIPInputStream(new ByteArrayInputStream(answer.body())).readAllBytes(),
              java.nio.charset.StandardCharsets.UTF_8);
      assertTrue(text.startsWith("{"), text);
    }
  }

  /** The answer about a plan is written and compressed once for all who ask. */
  @Test
  void aPlanReadsTheSameCompressedOrNotAndAsItIsNow() throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      for (String wave : List.of("first", "other")) {
        Plan.draft(
            "written-once", "{'waves': [{'name': '%s', 'namespaces': ['foo']}]}".formatted(wave));
        URI plan = api.resolve("plans/written-once");
        HttpRequest plain = HttpRequest.newBuilder(plan).build();
        for (HttpClient.Version version :
            List.of(HttpClient.Version.HTTP_1_1, HttpClient.Version.HTTP_2)) {
          String text = client.send(plain, HttpResponse.BodyHandlers.ofString()).body();
          HttpRequest packed =
              HttpRequest.newBuilder(plan)
                  .version(version)
                  .header("Accept-Encoding", "gzip")
                  .build();
          byte[] answer = client.send(packed, HttpResponse.BodyHandlers.ofByteArray()).body();

          assertEquals(wave, JsonPath.from(text).getString("waves[0].name"));
          assertEquals(
              text,
              new String(
                  new GZIPInputStream(new ByteArrayInputStream(answer)).readAllBytes(),
                  java.nio.charset.StandardCharsets.UTF_8),
              version.name());
        }
        Plan.delete("written-once");
      }
    }
  }

  @Test
  void compressesNothingForWhoeverDoesNotAsk() throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(api.resolve("namespaces")).build(),
              HttpResponse.BodyHandlers.ofString());

      assertTrue(answer.headers().firstValue("Content-Encoding").isEmpty());
      assertEquals(
          "Accept, Accept-Encoding", answer.headers().firstValue("Vary").orElse("nothing"));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/mesh                                 | */*                                 |"
            + " application/json",
        "/mesh                                 | application/*;q=0.5                 |"
            + " application/json",
        "/connectivity                         | */*                                 |"
            + " application/json",
        "/connectivity                         | text/plain                          | text/plain",
        "/connectivity                         | text/plain;q=0.5, application/json  |"
            + " application/json",
        "/connectivity                         | application/json, text/plain        |"
            + " application/json",
        "/ratchet                              | application/yaml                    |"
            + " application/yaml",
        "/namespaces/foo/authorization-policies| application/yaml                    |"
            + " application/yaml",
        "/events                               | application/json, text/event-stream |"
            + " application/json",
      })
  void answersInTheFormThatIsPreferred(String path, String accept, String type) {
    given()
        .header("Accept", accept)
        .get(API + path)
        .then()
        .statusCode(200)
        .contentType(startsWith(type));
  }

  @Test
  void takesADeleteOfWhoeverAcceptsProblemsAlone() {
    given()
        .accept("application/problem+json")
        .header("If-Match", "*")
        .delete(API + "/plans/nope")
        .then()
        .statusCode(404)
        .contentType("application/problem+json");
  }

  @Test
  void letsNoOtherOriginReadUnlessItIsConfigured() {
    given()
        .header("Origin", "http://localhost:3000")
        .get(API + "/mesh")
        .then()
        .statusCode(403)
        .header("Access-Control-Allow-Origin", nullValue());
  }

  @Test
  void anAnswerThatIsStillTheSameHasNoBody() {
    String tag = given().get(API + "/policies").header("ETag");

    given()
        .header("If-None-Match", tag)
        .get(API + "/policies")
        .then()
        .statusCode(304)
        .body(emptyString())
        .header("ETag", equalTo(tag))
        .header("Vary", notNullValue());
  }

  /** RFC 9110 §8.8.3: what differs in a single byte has another strong tag. */
  @Test
  void aCompressedAnswerHasATagOfItsOwnAndEitherSaysThatNothingHasChanged() throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      String plain = tag(client, "identity");
      String compressed = tag(client, "gzip;q=0.8, br");

      assertNotEquals(plain, compressed);
      assertEquals(plain, tag(client, "br, gzip;q=0"));
      for (String known : List.of(plain, compressed, "W/" + plain, "\"other\", " + compressed)) {
        HttpRequest again =
            HttpRequest.newBuilder(api.resolve("policies")).header("If-None-Match", known).build();
        assertEquals(
            304, client.send(again, HttpResponse.BodyHandlers.ofString()).statusCode(), known);
      }
    }
  }

  private String tag(HttpClient client, String accepted) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(api.resolve("policies")).header("Accept-Encoding", accepted).build();
    return client
        .send(request, HttpResponse.BodyHandlers.discarding())
        .headers()
        .firstValue("ETag")
        .orElseThrow();
  }
}
