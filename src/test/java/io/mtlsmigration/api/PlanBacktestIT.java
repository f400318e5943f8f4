// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;

import io.quarkus.test.junit.QuarkusTest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The backtest of a draft, in the sandbox, which was not watched before it was started. */
@QuarkusTest
final class PlanBacktestIT {

  private static final String PLANS = "/api/v1/plans";
  private static final String JSON = "application/json";

  @BeforeEach
  void make() {
    given()
        .contentType(JSON)
        .body(
            "{\"name\":\"past\",\"waves\":[{\"name\":\"canary\",\"namespaces\":[\"bar\"]},"
                + "{\"name\":\"rest\",\"selector\":{}}]}")
        .post(PLANS)
        .then()
        .statusCode(201);
  }

  @AfterEach
  void remove() {
    given().header("If-Match", "*").delete(PLANS + "/past").then().statusCode(204);
  }

  @Test
  void saysThatItDoesNotKnowWhatNobodyWatched() {
    given()
        .post(PLANS + "/past/backtest")
        .then()
        .statusCode(200)
        .body("plan", equalTo("past"))
        .body("resolution", equalTo("PT1H"))
        .body("counts.opens", equalTo(0))
        .body("namespaces[0].namespace", equalTo("bar"))
        .body("namespaces.wave", hasItems("canary", "rest"))
        .body("namespaces.outcome", everyItem(equalTo("UNKNOWN")))
        .body("namespaces[0].unknown.cause", hasItems("NOTHING_SCRAPED"))
        .body("notJudged.kind", hasItems("GATES", "VERIFICATION", "AS_OF_NOW", "RESOLUTION"));
    given().get(PLANS + "/past").then().body("phase", equalTo("DRAFT"));
  }

  @Test
  void isPrintedToo() {
    given()
        .accept("text/plain")
        .post(PLANS + "/past/backtest")
        .then()
        .statusCode(200)
        .contentType(containsString("text/plain"))
        .body(startsWith("past from "))
        .body(containsString("bar (canary): not known"));
    given()
        .accept("text/markdown")
        .contentType("application/yaml")
        .body("namespaces: [bar]".getBytes(StandardCharsets.UTF_8))
        .post(PLANS + "/past/backtest")
        .then()
        .statusCode(200)
        .contentType(containsString("text/markdown"))
        .body(startsWith("# Backtest: past"))
        .body(containsString("| bar | canary | UNKNOWN |"))
        .body(not(containsString("| foo |")));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '\'',
      value = {
        "'{\"from\":\"yesterday\"}', /from",
        "'{\"from\":\"2026-10-01\"}', /from",
        "'{\"from\":\"2999-01-01T00:00:00Z\"}', /from",
        "'{\"from\":\"2020-01-01T00:00:00Z\"}', /from",
        "'{\"to\":\"2999-01-01T00:00:00Z\"}', /to",
        "'{\"namespaces\":[]}', /namespaces",
        "'{\"namespaces\":[\"bar\",\".*\"]}', /namespaces/1",
        "'{\"since\":\"2026-10-01T00:00:00Z\"}', /since"
      })
  void whatCannotBeAskedIsNamed(String body, String pointer) {
    given()
        .contentType(JSON)
        .body(body)
        .post(PLANS + "/past/backtest")
        .then()
        .statusCode(422)
        .body("errors.pointer", equalTo(List.of(pointer)));
  }

  @Test
  void theEndComesAfterTheBeginning() {
    Instant now = Instant.now();
    given()
        .contentType(JSON)
        .body(
            "{\"from\":\"%s\",\"to\":\"%s\"}"
                .formatted(now.minus(Duration.ofHours(3)), now.minus(Duration.ofHours(30))))
        .post(PLANS + "/past/backtest")
        .then()
        .statusCode(422)
        .body("errors.pointer", equalTo(List.of("/to")));
  }

  @Test
  void aPlanThatIsNotThereIsNotFound() {
    given().post(PLANS + "/nope/backtest").then().statusCode(404);
  }
}
