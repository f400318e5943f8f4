// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.decisions;

import static io.mtlsmigration.mesh.MeshBuilders.destinationRule;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.DestinationRule.ClientTlsMode;
import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshSettings;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.SimulatedMesh;
import io.mtlsmigration.rollout.Specs;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.decisions.LockedHealth.Ailment;
import io.mtlsmigration.rollout.decisions.LockedHealth.Cause;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A step may be locked, and its clients broken all the same. */
final class LockedHealthTest {

  private final SimulatedMesh mesh =
      new SimulatedMesh(Worlds.task()).calls("bar/curl", "foo/httpbin");

  private void lock(Specs specs) {
    mesh.start(specs);
    mesh.until("plan", "foo", Phase.LOCKED, 100);
  }

  private List<Ailment> ailments() {
    return LockedHealth.of(
        mesh.plan("plan"), mesh.step("plan", "foo"), mesh.observe(), mesh.limits);
  }

  /** What else is in foo stays. */
  private void foo(NamespaceBuilder next) {
    NamespaceFacts now = Objects.requireNonNull(mesh.api.snapshot().namespace("foo"));
    mesh.api.replace(next.build().withPeerAuthentications(now.peerAuthentications()));
  }

  private static NamespaceBuilder withRule() {
    return withRule("off");
  }

  private static NamespaceBuilder withRule(String name) {
    return Worlds.foo()
        .with(destinationRule(name, "httpbin.foo.svc.cluster.local").tls(ClientTlsMode.DISABLE));
  }

  @Test
  void isHealthyRightAfterTheLock() {
    lock(Specs.namespaces("foo"));

    assertEquals(List.of(), ailments());
  }

  @Test
  void isNotHealthyOnceARuleHasItsClientsSendPlaintext() {
    lock(Specs.namespaces("foo"));
    foo(withRule());

    mesh.seconds(2);

    assertEquals(Phase.LOCKED, mesh.phase("plan", "foo"));
    assertTrue(
        ailments().stream()
            .anyMatch(a -> a.cause() == Cause.CLIENTS_REFUSED && a.message().contains("bar/curl")),
        ailments().toString());
    foo(Worlds.foo());
    mesh.seconds(2);
    assertEquals(List.of(), ailments(), "it was mended");
  }

  /** A round over a large mesh may take longer than a probe is believed elsewhere. */
  @Test
  void isNotHealthyBecauseTheNextRoundTakesLong() {
    lock(Specs.namespaces("foo"));
    foo(withRule());
    mesh.seconds(2);
    mesh.probesDown = true;

    mesh.seconds((int) mesh.limits.probeAge().toSeconds() + 5);

    assertTrue(
        ailments().stream().anyMatch(a -> a.message().contains("bar/curl")), ailments().toString());
  }

  /** A round that does not end tells nothing about now, neither good nor bad. */
  @Test
  void doesNotTellOfARoundForEver() {
    lock(Specs.namespaces("foo"));
    foo(withRule());
    mesh.seconds(2);
    foo(Worlds.foo());
    mesh.probesDown = true;

    mesh.seconds((int) mesh.limits.probeAge().toSeconds() * 3 + 5);

    List<Ailment> found = ailments();
    assertEquals(
        List.of(Reason.EVIDENCE_LOST), found.stream().map(Ailment::reason).toList(), "" + found);
    assertTrue(found.getFirst().message().contains("not known"), "" + found);
    mesh.probesDown = false;
    mesh.seconds(2);
    assertEquals(List.of(), ailments());
  }

  /** Such as a client in whose pods no command runs any more; rounds go on. */
  @Test
  void doesNotHoldForMendedWhatIsNotProbedAgain() {
    lock(Specs.namespaces("foo"));
    foo(withRule());
    mesh.seconds(2);
    foo(Worlds.foo());
    mesh.probesDown = true;
    mesh.seconds((int) mesh.limits.probeAge().toSeconds() * 3 + 5);

    mesh.probedAt = mesh.clock.instant();

    assertEquals(List.of(Reason.EVIDENCE_LOST), ailments().stream().map(Ailment::reason).toList());
  }

  @Test
  void seesARuleWithoutAnyProbe() {
    mesh.probesDown = true;
    lock(Specs.namespaces("foo").probes(false));
    foo(withRule());

    mesh.seconds(2);

    assertEquals(Cause.CLIENTS_REFUSED, ailments().getFirst().cause());
  }

  /** Consent to one rule is none to another whose name begins the same. */
  @Test
  void consentToOneRuleIsNoneToAnother() {
    foo(withRule("off-for-now"));
    mesh.probesDown = true;
    mesh.calls.clear();
    mesh.start(Specs.namespaces("foo").probes(false).noSamples(PlanSpec.NoSamples.PASS));
    mesh.until("plan", "foo", Phase.BLOCKED, 30);
    mesh.commands.override(
        "plan", new StepKey("foo"), Set.of(Gate.HAZARDS), "known", false, null, "ann");
    mesh.until("plan", "foo", Phase.LOCKED, 100);
    assertEquals(List.of(), ailments());

    foo(withRule("off"));
    mesh.seconds(2);

    assertEquals(Cause.CLIENTS_REFUSED, ailments().getFirst().cause());
  }

  @Test
  void doesNotSpeakOfPortsThatAnExceptionLeavesOpen() {
    lock(Specs.namespaces("foo").except("foo", "httpbin", null));
    foo(withRule());

    mesh.seconds(2);

    assertEquals(List.of(), ailments());
  }

  @Test
  void isNotHealthyOnceAPodWithoutAProxyServes() {
    lock(Specs.namespaces("foo"));
    foo(Worlds.foo().with(pod("late").label("app", "httpbin").ports(8080)));

    mesh.seconds(2);

    assertTrue(
        ailments().stream()
            .anyMatch(a -> a.cause() == Cause.PODS_UNCAPTURED && a.message().contains("foo/late")),
        ailments().toString());
  }

  @Test
  void isNotHealthyOnceAutoMtlsIsOff() {
    lock(Specs.namespaces("foo"));
    mesh.api.settings(new MeshSettings("istio-system", "cluster.local", false, true));

    mesh.seconds(2);

    assertEquals(Cause.CLIENTS_REFUSED, ailments().getFirst().cause());
  }

  /** In the middle of a plan that asks for no probes. */
  @Test
  void autoMtlsThatIsSwitchedOffHoldsTheGate() {
    mesh.start(Specs.namespaces("foo").probes(false));
    mesh.seconds(2);
    mesh.api.settings(new MeshSettings("istio-system", "cluster.local", false, true));
    mesh.calls.clear();

    mesh.seconds(60);

    assertEquals(Phase.BLOCKED, mesh.phase("plan", "foo"), mesh.story("plan"));
    GateResult hazards = mesh.step("plan", "foo").gate(Gate.HAZARDS);
    assertEquals(GateResult.Result.FAIL, hazards.result());
    assertTrue(hazards.message().contains("auto mTLS is off"), hazards.message());
  }
}
