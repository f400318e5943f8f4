// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static io.mtlsmigration.mesh.MtlsMode.DISABLE;
import static io.mtlsmigration.mesh.MtlsMode.PERMISSIVE;
import static io.mtlsmigration.mesh.MtlsMode.STRICT;
import static io.mtlsmigration.mesh.MtlsMode.UNSET;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshBuilders.PolicyBuilder;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Worlds;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class MeshModesTest {

  private static final Pod HTTPBIN = sidecarPod("httpbin").ports(8080).build("foo");

  private static MeshModes resolve(MtlsMode mesh, PolicyBuilder... policies) {
    return MeshModes.resolve(
        mesh(Worlds.root(mesh), namespace("foo").with(sidecarPod("httpbin")).with(policies)));
  }

  private static EffectiveMode modeOfHttpbin(MtlsMode mesh, PolicyBuilder... policies) {
    return resolve(mesh, policies).namespace("foo").of(HTTPBIN);
  }

  private static ObjectRef ref(String namespace, String name) {
    return ObjectRef.peerAuthentication(namespace, name);
  }

  @ParameterizedTest
  @MethodSource("io.mtlsmigration.mesh.Worlds#meshDefaults")
  void withoutPolicyOfItsOwnANamespaceInheritsTheMesh(MtlsMode mesh) {
    EffectiveMode mode = modeOfHttpbin(mesh);

    assertEquals(Worlds.inherited(mesh), mode.mode());
    assertEquals(mesh == UNSET ? null : ref("istio-system", "default"), mode.decidedBy());
  }

  /** Mesh, namespace and workload policies, each in every mode: the narrowest that is set wins. */
  static Stream<Arguments> scopes() {
    return Worlds.meshDefaults()
        .flatMap(
            mesh ->
                Worlds.meshDefaults()
                    .flatMap(
                        ns ->
                            Worlds.meshDefaults()
                                .map(
                                    workload ->
                                        argumentSet(
                                            mesh + " > " + ns + " > " + workload,
                                            mesh,
                                            ns,
                                            workload))));
  }

  @ParameterizedTest
  @MethodSource("scopes")
  void theNarrowestScopeThatIsSetDecides(MtlsMode mesh, MtlsMode ns, MtlsMode workload) {
    EffectiveMode mode =
        modeOfHttpbin(
            mesh, policy("ns", ns), policy("workload", workload).selector("app", "httpbin"));

    MtlsMode inNamespace = ns == UNSET ? Worlds.inherited(mesh) : ns;
    assertEquals(workload == UNSET ? inNamespace : workload, mode.mode());
    ObjectRef decider =
        workload != UNSET
            ? ref("foo", "workload")
            : ns != UNSET
                ? ref("foo", "ns")
                : mesh != UNSET ? ref("istio-system", "default") : null;
    assertEquals(decider, mode.decidedBy());
  }

  @Test
  void aMeshPolicyThatIsUnsetMeansPermissiveByDefault() {
    MeshModes modes =
        MeshModes.resolve(mesh(namespace("istio-system").with(policy("default", UNSET))));

    assertEquals(PERMISSIVE, modes.mesh().mode());
    assertNull(modes.mesh().decidedBy());
    assertEquals("default", modes.meshPolicy().orElseThrow().meta().name());
  }

  @ParameterizedTest
  @MethodSource("io.mtlsmigration.mesh.Worlds#meshDefaults")
  void inEachScopeTheOldestWinsWhateverItsName(MtlsMode mesh) {
    EffectiveMode mode =
        modeOfHttpbin(
            mesh,
            policy("default", STRICT).createdAt(20),
            policy("zz-older", DISABLE).createdAt(10));

    assertEquals(DISABLE, mode.mode());
    assertEquals(ref("foo", "zz-older"), mode.decidedBy());
  }

  @Test
  void equallyOldPoliciesAreDecidedByName() {
    assertEquals(STRICT, modeOfHttpbin(UNSET, policy("b", DISABLE), policy("a", STRICT)).mode());
    assertEquals(
        STRICT,
        modeOfHttpbin(
                UNSET,
                policy("b", DISABLE).selector("app", "httpbin"),
                policy("a", STRICT).selector("app", "httpbin"))
            .mode());
  }

  @Test
  void losersAreNotMergedIntoTheWinner() {
    EffectiveMode mode =
        modeOfHttpbin(
            STRICT,
            policy("older", UNSET).selector("app", "httpbin").port(9090, PERMISSIVE).createdAt(1),
            policy("newer", PERMISSIVE)
                .selector("app", "httpbin")
                .port(8080, DISABLE)
                .createdAt(2));

    assertEquals(Map.of(9090, PERMISSIVE), mode.ports());
    assertEquals(STRICT, mode.of(8080));
    assertEquals(ref("foo", "older"), mode.decidedBy(9090));
    assertEquals(ref("istio-system", "default"), mode.decidedBy(8080));
  }

  @ParameterizedTest
  @MethodSource("io.mtlsmigration.mesh.Worlds#meshDefaults")
  void aPortThatIsUnsetFollowsItsWorkload(MtlsMode mesh) {
    EffectiveMode mode =
        modeOfHttpbin(mesh, policy("w", UNSET).selector("app", "httpbin").port(8080, UNSET));

    assertEquals(Worlds.inherited(mesh), mode.of(8080));
  }

  @Test
  void portsOfAPolicyWithoutSelectorAreIgnored() {
    EffectiveMode mode = modeOfHttpbin(UNSET, policy("ns", STRICT).port(8080, PERMISSIVE));

    assertEquals(STRICT, mode.of(8080));
    assertEquals(Map.of(), mode.ports());
  }

  @Test
  void aSelectorHasToMatchEveryLabel() {
    PolicyBuilder twoLabels =
        policy("w", STRICT).selector("app", "httpbin").selector("version", "v2");

    assertEquals(PERMISSIVE, modeOfHttpbin(UNSET, twoLabels).mode());
    assertEquals(
        STRICT,
        resolve(UNSET, twoLabels)
            .namespace("foo")
            .ofLabels(Map.of("app", "httpbin", "version", "v2", "more", "x"))
            .mode());
  }

  @ParameterizedTest
  @MethodSource("io.mtlsmigration.mesh.Worlds#meshDefaults")
  void aSelectorInTheRootNamespaceTakesAllEffectAway(MtlsMode mesh) {
    MeshModes modes =
        MeshModes.resolve(
            mesh(
                Worlds.root(mesh)
                    .with(policy("w", STRICT).selector("app", "httpbin").createdAt(-100)),
                namespace("foo")));

    assertEquals(Worlds.inherited(mesh), modes.namespace("foo").of(HTTPBIN).mode());
    Pod inRoot = sidecarPod("httpbin").build("istio-system");
    assertEquals(Worlds.inherited(mesh), modes.namespace("istio-system").of(inRoot).mode());
    assertTrue(modes.namespace("istio-system").namespacePolicy().isEmpty());
    PolicyStanding standing =
        modes.policies().stream()
            .filter(s -> s.policy().meta().name().equals("w"))
            .findFirst()
            .orElseThrow();
    assertEquals(PeerAuthentication.Scope.NONE, standing.scope());
    assertTrue(standing.whyNot().contains("istio-system"), standing.whyNot());
  }

  @Test
  void anUnknownNamespaceGetsWhatItWouldInherit() {
    NamespaceModes unknown = resolve(STRICT).namespace("not-there");

    assertEquals(STRICT, unknown.mode().mode());
    assertEquals(List.of(), unknown.policies());
    assertEquals(Posture.UNCAPTURED, unknown.posture());
  }

  @Test
  void podsWithTheSameAnswerShareIt() {
    NamespaceModes foo =
        resolve(STRICT, policy("w", PERMISSIVE).selector("app", "httpbin")).namespace("foo");

    assertSame(foo.of(HTTPBIN), foo.of(sidecarPod("httpbin").build("foo")));
    assertSame(foo.mode(), foo.of(sidecarPod("curl").build("foo")));
  }

  @Test
  void everyPolicyIsListedWithItsStanding() {
    MeshModes modes =
        MeshModes.resolve(
            mesh(
                namespace("istio-system")
                    .with(
                        policy("default", STRICT).createdAt(1),
                        policy("late", DISABLE).createdAt(2)),
                namespace("foo")
                    .with(sidecarPod("httpbin"))
                    .with(
                        policy("a-late", DISABLE).createdAt(9),
                        policy("b", STRICT).createdAt(3),
                        policy("c", PERMISSIVE).selector("app", "httpbin").createdAt(5),
                        policy("d", STRICT).selector("app", "httpbin").createdAt(6),
                        policy("e", STRICT).selector("app", "nobody").createdAt(7),
                        policy("f", STRICT)
                            .selector("app", "nobody")
                            .selector("version", "v1")
                            .createdAt(8))));

    List<String> told =
        modes.policies().stream()
            .map(s -> s.policy().meta().name() + " " + s.scope() + " " + s.effective())
            .toList();

    assertEquals(
        List.of(
            "a-late NAMESPACE false",
            "b NAMESPACE true",
            "c WORKLOAD true",
            "d WORKLOAD false",
            "e WORKLOAD true",
            "f WORKLOAD false",
            "default MESH true",
            "late MESH false"),
        told);
    assertTrue(modes.policies().stream().allMatch(s -> s.effective() == s.whyNot().isEmpty()));
  }

  @Test
  void aPolicyThatWinsOnSomePodOnlyIsEffective() {
    MeshModes modes =
        resolve(
            UNSET,
            policy("v1", PERMISSIVE).selector("version", "v1").createdAt(1),
            policy("all", STRICT).selector("app", "httpbin").createdAt(2));

    assertTrue(modes.policies().stream().allMatch(PolicyStanding::effective));
    assertEquals(
        List.of("all"),
        modes.namespace("foo").losers(Map.of("app", "httpbin", "version", "v1")).stream()
            .map(p -> p.meta().name())
            .toList());
  }

  @Test
  void aRefreshResolvesOnlyWhatChanged() {
    MeshSnapshot before = Worlds.task();
    MeshModes modes = MeshModes.resolve(before);
    NamespaceBuilder locked = Worlds.foo().with(policy("default", STRICT));

    MeshModes after = modes.refresh(before.with(locked.build()));

    assertEquals(STRICT, after.namespace("foo").mode().mode());
    assertNotSame(modes.namespace("foo"), after.namespace("foo"));
    assertSame(modes.namespace("bar"), after.namespace("bar"));
  }

  @Test
  void aRefreshAfterTheRootChangedResolvesEverything() {
    MeshSnapshot before = Worlds.task();
    MeshModes modes = MeshModes.resolve(before);

    MeshModes after = modes.refresh(before.with(Worlds.root(STRICT).build()));

    assertEquals(STRICT, after.mesh().mode());
    assertEquals(STRICT, after.namespace("bar").mode().mode());
  }

  @Test
  void aRefreshKnowsANamespaceThatTookAnothersPlace() {
    MeshModes modes = MeshModes.resolve(mesh(Worlds.root(UNSET), namespace("foo")));

    MeshModes after =
        modes.refresh(mesh(Worlds.root(UNSET), namespace("fop").with(policy("p", STRICT))));

    assertEquals(STRICT, after.namespace("fop").mode().mode());
    assertEquals(PERMISSIVE, after.namespace("foo").mode().mode());
  }

  @Test
  void aRefreshForgetsNamespacesThatAreGone() {
    MeshModes modes =
        MeshModes.resolve(mesh(Worlds.root(UNSET), namespace("foo").with(policy("p", STRICT))));

    MeshModes after = modes.refresh(mesh(Worlds.root(UNSET)));

    assertEquals(PERMISSIVE, after.namespace("foo").mode().mode());
    assertEquals(List.of(), after.policies());
  }
}
