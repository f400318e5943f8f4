// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.Worlds;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Istio's "Mutual TLS Migration" task, end to end. */
class MigrationScenarioTest {

  @Test
  void carriesTheTaskFromPermissiveToMeshStrictAndCleansUp() {
    SimulatedMesh mesh =
        new SimulatedMesh(Worlds.task())
            .calls("foo/curl", "bar/httpbin")
            .calls("bar/curl", "foo/httpbin")
            .calls("legacy/curl", "foo/httpbin", Duration.ZERO, Duration.ofSeconds(40));
    mesh.start(Specs.mesh());

    mesh.seconds(30);
    assertEquals(Phase.OBSERVING, mesh.phase("plan", "foo"));
    assertTrue(
        mesh.commands.waitingOn(mesh.plan("plan")).stream()
            .anyMatch(w -> w.subject().equals("foo") && w.message().contains("legacy/curl")),
        mesh.story("plan"));

    mesh.untilPlan("plan", PlanPhase.COMPLETED, 300);
    assertEquals(MtlsMode.STRICT, mesh.mode("foo"));
    assertEquals(MtlsMode.STRICT, mesh.mode("bar"));
    assertEquals(MtlsMode.STRICT, mesh.meshMode());

    mesh.commands.act("plan", PlanAction.CLEANUP, null, "ann");
    mesh.untilPlan("plan", PlanPhase.CLEANED_UP, 60);
    assertNull(mesh.policy("foo", "default"));
    assertNull(mesh.policy("bar", "default"));
    assertNull(mesh.policy("istio-system", "default"));
  }
}
