package io.mtlsmigration.api.security;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.access.Verb;
import io.mtlsmigration.api.security.AccessRules.Rule;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
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
        AccessRules.all().stream()
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
    assertTrue(AccessRules.of("POST", "/api/v1/mesh").isEmpty());
    assertTrue(AccessRules.of("GET", "/api/v1/nope").isEmpty());
  }

  @Test
  void asksNoReaderForMoreThanToRead() {
    Set<Verb> verbs =
        AccessRules.all().stream()
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
        AccessRules.all().stream()
            .filter(rule -> rule.verb() == null)
            .map(Rule::operationId)
            .toList());
  }

  @Test
  void recordsEverythingButReadsAndAnalyses() {
    List<String> unrecorded =
        AccessRules.all().stream()
            .filter(rule -> !rule.method().equals("GET") && !rule.changes())
            .map(Rule::operationId)
            .toList();

    assertEquals(List.of("analyse"), unrecorded);
    assertTrue(
        AccessRules.all().stream()
            .noneMatch(rule -> rule.method().equals("GET") && rule.changes()));
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
