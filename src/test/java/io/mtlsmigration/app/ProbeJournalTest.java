// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mtls.Backend;
import io.mtlsmigration.mtls.ClientTls;
import io.mtlsmigration.probe.Cell;
import io.mtlsmigration.probe.Cells;
import io.mtlsmigration.probe.ProbeOutcome;
import io.mtlsmigration.probe.ProbeResult;
import io.mtlsmigration.probe.ProbeTarget;
import io.mtlsmigration.testing.Lease;
import io.mtlsmigration.traffic.OwnProbes;
import io.mtlsmigration.traffic.OwnProbes.Claim;
import io.mtlsmigration.traffic.SecuredCalls;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which of the service's own probes evidence leaves out. */
final class ProbeJournalTest {

  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
  private static final int PROBES = 61_000;
  private static final int EPHEMERAL = 60_999;
  private static final Instant LONG_AGO = NOW.minus(Duration.ofDays(2));

  private static final Service HTTPBIN = service("httpbin").port(8000, 8080).build("foo");
  private static final Pod SERVER = sidecarPod("httpbin").ip("10.0.0.1").build("foo");
  private static final Pod SECOND = sidecarPod("httpbin-2").ip("10.0.0.2").build("foo");
  private static final Pod LEGACY = pod("curl").ip("10.0.0.8").build("legacy");
  private static final Pod OTHER = pod("curl").ip("10.0.0.9").build("old");
  private static final Pod MESH = sidecarPod("curl").ip("10.0.0.7").build("bar");

  private static final ProbeResult.Completed OK =
      new ProbeResult.Completed(200, 0, "", Duration.ofMillis(3));
  private static final ProbeResult.Completed RESET =
      new ProbeResult.Completed(0, 56, "", Duration.ofMillis(3));

  private final ProbeJournal journal = new ProbeJournal();

  private static Backend backend(@Nullable Pod pod) {
    return new Backend(pod, pod == null ? "10.9.9.9" : pod.ip(), 8080, true);
  }

  private static ProbeTarget target(Pod client, Backend... to) {
    return new ProbeTarget(client, HTTPBIN, HTTPBIN.ports().getFirst(), List.of(to));
  }

  private void made(Pod client, ProbeResult result, ClientTls tls, Instant at, Backend... to) {
    ProbeTarget target = target(client, to);
    Cell cell =
        Cells.made(
            target.from(),
            target.to(),
            target.endpoint(),
            "",
            client.dataPlane().captured(),
            ProbeOutcome.OK,
            200,
            0,
            null,
            3,
            at.minusSeconds(1),
            "",
            tls);
    ProbeTraces.Trace trace = journal.begun(target, at.minusSeconds(1)).orElseThrow();
    journal.ended(trace, at);
    journal.made(trace, target, result, cell, at);
    port = trace.port();
  }

  /** Of the latest probe that ended. */
  private int port;

  /** A probe that begins and of which nothing more is heard. */
  private ProbeTraces.Trace begun(Pod client, Instant at) {
    return journal.begun(target(client, backend(SERVER)), at).orElseThrow();
  }

  private void overdue(ProbeTraces.Trace trace, Pod client, Instant at) {
    ProbeTarget target = target(client, backend(SERVER));
    journal.made(
        trace,
        target,
        new ProbeResult.NotPossible("no end"),
        Cells.made(
            target.from(),
            target.to(),
            target.endpoint(),
            "",
            client.dataPlane().captured(),
            ProbeOutcome.SKIPPED,
            0,
            0,
            null,
            0,
            at.minusSeconds(7),
            "",
            null),
        at);
  }

  private OwnProbes.Claim claim(String address, int from, Instant at) {
    return journal.claim(address, from, SERVER.workload(), at);
  }

  @Test
  void knowsAProbeByTheSecondAddressOfAPodThatHasTwo() {
    Pod client = pod("curl").ip("10.0.0.8").otherIps("fd00::8").build("legacy");
    leadsSince(LONG_AGO);
    int from = begun(client, NOW).port();

    assertEquals(Claim.OURS, claim("fd00::8", from, NOW));
    assertEquals(Claim.OURS, claim("10.0.0.8", from, NOW));
    assertEquals(Claim.NOT_OURS, claim("fd00::9", from, NOW));
  }

  private void leadsSince(Instant first) {
    assertTrue(journal.begun(target(OTHER, backend(SECOND)), first).isPresent());
  }

  private void plaintext(Pod client, Instant at) {
    made(client, OK, ClientTls.PLAINTEXT, at, backend(SERVER));
  }

  private SecuredCalls answered() {
    return journal.answeredByAll(LONG_AGO, NOW.plusSeconds(60));
  }

  @Test
  void countsNeitherRefusedNorWhatWasNotMade() {
    made(LEGACY, RESET, ClientTls.PLAINTEXT, NOW, backend(SERVER));
    made(LEGACY, new ProbeResult.NotPossible(""), ClientTls.PLAINTEXT, NOW, backend(SERVER));

    assertEquals(new SecuredCalls(0, 0, 0), answered());
  }

  @Test
  void countsTlsThatIsNotIstiosBecauseServersCallItPlaintextToo() {
    made(LEGACY, OK, ClientTls.TLS, NOW, backend(SERVER));

    assertEquals(new SecuredCalls(0, 1, 0), answered());
  }

  @Test
  void givesServersWithProxiesTheirShareOfWhatAProxyChooses() {
    ProbeResult five = new ProbeResult.Several(Collections.nCopies(5, OK));

    made(MESH, five, ClientTls.PLAINTEXT, NOW, backend(SERVER), backend(SECOND), backend(null));

    assertEquals(new SecuredCalls(0, 3, 0), answered());
  }

  @Test
  void countsOfSeveralCallsThoseThatWereAnswered() {
    ProbeResult several = new ProbeResult.Several(List.of(OK, RESET, OK));

    made(LEGACY, several, ClientTls.PLAINTEXT, NOW, backend(SERVER));

    assertEquals(new SecuredCalls(0, 2, 0), answered());
  }

  @Test
  void forgetsWhatNoWindowAsksForAndNothingElse() {
    plaintext(LEGACY, NOW.minus(Duration.ofHours(27)));
    plaintext(LEGACY, NOW.minus(Duration.ofHours(25)));

    journal.prune(NOW);

    assertEquals(new SecuredCalls(0, 1, 0), answered());
  }

  @Test
  void knowsItsOwnRefusalByAddressPortServerAndTime() {
    leadsSince(LONG_AGO);
    made(LEGACY, RESET, ClientTls.PLAINTEXT, NOW, backend(SERVER));

    assertEquals(Claim.NOT_OURS, claim("10.0.0.8", EPHEMERAL, NOW));
    assertEquals(Claim.NOT_OURS, claim("10.0.0.99", port, NOW));
    assertEquals(
        Claim.UNLIKELY, journal.claim("10.0.0.8", port, SECOND.workload(), NOW), "another server");
    assertEquals(Claim.UNLIKELY, claim("10.0.0.8", port + 1, NOW), "another port");
    assertEquals(Claim.OURS, claim("10.0.0.8", port, NOW));
  }

  /** What else runs in that pod is somebody's client, and must not hide behind probes. */
  @Test
  void answersForOneConnectionOnlyHoweverOftenItIsAsked() {
    leadsSince(LONG_AGO);
    made(LEGACY, RESET, ClientTls.PLAINTEXT, NOW, backend(SERVER));

    assertEquals(Claim.OURS, claim("10.0.0.8", port, NOW));
    assertEquals(Claim.OURS, claim("10.0.0.8", port, NOW));
    assertEquals(Claim.UNLIKELY, claim("10.0.0.8", port, NOW.plusMillis(1)));
  }

  @Test
  void givesEachProbeOfAPodAPortOfItsOwnUntilItHasEnded() {
    leadsSince(LONG_AGO);
    Set<Integer> ports = new HashSet<>();

    for (int i = 0; i < 12; i++) {
      ports.add(begun(LEGACY, NOW).port());
    }

    assertEquals(12, ports.size());
    assertTrue(ports.stream().allMatch(p -> p >= OwnProbes.FIRST_PORT));
    assertEquals(0, begun(MESH, NOW).port(), "its proxy chooses");
  }

  /** A node that stands still begins it long after everybody has given it up. */
  @Test
  void knowsAProbeOfItsOwnHoweverLateItIs() {
    leadsSince(LONG_AGO);
    ProbeTraces.Trace trace = begun(LEGACY, NOW);
    overdue(trace, LEGACY, NOW.plusSeconds(7));

    assertEquals(Claim.OURS, claim("10.0.0.8", trace.port(), NOW.plusSeconds(1400)));
  }

  @Test
  void hasEndedWhenThatIsKnownAndNotBefore() {
    leadsSince(LONG_AGO);
    ProbeTraces.Trace trace = begun(LEGACY, NOW);
    overdue(trace, LEGACY, NOW.plusSeconds(7));
    journal.ended(trace, NOW.plusSeconds(20));

    assertEquals(Claim.PERHAPS, claim("10.0.0.8", trace.port(), NOW.plusSeconds(30)));
  }

  @Test
  void hasEndedWhereItsPodIsGone() {
    leadsSince(LONG_AGO);
    ProbeTraces.Trace trace = begun(LEGACY, NOW);

    journal.endWhereGone(pod -> false, NOW.plusSeconds(20));

    assertEquals(Claim.OURS, claim("10.0.0.8", trace.port(), NOW.plusSeconds(20)));
    assertEquals(Claim.UNLIKELY, claim("10.0.0.8", trace.port(), NOW.plusSeconds(60)));
  }

  /** Its own lines are an hour off, then: neither a client's nor proof that there is none. */
  @Test
  void doesNotAccuseItselfWhenAClockWasSet() {
    leadsSince(LONG_AGO);
    made(LEGACY, RESET, ClientTls.PLAINTEXT, NOW.minusSeconds(3600), backend(SERVER));

    assertEquals(Claim.PERHAPS, claim("10.0.0.8", port, NOW));
    assertEquals(Claim.PERHAPS, claim("10.0.0.8", port, NOW));
    assertEquals(Claim.UNLIKELY, claim("10.0.0.8", port, NOW.plusSeconds(1)));
  }

  @Test
  void doesNotBeginMoreAndMoreInAPodThatEndsNone() {
    leadsSince(LONG_AGO);
    for (int i = 0; i < 16; i++) {
      overdue(begun(LEGACY, NOW), LEGACY, NOW.plusSeconds(7));
    }
    ProbeTarget target = target(LEGACY, backend(SERVER));

    assertTrue(journal.begun(target, NOW.plusSeconds(8)).isEmpty());
    assertTrue(journal.begun(target, NOW.plusSeconds(61)).isPresent(), "one, to see");
    assertTrue(journal.begun(target, NOW.plusSeconds(62)).isEmpty());
  }

  /** What an outage left unknown stays so for ever; the pod is as good as any after it. */
  @Test
  void goesOnWithAPodThatEndsProbesAgain() {
    leadsSince(LONG_AGO);
    for (int i = 0; i < 16; i++) {
      overdue(begun(LEGACY, NOW), LEGACY, NOW.plusSeconds(7));
    }

    journal.ended(begun(LEGACY, NOW.plusSeconds(61)), NOW.plusSeconds(62));

    ProbeTarget target = target(LEGACY, backend(SERVER));
    assertTrue(journal.begun(target, NOW.plusSeconds(63)).isPresent());
  }

  /** Each that does not end holds a place of everybody's until its time is over. */
  @Test
  void doesNotLetAPodThatEndsSomeHoldThePlacesOfOthers() {
    leadsSince(LONG_AGO);
    for (int i = 0; i < 64; i++) {
      Instant at = NOW.plusSeconds(i);
      journal.ended(begun(LEGACY, at), at.plusSeconds(1));
      overdue(begun(LEGACY, at), LEGACY, at.plusSeconds(7));
    }
    ProbeTarget target = target(LEGACY, backend(SERVER));

    assertTrue(journal.begun(target, NOW.plusSeconds(71)).isEmpty());
    assertTrue(journal.begun(target, NOW.plusSeconds(671)).isPresent());
    assertTrue(journal.begun(target, NOW.plusSeconds(672)).isPresent());
  }

  @Test
  void knowsWhatAProxySentForItFromAnyPort() {
    leadsSince(LONG_AGO);
    made(MESH, RESET, ClientTls.PLAINTEXT, NOW, backend(SERVER));

    assertEquals(Claim.OURS, claim("10.0.0.7", EPHEMERAL, NOW));
    assertEquals(Claim.NOT_OURS, claim("10.0.0.7", EPHEMERAL, NOW.plusSeconds(3)));
  }

  /** Any port of a proxy would be taken for a probe's, for ever. */
  @Test
  void doesNotLetAClientHideBehindAProbeOfItsProxyThatDoesNotEnd() {
    leadsSince(LONG_AGO);
    overdue(begun(MESH, NOW), MESH, NOW.plusSeconds(7));

    assertEquals(Claim.OURS, claim("10.0.0.7", EPHEMERAL, NOW.plusSeconds(6)));
    assertEquals(Claim.UNLIKELY, claim("10.0.0.7", EPHEMERAL, NOW.plusSeconds(60)));
  }

  @Test
  void doesNotClaimTheCallOfAProxyThatItCouldNotMake() {
    leadsSince(LONG_AGO);

    made(MESH, new ProbeResult.NotPossible("no curl"), ClientTls.PLAINTEXT, NOW, backend(SERVER));

    assertEquals(Claim.NOT_OURS, claim("10.0.0.7", EPHEMERAL, NOW));
  }

  /** A lock must not be rolled back because the leader that made it was killed. */
  @Test
  void doesNotKnowWhoseAProbeOfAnEarlierLeaderIs() {
    assertEquals(Claim.PERHAPS, claim("10.0.0.8", PROBES, NOW));
    leadsSince(NOW);

    assertEquals(Claim.PERHAPS, claim("10.0.0.8", PROBES, NOW.minusSeconds(1)));
    assertEquals(Claim.PERHAPS, claim("10.0.0.8", PROBES, NOW.plusSeconds(29)));
    assertEquals(Claim.NOT_OURS, claim("10.0.0.8", EPHEMERAL, NOW.minusSeconds(1)));
    assertTrue(journal.madeFrom("10.0.0.8", PROBES, SERVER.workload(), NOW));
  }

  /** Nor because this process has led before that leader. */
  @Test
  void doesNotKnowWhoseAProbeOfALeaderInBetweenIs() {
    Lease lease = new Lease(3);
    journal.terms(lease::term);
    leadsSince(NOW.minusSeconds(3600));
    made(LEGACY, RESET, ClientTls.PLAINTEXT, NOW.minusSeconds(3600), backend(SERVER));
    int own = port;

    lease.term = 5;

    assertEquals(Claim.PERHAPS, claim("10.0.0.77", 65_000, NOW.minusSeconds(60)));
    assertEquals(Claim.PERHAPS, claim("10.0.0.8", 65_000, NOW.minusSeconds(60)));
    assertEquals(Claim.OURS, claim("10.0.0.8", own, NOW.minusSeconds(3600)));
    leadsSince(NOW);
    assertEquals(Claim.PERHAPS, claim("10.0.0.77", 65_000, NOW.plusSeconds(29)));
    assertEquals(Claim.NOT_OURS, claim("10.0.0.77", 65_000, NOW.plusSeconds(31)));
  }

  @Test
  void knowsAllOfItsOwnHalfAMinuteAfterItBeganToLead() {
    leadsSince(NOW);
    begun(LEGACY, NOW.plusSeconds(20));

    assertEquals(Claim.UNLIKELY, claim("10.0.0.8", 65_000, NOW.plusSeconds(31)));
    assertEquals(Claim.NOT_OURS, claim("10.0.0.77", 65_000, NOW.plusSeconds(31)));
    assertFalse(journal.madeFrom("10.0.0.8", 65_000, SERVER.workload(), NOW.plusSeconds(31)));
  }

  @Test
  void forgetsWhereProbesCameFromAfterTwoHours() {
    leadsSince(LONG_AGO);
    made(LEGACY, RESET, ClientTls.PLAINTEXT, NOW, backend(SERVER));

    journal.prune(NOW.plus(Duration.ofMinutes(119)));
    boolean kept = journal.madeFrom("10.0.0.8", port, SERVER.workload(), NOW);
    journal.prune(NOW.plus(Duration.ofMinutes(121)));

    assertTrue(kept);
    assertFalse(journal.madeFrom("10.0.0.8", port, SERVER.workload(), NOW));
  }

  @Test
  void sumsUpWhatServersWithProxiesAnswered() {
    plaintext(LEGACY, NOW.minusSeconds(30));
    made(MESH, OK, ClientTls.ISTIO_MUTUAL, NOW.minusSeconds(30), backend(SERVER), backend(SECOND));
    made(MESH, OK, ClientTls.PLAINTEXT, NOW.minusSeconds(30), backend(LEGACY));
    made(LEGACY, RESET, ClientTls.PLAINTEXT, NOW.minusSeconds(30), backend(SERVER));
    plaintext(LEGACY, NOW);

    assertEquals(new SecuredCalls(1, 1, 0), journal.answeredByAll(NOW.minusSeconds(60), NOW));
    assertEquals(
        new SecuredCalls(0, 1, 0), journal.answeredByAll(NOW, NOW.plus(Duration.ofMinutes(1))));
  }
}
