package io.mtlsmigration.rollout;

import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static org.junit.jupiter.api.Assertions.*;

import io.mtlsmigration.mesh.*;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PolicyChange;
import java.time.Duration;
import java.util.*;
import org.junit.jupiter.api.Test;

class HostileTest {
  private static final StepKey FOO = new StepKey("foo");
  private SimulatedMesh mesh =
      new SimulatedMesh(Worlds.task())
          .calls("bar/curl", "foo/httpbin")
          .calls("foo/curl", "bar/httpbin");

  private void in(MeshSnapshot world) {
    mesh = new SimulatedMesh(world).calls("bar/curl", "foo/httpbin").calls("foo/curl", "bar/httpbin");
  }

  private void start(Specs specs) {
    PlanSpec spec = specs.spec();
    mesh.desk.create(spec, "ann");
    mesh.desk.act(spec.name(), PlanAction.START, null, "ann");
  }

  private NamespaceFacts facts(String namespace) {
    return Objects.requireNonNull(mesh.api.snapshot().namespace(namespace));
  }

  /** An approval given before the loop has begun the step's record. */
  @Test
  void t1ApprovalBeforeRecord() {
    PlanSpec spec = Specs.namespaces("foo").wave("one", "foo").approval(PlanSpec.Approval.WAVE).spec();
    mesh.desk.create(spec, "ann");
    mesh.desk.act("plan", PlanAction.START, null, "ann");
    // What a muster of more than a second leaves to the loop.
    PlanRecord plan = mesh.plan("plan");
    Consent consent = new Consent(plan, Map.of(), mesh.observe(), "bea", "", mesh.clock.instant());
    mesh.ledger.save(plan.withApprovals(consent.to("wave:one", null)));
    mesh.seconds(60);
    assertEquals(Phase.LOCKED, mesh.phase("plan", "foo"), mesh.story("plan"));
  }

  /** STRICT refused everybody during the window: another plan has just been cleaned up. */
  @Test
  void t2NewPlanAfterCleanup() {
    start(Specs.namespaces("foo"));
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 100);
    mesh.seconds(60);
    mesh.desk.act("plan", PlanAction.CLEANUP, null, "ann");
    mesh.untilPlan("plan", PlanPhase.CLEANED_UP, 30);
    start(Specs.namespaces("foo").named("second"));
    int n = 0;
    while (mesh.mode("foo") != MtlsMode.STRICT && n < 100) {
      mesh.second();
      n++;
    }
    assertTrue(n >= 20, "STRICT after " + n + " s, window 20 s: " + mesh.story("second"));
  }

  private WriteIntent hang() {
    WriteIntent[] held = new WriteIntent[1];
    mesh.api.beforeApply =
        intent -> {
          if (intent.change().purpose() == PolicyChange.Purpose.LOCK && held[0] == null) {
            held[0] = intent;
            throw new IllegalStateException("stands still");
          }
        };
    for (int i = 0; i < 100 && held[0] == null; i++) {
      mesh.second();
    }
    mesh.api.beforeApply = i -> {};
    return Objects.requireNonNull(held[0]);
  }

  /** Aborted while the write's end is not known; then it happens. */
  @Test
  void t3LateWriteAfterAbort() {
    start(Specs.namespaces("foo"));
    WriteIntent late = hang();
    mesh.desk.act("plan", PlanAction.ABORT, null, "ann");
    mesh.untilPlan("plan", PlanPhase.ABORTED, 10);
    mesh.api.apply(late, false);
    mesh.seconds(60);
    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"), mesh.step("plan", "foo") + mesh.story("plan"));
  }

  /** A gate breaks while the write's end is not known; then it happens, with clients that it refuses. */
  @Test
  void t4LateWriteWhileGateFails() {
    start(Specs.namespaces("foo"));
    WriteIntent late = hang();
    mesh.calls("legacy/curl", "foo/httpbin");
    mesh.seconds(3);
    assertEquals(Phase.OBSERVING, mesh.phase("plan", "foo"));
    mesh.api.apply(late, false);
    mesh.seconds(60);
    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"), mesh.step("plan", "foo").phase() + mesh.story("plan"));
  }

  /** The rollback of an exception forgets the patch that is under way. */
  @Test
  void t5LatePatchAfterRollback() {
    in(MeshBuilders.mesh(namespace("istio-system"),
        Worlds.foo().with(policy("default", MtlsMode.PERMISSIVE)), Worlds.bar(), Worlds.legacy()));
    start(Specs.namespaces("foo").except("foo", "httpbin", 9090).adopt());
    WriteIntent late = hang();
    mesh.desk.act("plan", PlanAction.ROLLBACK, null, "ann");
    mesh.untilPlan("plan", PlanPhase.ROLLED_BACK, 60);
    WriteResult r = mesh.api.apply(late, true);
    mesh.seconds(60);
    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"), r + " " + mesh.step("plan", "foo") + mesh.story("plan"));
  }

  /** A person was faster with STRICT, which harms; it is not ours to take back. */
  @Test
  void t6PersonsStrictWhileLocking() {
    start(Specs.namespaces("foo"));
    mesh.api.beforeApply =
        intent -> {
          mesh.api.beforeApply = i -> {};
          mesh.kubectl("foo", "default", MtlsMode.STRICT);
          mesh.calls("legacy/curl", "foo/httpbin");
        };
    mesh.until("plan", "foo", Phase.ROLLED_BACK, 100);
    assertEquals(MtlsMode.STRICT, mesh.mode("foo"));
    assertFalse(mesh.step("plan", "foo").message().contains("previous modes are in force again"), mesh.story("plan"));
  }

  /** Ours was deleted, and another STRICT was made: nothing is in force again. */
  @Test
  void t7UndoneThoughStrict() {
    start(Specs.namespaces("foo"));
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 100);
    mesh.kubectl("foo", "team", MtlsMode.STRICT);
    mesh.kubectl("foo", "default", null);
    mesh.seconds(3);
    mesh.desk.act("plan", FOO, StepAction.ROLLBACK, "", "ann");
    mesh.seconds(30);
    assertEquals(MtlsMode.STRICT, mesh.mode("foo"));
    assertNotEquals(Phase.ROLLED_BACK, mesh.phase("plan", "foo"), mesh.story("plan"));
  }

  /** STRICT is opened by an exemption, and another leader goes on. */
  @Test
  void t8ExemptThenLeaderChange() {
    start(Specs.namespaces("foo", "bar").wave("all", "foo", "bar"));
    mesh.calls("legacy/curl", "bar/httpbin");
    mesh.until("plan", "foo", Phase.LOCKED, 100);
    mesh.seconds(30);
    mesh.desk.act("plan", FOO, StepAction.EXEMPT, "", "ann");
    mesh.second();
    mesh.loop = mesh.leader();
    mesh.second();
    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"));
    mesh.desk.act("plan", FOO, StepAction.RETRY, "", "ann");
    int n = 0;
    while (mesh.mode("foo") != MtlsMode.STRICT && n < 100) {
      mesh.second();
      n++;
    }
    assertTrue(n >= 18, "STRICT after " + n + " s " + mesh.step("plan", "foo").openSince() + mesh.story("plan"));
  }

  /** A server that hangs holds the way back for ever, and nothing is allowed. */
  @Test
  void t9HangingServerHoldsUndo() {
    start(Specs.namespaces("foo"));
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 100);
    mesh.failingProbes.addAll(List.of("foo/curl", "bar/curl", "legacy/curl"));
    mesh.desk.act("plan", PlanAction.ROLLBACK, null, "ann");
    mesh.seconds(600);
    PlanRecord plan = mesh.plan("plan");
    assertTrue(plan.endedAt() != null || !mesh.desk.allowedActions(plan).isEmpty(), mesh.step("plan", "foo").message());
  }

  /** The first ailment is mended, another is there meanwhile. */
  @Test
  void t10HealthMessage() {
    start(Specs.namespaces("foo"));
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 100);
    mesh.api.settings(new MeshSettings("istio-system", "cluster.local", false, true));
    mesh.seconds(20);
    assertNotNull(mesh.step("plan", "foo").health());
    NamespaceFacts late = Worlds.foo().with(pod("late").label("app", "httpbin").ports(8080)).build();
    mesh.api.replace(late.withPeerAuthentications(facts("foo").peerAuthentications()));
    mesh.seconds(10);
    mesh.api.settings(new MeshSettings("istio-system", "cluster.local", true, true));
    mesh.seconds(30);
    StepRecord.Health h = mesh.step("plan", "foo").health();
    assertTrue(h != null && h.reason() == Reason.PODS_UNCAPTURED, "" + h);
  }

  /** The write was not made, and somebody has touched no more than an annotation. */
  @Test
  void t11DoubtedThoughUntouched() {
    in(MeshBuilders.mesh(namespace("istio-system"),
        Worlds.foo().with(policy("default", MtlsMode.PERMISSIVE)), Worlds.bar(), Worlds.legacy()));
    start(Specs.namespaces("foo").adopt());
    WriteIntent late = hang();
    mesh.kubectl("foo", "default", MtlsMode.PERMISSIVE);
    mesh.seconds(40);
    assertNotEquals(Phase.DRIFTED, mesh.phase("plan", "foo"), mesh.story("plan"));
  }

  /** A mesh plan takes in a namespace that another plan has. */
  @Test
  void t12JoinOverlaps() {
    start(Specs.mesh().noSamples(PlanSpec.NoSamples.PASS));
    mesh.seconds(3);
    mesh.api.replace(Worlds.injected("late").build());
    mesh.world();
    start(Specs.namespaces("late").named("other").noSamples(PlanSpec.NoSamples.PASS));
    mesh.seconds(3);
    boolean both = mesh.ledger.step("plan", new StepKey("late")).isPresent()
        && mesh.ledger.step("other", new StepKey("late")).isPresent();
    assertFalse(both);
  }

  /** Another plan has bar; foo has drifted and nobody can retry it. */
  @Test
  void t13NotReopened() {
    start(Specs.namespaces("foo", "bar").wave("all", "foo", "bar"));
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 100);
    start(Specs.namespaces("bar").named("other").soak(Duration.ofHours(1)).window());
    mesh.desk.act("other", PlanAction.PAUSE, null, "ann");
    mesh.kubectl("foo", "default", MtlsMode.PERMISSIVE);
    mesh.seconds(30);
    assertEquals(Phase.DRIFTED, mesh.phase("plan", "foo"));
    assertTrue(mesh.desk.allowedActions(mesh.plan("plan"), mesh.step("plan", "foo")).contains(StepAction.RETRY)
        || !mesh.desk.waitingOn(mesh.plan("plan")).isEmpty(), mesh.plan("plan").phase() + " " + mesh.desk.waitingOn(mesh.plan("plan")));
  }

  /** The object is touched every second. */
  @Test
  void t14TouchedEverySecond() {
    start(Specs.namespaces("foo"));
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 100);
    mesh.api.afterApply = i -> {};
    int saves = mesh.ledger.saves();
    for (int i = 0; i < 60; i++) {
      mesh.kubectl("foo", "default", MtlsMode.STRICT);
      mesh.second();
    }
    int quiet = mesh.ledger.saves() - saves;
    mesh.kubectl("foo", "default", MtlsMode.PERMISSIVE);
    mesh.seconds(12);
    assertEquals(Phase.DRIFTED, mesh.phase("plan", "foo"));
    assertTrue(quiet < 5, "saves " + quiet);
  }

  /** A namespace made anew, seen by another leader: STRICT of the old one counts. */
  @Test
  void t15Undone2() {
    start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.VERIFYING, 100);
    mesh.kubectl("foo", "default", null);
    mesh.kubectl("foo", "default", MtlsMode.STRICT);
    mesh.seconds(60);
    System.out.println("T15 " + mesh.phase("plan", "foo"));
  }

  /** A person asks once more for the exemption that another person had changed. */
  @Test
  void u1ExemptAskedAgain() {
    start(Specs.namespaces("foo", "bar").wave("all", "foo", "bar").adopt());
    mesh.calls("legacy/curl", "bar/httpbin");
    mesh.until("plan", "foo", Phase.LOCKED, 100);
    mesh.desk.act("plan", FOO, StepAction.EXEMPT, "", "ann");
    mesh.seconds(3);
    mesh.kubectl("foo", "default", MtlsMode.STRICT);
    mesh.seconds(10);
    mesh.desk.act("plan", FOO, StepAction.RETRY, "", "ann");
    mesh.until("plan", "foo", Phase.LOCKED, 60);
    mesh.desk.act("plan", FOO, StepAction.EXEMPT, "once more", "ann");
    mesh.seconds(20);
    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"), mesh.step("plan", "foo").phase() + " " + mesh.step("plan", "foo").message());
  }

  /** A save that fails in the tick that sees STRICT go loses it. */
  @Test
  void u2ReopeningLostByAnError() {
    start(Specs.namespaces("foo", "bar").wave("all", "foo", "bar"));
    mesh.calls("legacy/curl", "bar/httpbin");
    mesh.until("plan", "foo", Phase.LOCKED, 100);
    mesh.seconds(30);
    mesh.desk.act("plan", FOO, StepAction.EXEMPT, "", "ann");
    mesh.second();
    mesh.clock.advance(Duration.ofSeconds(1));
    mesh.world();
    // A person's request is saved while the tick goes on.
    mesh.tick();
  }

  /** Overridden before the lock, and a rule that is made afterwards. */
  @Test
  void u3RuleAfterAnOverride() {
    start(Specs.namespaces("foo").probes(false));
    mesh.seconds(2);
    mesh.desk.override("plan", FOO, Set.of(Gate.HAZARDS), "known", null, "ann");
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 100);
    System.out.println("U3 " + mesh.step("plan", "foo").gate(Gate.HAZARDS));
  }

  /** Scaled to zero in the middle of a lock whose write was not made. */
  @Test
  void u4LateWriteScaledToZero() {
    start(Specs.namespaces("foo"));
    WriteIntent late = hang();
    NamespaceFacts f = facts("foo");
    mesh.api.replace(f.withPods(List.of()));
    mesh.seconds(3);
    mesh.api.apply(late, false);
    mesh.seconds(5);
    mesh.api.replace(facts("foo").withPods(f.pods()));
    mesh.seconds(40);
    assertTrue(mesh.ledger.events("plan").stream().anyMatch(e -> e.to().equals("VERIFYING")), mesh.phase("plan","foo") + mesh.story("plan"));
  }

  /** Patched late, after a step was rolled back by itself (RUNNING). */
  @Test
  void u5LatePatchAfterStepRollback() {
    in(MeshBuilders.mesh(namespace("istio-system"),
        Worlds.foo().with(policy("default", MtlsMode.PERMISSIVE)), Worlds.bar(), Worlds.legacy()));
    start(Specs.namespaces("foo").except("foo", "httpbin", 9090).adopt());
    WriteIntent late = hang();
    mesh.desk.act("plan", FOO, StepAction.ROLLBACK, "", "ann");
    mesh.until("plan", "foo", Phase.ROLLED_BACK, 60);
    mesh.api.apply(late, true);
    mesh.seconds(60);
    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"), mesh.step("plan", "foo").phase() + mesh.story("plan"));
  }

  /** The view hangs while a step is being undone. */
  @Test
  void u6Reads() {
    start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.LOCKED, 100);
    mesh.informersStale = true;
    mesh.kubectl("foo", "default", MtlsMode.PERMISSIVE);
    mesh.seconds(120);
    System.out.println("U6 " + mesh.phase("plan", "foo") + " mode " + mesh.mode("foo"));
  }

  /** Rolled back by a plan, and a person's other policy decides. */
  @Test
  void u7NewborneAnotherLeader() {
    start(Specs.namespaces("foo"));
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 100);
    mesh.seconds(60);
    mesh.kubectl("foo", "default", null);
    mesh.loop = mesh.leader();
    mesh.seconds(1);
    System.out.println("U7 " + mesh.phase("plan", "foo") + " " + mesh.step("plan", "foo").openSince());
  }

  /** A rule that was made after the lock has clients refused; the lock is rolled back for it. */
  @Test
  void v1RollbackBecauseOfARule() {
    mesh.unnoticed = true;
    start(Specs.namespaces("foo"));
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 100);
    NamespaceFacts foo = Worlds.foo().with(MeshBuilders.destinationRule("plain", "httpbin.foo.svc.cluster.local").tls(DestinationRule.ClientTlsMode.DISABLE)).build();
    mesh.api.replace(foo.withPeerAuthentications(facts("foo").peerAuthentications()));
    mesh.seconds(20);
    mesh.desk.act("plan", PlanAction.ROLLBACK, null, "ann");
    mesh.seconds(600);
    assertNotNull(mesh.plan("plan").endedAt(), mesh.mode("foo") + " " + mesh.step("plan", "foo").phase() + " " + mesh.step("plan", "foo").message());
  }

  @Test
  void w1Cost() {
    MeshBuilders.NamespaceBuilder[] all = new MeshBuilders.NamespaceBuilder[10_000];
    for (int i = 0; i < all.length; i++) all[i] = i == 0 ? namespace("istio-system") : Worlds.injected("n" + i);
    MeshSnapshot snap = MeshBuilders.mesh(all);
    PlanSpec spec = Specs.namespaces("n1").spec();
    for (int k = 0; k < 200; k++) io.mtlsmigration.plan.RareClients.of(snap, spec);
    long t = System.nanoTime();
    for (int k = 0; k < 200; k++) io.mtlsmigration.plan.RareClients.of(snap, spec);
    System.out.println("W1 RareClients us per step " + (System.nanoTime() - t) / 200_000);
    io.mtlsmigration.mtls.MeshModes modes = io.mtlsmigration.mtls.MeshModes.resolve(snap);
    t = System.nanoTime();
    for (int k = 0; k < 1000; k++) io.mtlsmigration.mtls.Reachability.of(modes);
    System.out.println("W1 Reachability us " + (System.nanoTime() - t) / 1000_000);
    t = System.nanoTime();
    for (int k = 0; k < 10_000; k++) if (k > 0) io.mtlsmigration.hazard.Hazards.of(modes, "n" + k);
    System.out.println("W1 Hazards all ms " + (System.nanoTime() - t) / 1000_000);
  }
}
