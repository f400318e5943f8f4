// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MeshSnapshot;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class GeneratedMeshTest {

  /** Ten times what it takes on two busy cores. */
  private static final Duration PATIENCE = Duration.ofSeconds(25);

  @Test
  void startsTenThousandNamespacesWithoutAListenerForEach() {
    Scenario scenario = Scenarios.generated("namespaces=10000,pods=15", Stage.START);

    assertTimeout(
        PATIENCE,
        () -> {
          try (Sandbox sandbox =
              Sandbox.start(scenario, Clock.systemUTC(), SandboxOptions.DEFAULT)) {
            MeshSnapshot snapshot = sandbox.inventory().snapshot();

            assertEquals(10_001, snapshot.namespaces().size());
            assertEquals(
                150_000,
                snapshot.namespaces().values().stream().mapToInt(ns -> ns.pods().size()).sum());
            assertTrue(sandbox.listeners().size() <= 20, "only of those who are called");
          }
        });
  }

  @Test
  void answersAtItsFarthestEnd() {
    try (Stage stage = Stage.of(Scenarios.generated("namespaces=50,pods=4", Stage.START).mesh())) {
      assertEquals("200/0", stage.outcome("team-00000/curl-0", "team-00049/web:80"));
    }
  }

  @Test
  void leavesEveryTenthNamespaceWithoutSidecars() {
    MeshSnapshot mesh = Scenarios.generated("namespaces=100,pods=3", Stage.START).mesh();

    long without =
        mesh.namespaces().values().stream()
            .filter(ns -> !ns.pods().isEmpty())
            .filter(ns -> ns.pods().stream().allMatch(p -> p.dataPlane() == DataPlane.NONE))
            .count();

    assertEquals(10, without);
  }

  @Test
  void isTheSameEachTime() {
    assertEquals(
        Scenarios.generated("namespaces=40,pods=5", Stage.START).mesh(),
        Scenarios.generated("namespaces=40,pods=5", Stage.START).mesh());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1000",
        "namespaces=0,pods=1",
        "namespaces=10,pods=0",
        "pods=1,namespaces=1",
        "namespaces=50001,pods=1",
        "namespaces=50000,pods=999999",
        "namespaces=-1,pods=1"
      })
  void refusesASizeThatIsNone(String size) {
    assertThrows(ScenarioException.class, () -> Scenarios.generated(size, Stage.START));
  }
}
