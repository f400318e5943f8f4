// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What attackers and accidents send: each is refused, quickly, with a place and a reason. */
final class HostileInputTest {

  private static final String HEAD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n";
  private static final int DEEP = 20_000;

  static Stream<Arguments> attacks() {
    return Stream.of(
        argumentSet("billion laughs", billionLaughs(), "an object has more than 200000 values"),
        argumentSet(
            "quadratic blow-up of one long string",
            HEAD + "a: &a " + "x".repeat(1 << 20) + "\nb: [*a, *a, *a, *a, *a]",
            "an object has more than 4194304 characters"),
        argumentSet(
            "aliases without end",
            HEAD + "a: &a 1\nb: [" + "*a, ".repeat(1_001) + "]",
            "more than 1000 aliases"),
        argumentSet("anchors without end", HEAD + anchors(1_001), "more than 1000 anchors"),
        argumentSet(
            "map that contains itself",
            HEAD + "a: &a {b: *a}",
            "the alias *a stands for a value that contains it"),
        argumentSet(
            "list that contains itself",
            HEAD + "a: &a [[*a]]",
            "the alias *a stands for a value that contains it"),
        argumentSet(
            "map that merges itself",
            HEAD + "a: &a {<<: *a}",
            "the alias *a stands for a value that contains it"),
        argumentSet("unknown alias", HEAD + "a: *b", "the alias *b is unknown"),
        argumentSet("merge of a scalar", HEAD + "a: {<<: 1}", "only maps can be merged"),
        argumentSet("deep JSON objects", "{\"a\":".repeat(DEEP), "nested deeper than 100 levels"),
        argumentSet(
            "deep JSON lists", "{\"a\":" + "[".repeat(DEEP), "nested deeper than 100 levels"),
        argumentSet("deep flow lists", "[".repeat(DEEP), "nested deeper than 100 levels"),
        argumentSet("deep flow maps", "{a: ".repeat(DEEP), "nested deeper than 100 levels"),
        argumentSet("deep block lists", "- ".repeat(DEEP), "nested deeper than 100 levels"),
        argumentSet("deep block maps", indented(1_000), "nested deeper than 100 levels"),
        argumentSet(
            "deep by aliases",
            HEAD + "a: &a " + nested(60) + "\nb: &b " + "[".repeat(60) + "*a",
            "nested deeper than 100 levels"),
        argumentSet(
            "key of a megabyte in JSON",
            "{\"" + "k".repeat(1 << 20) + "\": 1}",
            "malformed JSON: Name length (1048576) exceeds the maximum allowed (8192)"),
        argumentSet(
            "key of a megabyte in YAML",
            "? " + "k".repeat(1 << 20) + "\n: 1",
            "a key is longer than 8192 characters"),
        argumentSet("duplicate key in YAML", HEAD + "spec: {a: 1, a: 2}", "the key is given twice"),
        argumentSet(
            "duplicate key by another spelling",
            HEAD + "spec: {16: 1, 0x10: 2}",
            "the key is given twice"),
        argumentSet(
            "duplicate key in JSON",
            "{\"kind\": \"Pod\", \"\\u006bind\": \"Service\"}",
            "the key is given twice"),
        argumentSet("list as a key", HEAD + "[a]: 1", "a key must be a scalar"),
        argumentSet("map as a key", HEAD + "? {a: b}\n: 1", "a key must be a scalar"),
        argumentSet("alias as a key", HEAD + "a: &a b\n*a : 1", "a key must be a scalar"),
        argumentSet("null as a key", HEAD + "~: 1", "a key must not be null"),
        argumentSet("foreign tag", HEAD + "a: !!java.net.URL [x]", "is not supported"),
        argumentSet("foreign tag of a scalar", HEAD + "a: !env HOME", "is not supported"),
        argumentSet("not a number", HEAD + "a: .nan", ".nan is not a number of JSON"),
        argumentSet("control character", HEAD + "a: \u0001", "the character U+0001 is not allowed"),
        argumentSet(
            "character beyond Unicode", HEAD + "a: \"\\UFFFFFFFF\"", "an invalid escape or number"),
        argumentSet("character just beyond Unicode", HEAD + "a: \"\\U00110000\"", "malformed YAML"),
        argumentSet("escape that breaks off", HEAD + "a: \"\\x", "malformed YAML"),
        argumentSet("unclosed YAML", HEAD + "spec: {a: [", "malformed YAML"),
        argumentSet("tab as indentation", "a:\n\t- b", "malformed YAML"),
        argumentSet("unclosed JSON", "{\"a\": [1, ", "malformed JSON: Unexpected end-of-input"),
        argumentSet("trailing JSON", "{\"a\": 1} x", "malformed JSON: Unrecognized token 'x'"),
        argumentSet("number of a megabyte", "{\"a\": " + "9".repeat(1 << 20), "malformed JSON"));
  }

  @ParameterizedTest
  @MethodSource("attacks")
  void refuses(String text, String reason) {
    List<String> said =
        assertTimeoutPreemptively(
            Duration.ofSeconds(5), () -> Given.said(Given.problems(text)), "too slow");

    assertTrue(said.stream().anyMatch(s -> s.contains(reason)), () -> reason + " not in " + said);
    assertTrue(said.stream().allMatch(s -> s.length() < 30_000), "a message is too long");
  }

  @Test
  void refusesMoreBytesThanTheLimit() {
    List<ManifestProblem> problems =
        Given.problems(
            "#".repeat(101).getBytes(StandardCharsets.UTF_8), ReadLimits.DEFAULT.withMaxBytes(100));

    assertEquals(List.of(": larger than the limit of 100 bytes"), Given.said(problems));
  }

  @Test
  void takesAsManyBytesAsTheLimit() throws Exception {
    byte[] text = "#".repeat(100).getBytes(StandardCharsets.UTF_8);

    Manifests manifests =
        ManifestReader.read(
            new java.io.ByteArrayInputStream(text), "x", ReadLimits.DEFAULT.withMaxBytes(100));

    assertEquals(List.of(), manifests.objects());
  }

  @Test
  void refusesMoreObjectsThanTheLimit() {
    String text = "{apiVersion: v1, kind: Pod, metadata: {name: a}}\n---\n".repeat(3);

    List<ManifestProblem> problems =
        Given.problems(text.getBytes(StandardCharsets.UTF_8), ReadLimits.DEFAULT.withMaxObjects(2));

    assertEquals(List.of(": more than 2 objects"), Given.said(problems));
    assertEquals(3, problems.get(0).document());
  }

  @Test
  void saysWhereSyntaxBreaks() {
    ManifestProblem problem = Given.problems("# empty\n---\n---\nb:\n  - c\n d: e\n").get(0);

    assertTrue(
        problem.toString().startsWith("test.yaml:6:2: document 2: malformed YAML: while parsing"),
        problem::toString);
  }

  @ParameterizedTest
  @MethodSource("notUtf8")
  void refusesWhatIsNotUtf8(byte[] bytes) {
    List<ManifestProblem> problems = Given.problems(bytes, ReadLimits.DEFAULT);

    assertTrue(
        Given.said(problems).stream().anyMatch(s -> s.matches(".*(UTF-8|not allowed|malformed).*")),
        () -> Given.said(problems).toString());
  }

  static Stream<Arguments> notUtf8() {
    return Stream.of(
        argumentSet("lone byte", (Object) new byte[] {'a', ':', ' ', (byte) 0xC3, '\n'}),
        argumentSet("overlong slash", (Object) new byte[] {(byte) 0xC0, (byte) 0xAF}),
        argumentSet(
            "surrogate", (Object) new byte[] {'"', (byte) 0xED, (byte) 0xA0, (byte) 0x80, '"'}),
        argumentSet("in JSON", (Object) new byte[] {'{', '"', (byte) 0xFF, '"'}),
        argumentSet("UTF-16", (Object) "a: b".getBytes(StandardCharsets.UTF_16)));
  }

  @Test
  void stopsAtTheLimitOfProblems() {
    String text = "{kind: 1}\n---\n".repeat(1_000);

    List<ManifestProblem> problems = Given.problems(text);

    assertEquals(100, problems.size());
  }

  @Test
  void keepsTerminalsSafeFromQuotedInput() {
    List<String> said =
        Given.said(Given.problems("a: \"\\e[31m\"\n\"a\\e\": 1\na: 2\nb: *\u202Ex"));

    assertTrue(said.stream().noneMatch(s -> s.contains("\u001b")), said::toString);
  }

  private static String billionLaughs() {
    StringBuilder text = new StringBuilder(HEAD).append("l0: &l0 lol\n");
    for (int i = 1; i < 10; i++) {
      text.append("l%d: &l%d [%s]\n".formatted(i, i, ("*l" + (i - 1) + ", ").repeat(10)));
    }
    return text.toString();
  }

  private static String anchors(int count) {
    StringBuilder text = new StringBuilder("a: [");
    for (int i = 0; i < count; i++) {
      text.append("&a").append(i).append(" x, ");
    }
    return text.append("]").toString();
  }

  private static String indented(int depth) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < depth; i++) {
      text.append(" ".repeat(i)).append("a:\n");
    }
    return text.toString();
  }

  private static String nested(int depth) {
    return "[".repeat(depth) + "]".repeat(depth);
  }
}
