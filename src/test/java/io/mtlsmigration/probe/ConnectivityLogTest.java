// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.probe;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mtls.ClientTls;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.Reachability;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ConnectivityLogTest {

  private static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");
  private final ConnectivityLog log = new ConnectivityLog();

  @Test
  void keepsOnlyChangesInTheHistory() {
    log.record(List.of(cell("a", ProbeOutcome.OK, T0)), T0);
    log.record(List.of(cell("a", ProbeOutcome.OK, T0.plusSeconds(1))), T0.plusSeconds(1));
    log.record(List.of(cell("a", ProbeOutcome.REFUSED, T0.plusSeconds(2))), T0.plusSeconds(2));

    List<ConnectivityLog.Change> history = log.history(T0, T0.plusSeconds(9));

    assertEquals(2, history.size());
    assertEquals(ProbeOutcome.REFUSED, history.getFirst().cell().outcome());
    assertEquals(ProbeOutcome.OK, history.getFirst().before());
    assertNull(history.getLast().before());
  }

  @Test
  void historyIsBoundByTheAskedTimes() {
    log.record(List.of(cell("a", ProbeOutcome.OK, T0)), T0);
    log.record(List.of(cell("a", ProbeOutcome.REFUSED, T0.plusSeconds(5))), T0.plusSeconds(5));

    assertEquals(1, log.history(T0.plusSeconds(1), T0.plusSeconds(9)).size());
    assertEquals(1, log.history(T0, T0.plusSeconds(4)).size());
  }

  @Test
  void aLateResultDoesNotReplaceALaterProbe() {
    log.record(List.of(cell("a", ProbeOutcome.REFUSED, T0.plusSeconds(2))), T0.plusSeconds(3));

    log.record(List.of(cell("a", ProbeOutcome.OK, T0)), T0.plusSeconds(4));

    assertEquals(ProbeOutcome.REFUSED, log.matrix().cells().getFirst().outcome());
  }

  /** That a client cannot be asked again does not mean that it gets through. */
  @ParameterizedTest
  @EnumSource(names = {"REFUSED", "UNREACHABLE", "TIMEOUT"})
  void aProbeThatCouldNotBeRepeatedStaysFailed(ProbeOutcome failed) {
    log.record(List.of(cell("a", failed, T0)), T0);

    for (int i = 1; i < 3; i++) {
      Instant later = T0.plusSeconds(30L * i);
      log.record(List.of(skipped(cell("a", failed, later), "no curl", false)), later);
    }

    Cell cell = log.matrix().cells().getFirst();
    assertEquals(failed, cell.outcome());
    assertEquals(T0, cell.checkedAt());
    assertEquals(" (not probed again: no curl)", cell.told());
    assertEquals(1, log.history(T0, T0.plusSeconds(60)).size());
  }

  /** That STRICT does not refuse whom it should is not over because nobody looks any more. */
  @Test
  void aClientThatGotThroughThoughItShouldBeRefusedStaysSo() {
    log.record(List.of(unexpected("a", T0)), T0);

    Instant later = T0.plusSeconds(30);
    log.record(List.of(skipped(unexpected("a", later), "no curl", false)), later);

    Cell cell = log.matrix().cells().getFirst();
    assertEquals(ProbeOutcome.OK, cell.outcome());
    assertEquals(T0, cell.checkedAt());
    assertEquals(" (not probed again: no curl)", cell.told());
  }

  @Test
  void aProbeThatGotThroughAndCouldNotBeRepeatedIsSkipped() {
    log.record(List.of(cell("a", ProbeOutcome.OK, T0)), T0);

    log.record(List.of(cell("a", ProbeOutcome.SKIPPED, T0.plusSeconds(30))), T0.plusSeconds(31));

    assertEquals(ProbeOutcome.SKIPPED, log.matrix().cells().getFirst().outcome());
  }

  /** As when ports that do not speak HTTP are not to be probed any more. */
  @Test
  void aProbeThatIsNeverMadeEndsAFailure() {
    log.record(List.of(cell("a", ProbeOutcome.REFUSED, T0)), T0);

    Instant later = T0.plusSeconds(30);
    log.record(List.of(skipped(cell("a", ProbeOutcome.REFUSED, later), "not probed", true)), later);

    assertEquals(ProbeOutcome.SKIPPED, log.matrix().cells().getFirst().outcome());
  }

  /** Another process has led, and probed, meanwhile. */
  @Test
  void whoHasLedBeforeKnowsOnlyWhatFailed() {
    log.record(List.of(cell("a", ProbeOutcome.OK, T0), cell("b", ProbeOutcome.REFUSED, T0)), T0);
    log.retain(List.of(), Set.of(), T0, Set.of());

    log.usurped(T0.plusSeconds(1));

    assertKnowsOnlyWhatFailed();
  }

  private void assertKnowsOnlyWhatFailed() {
    ConnectivityMatrix matrix = log.matrix();
    assertEquals(
        List.of(ProbeOutcome.REFUSED), matrix.cells().stream().map(Cell::outcome).toList());
    assertEquals(Instant.EPOCH, matrix.rounds().begun());
    assertEquals(Instant.EPOCH, matrix.asOf());
  }

  @Test
  void aRoundInTheMiddleOfWhichAnotherHasLedTellsOnlyWhatFailed() {
    Instant again = T0.plusSeconds(60);
    log.usurped(again);

    log.record(List.of(cell("a", ProbeOutcome.OK, T0), cell("b", ProbeOutcome.REFUSED, T0)), again);
    log.retain(
        log.matrix().cells(), Set.of(cell("b", ProbeOutcome.REFUSED, T0).key()), T0, Set.of());

    assertKnowsOnlyWhatFailed();
  }

  @Test
  void resultsCountAgainOnceTheClockWasSetBack() {
    log.usurped(T0.plusSeconds(3600));

    log.record(List.of(cell("a", ProbeOutcome.OK, T0)), T0);
    log.record(List.of(cell("a", ProbeOutcome.OK, T0.plusSeconds(30))), T0.plusSeconds(30));

    assertEquals(T0.plusSeconds(30), log.matrix().asOf());
    assertEquals(1, log.matrix().cells().size());
  }

  /** Of what age they are nobody knows: they may be of before a lock, and would be of after it. */
  @Test
  void resultsOfBeforeTheClockWasSetBackGo() {
    Instant ahead = T0.plusSeconds(600);
    log.record(
        List.of(cell("a", ProbeOutcome.OK, ahead), cell("b", ProbeOutcome.OK, ahead)), ahead);

    log.record(List.of(cell("a", ProbeOutcome.REFUSED, T0)), T0.plusSeconds(1));

    assertEquals(List.of("ns/a"), log.matrix().cells().stream().map(Cell::from).toList());
    assertEquals(ProbeOutcome.REFUSED, log.matrix().cells().getFirst().outcome());
  }

  /** A Deployment and a StatefulSet may have one name. */
  @Test
  void aClientWithoutAProxyDoesNotReplaceItsNamesake() {
    log.record(List.of(cell("a", true, ProbeOutcome.REFUSED, T0)), T0);
    log.record(List.of(cell("a", false, ProbeOutcome.OK, T0.plusSeconds(1))), T0.plusSeconds(1));

    assertEquals(
        List.of(ProbeOutcome.REFUSED, ProbeOutcome.OK),
        log.matrix().cells().stream().map(Cell::outcome).toList());
  }

  /** Either of them may be one that a DestinationRule has send plaintext. */
  @Test
  void aClientOfAnotherKindDoesNotReplaceItsNamesake() {
    MeshSnapshot mesh =
        mesh(
            namespace("foo")
                .with(sidecarPod("httpbin").ports(8080).ip("10.0.0.1"))
                .with(service("httpbin").port(8000, 8080)),
            namespace("ns")
                .with(
                    sidecarPod("web-a").of("Deployment", "web"),
                    sidecarPod("web-0").of("StatefulSet", "web")));
    List<ProbeTarget> targets =
        new ProbePlan(mesh, Reachability.of(MeshModes.resolve(mesh)), pod -> true, pod -> false)
            .choose(new ProbePlan.Bounds(100, Set.of(), 0), List.of(), List.of()).targets().stream()
                .filter(target -> target.from().equals("ns/web"))
                .toList();

    for (ProbeTarget target : targets) {
      ProbeResult result =
          target.client().name().equals("web-0")
              ? new ProbeResult.Completed(0, 56, "", Duration.ZERO)
              : new ProbeResult.Completed(200, 0, "", Duration.ZERO);
      Expectation through = new Expectation(ProbeOutcome.OK, ClientTls.ISTIO_MUTUAL, true);
      log.record(List.of(Cell.of(target, result, T0, through)), T0);
    }

    assertEquals(
        List.of(ProbeOutcome.OK, ProbeOutcome.REFUSED),
        log.matrix().cells().stream().map(Cell::outcome).toList());
  }

  @Test
  void forgetsCellsThatAreGoneButNotTheirHistory() {
    log.record(
        List.of(cell("a", ProbeOutcome.OK, T0), cell("b", ProbeOutcome.OK, T0)), T0.plusSeconds(1));

    log.retain(log.matrix().cells(), Set.of(cell("b", ProbeOutcome.OK, T0).key()), T0, Set.of());

    assertEquals(List.of("ns/b"), log.matrix().cells().stream().map(Cell::from).toList());
    assertEquals(2, log.history(T0, T0).size());
  }

  /** One that a person asked for ends while a full round is counted up. */
  @Test
  void keepsWhatAnotherRoundHasAddedMeanwhile() {
    log.record(List.of(cell("a", ProbeOutcome.OK, T0)), T0.plusSeconds(1));
    List<Cell> known = log.matrix().cells();
    log.record(List.of(cell("b", ProbeOutcome.REFUSED, T0)), T0.plusSeconds(2));

    log.retain(known, Set.of(), T0, Set.of());

    assertEquals(List.of("ns/b"), log.matrix().cells().stream().map(Cell::from).toList());
  }

  private static Cell skipped(Cell of, String why, boolean never) {
    return new Cell(
        of.from(),
        of.to(),
        of.endpoint(),
        of.serverPod(),
        of.meshClient(),
        ProbeOutcome.SKIPPED,
        0,
        0,
        of.expected(),
        0,
        of.checkedAt(),
        why,
        of.clientTls(),
        never,
        false,
        of.servers(),
        of.clientKind(),
        "");
  }

  private static Cell unexpected(String client, Instant at) {
    return Cells.made(
        "ns/" + client,
        "foo/httpbin:8000",
        "10.0.0.1:8080",
        "httpbin-0",
        false,
        ProbeOutcome.OK,
        200,
        0,
        ProbeOutcome.REFUSED,
        1,
        at,
        "",
        null);
  }

  private static Cell cell(String client, ProbeOutcome outcome, Instant at) {
    return cell(client, true, outcome, at);
  }

  private static Cell cell(String client, boolean proxied, ProbeOutcome outcome, Instant at) {
    return Cells.made(
        "ns/" + client,
        "foo/httpbin:8000",
        "10.0.0.1:8080",
        "httpbin-0",
        proxied,
        outcome,
        200,
        0,
        ProbeOutcome.OK,
        1,
        at,
        "",
        null);
  }

  @Test
  void aRoundThatHasLeftOutANamespaceHasNotEndedThere() {
    log.retain(List.of(), Set.of(), T0, Set.of());
    Instant later = T0.plusSeconds(60);

    log.retain(List.of(), Set.of(), later, Set.of("slow"));
    log.retain(List.of(), Set.of(), later.plusSeconds(60), Set.of("slow"));

    ConnectivityMatrix.Rounds rounds = log.matrix().rounds();
    assertEquals(T0, rounds.begun("slow"));
    assertEquals(later.plusSeconds(60), rounds.begun("foo"));
    log.retain(List.of(), Set.of(), later.plusSeconds(120), Set.of());
    assertEquals(later.plusSeconds(120), log.matrix().rounds().begun("slow"));
  }

  @Test
  void aNamespaceThatTheFirstRoundHasLeftOutIsAwaited() {
    log.retain(List.of(), Set.of(), T0, Set.of("slow"));

    assertTrue(log.matrix().rounds().awaited("slow"));
    assertTrue(log.matrix().rounds().awaited());
    assertFalse(log.matrix().rounds().awaited("foo"));
  }

  @Test
  void aRoundOfBeforeAnotherProcessLedEndsForNoNamespace() {
    log.retain(List.of(), Set.of(), T0, Set.of("slow"));
    log.usurped(T0.plusSeconds(1));

    log.ended("slow", T0);
    assertTrue(log.matrix().rounds().awaited("slow"));

    log.ended("slow", T0.plusSeconds(2));
    assertEquals(T0.plusSeconds(2), log.matrix().rounds().begun("slow"));
    log.ended("slow", T0.plusSeconds(1));
    assertEquals(T0.plusSeconds(2), log.matrix().rounds().begun("slow"));
    assertTrue(log.matrix().rounds().awaited("foo"));
  }
}
