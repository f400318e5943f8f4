// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.commands;

import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.MeshBuilders;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PolicyWrites.Obstacle;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.RolloutScenario;
import io.mtlsmigration.rollout.Specs;
import io.mtlsmigration.rollout.gates.Hold;
import io.mtlsmigration.rollout.gates.NamespaceHolds;
import io.mtlsmigration.rollout.gates.NamespaceState;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What namespaces are held by is what their gates and steps say, and nothing besides. */
final class HoldStudyTest extends RolloutScenario {

  private NamespaceHolds of(String namespace) {
    return mesh.commands.holds(mesh.observe()).stream()
        .filter(one -> one.namespace().equals(namespace))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aClientWithoutAProxyHoldsWithoutAPlan() {
    mesh.calls("legacy/curl", "foo/httpbin");
    mesh.seconds(3);

    assertEquals(NamespaceState.HELD, of("foo").state());
    assertEquals("", of("foo").plan());
    assertTrue(
        of("foo").holds().stream()
            .anyMatch(
                hold ->
                    hold instanceof Hold.Plaintext(var edge)
                        && edge.client().id().equals("legacy/curl")),
        of("foo").toString());
    assertEquals(NamespaceState.OPEN, of("legacy").state());
  }

  @Test
  void timeAloneHoldsNobody() {
    start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.OBSERVING, 5);
    mesh.seconds(2);

    assertEquals(List.of(), of("foo").holds());
    assertEquals(NamespaceState.WAITING, of("foo").state());
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    assertEquals(NamespaceState.WAITING, of("foo").state());
    mesh.until("plan", "foo", Phase.LOCKED, 60);
    assertEquals(NamespaceState.LOCKED, of("foo").state());
  }

  @Test
  void consentIsAskedForWhenTheRestHoldsAndOnceForAWave() {
    start(
        Specs.namespaces("foo", "bar")
            .wave("first", "foo", "bar")
            .approval(PlanSpec.Approval.WAVE));
    mesh.until("plan", "foo", Phase.AWAITING_APPROVAL, 60);
    mesh.until("plan", "bar", Phase.AWAITING_APPROVAL, 60);

    assertEquals(List.of(new Hold.Consent("first")), of("foo").holds());
    assertEquals(List.of(new Hold.Consent("first")), of("bar").holds());
    assertEquals("plan", of("foo").plan());
  }

  @Test
  void whatWasRolledBackWaitsForAPerson() {
    start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.calls("legacy/curl", "foo/httpbin", Duration.ZERO, Duration.ofSeconds(3));
    mesh.until("plan", "foo", Phase.ROLLED_BACK, 10);

    assertEquals(NamespaceState.HELD, of("foo").state());
    Hold.Decision decision = (Hold.Decision) of("foo").holds().getFirst();
    assertEquals(
        mesh.commands.allowedActions(mesh.plan("plan"), mesh.step("plan", "foo")),
        decision.allowed());
  }

  @Test
  void aPersonsPolicyIsToBeTakenOver() {
    mesh.kubectl("foo", "default", MtlsMode.PERMISSIVE);
    start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.BLOCKED, 60);

    assertTrue(
        of("foo").holds().stream()
            .anyMatch(
                hold ->
                    hold instanceof Hold.Policy(var obstacle)
                        && obstacle.kind() == Obstacle.Kind.ADOPTION_NEEDED),
        of("foo").toString());
  }

  /** The hazard names the policy, so the write that it keeps back is no second thing to do. */
  @Test
  void aWeakerPolicyIsToldOnce() {
    in(
        MeshBuilders.mesh(
            MeshBuilders.namespace("istio-system"),
            Worlds.injected("foo")
                .with(policy("hole", MtlsMode.PERMISSIVE).selector("app", "httpbin")),
            Worlds.bar()));
    start(Specs.namespaces("foo"));
    mesh.seconds(3);

    assertEquals(1, of("foo").holds().size(), of("foo").toString());
    assertTrue(of("foo").holds().getFirst() instanceof Hold.Hazard, of("foo").toString());
  }

  @Test
  void saysNothingElseThanReadiness() {
    mesh.calls("legacy/curl", "foo/httpbin");
    for (int second = 0; second < 20; second++) {
      mesh.second();
      for (NamespaceHolds held : mesh.commands.holds(mesh.observe())) {
        Readiness.Verdict verdict = mesh.commands.readiness(held.namespace(), null).verdict();
        if (held.state() == NamespaceState.HELD) {
          assertTrue(verdict != Readiness.Verdict.READY, held.toString());
        }
        assertEquals(
            held.state() == NamespaceState.READY,
            verdict == Readiness.Verdict.READY,
            held.toString());
      }
    }
  }
}
