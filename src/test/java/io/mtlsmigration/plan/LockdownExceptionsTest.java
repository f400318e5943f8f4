// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import static io.mtlsmigration.mesh.MeshBuilders.ambientPod;
import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static io.mtlsmigration.plan.LockdownNamespaceTest.kinds;
import static io.mtlsmigration.plan.LockdownNamespaceTest.only;
import static io.mtlsmigration.plan.PlanBuilders.exception;
import static io.mtlsmigration.plan.PlanBuilders.mode;
import static io.mtlsmigration.plan.PlanBuilders.plan;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.MeshBuilders.PodBuilder;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.PeerAuthentication.Spec;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.mtls.EffectiveMode;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.PlanBuilders.Journey;
import io.mtlsmigration.plan.PlanSpec.PolicyException;
import io.mtlsmigration.plan.PolicyChange.Purpose;
import io.mtlsmigration.plan.PolicyWrites.Obstacle;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class LockdownExceptionsTest {

  private static final Map<String, String> HTTPBIN = Map.of("app", "httpbin");

  @Test
  void makesAPortPermissiveBeforeAnythingIsStrict() {
    PolicyWrites writes = lock(Worlds.task(), exception("foo", HTTPBIN, 9090));

    PolicyChange change = only(writes);
    assertEquals(Purpose.EXCEPTION, change.purpose());
    assertEquals(
        new Spec(HTTPBIN, MtlsMode.UNSET, Map.of(9090, MtlsMode.PERMISSIVE)), change.after());
    assertFalse(change.weakens());
  }

  @Test
  void locksTheRestOnceTheExceptionIsInForce() {
    Journey journey = new Journey(Worlds.task());

    journey.follow(m -> Lockdown.namespace(m, "foo", with(exception("foo", HTTPBIN, 9090))));

    assertEquals(
        List.of(Purpose.EXCEPTION, Purpose.LOCK),
        journey.made().stream().map(PolicyChange::purpose).toList());
    assertEquals(MtlsMode.PERMISSIVE, mode(journey.modes(), "foo", "httpbin", 9090));
    assertEquals(MtlsMode.STRICT, mode(journey.modes(), "foo", "httpbin", 8080));
    assertEquals(MtlsMode.STRICT, mode(journey.modes(), "foo", "curl", 9090));
  }

  @Test
  void doesNotLockWhileAnOlderPolicyKeepsTheExceptionFromCounting() {
    Journey journey = new Journey(Worlds.task());
    PolicyException exception = exception("foo", HTTPBIN, 9090);
    journey.write(lock(Worlds.task(), exception).changes().getFirst());
    // Somebody's policy, created within the same second, wins by its name.
    journey.meanwhile(
        m ->
            mesh(
                Worlds.foo()
                    .with(
                        policy("a", MtlsMode.UNSET).selector("app", "httpbin"),
                        policy("plaintext-httpbin", MtlsMode.UNSET)
                            .selector("app", "httpbin")
                            .port(9090, MtlsMode.PERMISSIVE))));

    PolicyWrites writes = Lockdown.namespace(journey.modes(), "foo", with(exception));

    PolicyChange change = only(writes);
    assertEquals("a", change.ref().name());
    assertEquals(Purpose.EXCEPTION, change.purpose());
  }

  @Test
  void opensTheWholeWorkloadWithoutAPort() {
    PolicyWrites writes = lock(Worlds.task(), exception("foo", HTTPBIN, null));

    assertEquals(new Spec(HTTPBIN, MtlsMode.PERMISSIVE, Map.of()), only(writes).after());
  }

  @Test
  void weakensKnowinglyWhereStrictIsInForce() {
    PolicyWrites writes =
        lock(
            mesh(Worlds.foo().with(policy("default", MtlsMode.STRICT))),
            exception("foo", HTTPBIN, 9090));

    PolicyChange change = only(writes);
    assertEquals(Purpose.EXCEPTION, change.purpose());
    assertTrue(change.weakens());
  }

  static Stream<Arguments> winners() {
    return Stream.of(
        argumentSet(
            "a port is added",
            new Spec(HTTPBIN, MtlsMode.STRICT, Map.of(1, MtlsMode.STRICT)),
            9090,
            new Spec(
                HTTPBIN, MtlsMode.STRICT, Map.of(1, MtlsMode.STRICT, 9090, MtlsMode.PERMISSIVE))),
        argumentSet(
            "a disabled port becomes permissive",
            new Spec(HTTPBIN, MtlsMode.UNSET, Map.of(9090, MtlsMode.DISABLE)),
            9090,
            new Spec(HTTPBIN, MtlsMode.UNSET, Map.of(9090, MtlsMode.PERMISSIVE))),
        argumentSet(
            "all is opened",
            new Spec(HTTPBIN, MtlsMode.DISABLE, Map.of(9090, MtlsMode.STRICT)),
            null,
            new Spec(HTTPBIN, MtlsMode.PERMISSIVE, Map.of(9090, MtlsMode.PERMISSIVE))));
  }

  @ParameterizedTest
  @MethodSource("winners")
  void extendsThePolicyThatAlreadyCounts(Spec before, Integer port, Spec after) {
    PolicyWrites writes =
        lock(
            PlanBuilders.written(Worlds.task(), "foo", "theirs", before),
            exception("foo", HTTPBIN, port));

    PolicyChange change = only(writes);
    assertEquals("theirs", change.ref().name());
    assertEquals(after, change.after());
  }

  @Test
  void writesNothingWhereThePortIsOpenAlready() {
    PolicyWrites writes =
        lock(
            mesh(
                Worlds.foo()
                    .with(policy("default", MtlsMode.STRICT))
                    .with(policy("w", MtlsMode.PERMISSIVE).selector("app", "httpbin"))),
            exception("foo", HTTPBIN, null));

    assertTrue(writes.done(), writes.toString());
  }

  @Test
  void mergesAllExceptionsOfAPodIntoOnePolicy() {
    MeshSnapshot mesh = mesh(namespace("foo").with(versioned("httpbin", "1")));

    PolicyWrites writes =
        lock(
            mesh, exception("foo", HTTPBIN, 9090), exception("foo", Map.of("version", "1"), 15000));

    PolicyChange change = only(writes);
    assertEquals(Map.of("app", "httpbin", "version", "1"), change.after().selector());
    assertEquals(
        Map.of(9090, MtlsMode.PERMISSIVE, 15000, MtlsMode.PERMISSIVE), change.after().portModes());
  }

  @Test
  void leavesItAtTheOnePolicyOfMergedExceptions() {
    Journey journey = new Journey(mesh(namespace("foo").with(versioned("httpbin", "1"))));
    PlanSpec spec =
        with(exception("foo", HTTPBIN, 9090), exception("foo", Map.of("version", "1"), 15000));

    journey.follow(m -> Lockdown.namespace(m, "foo", spec));

    assertEquals(
        List.of("plaintext-httpbin-1", "default"),
        journey.made().stream().map(change -> change.ref().name()).toList());
  }

  @Test
  void makesOnePolicyWhereOneSelectorCoversTheOther() {
    PolicyWrites writes =
        lock(
            mesh(namespace("foo").with(versioned("httpbin", "1"), versioned("httpbin", "2"))),
            exception("foo", HTTPBIN, 9090),
            exception("foo", Map.of("app", "httpbin", "version", "1"), 9090));

    assertEquals(HTTPBIN, only(writes).after().selector());
  }

  @Test
  void mergesExceptionsOfTheSameSelector() {
    PolicyWrites writes =
        lock(Worlds.task(), exception("foo", HTTPBIN, 9090), exception("foo", HTTPBIN, 9091));

    assertEquals(
        Map.of(9090, MtlsMode.PERMISSIVE, 9091, MtlsMode.PERMISSIVE),
        only(writes).after().portModes());
  }

  static Stream<Arguments> halves() {
    PodBuilder one = versioned("httpbin", "1");
    PodBuilder two = versioned("httpbin", "2");
    return Stream.of(
        argumentSet("the pod that both select comes first", mesh(namespace("foo").with(one, two))),
        argumentSet("the pod that both select comes last", mesh(namespace("foo").with(two, one))));
  }

  @ParameterizedTest
  @MethodSource("halves")
  void refusesExceptionsThatMeetOnSomePodsOnly(MeshSnapshot mesh) {
    PolicyWrites writes =
        lock(
            mesh,
            exception("foo", HTTPBIN, 9090),
            exception("foo", Map.of("app", "httpbin", "version", "1"), 15000));

    assertEquals(List.of(Obstacle.Kind.OVERLAPPING_EXCEPTIONS), kinds(writes));
    String message = writes.obstacles().getFirst().message();
    assertTrue(message.contains("meet on some pods only"), message);
    assertTrue(writes.changes().isEmpty());
  }

  @Test
  void refusesExceptionsThatAgreeOnPodsButWouldOpenMoreEachOnItsOwn() {
    MeshSnapshot mesh =
        mesh(
            namespace("foo")
                .with(
                    sidecarPod("one").label("a", "1").label("b", "1"),
                    sidecarPod("two").label("a", "1").label("c", "1")));

    PolicyWrites writes =
        lock(
            mesh,
            exception("foo", Map.of("a", "1"), 1),
            exception("foo", Map.of("b", "1"), 2),
            exception("foo", Map.of("c", "1"), 2));

    assertEquals(List.of(Obstacle.Kind.OVERLAPPING_EXCEPTIONS), kinds(writes));
  }

  @Test
  void refusesOverlapsBeforeAnythingIsWritten() {
    MeshSnapshot mesh =
        mesh(
            namespace("foo")
                .with(versioned("httpbin", "1"), versioned("httpbin", "2"))
                .with(policy("default", MtlsMode.DISABLE)));

    PolicyWrites writes =
        lock(
            mesh, exception("foo", HTTPBIN, 9090), exception("foo", Map.of("version", "1"), 15000));

    assertEquals(List.of(Obstacle.Kind.OVERLAPPING_EXCEPTIONS), kinds(writes));
    assertTrue(writes.changes().isEmpty());
  }

  @Test
  void takesExceptionsThatMeetOnSomePodsWhenTheyWantTheSame() {
    Journey journey =
        new Journey(
            mesh(
                namespace("foo")
                    .with(versioned("a", "1"), versioned("a", "2"), versioned("b", "1"))));
    PlanSpec spec =
        with(
            exception("foo", Map.of("app", "a"), 9090),
            exception("foo", Map.of("version", "1"), 9090));

    PolicyWrites left = journey.follow(m -> Lockdown.namespace(m, "foo", spec));

    assertTrue(left.done(), left.toString());
    for (String pod : List.of("a-1", "a-2", "b-1")) {
      assertEquals(MtlsMode.PERMISSIVE, mode(journey.modes(), "foo", pod, 9090));
      assertEquals(MtlsMode.STRICT, mode(journey.modes(), "foo", pod, 80));
    }
  }

  @Test
  void refusesToOpenPodsThatNoExceptionNamesThroughAPolicyTheyShare() {
    MeshSnapshot mesh =
        mesh(
            namespace("foo")
                .with(versioned("httpbin", "1"), versioned("httpbin", "2"))
                .with(policy("theirs", MtlsMode.STRICT).selector("app", "httpbin")));

    PolicyWrites writes = lock(mesh, exception("foo", Map.of("version", "1"), 9090));

    assertEquals(List.of(Obstacle.Kind.OVERLAPPING_EXCEPTIONS), kinds(writes));
    String message = writes.obstacles().getFirst().message();
    assertTrue(message.contains("PeerAuthentication foo/theirs"), message);
  }

  @Test
  void refusesAnExceptionWithoutASelector() {
    PolicyWrites writes = lock(Worlds.task(), exception("foo", Map.of(), 9090));

    assertEquals(List.of(Obstacle.Kind.EXCEPTION_WITHOUT_SELECTOR), kinds(writes));
  }

  @Test
  void keepsWorkloadsOpenThatHaveNoPodAtTheMoment() {
    Journey journey = new Journey(Worlds.task());
    PlanSpec spec = with(exception("foo", Map.of("app", "nightly"), 9090));

    journey.follow(m -> Lockdown.namespace(m, "foo", spec));

    assertEquals(
        MtlsMode.PERMISSIVE,
        journey.modes().namespace("foo").ofLabels(Map.of("app", "nightly")).of(9090));
  }

  @Test
  void makesNoPolicyForAnExceptionWithoutPodsThatAnOlderOneWouldGovern() {
    PolicyException[] exceptions = {
      exception("foo", HTTPBIN, 9090),
      exception("foo", Map.of("app", "httpbin", "version", "9"), 15000)
    };
    Journey journey = new Journey(Worlds.task());

    PolicyWrites first = lock(Worlds.task(), exceptions);
    journey.follow(m -> Lockdown.namespace(m, "foo", with(exceptions)));

    assertEquals("plaintext-httpbin", only(first).ref().name());
    assertEquals(
        List.of("plaintext-httpbin", "default"),
        journey.made().stream().map(change -> change.ref().name()).toList());
  }

  @Test
  void extendsAPolicyWithoutPodsOnlyWhenItSelectsTheSame() {
    MeshSnapshot mesh =
        mesh(
            Worlds.foo()
                .with(policy("same", MtlsMode.UNSET).selector("app", "nightly"))
                .with(policy("wider", MtlsMode.UNSET).selector("app", "weekly")));

    PolicyWrites writes =
        lock(
            mesh,
            exception("foo", Map.of("app", "nightly"), 9090),
            exception("foo", Map.of("app", "weekly", "version", "1"), 9090));

    PolicyChange change = only(writes);
    assertEquals("same", change.ref().name());
    assertEquals(Map.of(9090, MtlsMode.PERMISSIVE), change.after().portModes());
  }

  @Test
  void leavesAPolicyAloneThatOthersOfItsPodsNeedWhenTheExceptionHasNone() {
    MeshSnapshot mesh =
        mesh(
            namespace("foo")
                .with(versioned("httpbin", "1"))
                .with(policy("theirs", MtlsMode.STRICT).selector("app", "httpbin")));

    PolicyWrites writes =
        lock(mesh, exception("foo", Map.of("app", "httpbin", "version", "9"), 9090));

    assertEquals(Purpose.LOCK, only(writes).purpose());
  }

  @Test
  void avoidsTheNamesOfOtherPolicies() {
    MeshSnapshot mesh =
        mesh(
            Worlds.foo().with(policy("plaintext-httpbin", MtlsMode.UNSET).selector("app", "curl")));

    PolicyWrites writes = lock(mesh, exception("foo", HTTPBIN, 9090));

    assertEquals("plaintext-httpbin-2", only(writes).ref().name());
  }

  @Test
  void givesPoliciesOfOneCallNamesOfTheirOwn() {
    PolicyWrites writes =
        lock(
            mesh(
                namespace("foo")
                    .with(sidecarPod("a-b"), sidecarPod("x").label("app", "a").label("tier", "b"))),
            exception("foo", Map.of("app", "a-b"), 9090),
            exception("foo", Map.of("app", "a", "tier", "b"), 9090));

    assertEquals(
        List.of("plaintext-a-b", "plaintext-a-b-2"),
        writes.changes().stream().map(change -> change.ref().name()).toList());
  }

  /**
   * What was there when it happened, src/test/resources/ambient/modes-on-mesh.txt, case 8: a policy
   * that does not say STRICT itself and was written before STRICT left every port open.
   */
  @Test
  void saysStrictItselfOnAmbientOnceTheNamespaceIsStrict() {
    Journey journey =
        new Journey(mesh(namespace("foo").with(ambientPod("httpbin"), ambientPod("curl"))));

    PolicyWrites left =
        journey.follow(m -> Lockdown.namespace(m, "foo", with(exception("foo", HTTPBIN, 9090))));

    assertTrue(left.done(), left.toString());
    assertEquals(
        List.of(
            new Spec(HTTPBIN, MtlsMode.UNSET, Map.of(9090, MtlsMode.PERMISSIVE)),
            Spec.of(MtlsMode.STRICT),
            new Spec(HTTPBIN, MtlsMode.STRICT, Map.of(9090, MtlsMode.PERMISSIVE))),
        journey.made().stream().map(PolicyChange::after).toList());
    assertTrue(journey.made().stream().noneMatch(PolicyChange::weakens));
    assertEquals(List.of(), settled(journey.modes(), "httpbin"));
  }

  /** The namespace opens first, then the exception goes: nothing is open or refused in between. */
  @Test
  void isTakenBackOnAmbientWithoutOpeningOrRefusingAnything() {
    Journey journey = new Journey(mesh(namespace("foo").with(ambientPod("httpbin"))));
    journey.follow(m -> Lockdown.namespace(m, "foo", with(exception("foo", HTTPBIN, 9090))));
    List<LedgerEntry> ledger = List.copyOf(journey.ledger());
    List<String> modes = new ArrayList<>();

    journey.follow(
        m -> {
          modes.add(mode(m, "foo", "httpbin", 9090) + " " + mode(m, "foo", "httpbin", 8080));
          assertEquals(List.of(), settled(m, "httpbin"));
          return Lockdown.undo(m, ledger, Purpose.ROLLBACK, false);
        });

    assertEquals(List.of("PERMISSIVE STRICT", "PERMISSIVE STRICT", "PERMISSIVE PERMISSIVE"), modes);
    assertTrue(journey.modes().snapshot().namespace("foo").peerAuthentications().isEmpty());
  }

  /** What ztunnel may enforce instead of what the policies say. */
  private static List<EffectiveMode> settled(MeshModes modes, String pod) {
    return modes.snapshot().namespace("foo").pods().stream()
        .filter(p -> p.name().equals(pod))
        .flatMap(p -> modes.namespace("foo").otherwise(p).stream())
        .toList();
  }

  @Test
  void saysStrictItselfWhereAPersonHadOpenedThePortBefore() {
    Journey journey =
        new Journey(
            mesh(
                namespace("foo")
                    .with(ambientPod("httpbin"))
                    .with(
                        policy("theirs", MtlsMode.UNSET)
                            .selector("app", "httpbin")
                            .port(9090, MtlsMode.PERMISSIVE))));

    journey.follow(m -> Lockdown.namespace(m, "foo", with(exception("foo", HTTPBIN, 9090))));

    assertEquals(
        List.of(
            Spec.of(MtlsMode.STRICT),
            new Spec(HTTPBIN, MtlsMode.STRICT, Map.of(9090, MtlsMode.PERMISSIVE))),
        journey.made().stream().map(PolicyChange::after).toList());
  }

  /** istiod would drop the deny rule and leave every port of the pod open. */
  @Test
  void saysStrictItselfOnAmbientWhereTheNamespaceHasAPolicyWithoutAMode() {
    MeshSnapshot mesh =
        mesh(
            Worlds.root(MtlsMode.STRICT),
            namespace("foo").with(ambientPod("httpbin")).with(policy("x", MtlsMode.UNSET)));
    Journey journey = new Journey(mesh);

    PolicyWrites left =
        journey.follow(m -> Lockdown.namespace(m, "foo", with(exception("foo", HTTPBIN, 9090))));

    assertTrue(left.done(), left.toString());
    assertEquals(MtlsMode.PERMISSIVE, mode(journey.modes(), "foo", "httpbin", 9090));
    assertEquals(MtlsMode.STRICT, mode(journey.modes(), "foo", "httpbin", 8080));
  }

  private static PodBuilder versioned(String app, String version) {
    return sidecarPod(app + "-" + version).label("app", app).label("version", version);
  }

  private static PlanSpec with(PolicyException... exceptions) {
    return plan().exceptions(exceptions).build();
  }

  private static PolicyWrites lock(MeshSnapshot mesh, PolicyException... exceptions) {
    return Lockdown.namespace(MeshModes.resolve(mesh), "foo", with(exceptions));
  }
}
