// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Holds what we say of ambient pods against Istio's own index ({@code oracle/}), over policies that
 * were written in every order: what would be in force if all rules were made now is exactly ours,
 * and what is in force is that, or something that we say may be.
 */
final class AmbientVectorsTest {

  @Test
  void foretellsWhatZtunnelIsTold() throws IOException {
    List<AmbientWorld> worlds = AmbientWorld.kept();

    List<String> disagreements =
        worlds.stream().flatMap(world -> world.disagreements().stream()).toList();

    assertTrue(
        disagreements.isEmpty(),
        () -> disagreements.size() + " disagreements:\n" + String.join("\n", disagreements));
    int answers = worlds.stream().mapToInt(AmbientWorld::answers).sum();
    int uncertain = worlds.stream().mapToInt(AmbientWorld::uncertain).sum();
    int otherwise = worlds.stream().mapToInt(AmbientWorld::otherwise).sum();
    String said = uncertain + " of " + answers + " uncertain, " + otherwise + " of these otherwise";
    assertTrue(worlds.size() >= 300 && answers > 15_000, said);
    assertTrue(uncertain < answers / 10 && otherwise > uncertain / 10, said);
  }
}
