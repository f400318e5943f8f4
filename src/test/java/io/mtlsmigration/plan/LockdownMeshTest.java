// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import static io.mtlsmigration.mesh.MeshBuilders.gatewayPod;
import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static io.mtlsmigration.plan.LockdownNamespaceTest.kinds;
import static io.mtlsmigration.plan.LockdownNamespaceTest.only;
import static io.mtlsmigration.plan.PlanBuilders.exception;
import static io.mtlsmigration.plan.PlanBuilders.plan;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.PlanBuilders.Journey;
import io.mtlsmigration.plan.PolicyChange.Purpose;
import io.mtlsmigration.plan.PolicyWrites.Obstacle;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class LockdownMeshTest {

  private static final Set<String> NONE = Set.of();

  @Test
  void createsDefaultInTheRootNamespaceWhenAllAreLocked() {
    PolicyWrites writes = lock(task(strict("foo"), strict("bar")), Set.of("foo", "bar"), NONE);

    PolicyChange change = only(writes);
    assertEquals("PeerAuthentication istio-system/default", change.ref().toString());
    assertEquals(MtlsMode.STRICT, change.after().mode());
    assertEquals(Purpose.LOCK, change.purpose());
  }

  @Test
  void patchesTheMeshPolicyInEffectWhateverItsName() {
    MeshSnapshot mesh =
        mesh(
            namespace("istio-system")
                .with(policy("default", MtlsMode.PERMISSIVE).createdAt(2))
                .with(policy("global", MtlsMode.UNSET).createdAt(1)));

    assertEquals("global", only(lock(mesh, NONE, NONE)).ref().name());
  }

  @Test
  void choosesAnotherNameWhenDefaultHasASelector() {
    MeshSnapshot mesh =
        mesh(namespace("istio-system").with(policy("default", MtlsMode.STRICT).selector("a", "b")));

    assertEquals("default-2", only(lock(mesh, NONE, NONE)).ref().name());
  }

  @Test
  void takesAMeshFromDisableToPermissiveFirst() {
    Journey journey = new Journey(mesh(Worlds.root(MtlsMode.DISABLE)));

    journey.follow(m -> Lockdown.mesh(m, plan().build(), NONE, NONE));

    assertEquals(
        List.of(Purpose.ENABLE, Purpose.LOCK),
        journey.made().stream().map(PolicyChange::purpose).toList());
  }

  @Test
  void hasNothingToDoUnderStrict() {
    assertTrue(lock(mesh(Worlds.root(MtlsMode.STRICT), Worlds.foo()), NONE, NONE).done());
  }

  static Stream<Arguments> standings() {
    Set<String> both = Set.of("foo", "bar");
    Set<String> foo = Set.of("foo");
    Set<String> bar = Set.of("bar");
    return Stream.of(
        argumentSet("locked", task(strict("foo"), strict("bar")), both, NONE, ""),
        argumentSet(
            "neither locked nor exempt", task(strict("foo"), open("bar")), foo, NONE, "bar"),
        argumentSet(
            "strict, but not by the plan", task(strict("foo"), strict("bar")), foo, NONE, "bar"),
        argumentSet("exempt by its own word", task(strict("foo"), permissive("bar")), foo, bar, ""),
        argumentSet("exempt, but silent", task(strict("foo"), open("bar")), foo, bar, "bar"),
        argumentSet("exempt, but strict", task(strict("foo"), strict("bar")), foo, bar, "bar"),
        argumentSet(
            "exempt, but an older policy says nothing",
            task(
                strict("foo"),
                Worlds.bar()
                    .with(policy("default", MtlsMode.PERMISSIVE).createdAt(2))
                    .with(policy("old", MtlsMode.UNSET).createdAt(1))),
            foo,
            bar,
            "bar"),
        argumentSet(
            "locked, but weakened since",
            task(strict("foo"), permissive("bar")),
            both,
            NONE,
            "bar"),
        argumentSet(
            "locked, but one workload was opened since",
            task(
                strict("foo"),
                strict("bar").with(policy("w", MtlsMode.PERMISSIVE).selector("app", "curl"))),
            both,
            NONE,
            "bar"),
        argumentSet(
            "exempt, but unreadable",
            task(strict("foo"), permissive("bar").unreadable("PeerAuthentication", "x", "/spec")),
            foo,
            bar,
            "bar"));
  }

  @ParameterizedTest
  @MethodSource("standings")
  void isHeldUpByEveryNamespaceThatIsNotReady(
      MeshSnapshot mesh, Set<String> locked, Set<String> exempt, String blocking) {
    PolicyWrites writes = lock(mesh, locked, exempt);

    assertEquals(blocking.isEmpty(), writes.obstacles().isEmpty(), writes.toString());
    assertEquals(!blocking.isEmpty(), writes.changes().isEmpty());
    assertTrue(
        writes.obstacles().stream().allMatch(o -> o.message().contains(blocking)),
        writes.toString());
  }

  @Test
  void isNotHeldUpByNamespacesWithoutCapturedPods() {
    MeshSnapshot mesh =
        mesh(Worlds.legacy(), namespace("edge").with(gatewayPod("ingress")), namespace("empty"));

    assertEquals(Purpose.LOCK, only(lock(mesh, NONE, NONE)).purpose());
  }

  @Test
  void isNotHeldUpByPodsOfTheRootNamespaceItself() {
    MeshSnapshot mesh = mesh(namespace("istio-system").with(sidecarPod("grafana")));

    assertEquals(Purpose.LOCK, only(lock(mesh, NONE, NONE)).purpose());
  }

  @Test
  void countsWhatExceptionsNameAsLocked() {
    MeshSnapshot mesh =
        mesh(
            strict("foo")
                .with(
                    policy("w", MtlsMode.UNSET)
                        .selector("app", "httpbin")
                        .port(9090, MtlsMode.PERMISSIVE)));
    PlanSpec spec = plan().exceptions(exception("foo", Map.of("app", "httpbin"), 9090)).build();

    PolicyWrites writes = Lockdown.mesh(MeshModes.resolve(mesh), spec, Set.of("foo"), NONE);

    assertEquals(Purpose.LOCK, only(writes).purpose());
  }

  @Test
  void stopsAtAnUnreadablePolicyInTheRootNamespace() {
    MeshSnapshot mesh =
        mesh(namespace("istio-system").unreadable("PeerAuthentication", "x", "/spec/mtls"));

    assertEquals(List.of(Obstacle.Kind.UNREADABLE_POLICY), kinds(lock(mesh, NONE, NONE)));
  }

  @ParameterizedTest
  @EnumSource(names = {"UNSET", "DISABLE", "STRICT"})
  void exemptionSaysPermissiveInThePolicyInEffect(MtlsMode mode) {
    MeshSnapshot mesh = mesh(Worlds.foo().with(policy("team", mode)));

    PolicyChange change = only(Lockdown.exempt(MeshModes.resolve(mesh), "foo", plan().build()));

    assertEquals("team", change.ref().name());
    assertEquals(MtlsMode.PERMISSIVE, change.after().mode());
    assertEquals(Purpose.EXEMPT, change.purpose());
    assertEquals(mode == MtlsMode.STRICT, change.weakens());
  }

  @Test
  void exemptionIsExplicitEvenWherePermissiveIsTheDefault() {
    PolicyWrites writes = Lockdown.exempt(MeshModes.resolve(Worlds.task()), "foo", plan().build());

    assertEquals("default", only(writes).ref().name());
  }

  @Test
  void exemptionIsDoneWhereTheNamespaceSaysPermissiveItself() {
    MeshSnapshot mesh = mesh(permissive("foo"));

    assertTrue(Lockdown.exempt(MeshModes.resolve(mesh), "foo", plan().build()).done());
  }

  @Test
  void exemptionStopsAtAnUnreadablePolicy() {
    MeshSnapshot mesh = mesh(Worlds.foo().unreadable("PeerAuthentication", "x", "/spec"));

    assertEquals(
        List.of(Obstacle.Kind.UNREADABLE_POLICY),
        kinds(Lockdown.exempt(MeshModes.resolve(mesh), "foo", plan().build())));
  }

  @Test
  void aNewbornNamespaceIsOpenedUnderAStrictMesh() {
    MeshSnapshot mesh = mesh(Worlds.root(MtlsMode.STRICT), open("baby"));

    PolicyChange change = only(Lockdown.newborn(MeshModes.resolve(mesh), "baby", plan().build()));

    assertEquals(MtlsMode.PERMISSIVE, change.after().mode());
    assertEquals(Purpose.NEWBORN, change.purpose());
    assertTrue(change.weakens());
  }

  @Test
  void lockingTheMeshWeakensNothing() {
    PolicyWrites writes = lock(task(strict("foo"), strict("bar")), Set.of("foo", "bar"), NONE);

    assertFalse(only(writes).weakens());
  }

  private static MeshSnapshot task(NamespaceBuilder foo, NamespaceBuilder bar) {
    return mesh(namespace("istio-system"), foo, bar, Worlds.legacy());
  }

  private static NamespaceBuilder open(String name) {
    return Worlds.injected(name);
  }

  private static NamespaceBuilder strict(String name) {
    return open(name).with(policy("default", MtlsMode.STRICT));
  }

  private static NamespaceBuilder permissive(String name) {
    return open(name).with(policy("default", MtlsMode.PERMISSIVE));
  }

  private static PolicyWrites lock(MeshSnapshot mesh, Set<String> locked, Set<String> exempt) {
    return Lockdown.mesh(MeshModes.resolve(mesh), plan().build(), locked, exempt);
  }
}
