// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.mtlsmigration.mtls.IstioWorld;
import io.mtlsmigration.mtls.Oracle;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random meshes, made real: what Istio's code in the oracle says of each call, what we say, and
 * what happens must be one. The worlds are of a new seed each time, which is printed; {@code make
 * e2e-mesh E2E=WorldsOnMesh REAL=1 SEED=N} has one of them again.
 */
final class WorldsOnMesh {

  @RegisterExtension static final RealMesh MESH = new RealMesh();

  private static final Path FOLDER = Path.of("target", "worlds-on-mesh");

  /** Every other world is possible here, but not of each few. */
  private static final int DRAWN_FOR_EACH = 5;

  static Stream<Arguments> worlds() throws IOException, InterruptedException {
    int worlds = Integer.getInteger("mesh.worlds", 8);
    long seed = Long.getLong("mesh.seed", System.currentTimeMillis() / 1000);
    System.out.printf("Makes %d worlds real, from seed %d on%n", worlds, seed);
    List<Arguments> possible = new ArrayList<>();
    TreeMap<String, Integer> obstacles = new TreeMap<>();
    for (JsonNode vector : Oracle.draw(FOLDER, worlds * DRAWN_FOR_EACH, seed, "", "-apart")) {
      Optional<String> obstacle = AppliedWorld.obstacle(vector);
      if (possible.size() == worlds) {
        break;
      } else if (obstacle.isPresent()) {
        obstacles.merge(obstacle.get(), 1, Integer::sum);
      } else {
        possible.add(Arguments.of("seed " + vector.get("seed"), vector));
      }
    }
    System.out.println("Left out, for: " + obstacles);
    assertEquals(worlds, possible.size(), obstacles::toString);
    return possible.stream();
  }

  @BeforeAll
  static void aloneInTheMesh() {
    MESH.replicas(0);
  }

  @AfterAll
  static void asBefore() {
    MESH.replicas(2);
  }

  @AfterEach
  void leaveNothing() {
    AppliedWorld.remove(MESH);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("worlds")
  void happensAsIstioAndWeSay(String seed, JsonNode vector) throws InterruptedException {
    long begin = System.nanoTime();
    AppliedWorld world = new AppliedWorld(MESH, vector);
    world.create();

    RealMesh.soon("calls of " + seed + " end as foretold")
        .untilAsserted(() -> assertEquals(List.of(), world.disagreements()));
    // Not only on the way to something else.
    Thread.sleep(3000);
    assertEquals(List.of(), world.disagreements());
    List<String> ours = IstioWorld.of(world.asTheClusterHasIt()).disagreements();
    assertTrue(ours.isEmpty(), () -> String.join("\n\n", ours));
    System.out.printf(
        "%s: %d endpoints of calls, as foretold, in %d s%n",
        seed, vector.get("reachability").size(), (System.nanoTime() - begin) / 1_000_000_000);
  }
}
