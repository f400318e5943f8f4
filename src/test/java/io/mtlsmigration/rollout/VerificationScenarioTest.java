// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.MeshBuilders;
import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.probe.ProbeOutcome;
import io.mtlsmigration.rollout.commands.Waiting;
import io.mtlsmigration.traffic.NamespaceTraffic;
import io.mtlsmigration.traffic.Refusal;
import io.mtlsmigration.traffic.Refusals;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What may go wrong after the switch. */
class VerificationScenarioTest {

  private final SimulatedMesh mesh =
      new SimulatedMesh(Worlds.task()).calls("bar/curl", "foo/httpbin");

  /**
   * STRICT was in force before the plan, too, and a person has opened it since: the way back from
   * the next lock ends where that began.
   */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theWayBackEndsWhereThatLockBegan(boolean bySelf) {
    if (bySelf) {
      mesh.kubectl("foo", "default", MtlsMode.STRICT);
    } else {
      mesh.kubectl("istio-system", "default", MtlsMode.STRICT);
    }
    mesh.start(Specs.namespaces("foo", "bar").wave("1", "foo").wave("2", "bar").adopt());
    mesh.until("plan", "foo", Phase.LOCKED, 60);
    mesh.commands.act(
        "plan", new StepKey("foo"), StepAction.EXEMPT, "", null, "ann", (plan, what) -> {});
    mesh.second();
    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"));
    mesh.commands.act("plan", new StepKey("foo"), StepAction.RETRY, "", "ann");
    mesh.until("plan", "foo", Phase.VERIFYING, 100);
    assertEquals(MtlsMode.STRICT, mesh.mode("foo"));
    mesh.calls("legacy/curl", "foo/httpbin");

    mesh.until("plan", "foo", Phase.ROLLED_BACK, 20);

    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"), mesh.story("plan"));
    assertTrue(mesh.story("plan").contains("the previous modes are in force again"));
  }

  @Test
  void rollsBackWithinOneTickWhenAPlaintextClientAppears() {
    mesh.start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.calls("legacy/curl", "foo/httpbin");

    mesh.second();

    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"), mesh.story("plan"));
    assertNull(mesh.policy("foo", "default"));
    mesh.until("plan", "foo", Phase.ROLLED_BACK, 10);
    assertEquals(Reason.CLIENTS_REFUSED, rolledBack().reason());
    assertTrue(rolledBack().message().contains("legacy/curl"), rolledBack().message());
  }

  private Event rolledBack() {
    return mesh.ledger.events("plan").stream()
        .filter(e -> e.to().equals("ROLLING_BACK"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void rollsBackByItselfOnlyOnceAndThenHoldsForAPerson() {
    mesh.start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.calls("legacy/curl", "foo/httpbin", Duration.ZERO, Duration.ofSeconds(3));
    mesh.until("plan", "foo", Phase.ROLLED_BACK, 10);
    mesh.seconds(60);
    assertEquals(Phase.ROLLED_BACK, mesh.phase("plan", "foo"));
    mesh.commands.act("plan", new StepKey("foo"), StepAction.RETRY, "fixed", "ann");
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.calls("legacy/curl", "foo/httpbin");

    mesh.seconds(30);

    assertEquals(Phase.VERIFYING, mesh.phase("plan", "foo"));
    assertTrue(mesh.step("plan", "foo").held());
    assertEquals(MtlsMode.STRICT, mesh.mode("foo"));
    assertEquals(
        List.of(StepAction.RETRY, StepAction.ROLLBACK),
        mesh.commands.allowedActions(mesh.plan("plan"), mesh.step("plan", "foo")));
    assertTrue(
        mesh.commands.waitingOn(mesh.plan("plan")).stream()
            .anyMatch(w -> w.reason() == Reason.CLIENTS_REFUSED && w.message().contains("legacy")));
  }

  @Test
  void holdsAtOnceWhenThePlanSaysSo() {
    mesh.start(Specs.namespaces("foo").hold());
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.calls("legacy/curl", "foo/httpbin");

    mesh.seconds(5);

    assertTrue(mesh.step("plan", "foo").held());
    assertEquals(MtlsMode.STRICT, mesh.mode("foo"));
  }

  @Test
  void aPersonRollsAHeldNamespaceBack() {
    mesh.start(Specs.namespaces("foo").hold());
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.calls("legacy/curl", "foo/httpbin");
    mesh.seconds(5);
    mesh.commands.act("plan", new StepKey("foo"), StepAction.ROLLBACK, "too early", "ann");

    mesh.until("plan", "foo", Phase.ROLLED_BACK, 5);

    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"));
  }

  /** As for as long as outlier detection keeps the server out, which STRICT has begun. */
  @Test
  void isNotUndoneByWhatAClientsOwnProxyAnswers() {
    mesh.start(Specs.namespaces("foo").hold());
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.failingProbes.addAll(List.of("foo/curl", "bar/curl", "legacy/curl"));
    mesh.failingWith = 503;
    mesh.commands.act("plan", new StepKey("foo"), StepAction.ROLLBACK, "too early", "ann");

    mesh.seconds(6);

    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"));
    assertEquals(Phase.ROLLING_BACK, mesh.phase("plan", "foo"), mesh.story("plan"));
    mesh.failingProbes.clear();
    mesh.until("plan", "foo", Phase.ROLLED_BACK, 10);
  }

  @Test
  void retryingAHeldNamespaceForgetsOldRefusals() {
    mesh.start(Specs.namespaces("foo").hold());
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.calls("legacy/curl", "foo/httpbin", Duration.ZERO, Duration.ofSeconds(3));
    mesh.seconds(5);
    mesh.commands.act("plan", new StepKey("foo"), StepAction.RETRY, "legacy is gone", "ann");

    mesh.until("plan", "foo", Phase.LOCKED, 30);

    assertEquals(MtlsMode.STRICT, mesh.mode("foo"));
  }

  @Test
  void staysStrictAndExtendsWhenEvidenceIsLost() {
    mesh.start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.evidenceDown = true;

    mesh.seconds(40);

    assertEquals(Phase.VERIFYING, mesh.phase("plan", "foo"));
    assertEquals(MtlsMode.STRICT, mesh.mode("foo"));
    assertFalse(mesh.step("plan", "foo").held());
    assertTrue(
        mesh.ledger.events("plan").stream().anyMatch(e -> e.reason() == Reason.EVIDENCE_LOST));
    mesh.evidenceDown = false;
    mesh.until("plan", "foo", Phase.LOCKED, 30);
  }

  @Test
  void staysStrictAndExtendsWhileALogCannotBeRead() {
    mesh.start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.refused =
        (seen, now) ->
            new Refusals.Unreadable(seen, Refusals.Reason.NOT_PERMITTED, "grant get on pods/log");

    mesh.seconds(40);

    assertEquals(Phase.VERIFYING, mesh.phase("plan", "foo"));
    assertEquals(MtlsMode.STRICT, mesh.mode("foo"));
    Event extended = extended();
    assertTrue(extended.message().contains("not permitted"), extended.message());
    assertTrue(extended.message().contains("grant get on pods/log"), extended.message());
    mesh.refused = (seen, now) -> new Refusals.Read(seen, Instant.EPOCH, now);
    mesh.until("plan", "foo", Phase.LOCKED, 30);
  }

  /** All accounts of no server are read at once, and tell nothing. */
  @Test
  void seesNothingOfWhatIsScaledToZero() {
    mesh.start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    NamespaceFacts foo = Objects.requireNonNull(mesh.api.snapshot().namespace("foo"));
    mesh.api.replace(foo.withPods(List.of()));

    mesh.seconds(40);

    assertEquals(Phase.VERIFYING, mesh.phase("plan", "foo"), () -> mesh.story("plan"));
    assertTrue(extended().message().contains("nothing is seen of foo"), extended()::message);
  }

  private Event extended() {
    return mesh.ledger.events("plan").stream()
        .filter(e -> e.reason() == Reason.EVIDENCE_LOST)
        .findFirst()
        .orElseThrow(() -> new AssertionError(mesh.story("plan")));
  }

  @Test
  void rollsBackOnARefusalThatIsKnownThoughOtherLogsAreNot() {
    mesh.start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.refused =
        (seen, now) -> new Refusals.Unreadable(seen, Refusals.Reason.SOURCE_DOWN, "down");
    mesh.calls("legacy/curl", "foo/httpbin");

    mesh.second();

    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"), mesh.story("plan"));
    assertEquals(Reason.CLIENTS_REFUSED, rolledBack().reason());
  }

  @Test
  void rollsBackOnARefusalWhileNothingIsCounted() {
    mesh.start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.evidenceDown = true;
    mesh.calls("legacy/curl", "foo/httpbin");

    mesh.second();

    assertEquals(Reason.CLIENTS_REFUSED, rolledBack().reason());
  }

  @Test
  void doesNotWaitForLogsWhereNothingIsLoggedAndSaysSo() {
    mesh.start(Specs.namespaces("foo"));
    mesh.refused =
        (seen, now) -> new Refusals.Silent(seen, Instant.EPOCH, now, List.of("foo/httpbin"), "");

    mesh.until("plan", "foo", Phase.LOCKED, 60);

    String told = verified().evidence().get("accessLogs");
    assertNotNull(told);
    assertTrue(told.startsWith("no connection is logged by foo/httpbin"), told);
  }

  private Event verified() {
    return mesh.ledger.events("plan").stream()
        .filter(e -> e.to().equals("LOCKED"))
        .findFirst()
        .orElseThrow(() -> new AssertionError(mesh.story("plan")));
  }

  @Test
  void saysHowManyRefusalsItTolerated() {
    mesh.start(Specs.namespaces("foo").maxRefusals(2));
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.calls("legacy/curl", "foo/httpbin", Duration.ZERO, Duration.ofSeconds(3));

    mesh.until("plan", "foo", Phase.LOCKED, 30);

    assertNotEquals("0", verified().evidence().get("refusals"));
    assertNull(verified().evidence().get("accessLogs"));
  }

  static Stream<Arguments> gaps() {
    return Stream.of(
        argumentSet(
            "lines were lost after the lock",
            (BiFunction<List<Refusal>, Instant, Refusals>)
                (seen, now) -> new Refusals.Read(seen, now.minusSeconds(1), now)),
        argumentSet(
            "logs are not read any more",
            (BiFunction<List<Refusal>, Instant, Refusals>)
                (seen, now) -> new Refusals.Read(seen, Instant.EPOCH, now.minusSeconds(600))),
        argumentSet(
            "silent logs are not read any more",
            (BiFunction<List<Refusal>, Instant, Refusals>)
                (seen, now) ->
                    new Refusals.Silent(
                        seen, Instant.EPOCH, now.minusSeconds(600), List.of("foo/httpbin"), "")));
  }

  @ParameterizedTest
  @MethodSource("gaps")
  void extendsWhileRefusalsAreKnownInPartOnly(BiFunction<List<Refusal>, Instant, Refusals> told) {
    mesh.start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.refused = told;

    mesh.seconds(40);

    assertEquals(Phase.VERIFYING, mesh.phase("plan", "foo"));
    assertTrue(extended().message().contains("refused is known"), extended().message());
  }

  /** In a mesh of many busy servers some log is full at any time. */
  @Test
  void needsEveryRefusalOfOneWholeVerificationAndNotOfTheLast() {
    mesh.start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.probesDown = true;
    mesh.seconds(60);
    mesh.refused = (seen, now) -> new Refusals.Read(seen, now.minusSeconds(1), now);
    mesh.probesDown = false;

    mesh.until("plan", "foo", Phase.LOCKED, 60);
  }

  /** What was not read for long is not forgiven for what was read before. */
  @Test
  void needsAWholeVerificationAnewAfterLogsCouldNotBeRead() {
    mesh.start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.probesDown = true;
    mesh.seconds(60);
    mesh.refused =
        (seen, now) -> new Refusals.Unreadable(seen, Refusals.Reason.SOURCE_DOWN, "down");
    mesh.seconds(60);
    mesh.refused = (seen, now) -> new Refusals.Read(seen, now.minusSeconds(1), now);
    mesh.probesDown = false;

    mesh.seconds(60);

    assertEquals(Phase.VERIFYING, mesh.phase("plan", "foo"), mesh.story("plan"));
  }

  /** A log without connections vouches for nobody once there are some. */
  @Test
  void needsAWholeVerificationAnewWhenSilentLogsBeginToSpeak() {
    mesh.start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.probesDown = true;
    mesh.refused =
        (seen, now) -> new Refusals.Silent(seen, Instant.EPOCH, now, List.of("foo/httpbin"), "");
    mesh.seconds(60);
    mesh.refused = (seen, now) -> new Refusals.Read(seen, now.minusSeconds(1), now);
    mesh.probesDown = false;

    mesh.seconds(60);

    assertEquals(Phase.VERIFYING, mesh.phase("plan", "foo"), mesh.story("plan"));
  }

  @Test
  void extendsWhenProbesStop() {
    mesh.start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.probesDown = true;

    mesh.seconds(30);

    assertEquals(Phase.VERIFYING, mesh.phase("plan", "foo"));
    assertEquals(MtlsMode.STRICT, mesh.mode("foo"));
  }

  @Test
  void forgivesASingleFailedProbe() {
    mesh.start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.failingProbes.add("bar/curl");
    mesh.second();
    mesh.failingProbes.clear();

    mesh.until("plan", "foo", Phase.LOCKED, 30);

    assertEquals(0, mesh.step("plan", "foo").automaticRollbacks());
  }

  /** As when no command runs any more in the pods of the client that failed. */
  @ParameterizedTest
  @EnumSource(
      value = ProbeOutcome.class,
      names = {"REFUSED", "UNREACHABLE"})
  void anotherLeaderThatCannotProbeWhoFailedVerifiesNothing(ProbeOutcome outcome) {
    mesh.start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.failingAs = outcome;
    mesh.failingProbes.add("bar/curl");
    mesh.second();
    mesh.loop = mesh.leader();
    mesh.failingAs = ProbeOutcome.SKIPPED;

    mesh.seconds(60);

    assertEquals(Phase.VERIFYING, mesh.phase("plan", "foo"), mesh.story("plan"));
    assertTrue(
        mesh.step("plan", "foo").message().contains("bar/curl to foo/httpbin:8000"),
        mesh.step("plan", "foo").message());
    mesh.failingProbes.clear();
    mesh.until("plan", "foo", Phase.LOCKED, 60);
    assertNull(mesh.step("plan", "foo").health());
  }

  /** A client whose pods run no command any more is one of many that failed. */
  @Test
  void anotherLeaderThatCannotProbeOneOfManyThatFailedVerifiesNothing() {
    SimulatedMesh mesh = withClients(120);
    mesh.start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.failingAs = ProbeOutcome.REFUSED;
    mesh.failingProbes.addAll(clients(120));
    mesh.second();
    mesh.loop = mesh.leader();
    mesh.failingAs = ProbeOutcome.SKIPPED;
    mesh.failingProbes.retainAll(Set.of("z119/curl"));

    mesh.seconds(60);

    assertEquals(Phase.VERIFYING, mesh.phase("plan", "foo"), mesh.story("plan"));
    assertTrue(
        mesh.step("plan", "foo").message().contains("z119/curl to foo/httpbin:8000"),
        mesh.step("plan", "foo").message());
  }

  private static List<String> clients(int number) {
    return IntStream.range(0, number).mapToObj("z%03d/curl"::formatted).toList();
  }

  private static SimulatedMesh withClients(int number) {
    NamespaceBuilder[] all =
        Stream.concat(
                Stream.of(namespace("istio-system"), Worlds.foo(), Worlds.bar(), Worlds.legacy()),
                clients(number).stream()
                    .map(client -> namespace(client.substring(0, 4)).with(sidecarPod("curl"))))
            .toArray(NamespaceBuilder[]::new);
    return new SimulatedMesh(MeshBuilders.mesh(all)).calls("bar/curl", "foo/httpbin");
  }

  /** Of more than are remembered some are not probed again before a whole round has been. */
  @Test
  void anotherLeaderWaitsForARoundWhereMoreFailedThanAreRemembered() {
    SimulatedMesh mesh = withClients(600);
    mesh.start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.failingAs = ProbeOutcome.REFUSED;
    mesh.failingProbes.addAll(clients(600));
    mesh.second();
    StepRecord.Health seen = Objects.requireNonNull(mesh.step("plan", "foo").health());
    assertTrue(seen.refused().contains("and others"), "" + seen);
    mesh.failingProbes.clear();
    mesh.second();

    assertNull(mesh.step("plan", "foo").health(), "a round has told of all");
    mesh.ledger.save(
        mesh.step("plan", "foo")
            .withHealth(
                new StepRecord.Health(
                    mesh.clock.instant(), seen.reason(), seen.message(), Set.of("and others"))));
    mesh.probesDown = true;
    mesh.loop = mesh.leader();
    mesh.seconds(60);
    assertEquals(Phase.VERIFYING, mesh.phase("plan", "foo"), mesh.story("plan"));
    assertTrue(
        mesh.step("plan", "foo").message().contains("more than are remembered"),
        mesh.step("plan", "foo").message());
    mesh.probesDown = false;
    mesh.until("plan", "foo", Phase.LOCKED, 60);
  }

  /** A round that could not probe a client tells nothing of it. */
  @Test
  void anotherLeaderDoesNotVerifyWhereMoreFailedThanAreRememberedAndOneCannotBeProbed() {
    SimulatedMesh mesh = withClients(600);
    mesh.start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.failingAs = ProbeOutcome.REFUSED;
    mesh.failingProbes.addAll(clients(600));
    mesh.second();
    mesh.loop = mesh.leader();
    mesh.failingAs = ProbeOutcome.SKIPPED;
    mesh.failingProbes.retainAll(Set.of("z599/curl"));

    mesh.seconds(60);

    assertEquals(Phase.VERIFYING, mesh.phase("plan", "foo"), mesh.story("plan"));
    String told = mesh.step("plan", "foo").message();
    assertTrue(told.contains("could not be probed since: z599/curl"), told);

    mesh.commands.ignore(
        "plan", new PlanSpec.IgnoredClient(null, "z599/curl"), "may fail", null, "ann");
    mesh.until("plan", "foo", Phase.LOCKED, 60);
  }

  /** Whoever may write policies there weakens the lock for a moment, and it is verified anew. */
  @Test
  void anotherLeaderKnowsWhoFailedBeforeTheLockWasWeakened() {
    mesh.start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.failingProbes.add("bar/curl");
    mesh.second();
    mesh.failingAs = ProbeOutcome.SKIPPED;
    mesh.kubectl("foo", "default", MtlsMode.PERMISSIVE);
    mesh.until("plan", "foo", Phase.DRIFTED, 5);
    mesh.kubectl("foo", "default", MtlsMode.STRICT);
    mesh.until("plan", "foo", Phase.VERIFYING, 20);
    mesh.loop = mesh.leader();

    mesh.seconds(60);

    assertEquals(Phase.VERIFYING, mesh.phase("plan", "foo"), mesh.story("plan"));
  }

  /** It failed twice, whoever looked. */
  @Test
  void anotherLeaderRollsBackAtOnceWhenWhoFailedFailsAgain() {
    mesh.start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.failingProbes.add("foo/curl");
    mesh.second();
    mesh.loop = mesh.leader();

    mesh.second();

    assertEquals(Reason.PROBE_FAILED, rolledBack().reason());
  }

  @Test
  void anotherLeaderThatCannotProbeWhoIsRefusedCallsNothingUndone() {
    mesh.start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.LOCKED, 60);
    mesh.failingAs = ProbeOutcome.REFUSED;
    mesh.failingProbes.add("bar/curl");
    mesh.witnesses.add("bar");
    mesh.commands.act("plan", new StepKey("foo"), StepAction.ROLLBACK, "", "ann");
    mesh.seconds(10);
    mesh.loop = mesh.leader();
    mesh.failingAs = ProbeOutcome.SKIPPED;

    mesh.seconds(600);

    assertEquals(Phase.ROLLING_BACK, mesh.phase("plan", "foo"), mesh.story("plan"));
    assertTrue(
        mesh.step("plan", "foo").message().contains("bar/curl to foo/httpbin:8000"),
        mesh.step("plan", "foo").message());
    mesh.failingProbes.clear();
    mesh.until("plan", "foo", Phase.ROLLED_BACK, 10);
  }

  @ParameterizedTest
  @EnumSource(
      value = ProbeOutcome.class,
      names = {"REFUSED", "UNREACHABLE"})
  void rollsBackWhenAProbeByAMeshClientFailsTwice(ProbeOutcome outcome) {
    mesh.start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.failingAs = outcome;
    mesh.failingProbes.add("foo/curl");

    mesh.seconds(2);

    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"));
    assertEquals(Reason.PROBE_FAILED, rolledBack().reason());
  }

  /** What failed before may have been mended since, and be refused by STRICT now. */
  @Test
  void anOverrideOfTheGateProbesLetsNoClientFail() {
    mesh.failingAs = ProbeOutcome.REFUSED;
    mesh.failingProbes.add("foo/curl");
    mesh.start(Specs.namespaces("foo"));
    mesh.seconds(20);
    mesh.commands.override("plan", new StepKey("foo"), Set.of(Gate.PROBES), "known", "ann");
    mesh.until("plan", "foo", Phase.VERIFYING, 60);

    mesh.seconds(2);

    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"));
    assertEquals(Reason.PROBE_FAILED, rolledBack().reason());
    assertTrue(
        rolledBack().message().contains("the gate probes, which was let pass, lets nobody fail"),
        rolledBack().message());
    assertTrue(rolledBack().message().contains("/ignored-clients"), rolledBack().message());
  }

  /** A node that is loaded does that to every probe; STRICT closes the connection. */
  @Test
  void extendsWhileProbesByMeshClientsTimeOut() {
    mesh.start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.failingAs = ProbeOutcome.TIMEOUT;
    mesh.failingProbes.add("foo/curl");

    mesh.seconds(600);

    StepRecord step = mesh.step("plan", "foo");
    assertEquals(Phase.VERIFYING, step.phase());
    assertEquals(Reason.EVIDENCE_LOST, extended().reason());
    assertEquals(MtlsMode.STRICT, mesh.mode("foo"));
    assertTrue(step.message().contains("foo/curl"), step.message());
    assertTrue(step.message().contains("timed out"), step.message());
  }

  /** A person has to look at that node; who is harmed meanwhile is helped all the same. */
  @Test
  void holdsForAPersonWhileProbesTimeOutForHours() {
    mesh.start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.failingAs = ProbeOutcome.TIMEOUT;
    mesh.failingProbes.add("foo/curl");
    mesh.seconds(60);
    assertFalse(mesh.step("plan", "foo").held());
    hours(6);

    StepRecord step = mesh.step("plan", "foo");
    assertTrue(step.held(), mesh.story("plan"));
    assertEquals(MtlsMode.STRICT, mesh.mode("foo"));
    Waiting waits = mesh.commands.waitingOn(mesh.plan("plan")).getFirst();
    assertEquals(Reason.EVIDENCE_LOST, waits.reason());
    assertTrue(waits.message().contains("foo/curl"), waits.message());
    assertTrue(waits.message().contains("a person has to decide"), waits.message());
    assertEquals(
        1,
        mesh.ledger.events("plan").stream().filter(e -> e.message().contains("a person")).count());

    mesh.calls("legacy/curl", "foo/httpbin");
    mesh.until("plan", "foo", Phase.ROLLED_BACK, 30);
  }

  private void hours(int hours) {
    for (int i = 0; i < 2 * hours; i++) {
      mesh.clock.advance(Duration.ofMinutes(30));
      mesh.seconds(60);
    }
  }

  private static SimulatedMesh severalServers() {
    return new SimulatedMesh(
            MeshBuilders.mesh(namespace("istio-system"), foo(httpbin(1), httpbin(2)), Worlds.bar()))
        .calls("bar/curl", "foo/httpbin");
  }

  private static MeshBuilders.NamespaceBuilder foo(MeshBuilders.PodBuilder... httpbin) {
    return namespace("foo")
        .with(httpbin)
        .with(sidecarPod("curl"))
        .with(service("httpbin").port(8000, 8080));
  }

  private static MeshBuilders.PodBuilder httpbin(int number) {
    return sidecarPod("httpbin-" + number)
        .of("Deployment", "httpbin")
        .ports(8080)
        .ip("10.0.0." + number);
  }

  private static void replacePods(SimulatedMesh several, int number) {
    Instant now = several.clock.instant();
    several.api.replace(
        several
            .observe()
            .modes()
            .namespace("foo")
            .facts()
            .withPods(foo(httpbin(1), httpbin(number).createdAt(now)).build().pods()));
  }

  private static void replacePodsAfterEachRound(SimulatedMesh several, Phase phase) {
    for (int number = 3; several.phase("plan", "foo") == phase && number < 60; number++) {
      several.probesDown = false;
      several.clock.advance(Duration.ofSeconds(1));
      several.world();
      several.probesDown = true;
      replacePods(several, number);
      several.second();
    }
  }

  /** The Service was probed, of whose endpoints only the client's proxy knows. */
  @Test
  void waitsForAProbeOfAPodThatCameAfterTheLastRound() {
    SimulatedMesh several = severalServers();
    several.start(Specs.namespaces("foo"));
    several.until("plan", "foo", Phase.VERIFYING, 60);
    several.seconds(6);
    several.probesDown = true;
    replacePods(several, 3);

    several.seconds(20);

    StepRecord step = several.step("plan", "foo");
    assertEquals(Phase.VERIFYING, step.phase());
    assertTrue(step.message().contains("foo/httpbin:8000 at 10.0.0.3:8080"), step.message());
    several.probesDown = false;
    several.until("plan", "foo", Phase.LOCKED, 5);
  }

  @Test
  void doesNotWaitForPodsThatComeAfterItsEnd() {
    SimulatedMesh several = severalServers();
    several.start(Specs.namespaces("foo"));
    several.until("plan", "foo", Phase.VERIFYING, 60);

    replacePodsAfterEachRound(several, Phase.VERIFYING);

    assertEquals(Phase.LOCKED, several.phase("plan", "foo"), several.story("plan"));
  }

  @Test
  void anUndoTellsOfAPodThatCameAfterTheLastRound() {
    SimulatedMesh several = severalServers();
    several.start(Specs.namespaces("foo"));
    several.until("plan", "foo", Phase.VERIFYING, 60);
    several.commands.act("plan", new StepKey("foo"), StepAction.ROLLBACK, "too early", "ann");
    several.until("plan", "foo", Phase.ROLLING_BACK, 5);

    replacePodsAfterEachRound(several, Phase.ROLLING_BACK);

    StepRecord step = several.step("plan", "foo");
    assertEquals(Phase.ROLLED_BACK, step.phase(), several.story("plan"));
    assertTrue(step.message().contains("where nobody probes: foo/httpbin:8000"), step.message());
  }

  /** As after a probe of one pair, for which a person asked. */
  @Test
  void anUndoWaitsForARoundThatBeginsAfterItsWrite() {
    SimulatedMesh several = severalServers();
    several.start(Specs.namespaces("foo"));
    several.until("plan", "foo", Phase.VERIFYING, 60);
    several.commands.act("plan", new StepKey("foo"), StepAction.ROLLBACK, "too early", "ann");
    several.probesDown = true;
    several.until("plan", "foo", Phase.ROLLING_BACK, 5);
    several.seconds(2);
    replacePods(several, 3);
    several.roundTook = Duration.ofMinutes(10);

    several.seconds(20);

    assertEquals(Phase.ROLLING_BACK, several.phase("plan", "foo"), several.story("plan"));
    several.probesDown = false;
    several.until("plan", "foo", Phase.ROLLED_BACK, 60);
  }

  /** What is missing after an outage comes with the next round. */
  @Test
  void waitsAnewWhenItHasBeenAwayForHours() {
    mesh.start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.failingAs = ProbeOutcome.TIMEOUT;
    mesh.failingProbes.add("foo/curl");
    mesh.seconds(60);
    mesh.clock.advance(Duration.ofHours(9));
    mesh.seconds(60);
    assertFalse(mesh.step("plan", "foo").held(), mesh.story("plan"));

    mesh.failingProbes.clear();

    mesh.until("plan", "foo", Phase.LOCKED, 100);
  }

  /** It said "the next tick goes on" when it had no more to do than to see that it had done all. */
  @Test
  void saysThatAFreshViewIsAwaited() {
    mesh.start(Specs.namespaces("foo"));
    mesh.snapshotAge = Duration.ofMinutes(5);

    mesh.seconds(2);

    Waiting waits = mesh.commands.waitingOn(mesh.plan("plan")).getFirst();
    assertEquals(Reason.STALE_OBSERVATION, waits.reason());
    assertTrue(
        waits.message().contains(mesh.clock.instant().minus(mesh.snapshotAge).toString()),
        waits.message());
  }

  /** Whoever came meanwhile is not probed, nor is its log read. */
  @Test
  void aViewThatIsOldVerifiesNothing() {
    mesh.start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.snapshotAge = Duration.ofMinutes(5);
    mesh.seconds(300);

    assertEquals(Phase.VERIFYING, mesh.phase("plan", "foo"), mesh.story("plan"));
    String message = mesh.step("plan", "foo").message();
    assertTrue(message.contains("the mesh was last seen as a whole at"), message);
    mesh.snapshotAge = Duration.ZERO;
    mesh.until("plan", "foo", Phase.LOCKED, 100);
  }

  @Test
  void goesOnVerifyingWhenAPersonSaysSo() {
    mesh.start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.failingAs = ProbeOutcome.TIMEOUT;
    mesh.failingProbes.add("foo/curl");
    mesh.seconds(20);
    hours(6);
    mesh.failingProbes.clear();
    mesh.commands.act("plan", new StepKey("foo"), StepAction.RETRY, "node is back", "ann");

    mesh.until("plan", "foo", Phase.LOCKED, 60);
  }

  @Test
  void locksWhenProbesThatTimedOutGetThroughAgain() {
    mesh.start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.failingAs = ProbeOutcome.TIMEOUT;
    mesh.failingProbes.add("foo/curl");
    mesh.seconds(10);
    mesh.failingProbes.clear();

    mesh.until("plan", "foo", Phase.LOCKED, 60);

    assertEquals(0, mesh.step("plan", "foo").automaticRollbacks());
  }

  @Test
  void forgivesASingle503() {
    mesh.start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.failedCalls.put("foo", 1);
    mesh.seconds(5);
    mesh.failedCalls.clear();

    mesh.until("plan", "foo", Phase.LOCKED, 30);

    assertEquals(0, mesh.step("plan", "foo").automaticRollbacks());
  }

  @Test
  void rollsBackWhenCallsOfMeshClientsGoOnFailing() {
    mesh.start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.failedCalls.put("foo", 1);
    mesh.second();
    mesh.failedCalls.put("foo", 2);

    mesh.second();

    assertEquals(Reason.CLIENTS_FAILING, rolledBack().reason());
  }

  private void minutes(int count) {
    for (int minute = 0; minute < count; minute++) {
      mesh.clock.advance(Duration.ofSeconds(59));
      mesh.second();
    }
  }

  /** Some calls fail in many a mesh, and a long verification has them within its own time. */
  @Test
  void failuresThatAreNoMoreThanBeforeUndoNothingHoweverLongItLooks() {
    mesh.oneFailsOf = 10;
    mesh.remembered = NamespaceTraffic.TOTALS;
    mesh.calls("foo/curl", "foo/httpbin");
    minutes(60);
    mesh.start(Specs.namespaces("foo").looks(Duration.ofHours(1), Duration.ofHours(2)));
    minutes(240);

    assertEquals(Phase.LOCKED, mesh.phase("plan", "foo"), mesh.story("plan"));
    assertEquals(0, mesh.step("plan", "foo").automaticRollbacks(), mesh.story("plan"));
  }

  /** An hour later all calls that are totalled are from after the lock: what fails always did. */
  @Test
  void failuresSinceALockAreNotTakenForThoseBeforeItWhenNobodyCouldLook() {
    mesh.remembered = NamespaceTraffic.TOTALS;
    mesh.calls("foo/curl", "foo/httpbin");
    mesh.start(Specs.namespaces("foo").looks(Duration.ofHours(1), Duration.ofMinutes(20)));
    for (int minute = 0; minute < 200 && mesh.phase("plan", "foo") != Phase.VERIFYING; minute++) {
      minutes(1);
    }
    mesh.evidenceDown = true;
    mesh.oneFailsOf = 10;
    minutes(70);
    mesh.evidenceDown = false;
    minutes(120);

    StepRecord step = mesh.step("plan", "foo");
    assertEquals(Phase.VERIFYING, step.phase(), mesh.story("plan"));
    assertTrue(step.message().contains("before the lock"), step.message());
  }

  /**
   * Connections that nobody counted as calls failed before, or two readings are not of one time.
   */
  @Test
  void failuresBesideNoCallAreNoBaseline() {
    SimulatedMesh mesh = new SimulatedMesh(Worlds.task());
    mesh.failedBefore.put("foo", 3);
    mesh.start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.failedCalls.put("foo", 1);
    mesh.second();
    mesh.failedCalls.put("foo", 2);

    mesh.second();

    assertEquals(Phase.ROLLING_BACK, mesh.phase("plan", "foo"), mesh.story("plan"));
  }

  @Test
  void letsIgnoredClientsFail() {
    mesh.start(Specs.namespaces("foo").ignore(new PlanSpec.IgnoredClient(null, "legacy/curl")));
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.calls("legacy/curl", "foo/httpbin");

    mesh.until("plan", "foo", Phase.LOCKED, 30);

    assertEquals(MtlsMode.STRICT, mesh.mode("foo"));
  }

  @Test
  void letsProbesOfIgnoredClientsFail() {
    mesh.start(Specs.namespaces("foo").ignore(new PlanSpec.IgnoredClient(null, "bar/curl")));
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.failingProbes.add("bar/curl");

    mesh.until("plan", "foo", Phase.LOCKED, 30);

    assertEquals(0, mesh.step("plan", "foo").automaticRollbacks());
  }

  /**
   * A probe may begin after an undo, and before the mesh is seen to have changed.
   *
   * @param expected whether the refusal was, when its probe began
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void isNotRolledBackWhileAClientIsStillRefused(boolean expected) {
    mesh.start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.LOCKED, 60);
    mesh.lyingSync = true;
    if (expected) {
      mesh.expectAsNow();
    }
    mesh.api.afterApply = intent -> mesh.proxiesStale = true;
    mesh.commands.act("plan", new StepKey("foo"), StepAction.ROLLBACK, "", "ann");

    mesh.seconds(20);

    assertEquals(Phase.ROLLING_BACK, mesh.phase("plan", "foo"));
    assertTrue(mesh.step("plan", "foo").message().contains("still refused"));
    mesh.proxiesStale = false;
    mesh.until("plan", "foo", Phase.ROLLED_BACK, 10);
  }

  /** It would count as plaintext, and is not made again. */
  @Test
  void waitsForNoProbeThatHadBegunBeforeTheProxiesFollowed() {
    mesh.unnoticed = true;
    mesh.start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.LOCKED, 60);
    mesh.expectAsNow();
    mesh.api.afterApply = intent -> mesh.proxiesStale = true;
    mesh.commands.act("plan", new StepKey("foo"), StepAction.ROLLBACK, "", "ann");
    mesh.seconds(12);
    assertEquals(Phase.ROLLING_BACK, mesh.phase("plan", "foo"));
    mesh.proxiesStale = false;
    mesh.expectAsSeen();
    mesh.seconds(30);

    assertEquals(Phase.ROLLED_BACK, mesh.phase("plan", "foo"), mesh.story("plan"));
  }

  /**
   * A round may take longer than probes are believed, and a person may probe one pair meanwhile.
   */
  @Test
  void isNotRolledBackThoughWhoIsRefusedIsProbedRarely() {
    mesh.start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.LOCKED, 60);
    mesh.commands.act("plan", new StepKey("foo"), StepAction.ROLLBACK, "", "ann");
    mesh.failingAs = ProbeOutcome.REFUSED;
    mesh.failingProbes.add("bar/curl");
    mesh.witnesses.add("bar");
    mesh.unnoticed = true;
    mesh.seconds(20);
    mesh.unprobed.add("foo/httpbin");

    mesh.seconds(600);

    assertEquals(Phase.ROLLING_BACK, mesh.phase("plan", "foo"));
    assertTrue(mesh.step("plan", "foo").message().contains("still refused"));
    mesh.unprobed.clear();
    mesh.failingProbes.clear();
    mesh.until("plan", "foo", Phase.ROLLED_BACK, 10);
  }

  /**
   * With plaintext probes in each round (mtls-migration.probes.plaintext=always), of which each
   * takes longer than probes are believed.
   */
  @Test
  void isNotRolledBackWhileARefusedPlaintextClientIsInEachRoundThatTakesLong() {
    mesh.start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.LOCKED, 60);
    mesh.lyingSync = true;
    mesh.failingProbes.add("legacy/curl");
    mesh.failingAs = ProbeOutcome.REFUSED;
    mesh.roundTook = mesh.limits.probeAge().plusSeconds(1);
    mesh.commands.act("plan", new StepKey("foo"), StepAction.ROLLBACK, "", "ann");

    mesh.seconds(20);

    assertEquals(Phase.ROLLING_BACK, mesh.phase("plan", "foo"), mesh.story("plan"));
    assertTrue(mesh.step("plan", "foo").message().contains("legacy/curl is still refused"));
    mesh.failingProbes.clear();
    mesh.until("plan", "foo", Phase.ROLLED_BACK, 10);
  }

  @Test
  void toleratesAsManyRefusalsAsThePlanAllows() {
    mesh.start(Specs.namespaces("foo").maxRefusals(2));
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.calls("legacy/curl", "foo/httpbin", Duration.ZERO, Duration.ofSeconds(3));

    mesh.until("plan", "foo", Phase.LOCKED, 30);

    assertEquals(0, mesh.step("plan", "foo").automaticRollbacks());
  }

  @Test
  void ownProbesNeitherCountAsRefusedNorAsPlaintext() {
    mesh.start(Specs.namespaces("foo"));

    mesh.until("plan", "foo", Phase.LOCKED, 60);

    assertNotNull(mesh.policy("foo", "default"));
  }

  @Test
  void waitsWhileStrictIsStoredButNotEnforced() {
    mesh.start(Specs.namespaces("foo"));
    mesh.api.beforeApply = i -> mesh.proxiesStale = true;
    mesh.seconds(20);

    assertEquals(Phase.LOCKING, mesh.phase("plan", "foo"));
    assertEquals(MtlsMode.STRICT, mesh.mode("foo"));
    mesh.proxiesStale = false;
    mesh.until("plan", "foo", Phase.LOCKED, 30);
  }

  @Test
  void judgesByTheEffectAndNotByTheIntent() {
    mesh.start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.VERIFYING, 60);
    mesh.lyingSync = true;
    mesh.proxiesStale = true;
    mesh.enforceOpen();

    mesh.seconds(30);

    assertEquals(Phase.VERIFYING, mesh.phase("plan", "foo"));
    assertTrue(
        mesh.ledger.events("plan").stream().anyMatch(e -> e.reason() == Reason.NOT_ENFORCED),
        mesh.story("plan"));
  }
}
