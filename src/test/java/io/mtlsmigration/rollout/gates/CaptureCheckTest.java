// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.gates;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.QuietObservation;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.Records;
import io.mtlsmigration.rollout.Specs;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Nobody here sees who calls the pods of another cluster that the policy governs as well. */
final class CaptureCheckTest {

  private final MeshSnapshot mesh =
      mesh(
          namespace("istio-system"),
          namespace("foo").with(sidecarPod("a").ip("10.0.0.1")),
          namespace("locked")
              .with(sidecarPod("a").ip("10.0.0.2"))
              .with(policy("default", MtlsMode.STRICT)));

  @Test
  void holdsWhileThePolicyGovernsSidecarsOfAnotherCluster() {
    GateResult result = judged("foo", Map.of("foo", Set.of("west", "south")));

    assertEquals(GateResult.Result.INCONCLUSIVE, result.result());
    assertEquals(Reason.NOT_WATCHED, result.reason());
    assertTrue(result.message().contains("foo in south, west"), result.message());
  }

  @Test
  void passesWhereTheyAreInAnotherNamespace() {
    assertEquals(GateResult.Result.PASS, judged("foo", Map.of("bar", Set.of("west"))).result());
  }

  /** Also into namespaces that only the other cluster has. */
  @Test
  void holdsTheMeshWhereItsPolicyReachesThem() {
    GateResult result =
        judged("", Map.of("foo", Set.of("west"), "far", Set.of("west"), "locked", Set.of("west")));

    assertEquals(GateResult.Result.INCONCLUSIVE, result.result());
    assertTrue(result.message().contains("far in west, foo in west:"), result.message());
  }

  private GateResult judged(String namespace, Map<String, Set<String>> elsewhere) {
    QuietObservation observation =
        new QuietObservation(mesh) {
          @Override
          public Map<String, Set<String>> elsewhere() {
            return elsewhere;
          }
        };
    StepRecord step =
        namespace.isEmpty()
            ? Records.step("p", StepKey.MESH.namespace())
            : Records.step("p", namespace);
    return new CaptureCheck().evaluate(observation.context(Specs.namespaces("foo").spec(), step));
  }
}
