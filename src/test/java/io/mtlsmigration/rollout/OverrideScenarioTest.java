// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.MeshBuilders;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.plan.PlanSpec.IgnoredClient;
import io.mtlsmigration.rollout.commands.CommandException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Whoever lets a gate pass lets pass what it has found by then, and nothing that comes later. */
class OverrideScenarioTest {

  /** Refused by STRICT without that its lock is undone. */
  private static final IgnoredClient LEGACY = new IgnoredClient(null, "legacy/*");

  private static final StepKey FOO = new StepKey("foo");

  private final SimulatedMesh mesh =
      new SimulatedMesh(Worlds.task()).calls("bar/curl", "foo/httpbin");

  private void start(Specs specs) {
    mesh.start(specs.soak(Duration.ofSeconds(60)));
    mesh.seconds(10);
  }

  private void override(Gate gate) {
    mesh.commands.override("plan", FOO, Set.of(gate), "known", "ann");
  }

  private GateResult gate(Gate gate) {
    return mesh.step("plan", "foo").gate(gate);
  }

  private void holds(Gate gate, GateResult.Result result, String words) {
    mesh.seconds(100);
    assertEquals(result, gate(gate).result(), () -> mesh.story("plan"));
    assertTrue(gate(gate).message().contains(words), gate(gate).message());
  }

  @Test
  void aClientThatCallsLaterHoldsTheGateUntilThatIsKnownToo() {
    mesh.api.replace(Worlds.legacy().with(pod("wget")).build());
    mesh.calls("legacy/curl", "foo/httpbin");
    start(Specs.namespaces("foo").ignore(LEGACY));
    override(Gate.PLAINTEXT);
    assertEquals(
        Map.of(Gate.PLAINTEXT, List.of("legacy/curl to foo/httpbin")),
        mesh.step("plan", "foo").overrides().getFirst().covers());
    mesh.seconds(5);
    assertEquals(Reason.OVERRIDDEN, gate(Gate.PLAINTEXT).reason());

    mesh.calls("legacy/wget", "foo/httpbin");

    holds(
        Gate.PLAINTEXT,
        GateResult.Result.FAIL,
        "did not have legacy/wget to foo/httpbin: override");
    override(Gate.PLAINTEXT);
    mesh.until("plan", "foo", Phase.LOCKED, 150);
    assertEquals(Map.of(), mesh.step("plan", "foo").overrides().getFirst().covers());
  }

  @Test
  void whatWasNotMeasuredIsNoClient() {
    mesh.calls("legacy/curl", "foo/httpbin");
    mesh.evidenceDown = true;
    start(Specs.namespaces("foo"));
    override(Gate.PLAINTEXT);
    mesh.seconds(5);
    assertEquals(Reason.OVERRIDDEN, gate(Gate.PLAINTEXT).reason());

    mesh.evidenceDown = false;

    holds(Gate.PLAINTEXT, GateResult.Result.FAIL, "did not have legacy/curl to foo/httpbin");
  }

  @Test
  void aClientIsNotWhatWasNotMeasured() {
    mesh.calls("legacy/curl", "foo/httpbin");
    start(Specs.namespaces("foo"));
    override(Gate.PLAINTEXT);
    mesh.seconds(5);

    mesh.evidenceDown = true;

    holds(Gate.PLAINTEXT, GateResult.Result.INCONCLUSIVE, "did not have what was not measured");
  }

  @Test
  void whatIsGivenWhileTheGatePassesLetsNothingPassLater() {
    start(Specs.namespaces("foo"));
    override(Gate.PLAINTEXT);

    mesh.calls("legacy/curl", "foo/httpbin");

    holds(Gate.PLAINTEXT, GateResult.Result.FAIL, "did not have legacy/curl to foo/httpbin");
  }

  @Test
  void whoForcesItLetsEverythingPass() {
    start(Specs.namespaces("foo").ignore(LEGACY));
    mesh.commands.override("plan", FOO, Set.of(Gate.PLAINTEXT), "known", true, null, "ann");

    mesh.calls("legacy/curl", "foo/httpbin");

    mesh.until("plan", "foo", Phase.LOCKED, 150);
    assertTrue(mesh.story("plan").contains("known"), mesh.story("plan"));
  }

  private void foo(MeshBuilders.NamespaceBuilder foo) {
    mesh.api.replace(foo.build());
  }

  @Test
  void aPodWithoutAProxyThatComesLaterHoldsIt() {
    foo(Worlds.foo().with(pod("old").of("Deployment", "old").label("app", "httpbin").ports(8080)));
    start(Specs.namespaces("foo"));
    override(Gate.CAPTURE);
    mesh.seconds(5);
    assertEquals(Reason.OVERRIDDEN, gate(Gate.CAPTURE).reason());

    foo(
        Worlds.foo()
            .with(pod("old").of("Deployment", "old").label("app", "httpbin").ports(8080))
            .with(pod("new").of("Deployment", "new").label("app", "httpbin").ports(8080)));

    holds(Gate.CAPTURE, GateResult.Result.FAIL, "did not have Deployment foo/new");
  }

  @Test
  void aProbeThatFailsLaterHoldsIt() {
    start(Specs.namespaces("foo"));
    override(Gate.PROBES);

    mesh.failingProbes.add("bar/curl");

    holds(Gate.PROBES, GateResult.Result.INCONCLUSIVE, "did not have bar/curl to foo/httpbin");
  }

  /** A probe that fails tells nothing of endpoints that no probe reaches. */
  @Test
  void anEndpointThatNobodyProbesLaterHoldsIt() {
    mesh.failingProbes.add("bar/curl");
    mesh.start(Specs.namespaces("foo").soak(Duration.ofDays(1)));
    mesh.seconds(10);
    override(Gate.PROBES);
    mesh.seconds(100);
    assertEquals(Reason.OVERRIDDEN, gate(Gate.PROBES).reason(), gate(Gate.PROBES).message());

    mesh.unprobed.add("foo/echo");
    foo(Worlds.foo().with(sidecarPod("echo").ports(9000)).with(service("echo").port(80, 9000)));
    mesh.seconds((int) Limits.DEFAULT.probeAge().toSeconds());

    holds(Gate.PROBES, GateResult.Result.INCONCLUSIVE, "did not have what was not measured");
    assertEquals(Reason.PROBE_MISSING, gate(Gate.PROBES).reason());
  }

  @Test
  void moreThanCanBeKeptHasToBeForced() {
    MeshBuilders.NamespaceBuilder legacy = Worlds.legacy();
    for (int i = 0; i < 400; i++) {
      legacy.with(pod("a-client-whose-name-is-long-" + i));
      mesh.calls("legacy/a-client-whose-name-is-long-" + i, "foo/httpbin");
    }
    mesh.api.replace(legacy.build());
    start(Specs.namespaces("foo"));

    CommandException.Invalid refused =
        assertThrows(CommandException.Invalid.class, () -> override(Gate.PLAINTEXT));

    assertEquals("/force", refused.problems().getFirst().pointer());
  }
}
