// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * {@code make simulate}: many histories that nobody has seen before; or one, told like a story, of
 * a seed or of a file.
 */
final class SimulationRun {

  @Test
  void everyInvariantHolds() throws IOException {
    long seed = Long.getLong("simulation.seed", System.currentTimeMillis() / 1000);
    int seeds = Integer.getInteger("simulation.seeds", 1);
    String file = System.getProperty("simulation.story", "");
    if (seeds > 1) {
      long seconds = Long.getLong("simulation.seconds", 1_000_000);
      assertEquals(
          Map.of(), Simulate.many(seed, seeds, seconds), "make simulate SEEDS=1 SEED=N tells one");
      return;
    }
    List<Happening> history =
        file.isEmpty() ? Histories.of(seed) : Happening.parse(Files.readAllLines(Path.of(file)));
    Simulation.Outcome outcome = Simulation.run(history, true);
    System.out.println(outcome.story());
    assertEquals(Map.of(), outcome.violations());
  }
}
