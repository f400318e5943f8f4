// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.probe.AgentReconciler;
import io.mtlsmigration.probe.Cell;
import io.mtlsmigration.probe.ConnectivityLog;
import io.mtlsmigration.probe.ProbeAgents;
import io.mtlsmigration.probe.ProbeRequests;
import io.mtlsmigration.probe.ProbeRequests.Pair;
import io.mtlsmigration.probe.ProbeResult;
import io.mtlsmigration.probe.ProbeTarget;
import io.mtlsmigration.probe.Prober;
import io.mtlsmigration.rollout.Leadership;
import io.mtlsmigration.rollout.ProxySync;
import io.mtlsmigration.sandbox.MemoryLedger;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import io.mtlsmigration.traffic.ShadowRecord;
import io.mtlsmigration.traffic.TrafficReading;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who may ask for probes must not stop those that the gates need. */
final class ProbeAttackTest {

  private static final Pair PAIR = new Pair("legacy/curl", "foo/s0:8000");

  /** A mesh of two clients and ten ports. */
  private static final MeshSnapshot MESH =
      mesh(
          namespace("bar").with(sidecarPod("curl").ip("10.0.0.7")),
          servers(),
          namespace("legacy").with(pod("curl").ip("10.0.0.8")));

  private static NamespaceBuilder servers() {
    NamespaceBuilder foo = namespace("foo");
    for (int i = 0; i < 10; i++) {
      foo.with(sidecarPod("s" + i).ports(8080).ip("10.0.1." + i));
      foo.with(service("s" + i).port(8000, 8080));
    }
    return foo;
  }

  private final AtomicInteger probes = new AtomicInteger();
  private final CountDownLatch over = new CountDownLatch(1);

  private volatile boolean hangs;

  private final class Slow implements Prober {
    @Override
    public boolean canProbeFrom(Pod pod) {
      return true;
    }

    @Override
    public ProbeResult probe(ProbeTarget target, Duration timeout) {
      probes.incrementAndGet();
      if (hangs) {
        try {
          over.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
      return new ProbeResult.Completed(200, 0, "", Duration.ofMillis(1));
    }
  }

  private record Nothing(Instant asOf, Duration window) implements TrafficReading {
    @Override
    public Evidence<NamespaceTraffic> of(String namespace) {
      return new Evidence.NoSamples<>(asOf, "");
    }
  }

  private final ProbeSchedule schedule = schedule();

  private ProbeSchedule schedule() {
    ConnectivityLog log = new ConnectivityLog();
    return new ProbeSchedule(
        new LiveObservations(
            () -> MESH,
            Nothing::new,
            ShadowRecord.NOT_CONFIGURED,
            namespace -> new ProxySync.Status.Synced(),
            log,
            Clock.systemUTC(),
            Leadership.ALONE,
            Configured.with(Map.of())),
        log,
        new MemoryLedger(),
        Leadership.ALONE,
        new Slow(),
        new ProbeJournal(),
        new AgentReconciler(ProbeAgents.NONE, AgentReconciler.Policy.OFF),
        Clock.systemUTC(),
        Configured.with(
            Map.of(
                "mtls-migration.probes.full-matrix-limit", "20",
                "mtls-migration.probes.timeout", "60s",
                "mtls-migration.probes.concurrency", "4")),
        Spans.OFF,
        new SimpleMeterRegistry());
  }

  @AfterEach
  void stop() {
    over.countDown();
    schedule.stop();
  }

  @Test
  void makesAPairThatIsNamedAgainAndAgainOnce() {
    String id = schedule.start(Collections.nCopies(30_000, PAIR)).id();

    Awaitility.await().until(() -> schedule.run(id).orElseThrow().done());
    assertEquals(1, schedule.run(id).orElseThrow().cells().size());
    assertEquals(1, probes.get());
  }

  @Test
  void refusesMorePairsThanARoundHasProbes() {
    List<Pair> many = new ArrayList<>();
    for (int i = 0; i < 21; i++) {
      many.add(new Pair("legacy/curl" + i, "foo/s0:8000"));
    }

    ProbeRequests.TooManyException refused =
        assertThrows(ProbeRequests.TooManyException.class, () -> schedule.start(many));

    assertTrue(String.valueOf(refused.getMessage()).contains("20 probes"), refused.getMessage());
    assertEquals(0, probes.get());
  }

  @Test
  void makesTwoAskedRoundsAtOnceAndForgetsNoneThatIsUnderWay() {
    hangs = true;
    String first = schedule.start(List.of(PAIR)).id();
    schedule.start(List.of(PAIR));

    assertThrows(ProbeRequests.BusyException.class, () -> schedule.start(List.of(PAIR)));

    over.countDown();
    Awaitility.await().until(() -> schedule.run(first).orElseThrow().done());
    Awaitility.await().ignoreExceptions().until(() -> schedule.start(List.of(PAIR)) != null);
  }

  @Test
  void keepsPlacesForTheScheduledRounds() {
    hangs = true;
    schedule.start(pairs("legacy/curl", 10));
    schedule.start(pairs("bar/curl", 10));
    Awaitility.await().until(() -> probes.get() > 0);
    Awaitility.await().during(Duration.ofMillis(300)).until(() -> true);
    hangs = false;

    List<Cell> cells = assertTimeoutPreemptively(Duration.ofSeconds(20), schedule::probeAll);

    assertEquals(20, cells.size());
  }

  private static List<Pair> pairs(String from, int count) {
    return IntStream.range(0, count).mapToObj(i -> new Pair(from, "foo/s" + i + ":8000")).toList();
  }
}
