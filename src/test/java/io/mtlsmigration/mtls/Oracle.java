// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The generator of {@code oracle/}, which asks Istio's code; wants Go. */
public final class Oracle {

  private static final ObjectMapper JSON = new ObjectMapper();

  private Oracle() {}

  /**
   * Random worlds with what Istio says of them, one vector each.
   *
   * @param folder for the vectors and the generator's log
   * @param more arguments of {@code oracle/generate.sh} after the folder
   */
  public static List<JsonNode> draw(Path folder, int worlds, long seed, String... more)
      throws IOException, InterruptedException {
    Path log = Files.createDirectories(folder).resolve("generate.log");
    List<String> command = new ArrayList<>();
    command.add("oracle/generate.sh");
    command.addAll(List.of(Integer.toString(worlds), Long.toString(seed), folder.toString()));
    command.addAll(List.of(more));
    Process generator =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    assertEquals(0, generator.waitFor(), () -> "the generator failed, see " + log);
    List<JsonNode> drawn = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(Oracle::worlds).sorted().toList()) {
        for (String line : Files.readAllLines(file)) {
          drawn.add(JSON.readTree(line));
        }
      }
    }
    return drawn;
  }

  /** Whether a file holds worlds; others have formats of their own. */
  static boolean worlds(Path file) {
    return String.valueOf(file.getFileName()).startsWith("worlds-");
  }
}
