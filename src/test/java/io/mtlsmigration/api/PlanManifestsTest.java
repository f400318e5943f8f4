// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static io.mtlsmigration.plan.PlanBuilders.exception;
import static io.mtlsmigration.plan.PlanBuilders.plan;
import static io.mtlsmigration.plan.PlanBuilders.wave;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.LabelSelector;
import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class PlanManifestsTest {

  private static final PlanSpec.WaveSpec FIRST = wave("first", "foo");
  private static final PlanSpec.WaveSpec REST = wave("rest", LabelSelector.EVERYTHING);

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

  @Test
  void splitsByWaveInOrderWithTheMeshLast() {
    Map<String, String> parts =
        parts(mesh(namespace("istio-system"), Worlds.foo(), Worlds.bar()), FIRST, REST);

    assertEquals(List.of("first", "rest", "mesh"), List.copyOf(parts.keySet()));
    assertTrue(parts.get("first").contains("namespace: foo"));
  }

  @Test
  void putsExceptionsBeforeTheStrictThatTheySoften() {
    String first = parts(mesh(Worlds.foo(), Worlds.bar()), FIRST, REST).get("first");

    int exception = first.indexOf("mode: PERMISSIVE");
    assertTrue(0 < exception && exception < first.lastIndexOf("name: default"), first);
  }

  @Test
  void hasAPartForNamespacesThatStayOpen() {
    Map<String, String> parts =
        parts(
            mesh(
                namespace("istio-system"),
                Worlds.foo(),
                Worlds.bar(),
                Worlds.injected("kube-system")),
            FIRST,
            REST);

    assertEquals(Set.of("first", "rest", "exempt", "mesh"), parts.keySet());
  }

  @Test
  void neverLocksTheMeshWithAWaveOfThatName() {
    Map<String, String> parts =
        parts(
            mesh(namespace("istio-system"), Worlds.foo(), Worlds.bar()),
            wave("mesh", "foo"),
            wave("exempt", LabelSelector.EVERYTHING));

    assertEquals(List.of("wave:mesh", "wave:exempt", "mesh"), List.copyOf(parts.keySet()));
    assertTrue(parts.get("mesh").contains("namespace: istio-system"));
  }

  /** Whoever merges a wave does not look at each of its steps. */
  @ParameterizedTest
  @EnumSource(
      value = Phase.class,
      names = {"EXEMPT", "SKIPPED", "ROLLING_BACK", "ROLLED_BACK"})
  void locksNothingThatAPersonHasLeftOpenAndNotTheMeshMeanwhile(Phase phase) {
    MeshModes modes = MeshModes.resolve(mesh(namespace("istio-system"), bare("foo"), bare("bar")));
    PlanRecord plan = draft(plan().waves(wave("all", "foo", "bar")).build());
    StepRecord foo =
        step(plan, new StepKey("foo"), phase)
            .entered(phase, plan.createdAt(), Reason.REQUESTED, "", true);

    Map<String, String> parts = PlanManifests.of(plan, List.of(foo), modes);

    String wave = parts.get("all");
    assertTrue(wave.contains("namespace: bar"), wave);
    assertEquals(phase == Phase.EXEMPT, wave.contains("namespace: foo"), wave);
    assertEquals(phase == Phase.EXEMPT, wave.contains("mode: PERMISSIVE"), wave);
    assertEquals(phase == Phase.EXEMPT, parts.containsKey("mesh"), parts.toString());
  }

  /** A person has let its gate pass, and it waits for that. */
  @Test
  void offersTheMeshWhereItsStepWaitsForIt() {
    MeshModes modes = MeshModes.resolve(mesh(namespace("istio-system"), bare("foo"), bare("bar")));
    PlanRecord plan = draft(plan().waves(wave("all", "foo", "bar")).build());
    List<StepRecord> steps =
        List.of(
            step(plan, new StepKey("foo"), Phase.SKIPPED), step(plan, StepKey.MESH, Phase.LOCKING));

    assertTrue(PlanManifests.of(plan, steps, modes).containsKey("mesh"));
  }

  private static StepRecord step(PlanRecord plan, StepKey key, Phase phase) {
    return StepRecord.begin("plan", key, "", phase, plan.createdAt(), Reason.REQUESTED, "");
  }

  private static NamespaceBuilder bare(String name) {
    return namespace(name).with(sidecarPod("app").ports(8080));
  }

  private static Map<String, String> parts(MeshSnapshot mesh, PlanSpec.WaveSpec... waves) {
    PlanSpec spec =
        plan().waves(waves).exceptions(exception("foo", Map.of("app", "httpbin"), 9090)).build();
    return PlanManifests.of(draft(spec), List.of(), MeshModes.resolve(mesh));
  }

  private static PlanRecord draft(String namespace) {
    return draft(
        plan()
            .target(PlanSpec.Target.NAMESPACES)
            .scope(new PlanSpec.Scope(List.of(namespace), null))
            .build());
  }

  private static PlanRecord draft(PlanSpec spec) {
    return new PlanRecord(
        spec,
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
