// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.input;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import com.fasterxml.jackson.databind.JsonNode;
import io.mtlsmigration.api.problem.ApiException;
import io.mtlsmigration.api.problem.ErrorCode;
import io.mtlsmigration.api.problem.ProblemDetail.FieldError;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class BodiesTest {

  private static final String JSON = "application/json";
  private static final String YAML = "application/yaml;charset=UTF-8";

  static Stream<Arguments> malformed() {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 8; i++) {
      bomb.append("a%d: &a%d [%s]\n".formatted(i, i, ("*a" + (i - 1) + ", ").repeat(9)));
    }
    return Stream.of(
        argumentSet("a half", JSON, "{\"name\":", "SYNTAX", "/name"),
        argumentSet("two bodies", JSON, "{} {}", "SYNTAX", ""),
        argumentSet("no JSON", JSON, "name: x", "SYNTAX", ""),
        argumentSet(
            "a key twice",
            JSON,
            "{\"gates\":{\"soak\":\"1s\",\"soak\":\"2s\"}}",
            "DUPLICATE_KEY",
            "/gates/soak"),
        argumentSet("20,000 levels", JSON, "{\"a\":" + "[".repeat(20_000), "TOO_DEEP", null),
        argumentSet(
            "300,000 values", JSON, "{\"a\":[" + "1,".repeat(300_000) + "1]}", "TOO_LARGE", null),
        argumentSet("20,000 objects", JSON, "{\"a\":".repeat(20_000), "TOO_DEEP", null),
        argumentSet("a tab", YAML, "name: x\n\ttarget: MESH\n", "SYNTAX", null),
        argumentSet("a YAML key twice", YAML, "name: x\nname: y\n", "DUPLICATE_KEY", "/name"),
        argumentSet("20,000 YAML levels", YAML, "a: " + "[".repeat(20_000), "TOO_DEEP", null),
        argumentSet("a YAML bomb", YAML, bomb.toString(), "TOO_LARGE", null),
        argumentSet("YAML that is JSON, cut off", YAML, "{\"name\": [1,", "SYNTAX", null),
        argumentSet("two documents", YAML, "name: x\n---\nname: y\n", "SYNTAX", ""));
  }

  /**
   * Where it guesses, a reader of bytes takes them: what the audit shows would be something else.
   */
  @ParameterizedTest
  @ValueSource(strings = {"UTF-16", "UTF-16LE", "UTF-16BE", "UTF-32"})
  void refusesOtherEncodings(Charset charset) {
    byte[] body = "{\"name\":\"a\"}".getBytes(charset);

    assertThrows(ApiException.class, () -> Bodies.read(new ByteArrayInputStream(body), JSON));
  }

  @Test
  void passesOverAByteOrderMark() {
    assertEquals("a", Bodies.read(stream("\uFEFF{\"name\":\"a\"}"), JSON).path("name").asText());
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void refusesWhatIsNotWellFormed(String type, String body, String code, String pointer) {
    ApiException refusal = assertThrows(ApiException.class, () -> Bodies.read(stream(body), type));

    FieldError error = refusal.errors().getFirst();
    assertEquals(ErrorCode.MALFORMED_BODY, refusal.code());
    assertEquals(code, error.code(), error.detail());
    if (pointer != null) {
      assertEquals(pointer, error.pointer());
    }
  }

  @Test
  void refusesMoreThanItsBoundWithoutReadingItAll() {
    InputStream endless =
        new InputStream() {
          @Override
          public int read() {
            return ' ';
          }
        };

    ApiException refusal = assertThrows(ApiException.class, () -> Bodies.read(endless, JSON));

    assertEquals(ErrorCode.TOO_LARGE, refusal.code());
  }

  @Test
  void readsTheSamePlanFromJsonAndYaml() {
    JsonNode json = Bodies.read(stream("{\"name\":\"q4\",\"adopt\":true}"), JSON);

    JsonNode yaml = Bodies.read(stream("name: q4\nadopt: true\n"), YAML);

    assertEquals(json, yaml);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"name\": q4, \"adopt\": true}",
        "{\"name\": \"q4\",\n # as agreed\n \"adopt\": yes}"
      })
  void readsYamlThatBeginsLikeJson(String body) {
    JsonNode yaml = Bodies.read(stream(body), YAML);

    assertEquals(Bodies.read(stream("{\"name\":\"q4\",\"adopt\":true}"), JSON), yaml);
    assertThrows(ApiException.class, () -> Bodies.read(stream(body), JSON));
  }

  @Test
  void anEmptyBodyIsMissing() {
    JsonNode tree = Bodies.read(stream(""), JSON);

    assertTrue(tree.isMissingNode());
  }

  private static InputStream stream(String body) {
    return new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8));
  }
}
