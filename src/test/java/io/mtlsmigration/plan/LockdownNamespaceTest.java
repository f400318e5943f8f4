// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import static io.mtlsmigration.mesh.MeshBuilders.ambientPod;
import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static io.mtlsmigration.plan.PlanBuilders.exception;
import static io.mtlsmigration.plan.PlanBuilders.plan;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshBuilders.PolicyBuilder;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.PlanBuilders.Journey;
import io.mtlsmigration.plan.PolicyChange.Purpose;
import io.mtlsmigration.plan.PolicyWrites.Obstacle;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class LockdownNamespaceTest {

  @Test
  void createsDefaultWhereTheScopeHasNoPolicy() {
    PolicyWrites writes = lock(Worlds.task());

    PolicyChange change = only(writes);
    assertEquals("PeerAuthentication foo/default", change.ref().toString());
    assertEquals(null, change.before());
    assertEquals(MtlsMode.STRICT, change.after().mode());
    assertEquals(Purpose.LOCK, change.purpose());
  }

  @Test
  void patchesThePolicyInEffectWhateverItsName() {
    PolicyWrites writes =
        lock(
            mesh(
                foo()
                    .with(policy("default", MtlsMode.PERMISSIVE).createdAt(2))
                    .with(policy("team", MtlsMode.PERMISSIVE).createdAt(1))));

    PolicyChange change = only(writes);
    assertEquals("team", change.ref().name());
    assertEquals(MtlsMode.PERMISSIVE, change.before().mode());
    assertTrue(change.why().contains("in effect"), change.why());
  }

  @Test
  void choosesAnotherNameWhenDefaultSelectsAWorkloadAndSaysSo() {
    PolicyWrites writes =
        lock(mesh(foo().with(policy("default", MtlsMode.UNSET).selector("app", "curl"))));

    PolicyChange change = only(writes);
    assertEquals("default-2", change.ref().name());
    assertTrue(change.why().contains("the name default is taken"), change.why());
  }

  @Test
  void keepsEverythingElseOfAPatchedPolicy() {
    PolicyWrites writes =
        lock(mesh(foo().with(policy("team", MtlsMode.UNSET).port(8080, MtlsMode.PERMISSIVE))));

    assertEquals(Map.of(8080, MtlsMode.PERMISSIVE), only(writes).after().portModes());
  }

  static Stream<Arguments> alreadyStrict() {
    return Stream.of(
        argumentSet("by its own policy", mesh(foo().with(policy("x", MtlsMode.STRICT)))),
        argumentSet("by the mesh's", mesh(Worlds.root(MtlsMode.STRICT), foo())),
        argumentSet(
            "by the mesh's, through a policy without a mode",
            mesh(Worlds.root(MtlsMode.STRICT), foo().with(policy("x", MtlsMode.UNSET)))));
  }

  @ParameterizedTest
  @MethodSource("alreadyStrict")
  void writesNothingWhereStrictIsInForce(MeshSnapshot mesh) {
    assertTrue(lock(mesh).done());
  }

  @Test
  void needsNoLockWhereNothingIsCaptured() {
    PolicyWrites writes =
        Lockdown.namespace(
            MeshModes.resolve(
                mesh(
                    namespace("foo")
                        .with(pod("curl"), sidecarPod("done").terminated())
                        .with(policy("default", MtlsMode.DISABLE)))),
            "foo",
            plan().build());

    assertTrue(writes.done());
  }

  static Stream<Arguments> disabled() {
    return Stream.of(
        argumentSet("itself", mesh(foo().with(policy("default", MtlsMode.DISABLE)))),
        argumentSet("by the mesh", mesh(Worlds.root(MtlsMode.DISABLE), foo())),
        argumentSet(
            "by the mesh, through a policy without a mode",
            mesh(Worlds.root(MtlsMode.DISABLE), foo().with(policy("default", MtlsMode.UNSET)))));
  }

  @ParameterizedTest
  @MethodSource("disabled")
  void takesDisableToPermissiveFirstAndNoFurtherInOneCall(MeshSnapshot mesh) {
    PolicyWrites writes = lock(mesh);

    PolicyChange change = only(writes);
    assertEquals(Purpose.ENABLE, change.purpose());
    assertEquals(MtlsMode.PERMISSIVE, change.after().mode());
    assertEquals("foo", change.ref().namespace());
    assertFalse(change.weakens());
  }

  @ParameterizedTest
  @MethodSource("disabled")
  void comesFromDisableToStrictInTheEnd(MeshSnapshot mesh) {
    Journey journey = new Journey(mesh);

    journey.follow(modes -> Lockdown.namespace(modes, "foo", plan().build()));

    assertEquals(
        List.of(Purpose.ENABLE, Purpose.LOCK),
        journey.made().stream().map(PolicyChange::purpose).toList());
    assertEquals(MtlsMode.STRICT, journey.modes().namespace("foo").mode().mode());
  }

  @Test
  void doesNotKnowTheRootNamespace() {
    PolicyWrites writes =
        Lockdown.namespace(MeshModes.resolve(Worlds.task()), "istio-system", plan().build());

    assertEquals(List.of(Obstacle.Kind.ROOT_NAMESPACE), kinds(writes));
  }

  static Stream<Arguments> unreadable() {
    return Stream.of(
        argumentSet("in the namespace", "foo", true, "PeerAuthentication"),
        argumentSet("in the root namespace", "istio-system", true, "PeerAuthentication"),
        argumentSet("elsewhere", "bar", false, "PeerAuthentication"),
        argumentSet("of another kind", "foo", false, "Service"));
  }

  @ParameterizedTest
  @MethodSource("unreadable")
  void stopsAtAPolicyThatCannotBeRead(String where, boolean stops, String kind) {
    NamespaceBuilder root = namespace("istio-system");
    NamespaceBuilder foo = foo();
    NamespaceBuilder bar = namespace("bar");
    for (NamespaceBuilder each : List.of(root, foo, bar)) {
      if (where.equals(each.build().name())) {
        each.unreadable(kind, "odd", "/spec/mtls/mode");
      }
    }

    PolicyWrites writes = lock(mesh(root, foo, bar));

    assertEquals(stops ? List.of(Obstacle.Kind.UNREADABLE_POLICY) : List.of(), kinds(writes));
    assertEquals(stops, writes.changes().isEmpty());
  }

  static Stream<Arguments> workloadPolicies() {
    return Stream.of(
        argumentSet("open altogether", mesh(foo().with(weak(MtlsMode.PERMISSIVE))), true),
        argumentSet("disabled altogether", mesh(foo().with(weak(MtlsMode.DISABLE))), true),
        argumentSet(
            "open at a port",
            mesh(foo().with(weak(MtlsMode.STRICT).port(8080, MtlsMode.PERMISSIVE))),
            true),
        argumentSet(
            "disabled at a port",
            mesh(foo().with(weak(MtlsMode.UNSET).port(8080, MtlsMode.DISABLE))),
            true),
        argumentSet("without a mode", mesh(foo().with(weak(MtlsMode.UNSET))), false),
        argumentSet("strict", mesh(foo().with(weak(MtlsMode.STRICT))), false),
        argumentSet(
            "open at a port that follows the workload",
            mesh(foo().with(weak(MtlsMode.STRICT).port(8080, MtlsMode.UNSET))),
            false),
        argumentSet(
            "an older one decides",
            mesh(
                foo()
                    .with(weak(MtlsMode.PERMISSIVE).createdAt(2))
                    .with(
                        policy("first", MtlsMode.STRICT).selector("app", "httpbin").createdAt(1))),
            false),
        argumentSet(
            "for pods without a proxy",
            mesh(
                foo()
                    .with(pod("job"))
                    .with(policy("w", MtlsMode.PERMISSIVE).selector("app", "job"))),
            false),
        argumentSet(
            "for pods that there are none of",
            mesh(foo().with(policy("w", MtlsMode.PERMISSIVE).selector("app", "none"))),
            false),
        argumentSet(
            "at a port that bypasses the proxy",
            mesh(
                namespace("foo")
                    .with(sidecarPod("httpbin").excludeInbound(8080))
                    .with(weak(MtlsMode.STRICT).port(8080, MtlsMode.PERMISSIVE))),
            false),
        argumentSet(
            "ztunnel ignores a disabled port under an inherited STRICT",
            mesh(
                namespace("foo")
                    .with(ambientPod("httpbin"))
                    .with(weak(MtlsMode.UNSET).port(8080, MtlsMode.DISABLE))),
            false));
  }

  @ParameterizedTest
  @MethodSource("workloadPolicies")
  void neverLeavesAPortOpenThatNoExceptionNames(MeshSnapshot mesh, boolean weaker) {
    PolicyWrites writes = lock(mesh);

    assertEquals(weaker ? List.of(Obstacle.Kind.WEAKER_WORKLOAD_POLICY) : List.of(), kinds(writes));
    assertEquals(weaker, writes.changes().isEmpty());
  }

  @Test
  void namesTheWeakerPolicyItsWorkloadAndThePort() {
    PolicyWrites writes =
        lock(mesh(foo().with(weak(MtlsMode.STRICT).port(8080, MtlsMode.PERMISSIVE))));

    String message = writes.obstacles().getFirst().message();
    assertTrue(message.contains("PeerAuthentication foo/w says PERMISSIVE for port 8080"), message);
    assertTrue(message.contains("Deployment foo/httpbin"), message);
  }

  @Test
  void anExceptionThatNamesTheWeakerPortClearsTheWay() {
    PolicyWrites writes =
        Lockdown.namespace(
            MeshModes.resolve(
                mesh(foo().with(weak(MtlsMode.STRICT).port(8080, MtlsMode.PERMISSIVE)))),
            "foo",
            plan().exceptions(exception("foo", Map.of("app", "httpbin"), 8080)).build());

    assertEquals(Purpose.LOCK, only(writes).purpose());
  }

  @Test
  void findsWhatALaterStageWouldMeetBeforeTheFirstWrite() {
    PolicyWrites writes =
        lock(mesh(foo().with(policy("default", MtlsMode.DISABLE)).with(weak(MtlsMode.PERMISSIVE))));

    assertEquals(List.of(Obstacle.Kind.WEAKER_WORKLOAD_POLICY), kinds(writes));
    assertTrue(writes.changes().isEmpty());
  }

  @ParameterizedTest
  @EnumSource(names = {"UNSET", "DISABLE", "PERMISSIVE"})
  void neverWeakens(MtlsMode mode) {
    Journey journey = new Journey(mesh(Worlds.root(mode), foo()));

    journey.follow(modes -> Lockdown.namespace(modes, "foo", plan().build()));

    assertTrue(journey.made().stream().noneMatch(PolicyChange::weakens));
  }

  static PolicyBuilder weak(MtlsMode mode) {
    return policy("w", mode).selector("app", "httpbin").createdAt(1);
  }

  static NamespaceBuilder foo() {
    return Worlds.foo();
  }

  static PolicyWrites lock(MeshSnapshot mesh) {
    return Lockdown.namespace(MeshModes.resolve(mesh), "foo", plan().build());
  }

  static PolicyChange only(PolicyWrites writes) {
    assertEquals(List.of(), writes.obstacles());
    assertEquals(1, writes.changes().size(), writes.toString());
    return writes.changes().getFirst();
  }

  static List<Obstacle.Kind> kinds(PolicyWrites writes) {
    return writes.obstacles().stream().map(Obstacle::kind).toList();
  }
}
