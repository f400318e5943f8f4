// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.manifest.ManifestProblem;
import io.mtlsmigration.mesh.NamespaceFacts;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class ScenarioTest {

  private static final Instant NOW = Stage.START;

  /** Each folder holds a scenario and {@code problems.txt}: one line for each problem, sorted. */
  static Stream<Arguments> bad() throws URISyntaxException, IOException {
    Path root = Path.of(ScenarioTest.class.getResource("/sandbox/bad").toURI());
    try (Stream<Path> folders = Files.list(root)) {
      return folders.sorted().toList().stream()
          .map(f -> argumentSet(f.getFileName().toString(), f));
    }
  }

  @ParameterizedTest
  @MethodSource("bad")
  void namesEveryProblemByFileDocumentAndField(Path folder) throws IOException {
    ScenarioException e =
        assertThrows(ScenarioException.class, () -> Scenarios.folder(folder, NOW));

    List<String> problems = e.problems().stream().map(ManifestProblem::toString).sorted().toList();
    String expected = Files.readString(folder.resolve("problems.txt"), UTF_8);
    assertEquals(expected, String.join("\n", problems) + "\n");
    problems.forEach(p -> assertTrue(e.getMessage().contains(p), p));
  }

  @Test
  void readsEveryFileOfAFolderAndNothingElse(@TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("a.yaml"), namespace("a"), UTF_8);
    Files.writeString(folder.resolve("b.yaml"), namespace("b"), UTF_8);
    Files.writeString(folder.resolve("notes.txt"), ": no yaml", UTF_8);

    Scenario scenario = Scenarios.folder(folder, NOW);

    assertEquals(new TreeSet<>(List.of("a", "b")), scenario.mesh().namespaces().keySet());
  }

  private static String namespace(String name) {
    return "apiVersion: v1\nkind: Namespace\nmetadata: { name: " + name + " }\n";
  }

  @Test
  void refusesAFolderWithoutManifests(@TempDir Path folder) {
    assertThrows(ScenarioException.class, () -> Scenarios.folder(folder, NOW));
    assertThrows(ScenarioException.class, () -> Scenarios.folder(folder.resolve("no"), NOW));
  }

  @Test
  void namesTheBuiltInScenariosToWhoeverAsksForAnother() {
    ScenarioException e =
        assertThrows(ScenarioException.class, () -> Scenarios.builtIn("tusk", NOW));

    assertTrue(e.getMessage().contains("[showcase, task]"), e.getMessage());
  }

  @Test
  void hasTheMeshOfTheTask() {
    Scenario task = Scenarios.builtIn("task", NOW);

    assertEquals(Map.of("foo/curl", "SIDECAR", "foo/httpbin", "SIDECAR"), planes(task, "foo"));
    assertEquals(Map.of("bar/curl", "SIDECAR", "bar/httpbin", "SIDECAR"), planes(task, "bar"));
    assertEquals(Map.of("legacy/curl", "NONE"), planes(task, "legacy"));
  }

  private static Map<String, String> planes(Scenario scenario, String namespace) {
    NamespaceFacts facts = scenario.mesh().namespace(namespace);
    return facts.pods().stream()
        .collect(Collectors.toMap(p -> p.workload().id(), p -> p.dataPlane().name(), (a, b) -> a));
  }

  @Test
  void letsLegacyCallForFortySecondsInTheTask() {
    List<TrafficCall> legacy =
        Scenarios.builtIn("task", NOW).calls().stream()
            .filter(c -> c.from().equals("legacy/curl"))
            .toList();

    assertEquals(2, legacy.size());
    for (TrafficCall call : legacy) {
      assertEquals(Duration.ZERO, call.start());
      assertEquals(Duration.ofSeconds(40), call.end());
      assertEquals(2.0, call.rate());
    }
  }

  @Test
  void keepsTimesAndOwnersAsGiven(@TempDir Path folder) throws IOException {
    Files.writeString(
        folder.resolve("policy.yaml"),
        """
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata:
          name: default
          namespace: foo
          creationTimestamp: "2020-01-01T00:00:00Z"
          managedFields:
            - manager: argocd-controller
              fieldsV1: { "f:spec": { "f:mtls": { "f:mode": {} } } }
        spec: { mtls: { mode: PERMISSIVE } }
        ---
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: { name: young, namespace: foo }
        spec: { mtls: { mode: STRICT } }
        """,
        UTF_8);

    try (Stage stage = Stage.of(Scenarios.folder(folder, NOW).mesh())) {
      var given = stage.policy("foo", "default").meta();
      assertEquals(Instant.parse("2020-01-01T00:00:00Z"), given.createdAt());
      assertEquals("argocd-controller", given.owners().get(0).manager());
      assertEquals(NOW, stage.policy("foo", "young").meta().createdAt());
      assertEquals(
          ApiIdentity.KUBECTL, stage.policy("foo", "young").meta().owners().get(0).manager());
    }
  }

  @Test
  void understandsDurationsInBothForms() {
    assertEquals(Duration.ofSeconds(90), Durations.parse("PT1M30S").orElseThrow());
    assertEquals(Duration.ofSeconds(90), Durations.parse("1m30s").orElseThrow());
    assertEquals(Duration.ofMillis(500), Durations.parse("0.5s").orElseThrow());
    assertTrue(Durations.parse("90").isEmpty());
    assertTrue(Durations.parse("").isEmpty());
    assertTrue(Durations.parse("-PT1S").isEmpty());
  }

  /** The page's example is a scenario that can be played. */
  @Test
  void playsTheExampleOfThePage(@TempDir Path folder) throws IOException {
    String page = Files.readString(Path.of("docs/scenarios.md"), UTF_8);
    Matcher example =
        Pattern.compile("```yaml\n# shop/(\\S+)\n(.*?)```", Pattern.DOTALL).matcher(page);
    while (example.find()) {
      Files.writeString(folder.resolve(example.group(1)), example.group(2), UTF_8);
    }

    Scenario scenario = Scenarios.folder(folder, NOW);

    assertEquals(2, scenario.calls().size());
    assertEquals(2, scenario.events().size());
    assertEquals(Map.of("shop/cart", "SIDECAR", "shop/curl", "SIDECAR"), planes(scenario, "shop"));
    assertEquals(Map.of("office/curl", "NONE"), planes(scenario, "office"));
  }
}
