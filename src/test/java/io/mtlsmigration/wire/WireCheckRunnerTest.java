// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.wire;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.wire.WireCheck.Progress;
import io.mtlsmigration.wire.WireTap.Capture;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class WireCheckRunnerTest {

  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
  private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
  private static final WireRequest REQUEST =
      new WireRequest("foo", "httpbin", null, null, Duration.ofSeconds(3), 50);

  private static final MeshSnapshot MESH =
      mesh(
          namespace("foo")
              .with(sidecarPod("httpbin").ports(8080, 9090).excludeInbound(9090).ip("10.244.0.4")),
          namespace("legacy")
              .with(
                  pod("curl").ip("10.244.0.8").otherIps("fd00:10:244::9"),
                  pod("gone").ip("10.244.0.9").terminated(),
                  pod("six").ip("fd00:10:244::8"),
                  pod("leaving").ip("10.244.0.10"),
                  pod("coming").ip("10.244.0.10"),
                  pod("agent").ip("192.168.0.1").hostNetwork()));

  private final Deque<Runnable> waiting = new ArrayDeque<>();
  private final List<WireTap.Bounds> asked = new ArrayList<>();

  private WireCheckRunner runner(Capture capture) {
    return new WireCheckRunner(
        () -> MESH,
        (target, bounds) -> {
          asked.add(bounds);
          return capture;
        },
        CLOCK,
        waiting::add);
  }

  private static Sighting plaintext(String ip) {
    return new Sighting(
        new Flow(ip, 40_000, 8080),
        NOW,
        Judgement.plaintext(WireBasis.BEGINNING, new byte[] {'G'}),
        WireAnswer.ANSWERED);
  }

  private static Capture taken(Sighting... sightings) {
    return new Capture.Taken(List.of(sightings), 12, 0, WireEnd.TIME);
  }

  private Progress progress(WireCheckRunner runner, WireCheck check) {
    waiting.forEach(Runnable::run);
    waiting.clear();
    return runner.check(check.id()).orElseThrow().progress();
  }

  private Progress.Done done(WireCheckRunner runner) {
    return assertInstanceOf(Progress.Done.class, progress(runner, runner.start(REQUEST)));
  }

  @Test
  void saysWhatIsLookedAtBeforeAnythingIsSeen() {
    WireCheck check = runner(taken()).start(REQUEST);

    assertEquals("httpbin", check.pod());
    assertEquals(
        List.of(new WireCheck.Port(8080, false), new WireCheck.Port(9090, true)), check.ports());
    assertEquals(NOW, check.startedAt());
    assertInstanceOf(Progress.Running.class, check.progress());
    assertEquals(List.of(), asked);
  }

  @Test
  void namesCallersByTheirAddresses() {
    Progress.Done done =
        done(
            runner(
                taken(
                    plaintext("10.244.0.8"),
                    plaintext("10.244.0.9"),
                    plaintext("fd00:10:244:0:0:0:0:8"),
                    plaintext("192.168.0.1"),
                    plaintext("fd00:10:244:0:0:0:0:9"),
                    plaintext("10.244.0.10"))));

    assertEquals(
        List.of("legacy/curl", "", "legacy/six", "", "legacy/curl", ""),
        done.connections().stream()
            .map(c -> Optional.ofNullable(c.workload()).map(w -> w.id()).orElse(""))
            .toList());
    assertEquals("node", done.connections().get(3).node());
    assertEquals(WireVerdict.PLAINTEXT_SEEN, done.verdict());
    assertEquals(6, done.counts().get(WireSecurity.PLAINTEXT));
    assertEquals(List.of(new WireTap.Bounds(Duration.ofSeconds(3), 50)), asked);
  }

  @Test
  void remembersTheWorstOfVeryManyConnections() {
    Sighting[] many =
        IntStream.range(0, 1000)
            .mapToObj(
                i ->
                    new Sighting(
                        new Flow("10.0.0.1", i, 8080),
                        NOW.plusMillis(i),
                        Judgement.of(
                            i == 999 ? WireSecurity.PLAINTEXT : WireSecurity.ISTIO_MTLS,
                            WireBasis.BEGINNING),
                        WireAnswer.ANSWERED))
            .toArray(Sighting[]::new);

    Progress.Done done = done(runner(taken(many)));

    assertEquals(500, done.connections().size());
    assertEquals(WireSecurity.PLAINTEXT, done.connections().getLast().security());
    assertEquals(999, done.counts().get(WireSecurity.ISTIO_MTLS));
  }

  @Test
  void saysWhyNothingCouldBeCaptured() {
    WireCheckRunner runner =
        runner(Capture.NotPossible.of(WireFailureCode.NO_PROXY, "none", "look"));

    Progress.Failed failed =
        assertInstanceOf(Progress.Failed.class, progress(runner, runner.start(REQUEST)));

    assertEquals(new WireFailure(WireFailureCode.NO_PROXY, "none", "look"), failed.failure());
    assertEquals(NOW, failed.endedAt());
  }

  @Test
  void endsACheckWhoseTapBreaks() {
    WireCheckRunner runner =
        new WireCheckRunner(
            () -> MESH,
            (target, bounds) -> {
              throw new IllegalStateException("pipe burst");
            },
            CLOCK,
            waiting::add);

    Progress.Failed failed =
        assertInstanceOf(Progress.Failed.class, progress(runner, runner.start(REQUEST)));

    assertEquals(WireFailureCode.CAPTURE_FAILED, failed.failure().code());
    assertTrue(failed.failure().reason().contains("pipe burst"));
  }

  @Test
  void takesNoMoreChecksThanMayRunAtOnce() {
    WireCheckRunner runner = runner(taken());
    IntStream.range(0, 8).forEach(i -> runner.start(REQUEST));

    assertThrows(WireChecks.BusyException.class, () -> runner.start(REQUEST));

    waiting.forEach(Runnable::run);
    assertInstanceOf(Progress.Running.class, runner.start(REQUEST).progress());
  }

  @Test
  void doesNotRememberChecksThatCouldNotBeBegun() {
    WireCheckRunner runner =
        new WireCheckRunner(
            () -> MESH,
            (target, bounds) -> taken(),
            CLOCK,
            task -> {
              throw new RejectedExecutionException("stopping");
            });

    for (int i = 0; i < 9; i++) {
      assertThrows(RejectedExecutionException.class, () -> runner.start(REQUEST));
    }

    assertEquals(List.of(), runner.checks());
  }

  /** Or whoever asked for it would never learn what it saw. */
  @Test
  void forgetsNoCheckThatIsUnderWay() {
    WireCheckRunner runner = runner(taken());
    String longest = runner.start(REQUEST).id();
    for (int i = 0; i < 103; i++) {
      runner.start(REQUEST);
      waiting.removeLast().run();
    }

    assertInstanceOf(Progress.Running.class, runner.check(longest).orElseThrow().progress());
    waiting.removeFirst().run();
    assertInstanceOf(Progress.Done.class, runner.check(longest).orElseThrow().progress());
    assertEquals(100, runner.checks().size());
  }

  @Test
  void remembersTheLatestHundredNewestFirst() {
    WireCheckRunner runner = runner(taken());
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 103; i++) {
      ids.add(runner.start(REQUEST).id());
      waiting.removeFirst().run();
    }

    List<String> remembered = runner.checks().stream().map(WireCheck::id).toList();

    assertEquals(ids.subList(3, 103).reversed(), remembered);
    assertEquals(Optional.empty(), runner.check(ids.get(0)));
  }
}
