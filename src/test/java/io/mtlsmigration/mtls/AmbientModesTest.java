// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import static io.mtlsmigration.mesh.MeshBuilders.ambientPod;
import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static io.mtlsmigration.mesh.MtlsMode.DISABLE;
import static io.mtlsmigration.mesh.MtlsMode.PERMISSIVE;
import static io.mtlsmigration.mesh.MtlsMode.STRICT;
import static io.mtlsmigration.mesh.MtlsMode.UNSET;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshBuilders.PolicyBuilder;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.Worlds;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What ztunnel enforces, by istio pilot/pkg/serviceregistry/ambient/authorization.go. */
final class AmbientModesTest {

  private static EffectiveMode ambient(MtlsMode mesh, PolicyBuilder... policies) {
    NamespaceBuilder foo = namespace("foo").with(policies);
    return MeshModes.resolve(mesh(Worlds.root(mesh), foo))
        .namespace("foo")
        .of(ambientPod("httpbin").build("foo"));
  }

  private static PolicyBuilder workload(MtlsMode mode) {
    return policy("w", mode).selector("app", "httpbin");
  }

  @ParameterizedTest
  @MethodSource("io.mtlsmigration.mesh.Worlds#meshDefaults")
  void disableBehavesAsPermissive(MtlsMode mesh) {
    assertEquals(PERMISSIVE, ambient(mesh, policy("ns", DISABLE)).mode());
    assertEquals(PERMISSIVE, ambient(mesh, workload(DISABLE)).mode());
    assertEquals(PERMISSIVE, ambient(mesh, workload(STRICT).port(8080, DISABLE)).of(8080));
  }

  static Stream<Arguments> exceptions() {
    return Stream.of(
        argumentSet("an open port under a STRICT workload", UNSET, workload(STRICT), PERMISSIVE),
        argumentSet("an open port under an inherited STRICT", STRICT, workload(UNSET), PERMISSIVE));
  }

  @ParameterizedTest
  @MethodSource("exceptions")
  void aPermissivePortIsOpenAndTheOthersStayStrict(
      MtlsMode mesh, PolicyBuilder workload, MtlsMode port) {
    EffectiveMode mode = ambient(mesh, workload.port(8080, port));

    assertEquals(List.of(PERMISSIVE, STRICT), List.of(mode.of(8080), mode.of(9090)));
  }

  @Test
  void aStrictPortIsClosedInAnOpenWorkload() {
    EffectiveMode mode = ambient(UNSET, workload(PERMISSIVE).port(8080, STRICT));

    assertEquals(List.of(STRICT, PERMISSIVE), List.of(mode.of(8080), mode.of(9090)));
  }

  @Test
  void aPortThatIsDisabledUnderAnInheritedStrictStaysRefused() {
    assertEquals(STRICT, ambient(STRICT, workload(UNSET).port(8080, DISABLE)).of(8080));
    assertEquals(
        STRICT, ambient(UNSET, policy("ns", STRICT), workload(UNSET).port(8080, DISABLE)).of(8080));
  }

  @Test
  void aDisabledPortIsOpenBesideAPermissiveOne() {
    EffectiveMode mode =
        ambient(STRICT, workload(UNSET).port(8080, DISABLE).port(9090, PERMISSIVE));

    assertEquals(
        List.of(PERMISSIVE, PERMISSIVE, STRICT),
        List.of(mode.of(8080), mode.of(9090), mode.of(7070)));
  }

  /** istiod drops the static deny rule, and then finds no exception worth a rule of its own. */
  @Test
  void anUnsetNamespacePolicyUnderAStrictMeshLetsOnePortExceptionOpenAllPorts() {
    EffectiveMode mode =
        ambient(STRICT, policy("ns", UNSET), workload(UNSET).port(8080, PERMISSIVE));

    assertEquals(List.of(PERMISSIVE, PERMISSIVE), List.of(mode.of(8080), mode.of(9090)));
  }

  private static List<String> otherwise(MtlsMode mesh, PolicyBuilder... policies) {
    NamespaceBuilder foo = namespace("foo").with(policies);
    return MeshModes.resolve(mesh(Worlds.root(mesh), foo))
        .namespace("foo")
        .otherwise(ambientPod("httpbin").build("foo"))
        .stream()
        .map(mode -> mode.of(8080) + " " + mode.of(9999) + " " + mode.of(7070))
        .toList();
  }

  /** Cases 5 and 8 of src/test/resources/ambient/modes-on-mesh.txt. */
  static Stream<Arguments> unsettled() {
    PolicyBuilder open = workload(UNSET).port(9999, PERMISSIVE);
    PolicyBuilder both = workload(UNSET).port(9999, PERMISSIVE).port(8080, STRICT);
    return Stream.of(
        argumentSet(
            "an open port under STRICT may leave all open",
            open,
            STRICT,
            List.of("PERMISSIVE PERMISSIVE PERMISSIVE")),
        argumentSet(
            "a closed port under PERMISSIVE may be open",
            workload(UNSET).port(8080, STRICT),
            PERMISSIVE,
            List.of("PERMISSIVE PERMISSIVE PERMISSIVE")),
        argumentSet(
            "beside a closed port under PERMISSIVE all may be refused",
            both,
            PERMISSIVE,
            List.of("PERMISSIVE PERMISSIVE PERMISSIVE", "STRICT PERMISSIVE STRICT")),
        argumentSet(
            "beside a closed port under STRICT all others may be open",
            both,
            STRICT,
            List.of("PERMISSIVE PERMISSIVE PERMISSIVE", "STRICT PERMISSIVE PERMISSIVE")),
        argumentSet("an open port under PERMISSIVE has no rule", open, PERMISSIVE, List.of()),
        argumentSet(
            "a closed port under STRICT has the static rule",
            workload(UNSET).port(8080, STRICT),
            STRICT,
            List.of()),
        argumentSet(
            "a disabled port under STRICT has the static rule",
            workload(UNSET).port(8080, DISABLE),
            STRICT,
            List.of()));
  }

  @ParameterizedTest
  @MethodSource("unsettled")
  void whatIstiodMadeForAnotherModeOfTheNamespaceIsUncertain(
      PolicyBuilder workload, MtlsMode namespace, List<String> otherwise) {
    assertEquals(otherwise, otherwise(UNSET, policy("ns", namespace), workload));
    assertEquals(otherwise, otherwise(namespace, workload));
  }

  @Test
  void aNamespacePolicyWithoutAModeUnderAStrictMeshMayHideThatAllAreRefused() {
    assertEquals(
        List.of("STRICT PERMISSIVE STRICT"),
        otherwise(STRICT, policy("ns", UNSET), workload(UNSET).port(9999, PERMISSIVE)));
  }

  @ParameterizedTest
  @MethodSource("io.mtlsmigration.mesh.Worlds#meshDefaults")
  void aWorkloadPolicyThatIsStrictIsCertain(MtlsMode mesh) {
    assertEquals(List.of(), otherwise(mesh, workload(STRICT).port(9999, PERMISSIVE)));
    assertEquals(List.of(), otherwise(mesh, workload(STRICT)));
  }

  /** istiod takes them for refused by the mesh, and has nothing that refuses them. */
  @Test
  void aStrictPortOfAnOpenWorkloadIsOpenUnderAStrictMesh() {
    PolicyBuilder closed = workload(PERMISSIVE).port(8080, STRICT);

    assertEquals(PERMISSIVE, ambient(STRICT, closed).of(8080));
    assertEquals(PERMISSIVE, ambient(STRICT, policy("ns", UNSET), closed).of(8080));
    assertEquals(STRICT, ambient(STRICT, policy("ns", PERMISSIVE), closed).of(8080));
    assertEquals(STRICT, ambient(UNSET, policy("ns", STRICT), closed).of(8080));
    assertEquals(STRICT, ambient(PERMISSIVE, closed).of(8080));
  }

  @ParameterizedTest
  @MethodSource("io.mtlsmigration.mesh.Worlds#meshDefaults")
  void aStrictPortOfAnOpenWorkloadMayHaveItsRulesFromAnotherModeOfTheMesh(MtlsMode mesh) {
    String other = mesh == STRICT ? "STRICT" : "PERMISSIVE";
    assertEquals(
        List.of(other + " PERMISSIVE PERMISSIVE"),
        otherwise(mesh, workload(PERMISSIVE).port(8080, STRICT)));
  }

  /** What an intruder would find, not what the policies would like. */
  @Test
  void aWorkloadIsToldToBeAsOpenAsItMayBe() {
    NamespaceBuilder foo =
        namespace("foo")
            .with(ambientPod("httpbin").ports(8080))
            .with(policy("ns", STRICT), workload(UNSET).port(9999, PERMISSIVE));

    WorkloadModes told =
        MeshModes.resolve(mesh(Worlds.root(UNSET), foo)).namespace("foo").workloads().getFirst();

    assertEquals(
        List.of(PERMISSIVE, PERMISSIVE), List.of(told.mode(), told.ports().getFirst().mode()));
  }
}
