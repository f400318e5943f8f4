// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the simulation has shown once, and a few hundred histories beside. */
class SimulationTest {

  private static final Path KEPT = Path.of("src/test/resources/simulation");

  static List<Path> stories() throws IOException {
    try (Stream<Path> files = Files.list(KEPT)) {
      return files.filter(file -> file.toString().endsWith(".history")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("stories")
  void holdsInEveryHistoryThatHasFailedOnce(Path file) throws IOException {
    List<Happening> history = Happening.parse(Files.readAllLines(file));

    Simulation.Outcome outcome = Simulation.run(history, true);

    assertEquals(Map.of(), outcome.violations(), outcome::story);
  }

  @Test
  void holdsInEverySeedThatHasFailedOnce() throws IOException {
    for (String line : Files.readAllLines(KEPT.resolve("seeds.txt"))) {
      if (!line.isBlank() && !line.startsWith("#")) {
        Simulation.Outcome outcome =
            Simulation.run(Histories.of(Long.parseLong(line.split(" ")[0])), true);

        assertEquals(Map.of(), outcome.violations(), outcome::story);
      }
    }
  }

  @Test
  void holdsInAFewHundredHistories() {
    assertEquals(Map.of(), Simulate.many(1, 300, 600));
  }

  @Test
  void theSameSeedTellsTheSameStory() {
    String once = Simulation.run(Histories.of(7), true).story();

    assertEquals(once, Simulation.run(Histories.of(7), true).story());
  }

  @Test
  void aHistoryIsReadBackFromWhatItPrints() {
    List<Happening> history = Histories.of(11);

    List<String> lines = history.stream().map(Happening::toString).toList();

    assertEquals(history, Happening.parse(lines));
  }

  /** A judge that nothing ever happens before judges nothing. */
  @Test
  void aCalmMeshIsLockedToTheEnd() throws IOException {
    List<Happening> calm = Happening.parse(Files.readAllLines(KEPT.resolve("calm.history")));

    Simulation.Outcome outcome = Simulation.run(calm, true);

    assertEquals(Map.of(), outcome.violations(), outcome::story);
    assertTrue(outcome.story().contains("p1  PLAN_CHANGED RUNNING → COMPLETED"), outcome::story);
    assertTrue(outcome.story().contains("WRITES LOCK PeerAuthentication istio-system/default"));
  }

  @Test
  void anAmbientMeshIsLockedOnceNoConnectionIsOpenAnyMore() throws IOException {
    List<Happening> calm =
        Happening.parse(Files.readAllLines(KEPT.resolve("calm-ambient.history")));

    String story = Simulation.run(calm, true).story();

    assertTrue(story.contains("foo/plaintext-httpbin: UNSET {9090=PERMISSIVE} → STRICT"), story);
    assertTrue(
        story.contains("plaintext still comes over connections from before the lock"), story);
    int ends = story.indexOf("lets-go legacy/curl foo/api");
    int locked = story.indexOf("VERIFYING → LOCKED");
    assertTrue(ends > 0 && locked > ends, story);
  }
}
