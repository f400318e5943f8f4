// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Holds the core against Istio's own answers. The worlds and the answers come from the generator in
 * {@code oracle/}, which asks Istio's code; nothing here is computed by ours. A disagreement is a
 * bug in the core, or in the generator, never a matter of taste.
 */
final class IstioVectorsTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  static Stream<Path> files() throws IOException, URISyntaxException {
    URL folder = Objects.requireNonNull(IstioVectorsTest.class.getResource("/vectors"));
    try (Stream<Path> listed = Files.list(Path.of(folder.toURI()))) {
      return listed.filter(Oracle::worlds).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void answersAsIstioDoes(Path file) throws IOException {
    List<String> disagreements = new ArrayList<>();
    try (Stream<String> lines = Files.lines(file)) {
      for (String line : (Iterable<String>) lines::iterator) {
        disagreements.addAll(IstioWorld.of(JSON.readTree(line)).disagreements());
      }
    }
    assertTrue(
        disagreements.isEmpty(),
        () ->
            disagreements.size()
                + " disagreements, the first of them:\n"
                + String.join("\n\n", disagreements.subList(0, Math.min(5, disagreements.size()))));
  }

  @Test
  void coversAtLeastFiveHundredWorlds() throws IOException, URISyntaxException {
    long worlds = 0;
    long calls = 0;
    long toSubsets = 0;
    long toEntries = 0;
    for (Path file : files().toList()) {
      for (String line : Files.readAllLines(file)) {
        worlds++;
        JsonNode vector = JSON.readTree(line);
        calls += vector.get("reachability").size();
        toSubsets += vector.path("subsets").size();
        toEntries += vector.path("entries").size();
      }
    }
    assertTrue(worlds >= 500, worlds + " worlds");
    assertTrue(calls > 10 * worlds, calls + " calls in " + worlds + " worlds");
    assertTrue(toSubsets > 100, toSubsets + " calls to subsets");
    assertTrue(toEntries > 1000, toEntries + " calls to hosts of ServiceEntries");
  }
}
