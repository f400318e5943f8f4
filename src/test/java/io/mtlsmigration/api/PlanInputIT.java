// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.quarkus.test.junit.QuarkusTest;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Plans that are refused, each with the place that is wrong. Nothing of them is stored. */
@QuarkusTest
final class PlanInputIT {

  private static final String PLANS = "/api/v1/plans";
  private static final String PROBLEM = "application/problem+json";
  private static final String JSON = "application/json";
  private static final String YAML = "application/yaml";

  static Stream<Arguments> invalid() {
    return Stream.of(
        argumentSet(
            "unknown namespace",
            "{'name':'a','scope':{'namespaces':['foo','nope']}}",
            "/scope/namespaces/1"),
        argumentSet(
            "unknown namespace in a wave",
            "{'name':'a','waves':[{'name':'w','namespaces':['foo','nope']}]}",
            "/waves/0/namespaces/1"),
        argumentSet(
            "wave without members",
            "{'name':'a','waves':[{'name':'w','namespaces':[]}]}",
            "/waves/0"),
        argumentSet(
            "overlapping waves",
            "{'name':'a','waves':[{'name':'w','namespaces':['foo']},"
                + "{'name':'x','namespaces':['bar','foo']}]}",
            "/waves/1/namespaces/1"),
        argumentSet(
            "window of zero",
            "{'name':'a','gates':{'plaintextWindow':'PT0S'}}",
            "/gates/plaintextWindow"),
        argumentSet("unknown field", "{'name':'a','windows':[]}", "/windows"),
        argumentSet("wrong enum", "{'name':'a','target':'GALAXY'}", "/target"),
        argumentSet(
            "a file: hook",
            "{'name':'a','gates':{'hooks':[{'url':'file:///etc/passwd','when':'AFTER_LOCK'}]}}",
            "/gates/hooks/0/url"),
        argumentSet(
            "a narrower scope than the mesh",
            "{'name':'a','target':'MESH','scope':{'namespaces':['foo']}}",
            "/scope"),
        argumentSet(
            "the root namespace in a wave",
            "{'name':'a','waves':[{'name':'w','namespaces':['istio-system']}]}",
            "/waves/0/namespaces/0"),
        argumentSet("no body's worth", "[]", ""));
  }

  @ParameterizedTest
  @MethodSource("invalid")
  void refusesAndNamesThePlace(String body, String pointer) {
    given()
        .contentType(JSON)
        .body(body.replace('\'', '"'))
        .post(PLANS)
        .then()
        .statusCode(422)
        .contentType(PROBLEM)
        .body("code", equalTo("INVALID"))
        .body("errors.pointer", hasItem(pointer));
  }

  @Test
  void listsTheValuesOfAnEnum() {
    given()
        .contentType(JSON)
        .body("{\"name\":\"a\",\"target\":\"GALAXY\"}")
        .post(PLANS)
        .then()
        .statusCode(422)
        .body("errors[0].detail", containsString("NAMESPACES, MESH"));
  }

  @Test
  void namesWrongFormAndWrongSenseAtOnce() {
    given()
        .contentType(JSON)
        .body(
            """
            {"name":"a","adopt":"yes","scope":{"namespaces":["nope"]},
             "gates":{"plaintextWindow":"0s","noSamples":"MAYBE"}}""")
        .post(PLANS)
        .then()
        .statusCode(422)
        .body(
            "errors.pointer",
            hasItems(
                "/adopt", "/gates/noSamples", "/scope/namespaces/0", "/gates/plaintextWindow"));
  }

  static Stream<Arguments> malformed() {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 10; i++) {
      bomb.append("a%d: &a%d [%s]\n".formatted(i, i, ("*a" + (i - 1) + ", ").repeat(10)));
    }
    return Stream.of(
        argumentSet("half a body", JSON, "{\"name\":", "SYNTAX"),
        argumentSet("malformed YAML", YAML, "name: [a\ntarget: MESH", "SYNTAX"),
        argumentSet("a YAML bomb", YAML, bomb.toString(), "TOO_LARGE"),
        argumentSet(
            "20,000 levels", JSON, "{\"a\":".repeat(20_000) + "1" + "}".repeat(20_000), "TOO_DEEP"),
        argumentSet(
            "20,000 levels of YAML", YAML, "[".repeat(20_000) + "]".repeat(20_000), "TOO_DEEP"),
        argumentSet("a key twice", JSON, "{\"name\":\"a\",\"name\":\"b\"}", "DUPLICATE_KEY"),
        argumentSet("a YAML key twice", YAML, "name: a\nname: b\n", "DUPLICATE_KEY"));
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void refusesWhatIsNotWellFormed(String type, String body, String code) {
    given()
        .contentType(type)
        .body(body.getBytes(UTF_8))
        .post(PLANS)
        .then()
        .statusCode(400)
        .contentType(PROBLEM)
        .body("code", equalTo("MALFORMED_BODY"))
        .body("errors[0].code", equalTo(code));
  }

  @Test
  void refusesABodyOfFiveMegabytes() {
    given()
        .contentType(JSON)
        .body("{\"name\":\"" + "a".repeat(5_000_000) + "\"}")
        .post(PLANS)
        .then()
        .statusCode(413)
        .contentType(PROBLEM)
        .body("code", equalTo("TOO_LARGE"));
  }

  @Test
  void refusesAnEmptyBody() {
    given()
        .contentType(JSON)
        .post(PLANS)
        .then()
        .statusCode(422)
        .contentType(PROBLEM)
        .body("errors[0].code", equalTo("REQUIRED"));
  }

  @Test
  void refusesAnApprovalOfNothing() {
    Plan.draft("approval-of-nothing", "{'gates':{'approval':'WAVE'}}");

    given()
        .contentType(JSON)
        .body("{\"wave\":\"w\",\"mesh\":true}")
        .post(PLANS + "/approval-of-nothing/approvals")
        .then()
        .statusCode(422)
        .body("errors[0].code", equalTo("EXACTLY_ONE"));
    Plan.delete("approval-of-nothing");
  }

  @Test
  void refusesAnOverrideOfNoGate() {
    Plan.draft("override-of-no-gate", "{'scope':{'namespaces':['foo']}}");
    Plan.act("override-of-no-gate", "start");
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> given().get(PLANS + "/override-of-no-gate/namespaces/foo").statusCode() == 200);

    given()
        .contentType(JSON)
        .body("{\"gates\":[\"luck\"]}")
        .post(PLANS + "/override-of-no-gate/namespaces/foo/overrides")
        .then()
        .statusCode(422)
        .body("errors.pointer", hasItems("/gates/0", "/comment"));
    Plan.end("override-of-no-gate");
  }
}
