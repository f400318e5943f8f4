// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static io.mtlsmigration.plan.LockdownNamespaceTest.kinds;
import static io.mtlsmigration.plan.LockdownNamespaceTest.only;
import static io.mtlsmigration.plan.PlanBuilders.exception;
import static io.mtlsmigration.plan.PlanBuilders.mode;
import static io.mtlsmigration.plan.PlanBuilders.plan;
import static io.mtlsmigration.plan.PlanBuilders.written;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectMeta.FieldOwner;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.PeerAuthentication.Spec;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.plan.PlanBuilders.Journey;
import io.mtlsmigration.plan.PolicyChange.Purpose;
import io.mtlsmigration.plan.PolicyWrites.Obstacle;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class UndoTest {

  private static final ObjectRef DEFAULT = ObjectRef.peerAuthentication("foo", "default");
  private static final Spec STRICT = Spec.of(MtlsMode.STRICT);
  private static final Spec PERMISSIVE = Spec.of(MtlsMode.PERMISSIVE);
  private static final Spec DISABLE = Spec.of(MtlsMode.DISABLE);

  @Test
  void deletesWhatWasCreated() {
    Journey journey = locked(Worlds.task());

    PolicyChange change = only(rollback(journey));

    assertEquals(DEFAULT, change.ref());
    assertEquals(null, change.after());
    assertEquals(Purpose.ROLLBACK, change.purpose());
    assertTrue(change.weakens());
  }

  @Test
  void restoresAPatchedPolicyInPlace() {
    Spec before = new Spec(Map.of(), MtlsMode.PERMISSIVE, Map.of(1, MtlsMode.PERMISSIVE));
    Journey journey = locked(written(Worlds.task(), "foo", "team", before));

    PolicyChange change = only(rollback(journey));

    assertEquals("team", change.ref().name());
    assertEquals(before, change.after());
  }

  @Test
  void leavesAnExplicitPermissiveWhereTheMeshHasBecomeStrict() {
    Journey journey = locked(Worlds.task());
    journey.meanwhile(m -> written(m, "istio-system", "default", STRICT));

    PolicyWrites end = journey.follow(m -> rollback(journey));

    assertTrue(end.done(), end.toString());
    assertEquals(MtlsMode.PERMISSIVE, journey.modes().namespace("foo").mode().mode());
    assertEquals(PERMISSIVE, spec(journey, DEFAULT));
  }

  @Test
  void givesAPolicyWithoutAModeOneWhereTheMeshHasBecomeStrict() {
    Journey journey = locked(written(Worlds.task(), "foo", "team", Spec.of(MtlsMode.UNSET)));
    journey.meanwhile(m -> written(m, "istio-system", "default", STRICT));

    assertEquals(MtlsMode.PERMISSIVE, only(rollback(journey)).after().mode());
  }

  @Test
  void takesTheExplicitPermissiveAwayOnceTheMeshIsOpenAgain() {
    Journey journey = locked(Worlds.task());
    journey.meanwhile(m -> written(m, "istio-system", "default", STRICT));
    journey.follow(m -> rollback(journey));
    journey.meanwhile(m -> written(m, "istio-system", "default", null));

    PolicyChange change = only(cleanup(journey));

    assertEquals(DEFAULT, change.ref());
    assertEquals(null, change.after());
    assertEquals(Purpose.CLEANUP, change.purpose());
  }

  @Test
  void undoesStrictBeforeTheExceptionsThatSoftenIt() {
    Journey journey = new Journey(Worlds.task());
    PlanSpec spec = plan().exceptions(exception("foo", Map.of("app", "httpbin"), 9090)).build();
    journey.follow(m -> Lockdown.namespace(m, "foo", spec));

    PolicyWrites first = rollback(journey);
    journey.follow(m -> rollback(journey));

    assertEquals(DEFAULT, only(first).ref());
    assertEquals(List.of(), policies(journey, "foo"));
  }

  @Test
  void undoesAnExceptionThatCameAfterTheLockLastAllTheSame() {
    Journey journey = locked(Worlds.task());
    PlanSpec spec = plan().exceptions(exception("foo", Map.of("app", "httpbin"), 9090)).build();
    journey.follow(m -> Lockdown.namespace(m, "foo", spec));

    PolicyWrites first = rollback(journey);

    assertEquals(DEFAULT, only(first).ref());
  }

  @Test
  void undoesTheNewestOfItsKindFirst() {
    Journey journey = new Journey(Worlds.task());
    PlanSpec spec =
        plan()
            .exceptions(
                exception("foo", Map.of("app", "curl"), 80),
                exception("foo", Map.of("app", "httpbin"), 80))
            .build();
    Lockdown.namespace(journey.modes(), "foo", spec).changes().forEach(journey::write);

    PolicyWrites writes = rollback(journey);

    assertEquals(
        List.of("plaintext-curl", "plaintext-httpbin"),
        writes.changes().stream().map(change -> change.ref().name()).toList());
  }

  @Test
  void undoesTheMeshBeforeItsNamespaces() {
    Journey journey = locked(Worlds.task());
    journey.follow(m -> Lockdown.namespace(m, "bar", plan().build()));
    journey.follow(m -> Lockdown.mesh(m, plan().build(), Set.of("foo", "bar"), Set.of()));

    PolicyWrites first = cleanup(journey);
    journey.follow(m -> cleanup(journey));

    assertEquals("istio-system", only(first).ref().namespace());
    assertEquals(List.of(), policies(journey, "istio-system"));
    assertEquals(List.of(), policies(journey, "foo"));
    assertEquals(List.of(), policies(journey, "bar"));
  }

  @Test
  void stopsAtPermissiveWhenNobodyAskedForDisable() {
    Journey journey = locked(written(Worlds.task(), "foo", "team", DISABLE));

    PolicyWrites end = journey.follow(m -> rollback(journey));

    assertTrue(end.done(), end.toString());
    assertEquals(MtlsMode.PERMISSIVE, journey.modes().namespace("foo").mode().mode());
  }

  @Test
  void keepsAnExplicitPermissiveWhereTheMeshDisables() {
    Journey journey = locked(mesh(Worlds.root(MtlsMode.DISABLE), Worlds.foo()));

    journey.follow(m -> rollback(journey));

    assertEquals(PERMISSIVE, spec(journey, DEFAULT));
  }

  @Test
  void goesBackToDisableByWayOfPermissiveWhenAPersonAsked() {
    Journey journey = locked(written(Worlds.task(), "foo", "team", DISABLE));
    int forward = journey.made().size();

    journey.follow(m -> Lockdown.undo(m, journey.ledger(), Purpose.ROLLBACK, true));

    List<Spec> afters = journey.made().stream().skip(forward).map(PolicyChange::after).toList();
    assertEquals(List.of(PERMISSIVE, DISABLE), afters);
  }

  @Test
  void bringsDisableBackToWorkloadsBeforeTheNamespaceThatTheyInheritFrom() {
    Spec workload =
        new Spec(Map.of("app", "httpbin"), MtlsMode.UNSET, Map.of(80, MtlsMode.DISABLE));
    MeshSnapshot before =
        written(written(Worlds.task(), "foo", "team", DISABLE), "foo", "w", workload);
    PlanSpec spec = plan().exceptions(exception("foo", Map.of("app", "httpbin"), 80)).build();
    Journey journey = new Journey(before);
    journey.follow(m -> Lockdown.namespace(m, "foo", spec));

    PolicyWrites end =
        journey.follow(m -> Lockdown.undo(m, journey.ledger(), Purpose.ROLLBACK, true));

    assertTrue(end.done(), end.toString());
    assertEquals(workload, spec(journey, ObjectRef.peerAuthentication("foo", "w")));
    assertEquals(DISABLE, spec(journey, ObjectRef.peerAuthentication("foo", "team")));
  }

  @Test
  void touchesNothingThatIsAsItWas() {
    Journey journey = locked(Worlds.task());
    journey.follow(m -> rollback(journey));

    assertTrue(rollback(journey).done());
  }

  @Test
  void understandsALedgerThatKeepsOneEntryForAnObject() {
    Journey journey = locked(written(Worlds.task(), "foo", "team", DISABLE));
    LedgerEntry first = journey.ledger().getFirst();
    LedgerEntry last = journey.ledger().getLast();
    LedgerEntry merged =
        new LedgerEntry(
            first.ref(),
            last.uid(),
            first.before(),
            last.after(),
            first.previousMode(),
            first.previousPorts(),
            last.purpose(),
            "",
            last.writtenAt());

    PolicyWrites writes = Lockdown.undo(journey.modes(), List.of(merged), Purpose.ROLLBACK, false);

    assertEquals(PERMISSIVE, only(writes).after());
  }

  @Test
  void leavesAPolicyAloneThatSomebodyHasOpenedMeanwhile() {
    Journey journey = locked(Worlds.task());
    journey.meanwhile(m -> written(m, "foo", "default", PERMISSIVE));

    PolicyWrites writes = rollback(journey);

    assertTrue(writes.done(), writes.toString());
    assertEquals(1, writes.notes().size());
  }

  @Test
  void asksForAPersonWhereSomebodyChangedAPolicyThatStillRefusesClients() {
    Journey journey = locked(Worlds.task());
    journey.meanwhile(
        m ->
            written(
                m,
                "foo",
                "default",
                new Spec(Map.of(), MtlsMode.STRICT, Map.of(1, MtlsMode.UNSET))));

    PolicyWrites writes = rollback(journey);

    assertEquals(List.of(Obstacle.Kind.CHANGED_BY_OTHERS), kinds(writes));
    assertTrue(writes.changes().isEmpty());
  }

  @Test
  void doesNotTouchAnObjectOfTheSameNameMadeAnew() {
    Journey journey = locked(Worlds.task());
    List<LedgerEntry> ledger =
        journey.ledger().stream().map(entry -> withUid(entry, "first")).toList();
    journey.meanwhile(
        m -> {
          PeerAuthentication ours = Snapshots.find(m, DEFAULT);
          assertEquals("", ours == null ? "none" : ours.meta().uid());
          return mesh(Worlds.foo().with(policy("default", MtlsMode.STRICT)));
        });

    PolicyWrites writes = Lockdown.undo(journey.modes(), ledger, Purpose.ROLLBACK, false);

    assertEquals(List.of(Obstacle.Kind.CHANGED_BY_OTHERS), kinds(writes));
  }

  @Test
  void doesNotMakeAPolicyAnewThatOthersDeleted() {
    Journey journey = locked(written(Worlds.task(), "foo", "team", PERMISSIVE));
    journey.meanwhile(m -> written(m, "foo", "team", null));

    PolicyWrites writes = rollback(journey);

    assertTrue(writes.done(), writes.toString());
    assertEquals(1, writes.notes().size());
  }

  @Test
  void asksForAPersonWhereADeletedPolicyLeavesClientsRefused() {
    Journey journey = locked(written(Worlds.task(), "foo", "team", PERMISSIVE));
    journey.meanwhile(m -> written(m, "foo", "team", null));
    journey.meanwhile(m -> written(m, "istio-system", "default", STRICT));

    assertEquals(List.of(Obstacle.Kind.CHANGED_BY_OTHERS), kinds(rollback(journey)));
  }

  @Test
  void hasNothingToUndoInANamespaceThatIsGone() {
    Journey journey = locked(written(Worlds.task(), "foo", "team", PERMISSIVE));
    journey.meanwhile(m -> mesh(Worlds.root(MtlsMode.STRICT), Worlds.bar()));

    assertTrue(rollback(journey).done());
  }

  @Test
  void leavesWhatAControllerHasTakenOver() {
    Journey journey = locked(Worlds.task());
    journey.meanwhile(
        m ->
            PlanBuilders.edit(
                m,
                "foo",
                "default",
                meta ->
                    PlanBuilders.ownedBy(meta, new FieldOwner("argocd-controller", true, true))));

    PolicyWrites writes = rollback(journey);

    assertEquals(List.of(Obstacle.Kind.OWNED_BY_CONTROLLER), kinds(writes));
  }

  @Test
  void stopsAtAPolicyThatCannotBeReadAnyMore() {
    Journey journey = locked(Worlds.task());
    journey.meanwhile(
        m -> mesh(Worlds.foo().unreadable("PeerAuthentication", "default", "/spec/mtls/mode")));

    assertEquals(List.of(Obstacle.Kind.UNREADABLE_POLICY), kinds(rollback(journey)));
  }

  @Test
  void saysWhereThePreviousModeCannotBeHadBack() {
    // Exempt under a mesh that was STRICT then, and is not any more.
    Journey journey = new Journey(mesh(Worlds.root(MtlsMode.STRICT), Worlds.foo()));
    journey.follow(m -> Lockdown.exempt(m, "foo", plan().build()));
    journey.meanwhile(m -> written(m, "istio-system", "default", PERMISSIVE));

    PolicyWrites writes = cleanup(journey);

    assertEquals(null, only(writes).after());
    assertTrue(writes.notes().getFirst().contains("where it was STRICT"), writes.toString());
  }

  @Test
  void saysWhoDecidesNowWhenItsOwnPolicyNoLongerDoes() {
    Journey journey = locked(Worlds.task());
    journey.meanwhile(
        m ->
            mesh(
                Worlds.foo()
                    .with(policy("older", MtlsMode.STRICT).createdAt(-10))
                    .with(policy("default", MtlsMode.STRICT))));

    PolicyWrites writes = rollback(journey);

    assertEquals(null, only(writes).after());
    assertTrue(writes.notes().getFirst().contains("no longer decides"), writes.toString());
  }

  @Test
  void keepsAnExceptionOpenThatAStrictMeshWouldClose() {
    Journey journey =
        new Journey(
            written(
                Worlds.task(),
                "foo",
                "w",
                new Spec(Map.of("app", "httpbin"), MtlsMode.UNSET, Map.of())));
    PlanSpec spec = plan().exceptions(exception("foo", Map.of("app", "httpbin"), 9090)).build();
    journey.write(Lockdown.namespace(journey.modes(), "foo", spec).changes().getFirst());
    journey.meanwhile(m -> written(m, "istio-system", "default", STRICT));

    journey.follow(m -> rollback(journey));

    assertEquals(MtlsMode.PERMISSIVE, mode(journey.modes(), "foo", "httpbin", 9090));
    assertEquals(MtlsMode.PERMISSIVE, mode(journey.modes(), "foo", "httpbin", 8080));
  }

  /** Younger than ours and so without effect, until ours is gone. */
  @Test
  void doesNotBringAStricterPolicyOfMoreLabelsIntoForce() {
    Journey journey = new Journey(versions());
    PlanSpec spec = plan().exceptions(exception("foo", Map.of("app", "httpbin"), 9090)).build();
    journey.follow(m -> Lockdown.namespace(m, "foo", spec));
    journey.meanwhile(m -> written(m, "foo", "zz-v2", v2(MtlsMode.STRICT)));
    journey.follow(m -> rollback(journey));

    PolicyWrites end = rollback(journey);

    assertTrue(end.done(), end.toString());
    assertEquals(MtlsMode.PERMISSIVE, mode(journey.modes(), "foo", "httpbin", 9090));
    assertEquals(MtlsMode.PERMISSIVE, mode(journey.modes(), "foo", "httpbin", 8080));
    assertTrue(end.notes().getFirst().contains("foo/plaintext-httpbin"), end.toString());
    assertTrue(end.notes().getFirst().contains("STRICT"), end.toString());
    assertEquals(List.of("plaintext-httpbin", "zz-v2"), policies(journey, "foo"));
    journey.meanwhile(m -> written(m, "foo", "zz-v2", null));
    journey.follow(m -> cleanup(journey));
    assertEquals(List.of(), policies(journey, "foo"));
  }

  @Test
  void doesNotBringADisableOfMoreLabelsIntoForce() {
    Journey journey = new Journey(versions());
    PlanSpec spec = plan().exceptions(exception("foo", Map.of("app", "httpbin"), 9090)).build();
    journey.follow(m -> Lockdown.namespace(m, "foo", spec));
    journey.meanwhile(m -> written(m, "foo", "zz-v2", v2(MtlsMode.DISABLE)));

    journey.follow(m -> Lockdown.undo(m, journey.ledger(), Purpose.ROLLBACK, true));

    assertEquals(MtlsMode.PERMISSIVE, mode(journey.modes(), "foo", "httpbin", 8080));
  }

  private static MeshSnapshot versions() {
    return mesh(
        namespace("istio-system"),
        namespace("foo")
            .label("istio-injection", "enabled")
            .with(sidecarPod("httpbin").label("version", "v2").ports(8080, 9090)));
  }

  private static Spec v2(MtlsMode mode) {
    return new Spec(Map.of("app", "httpbin", "version", "v2"), mode, Map.of());
  }

  private static LedgerEntry withUid(LedgerEntry entry, String uid) {
    return new LedgerEntry(
        entry.ref(),
        uid,
        entry.before(),
        entry.after(),
        entry.previousMode(),
        entry.previousPorts(),
        entry.purpose(),
        entry.resourceVersion(),
        entry.writtenAt());
  }

  private static Journey locked(MeshSnapshot mesh) {
    Journey journey = new Journey(mesh);
    journey.follow(m -> Lockdown.namespace(m, "foo", plan().build()));
    return journey;
  }

  private static PolicyWrites rollback(Journey journey) {
    return Lockdown.undo(journey.modes(), journey.ledger(), Purpose.ROLLBACK, false);
  }

  private static PolicyWrites cleanup(Journey journey) {
    return Lockdown.undo(journey.modes(), journey.ledger(), Purpose.CLEANUP, false);
  }

  private static Spec spec(Journey journey, ObjectRef ref) {
    PeerAuthentication found = Snapshots.find(journey.modes().snapshot(), ref);
    assertTrue(found != null, () -> "no " + ref);
    return found.spec();
  }

  private static List<String> policies(Journey journey, String namespace) {
    return journey.modes().namespace(namespace).facts().peerAuthentications().stream()
        .map(p -> p.meta().name())
        .toList();
  }
}
