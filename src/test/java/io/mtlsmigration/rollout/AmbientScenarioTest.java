// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import static io.mtlsmigration.mesh.MeshBuilders.ambientPod;
import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication.Spec;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.plan.PolicyChange.Purpose;
import io.mtlsmigration.probe.ProbeOutcome;
import io.mtlsmigration.traffic.Refusals;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What ztunnel does otherwise than sidecars do, under an istiod from before istio/istio#61010. */
final class AmbientScenarioTest {

  private final SimulatedMesh mesh = ambient(captured("foo"));

  private static SimulatedMesh ambient(NamespaceBuilder foo) {
    SimulatedMesh mesh =
        new SimulatedMesh(mesh(namespace("istio-system"), foo, captured("bar"), Worlds.legacy()))
            .calls("bar/curl", "foo/httpbin");
    mesh.oldIstiod = new OldIstiod();
    return mesh;
  }

  private static NamespaceBuilder captured(String name) {
    return namespace(name)
        .label("istio.io/dataplane-mode", "ambient")
        .with(ambientPod("httpbin").ports(8080), ambientPod("curl"))
        .with(service("httpbin").port(8000, 8080));
  }

  private void start(SimulatedMesh mesh, Specs specs) {
    mesh.commands.create(specs.spec(), "ann");
    mesh.commands.act("plan", PlanAction.START, null, "ann");
  }

  private static ProbeOutcome legacy(SimulatedMesh mesh) {
    return legacy(mesh, "foo/httpbin:8000");
  }

  private static ProbeOutcome legacy(SimulatedMesh mesh, String to) {
    return mesh.observe().matrix().cells().stream()
        .filter(cell -> cell.from().equals("legacy/curl") && cell.to().equals(to))
        .findFirst()
        .orElseThrow()
        .outcome();
  }

  @Test
  void aPortExceptionLeavesNoOtherPortOpen() {
    start(mesh, Specs.namespaces("foo").except("foo", "httpbin", 9090));

    mesh.until("plan", "foo", Phase.LOCKED, 180);

    assertEquals(ProbeOutcome.REFUSED, legacy(mesh));
    assertEquals(
        new Spec(Map.of("app", "httpbin"), MtlsMode.STRICT, Map.of(9090, MtlsMode.PERMISSIVE)),
        mesh.policy("foo", "plaintext-httpbin").spec());
  }

  /** The exception must not lock its workload before the namespace is locked. */
  @Test
  void nothingIsStricterBeforeTheLockIsWritten() {
    start(mesh, Specs.namespaces("foo").except("foo", "httpbin", 9090));

    for (int i = 0; i < 180 && mesh.mode("foo") != MtlsMode.STRICT; i++) {
      assertEquals("PERMISSIVE {}", mesh.effective().get("foo/httpbin"));
      mesh.second();
    }

    assertEquals(
        List.of(Purpose.EXCEPTION, Purpose.LOCK),
        mesh.step("plan", "foo").ledger().stream().map(e -> e.purpose()).toList());
  }

  @Test
  void isNotCalledEnforcedWhileZtunnelIsToldOtherwise() {
    SimulatedMesh theirs =
        ambient(
            captured("foo")
                .with(
                    policy("theirs", MtlsMode.UNSET)
                        .selector("app", "httpbin")
                        .port(9090, MtlsMode.PERMISSIVE)));
    start(theirs, Specs.namespaces("foo").except("foo", "httpbin", 9090).manifest());
    theirs.until("plan", "foo", Phase.LOCKING, 60);
    theirs.kubectl("foo", "default", MtlsMode.STRICT);

    theirs.seconds(60);

    assertEquals(Phase.LOCKING, theirs.phase("plan", "foo"));
    assertEquals(ProbeOutcome.OK, legacy(theirs));
  }

  @Test
  void aRollbackLeavesNothingRefusedAndNothingBehind() {
    start(mesh, Specs.namespaces("foo").except("foo", "httpbin", 9090));
    mesh.until("plan", "foo", Phase.VERIFYING, 120);
    mesh.calls("legacy/curl", "foo/httpbin");

    mesh.until("plan", "foo", Phase.ROLLED_BACK, 60);

    assertEquals(ProbeOutcome.OK, legacy(mesh));
    assertNull(mesh.policy("foo", "plaintext-httpbin"));
    assertNull(mesh.policy("foo", "default"));
  }

  /** It was called undone, and refused plaintext at each port but that of the exception. */
  @Test
  void aManifestIsNotTakenBackWhileTheStrictOfItsExceptionIsLeft() {
    ObjectRef exception = ObjectRef.peerAuthentication("foo", "plaintext-httpbin");
    start(mesh, Specs.namespaces("foo").except("foo", "httpbin", 9090).manifest());
    mesh.until("plan", "foo", Phase.LOCKING, 60);
    mesh.kubectl("foo", "default", MtlsMode.STRICT);
    mesh.api.kubectl(
        exception,
        new Spec(Map.of("app", "httpbin"), MtlsMode.STRICT, Map.of(9090, MtlsMode.PERMISSIVE)));
    mesh.until("plan", "foo", Phase.LOCKED, 180);
    mesh.commands.act("plan", PlanAction.ROLLBACK, null, "ann");
    mesh.seconds(5);
    mesh.kubectl("foo", "default", null);

    mesh.seconds(60);

    assertEquals(Phase.ROLLING_BACK, mesh.phase("plan", "foo"), mesh.story("plan"));
    assertEquals(ProbeOutcome.REFUSED, legacy(mesh));
    mesh.api.kubectl(exception, null);
    mesh.until("plan", "foo", Phase.ROLLED_BACK, 60);
  }

  /** The exception's policy says STRICT itself by then, and would go on refusing. */
  @Test
  void anExemptNamespaceIsOpenBesideItsExceptions() {
    start(mesh, Specs.namespaces("foo", "bar").except("bar", "httpbin", 9090));
    mesh.until("plan", "bar", Phase.LOCKED, 180);

    mesh.commands.act("plan", new StepKey("bar"), StepAction.EXEMPT, "cannot", "ann");
    mesh.seconds(30);

    assertEquals(Phase.EXEMPT, mesh.phase("plan", "bar"));
    assertEquals(ProbeOutcome.OK, legacy(mesh, "bar/httpbin:8000"));
    assertEquals(
        new Spec(Map.of("app", "httpbin"), MtlsMode.UNSET, Map.of(9090, MtlsMode.PERMISSIVE)),
        mesh.policy("bar", "plaintext-httpbin").spec());
  }

  /** A client that was refused between the two writes counts, though its lines come after both. */
  @Test
  void harmCountsFromTheWriteThatRefuses() {
    mesh.oldIstiod = null;
    mesh.refused =
        (seen, now) -> {
          Instant read = now.minusSeconds(7);
          return new Refusals.Read(
              seen.stream().filter(r -> r.at().isBefore(read)).toList(), Instant.EPOCH, read);
        };
    start(mesh, Specs.namespaces("foo").except("foo", "httpbin", 9090));
    for (int i = 0; i < 120 && mesh.mode("foo") != MtlsMode.STRICT; i++) {
      mesh.second();
    }
    mesh.calls("legacy/curl", "foo/httpbin", Duration.ZERO, Duration.ofSeconds(2));
    mesh.lagging.add("foo");
    mesh.seconds(5);
    mesh.lagging.clear();

    mesh.until("plan", "foo", Phase.ROLLED_BACK, 60);

    assertTrue(mesh.story("plan").contains("STRICT refuses legacy/curl"), mesh.story("plan"));
  }

  /** Seen: one connection lived through three locks. */
  @Test
  void isNotLockedWhileAnOpenConnectionCarriesPlaintext() {
    start(mesh, Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    Instant ends = mesh.clock.instant().plus(Duration.ofMinutes(10));
    mesh.held.add(new SimulatedMesh.Call("legacy/curl", "foo/httpbin", mesh.clock.instant(), ends));

    mesh.seconds(240);

    assertEquals(Phase.VERIFYING, mesh.phase("plan", "foo"));
    String message = mesh.step("plan", "foo").message();
    assertTrue(message.contains("legacy/curl to foo/httpbin"), message);
    assertTrue(message.contains("restart the client or the server"), message);
    mesh.until("plan", "foo", Phase.LOCKED, 600);
  }

  /** Whoever made it STRICT: ztunnel ended no connection then either. */
  @Test
  void doesNotCallLockedWhatWasFoundStrictWhileAnOpenConnectionCarriesPlaintext() {
    mesh.kubectl("foo", "default", MtlsMode.STRICT);
    Instant ends = mesh.clock.instant().plus(Duration.ofMinutes(10));
    mesh.held.add(new SimulatedMesh.Call("legacy/curl", "foo/httpbin", mesh.clock.instant(), ends));
    mesh.seconds(30);
    start(mesh, Specs.namespaces("foo"));

    mesh.seconds(240);

    assertEquals(Phase.BLOCKED, mesh.phase("plan", "foo"), mesh.story("plan"));
    String message = mesh.step("plan", "foo").message();
    assertTrue(message.contains("legacy/curl to foo/httpbin"), message);
    mesh.until("plan", "foo", Phase.LOCKED, 1200);
    assertEquals(Reason.ALREADY_STRICT, mesh.step("plan", "foo").reason());
  }

  /** What nobody counts may carry plaintext: it waits for evidence, or for a person. */
  @Test
  void doesNotCallLockedWhatWasFoundStrictWhileNobodyCountsItsConnections() {
    mesh.kubectl("foo", "default", MtlsMode.STRICT);
    mesh.evidenceDown = true;
    start(mesh, Specs.namespaces("foo"));

    mesh.seconds(240);

    assertEquals(Phase.OBSERVING, mesh.phase("plan", "foo"), mesh.story("plan"));
    assertEquals(
        Reason.EVIDENCE_UNAVAILABLE, mesh.step("plan", "foo").gate(Gate.PLAINTEXT).reason());
    mesh.evidenceDown = false;
    mesh.until("plan", "foo", Phase.LOCKED, 60);
    assertEquals(Reason.ALREADY_STRICT, mesh.step("plan", "foo").reason());
  }

  /** Letting the gate pass gives up its clients; it does not say that none is connected. */
  @Test
  void doesNotCallLockedWhatWasFoundStrictBecauseAPersonLetsPlaintextPass() {
    mesh.kubectl("foo", "default", MtlsMode.STRICT);
    Instant ends = mesh.clock.instant().plus(Duration.ofMinutes(20));
    mesh.held.add(new SimulatedMesh.Call("legacy/curl", "foo/httpbin", mesh.clock.instant(), ends));
    mesh.evidenceDown = true;
    start(mesh, Specs.namespaces("foo"));
    mesh.seconds(10);
    mesh.commands.override("plan", new StepKey("foo"), Set.of(Gate.PLAINTEXT), "known", "ann");

    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.seconds(240);
    assertEquals(Phase.VERIFYING, mesh.phase("plan", "foo"), mesh.story("plan"));

    mesh.evidenceDown = false;
    mesh.seconds(240);
    assertEquals(Phase.VERIFYING, mesh.phase("plan", "foo"), mesh.story("plan"));
    String message = mesh.step("plan", "foo").message();
    assertTrue(message.contains("legacy/curl to foo/httpbin"), message);
    mesh.until("plan", "foo", Phase.LOCKED, 1200);
    assertEquals(List.of(), mesh.step("plan", "foo").ledger());
  }
}
