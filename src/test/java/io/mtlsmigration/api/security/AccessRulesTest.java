// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.security;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.access.Permission;
import io.mtlsmigration.access.Verb;
import io.mtlsmigration.api.security.AccessRules.Rule;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

final class AccessRulesTest {

  private static final AccessRules RULES = Handlers.rules();

  private static final String BEGIN = "<!-- operations by verb, from the code -->\n";
  private static final String END = "<!-- end -->\n";

  @Test
  void isToldByEachHandlerWhichVerbItNeeds() {
    assertTrue(Handlers.ALL.size() > 50, () -> "only " + Handlers.ALL.size() + " handlers");
    assertEquals(
        List.of(),
        Handlers.ALL.stream()
            .filter(
                handler ->
                    !handler.isAnnotationPresent(Needs.class)
                        || handler.getAnnotation(Needs.class).value().length > 1)
            .map(Method::toString)
            .toList());
  }

  @Test
  void hasNoRuleForAHandlerThatDoesNotSay() throws NoSuchMethodException {
    AccessRules rules = new AccessRules();

    rules.add(AccessRulesTest.class.getDeclaredMethod("hasNoRuleForAHandlerThatDoesNotSay"));

    assertEquals(Set.of(), Set.copyOf(rules.all()));
  }

  @Test
  void hasOneVerbForAllFormsOfAnAnswer() {
    Rule json = rule("listPlans", Verb.LIST, "application/json");
    Rule text = rule("", Verb.LIST, "text/plain");
    Rule another = rule("", Verb.AUDIT, "text/csv");
    Rule both = rule("listPlans", Verb.LIST, "application/json", "text/plain");

    assertEquals(both, AccessRules.merged(text, json));
    assertEquals(both, AccessRules.merged(json, text));
    assertThrows(IllegalStateException.class, () -> AccessRules.merged(json, another));
  }

  private static Rule rule(String operationId, Verb verb, String... types) {
    return new Rule("GET", "/plans", operationId, verb, new TreeSet<>(List.of(types)));
  }

  /** Run with {@code -Dupdate.docs=true}, it writes the list. */
  @Test
  void isDocumented() throws IOException {
    Map<Verb, Set<String>> operations = new EnumMap<>(Verb.class);
    for (Rule rule : RULES.all()) {
      if (rule.verb() != null) {
        operations.computeIfAbsent(rule.verb(), verb -> new TreeSet<>()).add(rule.operationId());
      }
    }
    String list =
        operations.entrySet().stream()
            .map(
                needed ->
                    "- `%s`: `%s`\n"
                        .formatted(needed.getKey().text(), String.join("`, `", needed.getValue())))
            .collect(Collectors.joining("", BEGIN, END));
    Path page = Path.of("docs/access.md");
    String text = Files.readString(page);
    String expected =
        text.substring(0, text.indexOf(BEGIN))
            + list
            + text.substring(text.indexOf(END) + END.length());
    if (Boolean.getBoolean("update.docs")) {
      Files.writeString(page, expected);
    }

    assertEquals(expected, Files.readString(page));
    assertEquals(EnumSet.allOf(Verb.class), operations.keySet());
    for (Verb verb : Verb.values()) {
      assertTrue(
          text.lines()
              .filter(line -> line.startsWith("| `"))
              .anyMatch(line -> line.split("\\|", -1)[1].contains("`" + verb.text() + "`")),
          () -> "the table says nothing of " + verb);
    }
  }

  @Test
  void hasARuleForEachOperationAndNoOther() throws IOException {
    Set<String> documented = new TreeSet<>();
    operations()
        .forEach(
            (path, methods) ->
                methods.forEach(
                    (method, operation) ->
                        documented.add(
                            method.toUpperCase(java.util.Locale.ROOT)
                                + " "
                                + path
                                + " "
                                + operation.get("operationId")
                                + " "
                                + operation.get("x-required-verb"))));

    Set<String> ruled =
        RULES.all().stream()
            .map(
                rule ->
                    rule.method()
                        + " "
                        + rule.path()
                        + " "
                        + rule.operationId()
                        + " "
                        + (rule.verb() == null ? null : rule.verb().text()))
            .collect(Collectors.toCollection(TreeSet::new));

    assertEquals(documented, ruled);
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    assertTrue(RULES.of("POST", "/api/v1/mesh").isEmpty());
    assertTrue(RULES.of("GET", "/api/v1/nope").isEmpty());
  }

  @Test
  void asksNoReaderForMoreThanToRead() {
    Set<Verb> verbs =
        RULES.all().stream()
            .filter(rule -> rule.method().equals("GET"))
            .map(Rule::verb)
            .filter(java.util.Objects::nonNull)
            .collect(Collectors.toSet());

    // What was captured may hold what clients said.
    assertEquals(EnumSet.of(Verb.LIST, Verb.GET, Verb.AUDIT, Verb.CAPTURE), verbs);
  }

  @Test
  void asksForNoVerbToTellCallersWhatTheyMayDo() {
    assertEquals(
        List.of("getAccess"),
        RULES.all().stream().filter(rule -> rule.verb() == null).map(Rule::operationId).toList());
  }

  /** It tells of the whole mesh, so that a role for one plan is not enough. */
  @Test
  void aBacktestNeedsTheVerbOnAllPlans() {
    Rule rule = RULES.of("POST", "/api/v1/plans/{plan}/backtest").orElseThrow();

    assertEquals(new Permission(Verb.LIST, ""), rule.permission("q4"));
  }

  @Test
  void recordsEverythingButReadsAndAnalyses() {
    Set<String> unrecorded =
        RULES.all().stream()
            .filter(rule -> !rule.method().equals("GET") && !rule.changes())
            .map(Rule::operationId)
            .collect(Collectors.toSet());

    assertEquals(Set.of("analyse", "backtestPlan"), unrecorded);
    assertTrue(
        RULES.all().stream().noneMatch(rule -> rule.method().equals("GET") && rule.changes()));
  }

  /** By path and method, out of the document that clients are generated from. */
  @SuppressWarnings("unchecked")
  private static Map<String, Map<String, Map<String, Object>>> operations() throws IOException {
    try (InputStream in = Files.newInputStream(Path.of("openapi.yaml"))) {
      Map<String, Object> document =
          (Map<String, Object>) new Load(LoadSettings.builder().build()).loadFromInputStream(in);
      return (Map<String, Map<String, Map<String, Object>>>) document.get("paths");
    }
  }
}
