// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The mesh over time, in the sandbox. */
@QuarkusTest
final class MeshHistoryIT {

  private static final String PATH = "/api/v1/mesh/history";

  @Test
  void tellsWhatWasSeenAndLeavesGapsWhereNothingWas() {
    await()
        .atMost(Duration.ofSeconds(40))
        .until(
            () ->
                given().get(PATH + "?window=PT1M&step=1s").path("points[59].workloads") != null
                    && given()
                        .get(PATH + "?window=PT1M&step=5s")
                        .jsonPath()
                        .getList("points.calls.evidence")
                        .contains("MEASURED"));

    JsonPath told = given().get(PATH + "?window=PT24H&step=PT5M").jsonPath();
    JsonPath lately = given().get(PATH + "?window=PT1M&step=PT5S").jsonPath();

    assertEquals(288, told.getList("points").size());
    assertEquals("UNAVAILABLE", told.getString("points[0].calls.evidence"));
    assertEquals("WINDOW_NOT_COVERED", told.getString("points[0].calls.reason"));
    assertEquals((Object) null, told.get("points[0].calls.plaintext"));
    assertEquals((Object) null, told.get("points[0].calls.mutualTlsShare"));
    assertEquals((Object) null, told.get("points[0].workloads"));
    assertEquals(
        5, lately.getInt("points.findAll { it.workloads != null }[-1].workloads.values().sum()"));
    assertEquals(
        4, lately.getInt("points.findAll { it.workloads != null }[-1].namespaces.values().sum()"));
    float share =
        lately.getFloat(
            "points.findAll { it.calls.mutualTlsShare != null }[-1].calls.mutualTlsShare");
    assertTrue(share >= 0 && share <= 1, "share " + share);
  }

  @Test
  void printsATableForATerminal() {
    String text =
        given()
            .accept("text/plain")
            .get(PATH + "?window=PT1M&step=PT5S")
            .then()
            .statusCode(200)
            .contentType("text/plain")
            .extract()
            .asString();

    assertEquals(14, text.lines().count(), text);
    assertTrue(text.startsWith("steps of PT5S from 20"), text);
    assertTrue(text.lines().skip(1).findFirst().orElse("").endsWith("uncaptured"), text);
    given().accept("text/plain").get(PATH + "?step=never").then().statusCode(400);
  }

  @Test
  void choosesAStepThatFitsTheRange() {
    given().get(PATH).then().statusCode(200).body("step", equalTo("PT5M"));
    given().get(PATH + "?window=PT15M").then().body("step", equalTo("PT5S"));
    given().get(PATH + "?window=7d").then().body("step", equalTo("PT1H"));
  }

  @Test
  void tellsWholeStepsInOrder() {
    Instant until = Instant.now().minusSeconds(1);
    Instant since = until.minus(Duration.ofMinutes(10));

    given()
        .queryParam("since", since.toString())
        .queryParam("until", until.toString())
        .queryParam("step", "1m")
        .get(PATH)
        .then()
        .statusCode(200)
        .body("points.size()", is(10))
        .body("points.calls.evidence", everyItem(notNullValue()))
        .body("from.substring(17)", equalTo("00Z"))
        .body("to", equalTo(ofMinute(until).toString()));
  }

  private static Instant ofMinute(Instant at) {
    return Instant.ofEpochSecond(Math.floorDiv(at.getEpochSecond(), 60) * 60);
  }

  @Test
  void isTheSameUntilTheNextStepHasEnded() {
    Response first = given().get(PATH + "?window=P31D&step=PT3H");

    given()
        .header("If-None-Match", first.header("ETag"))
        .get(PATH + "?window=P31D&step=PT3H")
        .then()
        .statusCode(304);
  }

  static Stream<Arguments> wrong() {
    return Stream.of(
        argumentSet("both", "since=2026-01-01T00:00:00Z&window=PT1H", "window", "not both"),
        argumentSet("too long a window", "window=P32D", "window", "PT744H at most"),
        argumentSet("too long ago", "since=2001-01-01T00:00:00Z", "since", "at most PT744H"),
        argumentSet("the future", "until=3000-01-01T00:00:00Z", "until", "of the past"),
        argumentSet("before all time", "until=-1000000000-01-01T00:00:00Z", "until", "of the past"),
        argumentSet("the wrong way round", "since=3000-01-01T00:00:00Z", "since", "before until"),
        argumentSet("too many steps", "window=PT24H&step=1s", "step", "a step of at least PT1M27S"),
        argumentSet("no whole step", "window=PT1S&step=1h", "step", "No step of PT1H"),
        argumentSet("part of a second", "step=PT0.5S", "step", "whole seconds"),
        argumentSet("no duration", "step=often", "step", "a duration such as"),
        argumentSet("unknown", "from=2026-01-01T00:00:00Z", "from", "known here"));
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void namesWhatIsWrongAndWhatWouldDo(String query, String parameter, String said) {
    given()
        .urlEncodingEnabled(false)
        .get(PATH + "?" + query)
        .then()
        .statusCode(400)
        .contentType("application/problem+json")
        .body("errors[0].parameter", equalTo(parameter))
        .body("errors[0].pointer", nullValue())
        .body("errors[0].detail", containsString(said));
  }
}
