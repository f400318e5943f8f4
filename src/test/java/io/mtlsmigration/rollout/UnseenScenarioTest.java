// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.probe.ProbeOutcome;
import io.mtlsmigration.traffic.Caller;
import io.mtlsmigration.traffic.OwnProbes;
import io.mtlsmigration.traffic.Refusal;
import io.mtlsmigration.traffic.Refusals;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What nobody has seen is not taken for what is well. */
final class UnseenScenarioTest {

  private SimulatedMesh mesh =
      new SimulatedMesh(
          mesh(
              namespace("istio-system"),
              Worlds.foo()
                  .with(sidecarPod("echo").ports(8080))
                  .with(service("echo").port(80, 8080)),
              Worlds.bar(),
              Worlds.legacy()));

  private void world(NamespaceBuilder... namespaces) {
    mesh = new SimulatedMesh(mesh(namespaces));
  }

  private boolean told(Reason reason, String words) {
    return mesh.ledger.events("plan").stream()
        .anyMatch(e -> e.reason() == reason && e.message().contains(words));
  }

  private void silent() {
    mesh.refused =
        (seen, now) ->
            new Refusals.Silent(
                seen, Instant.EPOCH, now, List.of("foo/curl", "foo/echo", "foo/httpbin"), "");
  }

  /** Something is not seen from when the lock is verified until it is mended. */
  static Stream<Arguments> unseen() {
    return Stream.of(
        argumentSet(
            "one of its services was not probed after the lock",
            new Unseen(m -> m.unprobed.add("foo/echo"), 40, m -> m.unprobed.clear()),
            Reason.EVIDENCE_LOST,
            "foo/echo:80"),
        argumentSet(
            "a service that came after the lock is not probed",
            new Unseen(UnseenScenarioTest::late, 55, m -> m.unprobed.clear()),
            Reason.EVIDENCE_LOST,
            "foo/late:80"),
        argumentSet(
            "the clock says that the lock is still to come",
            new Unseen(
                m -> {
                  m.clock.advance(Duration.ofMinutes(-5));
                  m.calls("bar/curl", "foo/httpbin").calls("bar/curl", "foo/echo");
                },
                60,
                m -> m.seconds(240)),
            Reason.EVIDENCE_LOST,
            "the clock here"),
        argumentSet(
            "one refusal may be a late probe",
            new Unseen(m -> refusedFromProbePorts(m, OwnProbes.Claim.UNLIKELY, 8), 15, m -> {}),
            Reason.NOT_ENFORCED,
            "a probe was late"),
        argumentSet(
            "another leader may have made the probes that were refused",
            new Unseen(
                m -> refusedFromProbePorts(m, OwnProbes.Claim.PERHAPS, 8, 16, 24, 32, 40),
                45,
                m -> {}),
            Reason.NOT_ENFORCED,
            ""));
  }

  /** What happens, how long it lasts, and how it ends. */
  record Unseen(Consumer<SimulatedMesh> begins, int seconds, Consumer<SimulatedMesh> ends) {}

  @ParameterizedTest
  @MethodSource("unseen")
  void isNotLockedWhile(Unseen unseen, Reason reason, String words) {
    verifying();
    unseen.begins().accept(mesh);

    mesh.seconds(unseen.seconds());

    assertEquals(Phase.VERIFYING, mesh.phase("plan", "foo"), mesh.story("plan"));
    assertTrue(told(reason, words), mesh.story("plan"));
    assertTrue(mesh.ledger.events("plan").size() < 30, mesh.story("plan"));
    String waits = mesh.step("plan", "foo").message();
    assertTrue(waits.contains(words), () -> "waits for: " + waits);
    unseen.ends().accept(mesh);
    mesh.until("plan", "foo", Phase.LOCKED, 60);
    assertEquals(0, mesh.step("plan", "foo").automaticRollbacks());
  }

  private static NamespaceBuilder batch() {
    return namespace("batch").with(service("app").port(80, 8080));
  }

  /** Its templates alone ask for a sidecar, so that nothing but what it took tells of it. */
  private void sleepsAfterACallFrom(String client) {
    world(
        namespace("istio-system"),
        Worlds.foo(),
        Worlds.bar(),
        Worlds.legacy(),
        batch().with(sidecarPod("app").ports(8080)));
    mesh.calls("bar/curl", "foo/httpbin").calls("foo/curl", "bar/httpbin");
    mesh.calls(client, "batch/app", Duration.ZERO, Duration.ofSeconds(5));
    mesh.seconds(10);
    mesh.api.replace(batch().build());
    mesh.second();
    mesh.start(Specs.mesh().looks(Duration.ofSeconds(200), Duration.ofSeconds(10)));
    mesh.until("plan", "mesh", Phase.OBSERVING, 100);
    mesh.seconds(30);
  }

  static Stream<Arguments> endings() {
    return Stream.of(
        ending("the call has left the window", m -> m.seconds(120)),
        ending("a person keeps it open", m -> m.kubectl("batch", "open", MtlsMode.PERMISSIVE)),
        ending(
            "a person lets it pass",
            m ->
                m.commands.override(
                    "plan", StepKey.MESH, Set.of(Gate.CAPTURE, Gate.PLAINTEXT), "known", "ann")));
  }

  private static Arguments ending(String name, Consumer<SimulatedMesh> ends) {
    return argumentSet(name, ends);
  }

  @ParameterizedTest
  @MethodSource("endings")
  void theMeshIsNotLockedOverPlaintextToWhatIsScaledToZeroUntil(Consumer<SimulatedMesh> ends) {
    sleepsAfterACallFrom("legacy/curl");

    GateResult said = gate("mesh", Gate.PLAINTEXT);
    assertEquals(Phase.OBSERVING, mesh.phase("plan", "mesh"), mesh.story("plan"));
    assertEquals(GateResult.Result.FAIL, said.result(), said::toString);
    assertEquals("plaintext still comes from legacy/curl", said.message());
    assertTrue(said.evidence().getFirst().contains("batch/app:8080"), said::toString);
    ends.accept(mesh);

    mesh.until("plan", "mesh", Phase.LOCKED, 60);
  }

  @Test
  void theMeshWaitsForWhatWasCapturedAndIsScaledToZero() {
    sleepsAfterACallFrom("bar/curl");

    GateResult said = gate("mesh", Gate.CAPTURE);
    assertEquals(Phase.OBSERVING, mesh.phase("plan", "mesh"), mesh.story("plan"));
    assertEquals(Reason.NAMESPACES_NOT_LOCKED, said.reason(), said::toString);
    assertTrue(said.message().contains("batch (scaled to zero, captured"), said.message());
    assertEquals(GateResult.Result.PASS, gate("mesh", Gate.PLAINTEXT).result());
  }

  /** Whoever has taken its proxies away has it accept plaintext for good. */
  @Test
  void theMeshDoesNotWaitForWhatHasNoProxyAnyMore() {
    sleepsAfterACallFrom("legacy/curl");
    mesh.api.replace(namespace("batch").with(pod("app").ports(8080)).build());

    mesh.until("plan", "mesh", Phase.LOCKED, 60);
  }

  @Test
  void theMeshIsNotLockedWhileNobodyCanSayWhatOthersTook() {
    mesh.calls("bar/curl", "foo/httpbin").calls("foo/curl", "bar/httpbin");
    mesh.start(Specs.mesh());
    mesh.until("plan", "mesh", Phase.OBSERVING, 600);
    mesh.evidenceDown = true;

    mesh.seconds(120);

    assertEquals(Phase.OBSERVING, mesh.phase("plan", "mesh"), mesh.story("plan"));
    assertEquals(Reason.EVIDENCE_UNAVAILABLE, gate("mesh", Gate.PLAINTEXT).reason());
    mesh.evidenceDown = false;
    mesh.until("plan", "mesh", Phase.LOCKED, 300);
  }

  private void refusalsKnownFrom(Instant begin) {
    mesh.refused = (seen, now) -> new Refusals.Read(seen, begin, now, "a line was lost");
  }

  private long extensions() {
    return mesh.ledger.events("plan").stream()
        .filter(e -> e.from().equals("VERIFYING") && e.to().equals("VERIFYING"))
        .count();
  }

  /** What it accepted, no proxy counted; and the leader that saw it is gone. */
  @Test
  void silenceBeginsWhenTheLastPodWithoutAProxyIsGoneWhoeverLeads() {
    world(
        namespace("istio-system"),
        Worlds.foo().with(pod("old").label("app", "httpbin")),
        Worlds.bar(),
        Worlds.legacy());
    mesh.calls("bar/curl", "foo/httpbin");
    mesh.start(Specs.namespaces("foo"));
    mesh.seconds(300);
    assertEquals(Reason.PODS_UNCAPTURED, mesh.step("plan", "foo").gates().getFirst().reason());

    mesh.loop = mesh.leader();
    mesh.api.replace(Worlds.foo().build());
    Instant gone = mesh.clock.instant();
    mesh.second();

    assertEquals(gone.plusSeconds(1), mesh.step("plan", "foo").openSince());
    mesh.until("plan", "foo", Phase.LOCKED, 600);
    Duration window = Specs.namespaces("foo").spec().gates().plaintextWindow();
    assertTrue(!mesh.step("plan", "foo").since().isBefore(gone.plus(window)), mesh.story("plan"));
  }

  /**
   * A Telemetry that is gone, a pod that was never scraped: Prometheus keeps no trace of them. Nor
   * has what is scaled to zero a pod that would tell.
   */
  @ParameterizedTest
  @ValueSource(strings = {"httpbin", "scaled-to-zero"})
  void aTimeThatOnlyTheLeaderBeforeCouldTellOfIsNoSilence(String server) {
    mesh.calls("bar/curl", "foo/httpbin");
    mesh.start(Specs.namespaces("foo"));
    mesh.seconds(5);
    Instant watched = mesh.clock.instant();
    mesh.traceless.put(new WorkloadRef("foo", "Deployment", server), watched);
    mesh.seconds(3);
    assertEquals(Reason.WATCH_TOO_SHORT, plaintext().reason(), plaintext()::message);
    assertTrue(plaintext().message().contains("ended unseen"), plaintext()::message);

    mesh.loop = mesh.leader();
    mesh.traceless.clear();

    mesh.until("plan", "foo", Phase.LOCKED, 600);
    Duration window = Specs.namespaces("foo").spec().gates().plaintextWindow();
    assertEquals(watched, mesh.step("plan", "foo").openSince());
    assertTrue(
        !mesh.step("plan", "foo").since().isBefore(watched.plus(window)), mesh.story("plan"));
  }

  /** As while a Telemetry keeps calls out of access logs, which is deleted before anybody leads. */
  @Test
  void aTimeThatGoesOnWhenTheLeaderEndsIsNoSilenceUntilTheNextOneLooks() {
    mesh.calls("bar/curl", "foo/httpbin");
    mesh.start(Specs.namespaces("foo"));
    mesh.seconds(5);
    mesh.traceless.put(
        new WorkloadRef("foo", "Deployment", "httpbin"),
        mesh.clock.instant().plus(Duration.ofMinutes(1)));
    mesh.seconds(3);
    assertEquals(Instant.EPOCH, mesh.step("plan", "foo").openSince());

    mesh.loop = mesh.leader();
    mesh.traceless.clear();
    Instant led = mesh.clock.instant();

    mesh.until("plan", "foo", Phase.LOCKED, 600);
    Duration window = Specs.namespaces("foo").spec().gates().plaintextWindow();
    assertTrue(!mesh.step("plan", "foo").since().isBefore(led.plus(window)), mesh.story("plan"));
  }

  @Test
  void aTimeBeforeTheWaveThatOnlyTheLeaderBeforeCouldTellOfIsNoSilence() {
    mesh.calls("bar/curl", "foo/httpbin");
    mesh.calls("foo/curl", "bar/httpbin");
    mesh.start(Specs.namespaces("bar", "foo").wave("one", "bar").wave("two", "foo"));
    mesh.seconds(15);
    assertEquals(Phase.PENDING, mesh.step("plan", "foo").phase(), mesh.story("plan"));
    Instant watched = mesh.clock.instant();
    mesh.traceless.put(new WorkloadRef("foo", "Deployment", "httpbin"), watched);
    mesh.seconds(1);

    mesh.loop = mesh.leader();
    mesh.traceless.clear();

    mesh.until("plan", "foo", Phase.LOCKED, 600);
    assertEquals(watched, mesh.step("plan", "foo").openSince());
    Duration window = Specs.namespaces("foo").spec().gates().plaintextWindow();
    assertTrue(
        !mesh.step("plan", "foo").since().isBefore(watched.plus(window)), mesh.story("plan"));
  }

  private GateResult plaintext() {
    return gate("foo", Gate.PLAINTEXT);
  }

  private GateResult gate(String subject, Gate gate) {
    return Objects.requireNonNull(mesh.step("plan", subject).gate(gate));
  }

  /** Nobody served meanwhile, with or without a proxy. */
  @Test
  void aNamespaceThatIsScaledToZeroAndBackGoesOnWithItsSilence() {
    mesh.calls("bar/curl", "foo/httpbin");
    mesh.start(Specs.namespaces("foo").soak(Duration.ofDays(1)));
    mesh.seconds(60);
    mesh.api.replace(namespace("foo").with(service("httpbin").port(8000, 8080)).build());
    mesh.seconds(30);
    assertEquals(Reason.NOTHING_CAPTURED, mesh.step("plan", "foo").gates().getFirst().reason());
    Instant open = mesh.step("plan", "foo").openSince();

    mesh.api.replace(Worlds.foo().build());
    mesh.seconds(10);

    assertEquals(open, mesh.step("plan", "foo").openSince());
  }

  /** Its gates are judged no more, so what they said last stays; it is no news in each tick. */
  @Test
  void aPlanThatWasAbortedIsNotWrittenInEachTick() {
    world(
        namespace("istio-system"),
        Worlds.foo().with(pod("old").label("app", "httpbin")),
        Worlds.bar(),
        Worlds.legacy());
    mesh.start(Specs.namespaces("foo"));
    mesh.seconds(60);
    mesh.commands.act("plan", PlanAction.ABORT, null, "ann");
    mesh.seconds(5);
    mesh.api.replace(Worlds.foo().build());
    mesh.loop = mesh.leader();
    mesh.seconds(2);
    int saves = mesh.ledger.stepSaves;

    mesh.seconds(10);

    assertEquals(saves, mesh.ledger.stepSaves);
  }

  /** A gap in its middle costs the time until it is a whole verification old, not another one. */
  @Test
  void isLockedOnceAGapIsAWholeVerificationOld() {
    verifying();
    Duration whole = mesh.plan("plan").spec().verification().duration();
    Instant gap = mesh.clock.instant().plusSeconds(3);
    refusalsKnownFrom(gap);

    mesh.seconds((int) whole.plusSeconds(2).toSeconds());
    assertEquals(Phase.VERIFYING, mesh.phase("plan", "foo"), mesh.story("plan"));
    assertEquals(gap.plus(whole), mesh.step("plan", "foo").verifyingUntil());
    mesh.seconds(2);

    assertEquals(Phase.LOCKED, mesh.phase("plan", "foo"), mesh.story("plan"));
    assertEquals(1, extensions(), mesh.story("plan"));
  }

  /** One answer that is late at the wrong time. */
  @Test
  void isLockedSoonAfterTheProbeThatWasLateAtTheEnd() {
    verifying();
    Duration whole = mesh.plan("plan").spec().verification().duration();
    mesh.seconds((int) whole.minusSeconds(2).toSeconds());
    mesh.failingAs = ProbeOutcome.TIMEOUT;
    mesh.failingProbes.add("bar/curl");
    mesh.seconds(4);
    assertEquals(Phase.VERIFYING, mesh.phase("plan", "foo"), mesh.story("plan"));
    mesh.failingProbes.clear();

    mesh.seconds(5);

    assertEquals(Phase.LOCKED, mesh.phase("plan", "foo"), mesh.story("plan"));
    assertEquals(1, extensions(), mesh.story("plan"));
  }

  private void verifying() {
    mesh.calls("bar/curl", "foo/httpbin").calls("bar/curl", "foo/echo");
    mesh.start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
  }

  private static void late(SimulatedMesh mesh) {
    mesh.unprobed.add("foo/late");
    Instant now = mesh.clock.instant();
    NamespaceFacts late =
        Worlds.foo()
            .with(sidecarPod("echo").ports(8080), sidecarPod("late").ports(8080).createdAt(now))
            .with(service("echo").port(80, 8080), service("late").port(80, 8080).createdAt(now))
            .build();
    NamespaceFacts foo = Objects.requireNonNull(mesh.api.snapshot().namespace("foo"));
    mesh.api.replace(late.withPeerAuthentications(foo.peerAuthentications()));
  }

  @Test
  void theMeshIsNotLockedWithoutAProbe() {
    mesh.calls("bar/curl", "foo/httpbin").calls("foo/curl", "bar/httpbin");
    mesh.start(Specs.mesh());
    mesh.until("plan", "mesh", Phase.VERIFYING, 200);
    mesh.probesDown = true;

    mesh.seconds(60);

    assertEquals(Phase.VERIFYING, mesh.phase("plan", "mesh"), mesh.story("plan"));
    mesh.probesDown = false;
    mesh.until("plan", "mesh", Phase.LOCKED, 30);
  }

  @Test
  void holdsTheGateWhileAnEndpointWasNeverProbed() {
    mesh.calls("bar/curl", "foo/httpbin");
    mesh.unprobed.add("foo/echo");
    mesh.start(Specs.namespaces("foo"));

    mesh.seconds(40);

    GateResult probes = mesh.step("plan", "foo").gate(Gate.PROBES);
    assertEquals(Reason.PROBE_MISSING, probes.reason());
    assertTrue(probes.message().contains("foo/echo:80"), probes.message());
  }

  @Test
  void theMeshIsNotLockedBeforeEveryNamespaceThatInheritsWasProbed() {
    world(
        namespace("istio-system")
            .with(sidecarPod("echo").ports(8080))
            .with(service("echo").port(80, 8080)),
        Worlds.bar());
    mesh.calls("bar/curl", "bar/httpbin").calls("bar/curl", "istio-system/echo");
    mesh.start(Specs.mesh());
    mesh.until("plan", "mesh", Phase.VERIFYING, 200);
    mesh.unprobed.add("istio-system/echo");

    mesh.seconds(60);

    assertEquals(Phase.VERIFYING, mesh.phase("plan", "mesh"), mesh.story("plan"));
    assertTrue(told(Reason.EVIDENCE_LOST, "istio-system/echo:80"), mesh.story("plan"));
  }

  /** Its namespace has a policy, which leaves the mode to the mesh. */
  @Test
  void rollsTheMeshBackWhenANamespaceWhosePolicyIsUnsetRefuses() {
    world(
        namespace("istio-system")
            .with(sidecarPod("echo").ports(8080))
            .with(service("echo").port(80, 8080)),
        Worlds.bar(),
        Worlds.legacy());
    mesh.calls("bar/curl", "bar/httpbin").calls("bar/curl", "istio-system/echo");
    mesh.start(Specs.mesh());
    mesh.until("plan", "mesh", Phase.VERIFYING, 200);
    NamespaceFacts late =
        namespace("late")
            .with(sidecarPod("echo").ports(8080).createdAt(mesh.clock.instant()))
            .with(service("echo").port(80, 8080).createdAt(mesh.clock.instant()))
            .with(policy("default", MtlsMode.UNSET))
            .build();
    mesh.api.replace(late);
    mesh.calls("legacy/curl", "late/echo");

    mesh.seconds(2);

    assertEquals(MtlsMode.PERMISSIVE, mesh.meshMode(), mesh.story("plan"));
  }

  @Test
  void isNotLockedWhenNobodyHasSeenAnything() {
    mesh.calls("bar/curl", "foo/httpbin");
    silent();
    mesh.start(Specs.namespaces("foo").probes(false));
    mesh.until("plan", "foo", Phase.LOCKING, 60);
    mesh.calls.clear();
    mesh.calls("bar/curl", "foo/httpbin", Duration.ofSeconds(600), Duration.ofSeconds(601));
    mesh.failingProbes.clear();
    mesh.probesDown = true;

    mesh.seconds(40);

    assertEquals(Phase.VERIFYING, mesh.phase("plan", "foo"), mesh.story("plan"));
    assertTrue(told(Reason.EVIDENCE_LOST, "foo"), mesh.story("plan"));
  }

  /** Its proxies are scraped, and refuse: nobody logs that, and nobody with a proxy calls. */
  @Test
  void isNotLockedBecauseItsServersAreScraped() {
    mesh.calls("bar/curl", "foo/httpbin");
    mesh.refused =
        (seen, now) ->
            new Refusals.Silent(
                List.of(), Instant.EPOCH, now, List.of("foo/curl", "foo/echo", "foo/httpbin"), "");
    mesh.start(Specs.namespaces("foo").probes(false));
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.calls.clear();
    mesh.calls("legacy/curl", "foo/httpbin");
    mesh.probesDown = true;
    mesh.seconds(20);
    Duration whole = mesh.plan("plan").spec().verification().duration();

    mesh.seconds((int) whole.plusSeconds(20).toSeconds());

    assertEquals(Phase.VERIFYING, mesh.phase("plan", "foo"), mesh.story("plan"));
    assertTrue(told(Reason.EVIDENCE_LOST, "no call over mutual TLS"), mesh.story("plan"));
  }

  @Test
  void locksAnIdleNamespaceByTheWordOfThePlanAndOfIstiod() {
    silent();
    mesh.probesDown = true;
    mesh.start(Specs.namespaces("foo").probes(false).noSamples(PlanSpec.NoSamples.PASS));

    mesh.until("plan", "foo", Phase.LOCKED, 60);

    assertTrue(
        mesh.ledger.events("plan").stream()
            .anyMatch(e -> e.to().equals("LOCKED") && e.evidence().containsKey("idle")));
  }

  @Test
  void seesARefusalThoughTheClockWasSetBackByAnHour() {
    verifying();
    mesh.clock.advance(Duration.ofHours(-1));
    mesh.calls("bar/curl", "foo/httpbin");
    mesh.seconds(2);
    mesh.calls("legacy/curl", "foo/httpbin");

    mesh.seconds(5);

    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"), mesh.story("plan"));
  }

  /** An hour that did not pass, in which nobody could have been refused. */
  @Test
  void isNotLockedBecauseTheClockWasSetForwardByAnHour() {
    verifying();
    mesh.clock.advance(Duration.ofHours(1));

    mesh.seconds(5);

    assertEquals(Phase.VERIFYING, mesh.phase("plan", "foo"), mesh.story("plan"));
    assertTrue(mesh.step("plan", "foo").message().contains("has watched without a break since"));
    mesh.until("plan", "foo", Phase.LOCKED, 60);
  }

  /** What the one before it saw is known to it alone. */
  @Test
  void isNotLockedBeforeItsLeaderHasWatchedForAWholeVerification() {
    verifying();
    mesh.seconds(1);
    mesh.clock.advance(Duration.ofSeconds(61));
    mesh.loop = mesh.leader();

    mesh.seconds(5);

    assertEquals(Phase.VERIFYING, mesh.phase("plan", "foo"), mesh.story("plan"));
    mesh.until("plan", "foo", Phase.LOCKED, 60);
  }

  private static MeshSnapshot task() {
    return Worlds.task();
  }

  @Test
  void isNotCalledUndoneBeforeAProbeGetsThrough() {
    mesh = new SimulatedMesh(task()).calls("bar/curl", "foo/httpbin");
    mesh.start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.LOCKED, 60);
    mesh.probesDown = true;
    mesh.commands.act("plan", new StepKey("foo"), StepAction.ROLLBACK, "", "ann");

    mesh.seconds(60);

    assertEquals(Phase.ROLLING_BACK, mesh.phase("plan", "foo"), mesh.story("plan"));
    assertTrue(mesh.step("plan", "foo").message().contains("foo/httpbin:8000"));
    mesh.probesDown = false;
    mesh.until("plan", "foo", Phase.ROLLED_BACK, 5);
  }

  @Test
  void isCalledUndoneByTheProxiesWordWhereThePlanAsksForNoProbes() {
    mesh = new SimulatedMesh(task()).calls("bar/curl", "foo/httpbin");
    mesh.start(Specs.namespaces("foo").probes(false));
    mesh.until("plan", "foo", Phase.LOCKED, 60);
    mesh.probesDown = true;
    mesh.commands.act("plan", new StepKey("foo"), StepAction.ROLLBACK, "", "ann");

    mesh.until("plan", "foo", Phase.ROLLED_BACK, 20);

    assertNotEquals(MtlsMode.STRICT, mesh.mode("foo"));
  }

  /**
   * Refused from where probes come from, at these seconds after now, as far as they have passed.
   */
  private static void refusedFromProbePorts(
      SimulatedMesh mesh, OwnProbes.Claim claim, int... seconds) {
    Instant now = mesh.clock.instant();
    mesh.refused =
        (seen, until) -> {
          List<Refusal> all = new ArrayList<>(seen);
          for (int second : seconds) {
            Instant at = now.plusSeconds(second);
            // As far back as readings reach.
            if (!at.isAfter(until) && at.isAfter(until.minusSeconds(10))) {
              all.add(
                  new Refusal(
                      at,
                      new Caller(new WorkloadRef("legacy", "Deployment", "curl"), "10.0.0.8"),
                      new WorkloadRef("foo", "Deployment", "httpbin"),
                      8080,
                      claim));
            }
          }
          return new Refusals.Read(all, Instant.EPOCH, until);
        };
  }

  /** Whatever source port it takes. */
  @Test
  void rollsBackForAClientThatGoesOnCallingFromWhereProbesComeFrom() {
    verifying();
    refusedFromProbePorts(mesh, OwnProbes.Claim.UNLIKELY, 8, 16, 24, 32, 40);

    mesh.seconds(45);

    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"), mesh.story("plan"));
  }
}
