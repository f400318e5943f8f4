// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.MeshBuilders;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.plan.ChangeWindow;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.probe.ProbeOutcome;
import io.mtlsmigration.rollout.GateResult.Result;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each gate, open and shut, and what it says. */
class GateScenarioTest {

  private static SimulatedMesh task() {
    return new SimulatedMesh(Worlds.task()).calls("bar/curl", "foo/httpbin");
  }

  private static SimulatedMesh with(MeshBuilders.NamespaceBuilder foo) {
    return new SimulatedMesh(
            MeshBuilders.mesh(namespace("istio-system"), foo, Worlds.bar(), Worlds.legacy()))
        .calls("bar/curl", "foo/httpbin");
  }

  /** ztunnel reaches a server that has a sidecar and no HBONE in plaintext. */
  private static SimulatedMesh withAmbientClient() {
    return new SimulatedMesh(
            MeshBuilders.mesh(
                namespace("istio-system"),
                Worlds.foo(),
                Worlds.bar(),
                namespace("ambient").with(MeshBuilders.ambientPod("curl"))))
        .calls("bar/curl", "foo/httpbin");
  }

  private static Specs plan() {
    return Specs.namespaces("foo");
  }

  private static Arguments row(
      String name,
      SimulatedMesh mesh,
      Consumer<SimulatedMesh> change,
      Specs specs,
      Gate gate,
      Result result,
      Reason reason,
      String words) {
    return argumentSet(name, mesh, change, specs, gate, result, reason, words);
  }

  private static void nothing(SimulatedMesh mesh) {
    mesh.second();
  }

  static Stream<Arguments> gates() {
    return Stream.of(
        row(
            "captured",
            task(),
            GateScenarioTest::nothing,
            plan(),
            Gate.CAPTURE,
            Result.PASS,
            Reason.HOLDS,
            ""),
        row(
            "a pod without a proxy behind a Service",
            with(Worlds.injected("foo").with(pod("httpbin-old").of("Deployment", "httpbin"))),
            GateScenarioTest::nothing,
            plan(),
            Gate.CAPTURE,
            Result.FAIL,
            Reason.PODS_UNCAPTURED,
            "foo/httpbin-old"),
        row(
            "a pod without a proxy that serves nobody",
            with(Worlds.injected("foo").with(pod("batch"))),
            GateScenarioTest::nothing,
            plan(),
            Gate.CAPTURE,
            Result.PASS,
            Reason.HOLDS,
            ""),
        row(
            "a plaintext client",
            task(),
            m -> m.calls("legacy/curl", "foo/httpbin"),
            plan(),
            Gate.PLAINTEXT,
            Result.FAIL,
            Reason.PLAINTEXT_CLIENTS,
            "legacy/curl"),
        row(
            "a plaintext client that may fail later is still a plaintext client",
            task(),
            m -> m.calls("legacy/curl", "foo/httpbin"),
            plan().ignore(new PlanSpec.IgnoredClient(null, "legacy/curl")),
            Gate.PLAINTEXT,
            Result.FAIL,
            Reason.PLAINTEXT_CLIENTS,
            "legacy/curl"),
        row(
            "a plaintext client of an excepted port",
            task(),
            m -> m.calls("legacy/curl", "foo/httpbin"),
            plan().except("foo", "httpbin", 8080),
            Gate.PLAINTEXT,
            Result.PASS,
            Reason.HOLDS,
            ""),
        row(
            "a plaintext client of another port than the excepted one",
            task(),
            m -> m.calls("legacy/curl", "foo/httpbin"),
            plan().except("foo", "httpbin", 9090),
            Gate.PLAINTEXT,
            Result.FAIL,
            Reason.PLAINTEXT_CLIENTS,
            "legacy/curl"),
        row(
            "evidence that is down",
            task(),
            m -> m.evidenceDown = true,
            plan(),
            Gate.PLAINTEXT,
            Result.INCONCLUSIVE,
            Reason.EVIDENCE_UNAVAILABLE,
            "source down"),
        row(
            "silence that holds",
            task(),
            m -> {
              m.calls.clear();
              m.probesDown = true;
            },
            plan(),
            Gate.PLAINTEXT,
            Result.INCONCLUSIVE,
            Reason.NO_SAMPLES,
            "noSamples"),
        row(
            "silence that passes",
            task(),
            m -> {
              m.calls.clear();
              m.probesDown = true;
            },
            plan().noSamples(PlanSpec.NoSamples.PASS),
            Gate.PLAINTEXT,
            Result.PASS,
            Reason.NO_SAMPLES,
            ""),
        row(
            "an audit that nobody could count",
            task(),
            m -> m.evidenceDown = true,
            plan().audit(Duration.ofSeconds(5)),
            Gate.AUDIT,
            Result.INCONCLUSIVE,
            Reason.EVIDENCE_UNAVAILABLE,
            "source down"),
        row(
            "an audit that is awaited",
            task(),
            m -> m.calls("legacy/curl", "foo/httpbin"),
            plan().audit(Duration.ofSeconds(5)),
            Gate.AUDIT,
            Result.INCONCLUSIVE,
            Reason.AUDIT_AWAITED,
            "begins when"),
        row(
            "a mesh client that fails already",
            task(),
            m -> m.failingProbes.add("foo/curl"),
            plan(),
            Gate.PROBES,
            Result.FAIL,
            Reason.PROBE_FAILED,
            "foo/curl"),
        row(
            "clients of one other namespace that fail already",
            task(),
            m -> m.failingProbes.add("bar/curl"),
            plan(),
            Gate.PROBES,
            Result.INCONCLUSIVE,
            Reason.PROBE_FAILED,
            "ignored-clients {\"workload\":\"bar/curl\""),
        row(
            "a client with a proxy that sends plaintext to this server",
            withAmbientClient(),
            GateScenarioTest::nothing,
            plan(),
            Gate.PROBES,
            Result.FAIL,
            Reason.PLAINTEXT_CLIENTS,
            "ambient/curl to foo/httpbin"),
        row(
            "a client without a proxy that fails is no baseline",
            task(),
            m -> m.failingProbes.add("legacy/curl"),
            plan(),
            Gate.PROBES,
            Result.PASS,
            Reason.HOLDS,
            ""),
        row(
            "no probes",
            task(),
            m -> m.probesDown = true,
            plan(),
            Gate.PROBES,
            Result.INCONCLUSIVE,
            Reason.PROBE_MISSING,
            "foo"),
        row(
            "probes not asked for",
            task(),
            m -> m.probesDown = true,
            plan().probes(false),
            Gate.PROBES,
            Result.PASS,
            Reason.NOT_ASKED_FOR,
            ""),
        row(
            "proxies that lag",
            task(),
            m -> m.proxiesStale = true,
            plan(),
            Gate.SYNC,
            Result.FAIL,
            Reason.PROXIES_NOT_SYNCED,
            "foo/httpbin"),
        row(
            "a webhook that would refuse",
            task(),
            m -> m.api.refusal = new WriteResult.Refused("failed calling webhook"),
            plan(),
            Gate.SYNC,
            Result.FAIL,
            Reason.DRY_RUN_REFUSED,
            "failed calling webhook"),
        row(
            "another owner, as the API server tells",
            task(),
            m -> m.api.refusal = new WriteResult.OwnedByOther("flux", "f:mode"),
            plan(),
            Gate.SYNC,
            Result.FAIL,
            Reason.POLICY_OWNED_BY_OTHER,
            "MANIFEST"),
        row(
            "an API server that is down",
            task(),
            m -> m.api.down = true,
            plan(),
            Gate.SYNC,
            Result.INCONCLUSIVE,
            Reason.API_UNAVAILABLE,
            "connection refused"),
        row(
            "not yet soaked",
            task(),
            GateScenarioTest::nothing,
            plan().soak(Duration.ofSeconds(30)),
            Gate.SOAK,
            Result.INCONCLUSIVE,
            Reason.SOAKING,
            "enough at"),
        row(
            "outside the window",
            task(),
            GateScenarioTest::nothing,
            plan().window(ChangeWindow.parse("Sat-Sun 09:00-10:00 UTC")),
            Gate.WINDOW,
            Result.FAIL,
            Reason.OUTSIDE_CHANGE_WINDOW,
            "2026-06-06T09:00:00Z"),
        row(
            "a hook that nobody can call",
            task(),
            GateScenarioTest::nothing,
            plan()
                .hook(
                    new PlanSpec.Hook(
                        URI.create("https://hooks.example/lock"), PlanSpec.Hook.When.BEFORE_LOCK)),
            Gate.HOOKS,
            Result.INCONCLUSIVE,
            Reason.HOOK_PENDING,
            "hook"),
        row(
            "no approval yet",
            task(),
            GateScenarioTest::nothing,
            plan().approval(PlanSpec.Approval.NAMESPACE),
            Gate.APPROVAL,
            Result.INCONCLUSIVE,
            Reason.APPROVAL_MISSING,
            "foo"),
        row(
            "a person's policy without adoption",
            task(),
            m -> m.kubectl("foo", "default", MtlsMode.PERMISSIVE),
            plan(),
            Gate.SYNC,
            Result.FAIL,
            Reason.POLICY_OWNED_BY_OTHER,
            "adopt"),
        row(
            "a person's policy with adoption",
            task(),
            m -> m.kubectl("foo", "default", MtlsMode.PERMISSIVE),
            plan().adopt(),
            Gate.SYNC,
            Result.PASS,
            Reason.HOLDS,
            ""),
        row(
            "a workload policy weaker than the target",
            with(
                Worlds.injected("foo")
                    .with(policy("hole", MtlsMode.PERMISSIVE).selector("app", "httpbin"))),
            GateScenarioTest::nothing,
            plan(),
            Gate.HAZARDS,
            Result.FAIL,
            Reason.HAZARD_FOUND,
            "hole"),
        row(
            "a weaker workload policy that an exception covers",
            with(
                Worlds.injected("foo")
                    .with(policy("hole", MtlsMode.PERMISSIVE).selector("app", "httpbin"))),
            GateScenarioTest::nothing,
            plan().except("foo", "httpbin", null),
            Gate.HAZARDS,
            Result.PASS,
            Reason.HOLDS,
            ""),
        row(
            "nothing to probe",
            new SimulatedMesh(
                MeshBuilders.mesh(
                    namespace("istio-system"), namespace("foo").with(sidecarPod("batch")))),
            GateScenarioTest::nothing,
            plan(),
            Gate.PROBES,
            Result.PASS,
            Reason.HOLDS,
            "no Service"),
        row(
            "an endpoint that no mesh client has reached",
            new SimulatedMesh(
                MeshBuilders.mesh(
                    namespace("istio-system"),
                    namespace("foo")
                        .with(sidecarPod("httpbin").ports(8080))
                        .with(service("httpbin").port(8000, 8080)),
                    Worlds.legacy())),
            GateScenarioTest::nothing,
            plan(),
            Gate.PROBES,
            Result.INCONCLUSIVE,
            Reason.PROBE_MISSING,
            "foo"));
  }

  @ParameterizedTest
  @MethodSource("gates")
  void says(
      SimulatedMesh mesh,
      Consumer<SimulatedMesh> change,
      Specs specs,
      Gate gate,
      Result result,
      Reason reason,
      String words) {
    change.accept(mesh);
    mesh.start(specs);

    mesh.seconds(3);

    GateResult said = Objects.requireNonNull(mesh.step("plan", "foo").gate(gate));
    assertEquals(result, said.result(), said.toString());
    assertEquals(reason, said.reason(), said.toString());
    assertTrue(said.message().contains(words), said.message());
  }

  /** Whoever calls through an open load balancer is one more; a record is not to grow with them. */
  @Test
  void namesAsManyPlaintextClientsAsPeopleRead() {
    MeshBuilders.PodBuilder[] callers =
        IntStream.range(0, 60)
            .mapToObj(i -> pod("c%02d".formatted(i)))
            .toArray(MeshBuilders.PodBuilder[]::new);
    SimulatedMesh mesh =
        new SimulatedMesh(
            MeshBuilders.mesh(
                namespace("istio-system"), Worlds.foo(), namespace("legacy").with(callers)));
    for (int i = 0; i < callers.length; i++) {
      mesh.calls("legacy/c%02d".formatted(i), "foo/httpbin");
    }
    mesh.start(plan());

    mesh.seconds(3);

    List<String> evidence =
        Objects.requireNonNull(mesh.step("plan", "foo").gate(Gate.PLAINTEXT)).evidence();
    assertEquals(51, evidence.size());
    assertTrue(evidence.getFirst().startsWith("legacy/c"), evidence::toString);
    assertEquals(
        "and 10 more: GET /api/v1/traffic?namespace=foo&security=plaintext", evidence.getLast());
  }

  @Test
  void aBreakOfAnyOtherGateStartsTheSoakAgain() {
    SimulatedMesh mesh = task();
    mesh.start(plan().soak(Duration.ofSeconds(20)));
    mesh.seconds(15);
    mesh.evidenceDown = true;
    mesh.second();
    mesh.evidenceDown = false;

    mesh.seconds(19);

    assertEquals(Phase.OBSERVING, mesh.phase("plan", "foo"));
    mesh.until("plan", "foo", Phase.LOCKED, 30);
  }

  @Test
  void aTimeThatNobodyWatchedDoesNotSoak() {
    SimulatedMesh mesh = task();
    mesh.start(plan().soak(Duration.ofSeconds(20)));
    mesh.seconds(15);
    mesh.loop = mesh.leader();

    mesh.seconds(15);

    assertEquals(Phase.OBSERVING, mesh.phase("plan", "foo"));
  }

  @Test
  void aGateThatFailsAfterReadyTakesTheNamespaceBack() {
    SimulatedMesh mesh = task();
    mesh.start(plan().approval(PlanSpec.Approval.NAMESPACE));
    mesh.until("plan", "foo", Phase.AWAITING_APPROVAL, 30);
    mesh.calls("legacy/curl", "foo/httpbin");

    mesh.second();

    assertEquals(Phase.OBSERVING, mesh.phase("plan", "foo"));
  }

  /** A probe may be answered by its client's own proxy alone, or be made by nobody. */
  @Test
  void tellsOfTheProbesThatReachNobody() {
    SimulatedMesh mesh = task();
    mesh.failingProbes.addAll(List.of("foo/curl", "bar/curl"));
    mesh.failingAs = ProbeOutcome.SKIPPED;
    mesh.start(plan());

    mesh.seconds(3);

    GateResult said = Objects.requireNonNull(mesh.step("plan", "foo").gate(Gate.PROBES));
    assertEquals(Reason.PROBE_MISSING, said.reason());
    assertTrue(
        said.evidence().stream()
            .anyMatch(words -> words.startsWith("bar/curl to foo/httpbin:8000")),
        () -> said.evidence().toString());
  }

  /** The reason named the change window, which had been closed all the time. */
  @Test
  void whatBreaksBeforeItsWindowOpensIsTold() {
    SimulatedMesh mesh = task();
    mesh.start(plan().window(ChangeWindow.parse("Sat-Sun 09:00-10:00 UTC")));
    mesh.until("plan", "foo", Phase.READY, 30);
    mesh.evidenceDown = true;

    mesh.second();

    assertEquals(Phase.OBSERVING, mesh.phase("plan", "foo"));
    assertEquals(Reason.EVIDENCE_UNAVAILABLE, mesh.step("plan", "foo").reason());
  }

  /** Until the window opens it was said to wait for a person, who was asked again and again. */
  @Test
  void whatIsApprovedWaitsForItsWindowAndIsAskedForAgainOnceThatIsVoid() {
    SimulatedMesh mesh = task();
    mesh.start(
        plan()
            .approval(PlanSpec.Approval.NAMESPACE)
            .window(ChangeWindow.parse("Sat-Sun 09:00-10:00 UTC")));
    mesh.until("plan", "foo", Phase.AWAITING_APPROVAL, 30);
    mesh.commands.approve("plan", "foo", null, "agreed", "bea");
    mesh.second();
    assertEquals(Phase.READY, mesh.phase("plan", "foo"), () -> mesh.story("plan"));
    mesh.seconds(30);
    assertEquals(Phase.READY, mesh.phase("plan", "foo"), () -> mesh.story("plan"));

    mesh.commands.ignore(
        "plan", new PlanSpec.IgnoredClient(null, "legacy/curl"), "goes in May", null, "olga");

    mesh.until("plan", "foo", Phase.AWAITING_APPROVAL, 30);
  }
}
