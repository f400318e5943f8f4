// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class PlanManifestsTest {

  @Test
  void leadsFromDisableToStrictInTwoPartsThatAreMergedOneAfterTheOther() {
    MeshSnapshot mesh =
        mesh(
            namespace("foo")
                .with(sidecarPod("httpbin").ports(8080))
                .with(policy("default", MtlsMode.DISABLE)));

    Map<String, String> parts = PlanManifests.of(draft("foo"), List.of(), MeshModes.resolve(mesh));

    assertEquals(List.of("wave-1-enable", "wave-1"), List.copyOf(parts.keySet()));
    assertTrue(parts.get("wave-1-enable").contains("mode: PERMISSIVE"));
    assertTrue(parts.get("wave-1").contains("mode: STRICT"));
  }

  @Test
  void hasOnePartAWaveWhereNothingIsDisabled() {
    MeshSnapshot mesh = mesh(namespace("foo").with(sidecarPod("httpbin").ports(8080)));

    Map<String, String> parts = PlanManifests.of(draft("foo"), List.of(), MeshModes.resolve(mesh));

    assertEquals(List.of("wave-1"), List.copyOf(parts.keySet()));
    assertTrue(parts.get("wave-1").contains("mode: STRICT"));
  }

  private static PlanRecord draft(String namespace) {
    return new PlanRecord(
        new PlanSpec(
            "plan",
            PlanSpec.Target.NAMESPACES,
            new PlanSpec.Scope(List.of(namespace), null),
            List.of(),
            PlanSpec.Gates.DEFAULT,
            PlanSpec.Verification.DEFAULT,
            PlanSpec.OnFailure.ROLLBACK,
            PlanSpec.Apply.MANIFEST,
            false,
            List.of()),
        "uid",
        "1",
        1,
        PlanPhase.DRAFT,
        "somebody",
        Instant.parse("2026-01-01T00:00:00Z"),
        null,
        null,
        List.of(),
        Map.of(),
        "",
        List.of());
  }
}
