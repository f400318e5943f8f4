// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static io.mtlsmigration.plan.PlanBuilders.exception;
import static io.mtlsmigration.plan.PlanBuilders.plan;
import static io.mtlsmigration.plan.PlanBuilders.wave;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mtlsmigration.mesh.LabelSelector;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.PolicyChange.Purpose;
import io.mtlsmigration.plan.PolicyManifests.Portion;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PolicyManifestsTest {

  @Test
  void splitsByWaveInOrderWithTheMeshLast() {
    List<Portion> portions = portions(mesh(namespace("istio-system"), Worlds.foo(), Worlds.bar()));

    assertEquals(List.of("first", "rest", "mesh"), names(portions));
    assertEquals("foo", portions.getFirst().changes().getFirst().ref().namespace());
  }

  @Test
  void putsExceptionsBeforeTheStrictThatTheySoften() {
    List<Portion> portions = portions(mesh(Worlds.foo(), Worlds.bar()));

    assertEquals(
        List.of(Purpose.EXCEPTION, Purpose.LOCK),
        portions.getFirst().changes().stream().map(PolicyChange::purpose).toList());
  }

  @Test
  void separatesWhatMustBeInForceBeforeTheRestIsMerged() {
    List<Portion> portions =
        portions(
            mesh(
                namespace("istio-system"),
                Worlds.foo().with(policy("default", MtlsMode.DISABLE)),
                Worlds.bar()));

    assertEquals(List.of("first-enable", "first", "rest", "mesh"), names(portions));
  }

  @Test
  void hasAPortionForNamespacesThatStayOpen() {
    List<Portion> portions =
        portions(
            mesh(
                namespace("istio-system"),
                Worlds.foo(),
                Worlds.bar(),
                Worlds.injected("kube-system")));

    assertEquals(List.of("first", "rest", "exempt", "mesh"), names(portions));
  }

  @Test
  void neverLocksTheMeshWithAWaveOfThatName() {
    List<Portion> portions =
        portions(
            mesh(namespace("istio-system"), Worlds.foo(), Worlds.bar()),
            wave("mesh", "foo"),
            wave("exempt", LabelSelector.EVERYTHING));

    assertEquals(List.of("wave:mesh", "wave:exempt", "mesh"), names(portions));
    assertEquals("istio-system", portions.getLast().changes().getFirst().ref().namespace());
  }

  private static List<Portion> portions(MeshSnapshot mesh) {
    return portions(mesh, wave("first", "foo"), wave("rest", LabelSelector.EVERYTHING));
  }

  private static List<Portion> portions(MeshSnapshot mesh, PlanSpec.WaveSpec... waves) {
    PlanSpec spec =
        plan().waves(waves).exceptions(exception("foo", Map.of("app", "httpbin"), 9090)).build();
    PlanReport report = Planner.plan(spec, MeshModes.resolve(mesh));
    return PolicyManifests.byWave(report.waves(), report.changes(), "istio-system");
  }

  private static List<String> names(List<Portion> portions) {
    return portions.stream().map(Portion::name).toList();
  }
}
