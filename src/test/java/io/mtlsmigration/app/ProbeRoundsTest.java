// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.LabelSelector;
import io.mtlsmigration.mesh.MeshBuilders;
import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshSettings;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.Reachability;
import io.mtlsmigration.probe.Cell;
import io.mtlsmigration.probe.ConnectivityLog;
import io.mtlsmigration.probe.Expectation;
import io.mtlsmigration.probe.ProbeOutcome;
import io.mtlsmigration.probe.ProbePlan;
import io.mtlsmigration.probe.ProbeResult;
import io.mtlsmigration.probe.ProbeTarget;
import io.mtlsmigration.probe.Prober;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ProbeRoundsTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private static final MeshSnapshot SNAPSHOT =
      mesh(
          namespace("foo")
              .with(sidecarPod("curl"), sidecarPod("httpbin").ports(8080).ip("10.0.0.1"))
              .with(service("httpbin").port(8000, 8080))
              .with(policy("default", MtlsMode.STRICT)),
          namespace("legacy").with(pod("curl")));

  private final ConnectivityLog log = new ConnectivityLog();
  private final ProbeJournal journal = new ProbeJournal();

  @Test
  void recordsEachResultBesideWhatWasExpected() {
    List<Cell> cells = run(4, (target, timeout) -> answer(target));

    assertEquals(List.of("foo/curl", "legacy/curl"), cells.stream().map(Cell::from).toList());
    assertEquals(
        List.of(ProbeOutcome.OK, ProbeOutcome.REFUSED),
        cells.stream().map(Cell::expected).toList());
    assertEquals(
        List.of(ProbeOutcome.OK, ProbeOutcome.REFUSED), cells.stream().map(Cell::outcome).toList());
    assertEquals(cells, log.matrix().cells());
  }

  /** A route of the client's proxy answers, or a server: only some proxies tell which. */
  @Test
  void anAnswerOfTheClientsOwnProxyShowsNothingOfTheServer() {
    NamespaceBuilder foo =
        namespace("foo")
            .with(sidecarPod("curl"), sidecarPod("httpbin").ports(8080).ip("10.0.0.1"))
            .with(service("httpbin").port(8000, 8080));
    NamespaceBuilder quiet =
        namespace("quiet")
            .with(
                sidecarPod("curl")
                    .annotation(
                        "proxy.istio.io/config",
                        "proxyHeaders: {envoyDebugHeaders: {disabled: true}}"));
    ProbeResult.Completed noRoute =
        new ProbeResult.Completed(404, 0, "", Duration.ofMillis(1), ProbeResult.Sign.CLIENTS_PROXY);
    Probing prober = (target, timeout) -> new ProbeResult.Several(List.of(noRoute, noRoute));

    List<Cell> cells = run(mesh(foo, quiet), 1, prober);

    assertEquals(
        Map.of("foo/curl", ProbeOutcome.SKIPPED, "quiet/curl", ProbeOutcome.OK),
        cells.stream().collect(Collectors.toMap(Cell::from, Cell::outcome)));
    assertTrue(cells.getFirst().detail().startsWith("the client's own proxy answered HTTP 404"));
    assertEquals(404, cells.getFirst().httpCode());
    assertEquals(
        Set.of(ProbeOutcome.OK),
        run(mesh(MeshBuilders.withoutDebugHeaders(MeshSettings.DEFAULT), foo), 1, prober).stream()
            .map(Cell::outcome)
            .collect(Collectors.toSet()));
  }

  @Test
  void aProberThatHangsCostsOneCellOnly() {
    CountDownLatch never = new CountDownLatch(1);

    List<Cell> cells =
        assertTimeoutPreemptively(
            Duration.ofSeconds(20),
            () ->
                run(
                    1,
                    (target, timeout) -> {
                      if (target.from().equals("foo/curl")) {
                        awaitForEver(never);
                      }
                      return answer(target);
                    }));

    assertEquals(ProbeOutcome.SKIPPED, cells.getFirst().outcome());
    assertEquals(ProbeOutcome.REFUSED, cells.getLast().outcome());
  }

  /** Whoever makes ports makes probes, and may have none of them answered. */
  @Test
  void aNamespaceWhoseServersHangHoldsUpTheResultsOfNoOther() {
    MeshSnapshot mesh =
        mesh(
            many("evil", 20),
            namespace("foo")
                .with(sidecarPod("curl"), sidecarPod("httpbin").ports(8080).ip("10.0.0.1"))
                .with(service("httpbin").port(8000, 8080)));
    AtomicInteger hung = new AtomicInteger();
    AtomicInteger knownAfter = new AtomicInteger();

    run(
        mesh,
        1,
        (target, timeout) -> {
          if (target.service().namespace().equals("evil")) {
            LockSupport.parkNanos(Duration.ofMillis(150).toNanos());
            hung.incrementAndGet();
            boolean known = log.matrix().cells().stream().anyMatch(c -> c.to().startsWith("foo/"));
            knownAfter.compareAndSet(0, known ? hung.get() : 0);
          }
          return answer(target);
        });

    assertEquals(20, hung.get());
    assertTrue(knownAfter.get() > 0 && knownAfter.get() < 12, () -> "known after " + knownAfter);
    assertEquals(21, log.matrix().cells().size());
  }

  /** The next round goes on without it, and gets slots though many of its probes wait. */
  @Test
  void aNamespaceWhoseServersHangKeepsNoRoundFromEnding() {
    MeshSnapshot mesh =
        mesh(
            many("evil", 60),
            namespace("foo")
                .with(sidecarPod("curl"), sidecarPod("httpbin").ports(8080).ip("10.0.0.1"))
                .with(service("httpbin").port(8000, 8080)));
    CountDownLatch hanging = new CountDownLatch(1);
    Probing prober =
        (target, timeout) -> {
          if (target.service().namespace().equals("evil")) {
            awaitOrEnd(hanging);
          }
          return answer(target);
        };
    try (ProbeRounds rounds =
        rounds(prober, new ProbeRounds.Bounds(Duration.ZERO, 4, Duration.ofSeconds(4)))) {
      List<Cell> first =
          assertTimeoutPreemptively(Duration.ofSeconds(10), () -> run(rounds, mesh, "foo", "evil"));
      assertEquals(Set.of("evil"), rounds.late());
      List<Cell> second =
          assertTimeoutPreemptively(Duration.ofSeconds(10), () -> run(rounds, mesh, "foo"));

      assertTrue(first.stream().map(Cell::to).toList().contains("foo/httpbin:8000"));
      assertEquals(List.of("foo/httpbin:8000"), second.stream().map(Cell::to).toList());
      assertEquals(Set.of("evil"), rounds.late());

      hanging.countDown();
      await().atMost(Duration.ofSeconds(20)).until(() -> rounds.late().isEmpty());
      assertEquals(61, log.matrix().cells().size());
    }
  }

  /** An undo waits until a round has come and gone. */
  @Test
  void aRoundEndsForANamespaceThatItWasLateForWithItsLastProbe() {
    CountDownLatch hanging = new CountDownLatch(1);
    Probing prober =
        (target, timeout) -> {
          awaitOrEnd(hanging);
          return answer(target);
        };
    try (ProbeRounds rounds =
        rounds(prober, new ProbeRounds.Bounds(Duration.ZERO, 1, Duration.ofMillis(500)))) {
      run(rounds, SNAPSHOT, "foo");
      log.retain(List.of(), Set.of(), NOW, rounds.late());
      assertTrue(log.matrix().rounds().awaited("foo"));
      log.retain(List.of(), Set.of(), NOW.plusSeconds(60), rounds.late());

      hanging.countDown();
      await().atMost(Duration.ofSeconds(20)).until(() -> rounds.late().isEmpty());

      assertEquals(NOW, log.matrix().rounds().begun("foo"));
      assertEquals(0, rounds.waiting());
    }
  }

  @Test
  void aNamespaceThatIsLateWaitsForNoneWhoseServersHang() {
    NamespaceBuilder evil = many("evil", 60).with(sidecarPod("curl"));
    MeshSnapshot mesh = mesh(evil, many("foo", 12));
    Probing prober =
        (target, timeout) -> {
          boolean hangs = target.service().namespace().equals("evil");
          LockSupport.parkNanos(Duration.ofMillis(hangs ? 10_000 : 300).toNanos());
          return answer(target);
        };
    try (ProbeRounds rounds =
        rounds(prober, new ProbeRounds.Bounds(Duration.ZERO, 4, Duration.ofMillis(500)))) {
      run(rounds, mesh, "evil");
      run(rounds, mesh, "foo");
      assertEquals(Set.of("evil", "foo"), rounds.late());
      assertTrue(rounds.waiting() > 50, () -> "waiting: " + rounds.waiting());

      await().atMost(Duration.ofSeconds(15)).until(() -> rounds.late().equals(Set.of("evil")));
    }
  }

  /** A namespace with servers behind some Services. */
  private static NamespaceBuilder many(String name, int services) {
    NamespaceBuilder many = namespace(name).with(sidecarPod("web").ports(8080).ip("10.0.0.9"));
    for (int i = 0; i < services; i++) {
      many.with(service("web" + i).selector(Map.of("app", "web")).port(80, 8080));
    }
    return many;
  }

  @Test
  void aProberThatThrowsCostsOneCellOnly() {
    List<Cell> cells =
        run(
            2,
            (target, timeout) -> {
              if (target.from().equals("foo/curl")) {
                throw new IllegalStateException("broken pipe");
              }
              return answer(target);
            });

    assertEquals(ProbeOutcome.SKIPPED, cells.getFirst().outcome());
    assertTrue(cells.getFirst().detail().contains("broken pipe"));
    assertEquals(ProbeOutcome.REFUSED, cells.getLast().outcome());
  }

  @Test
  void neverMakesMoreProbesAtOnceThanItMay() {
    AtomicInteger underWay = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();

    run(
        1,
        (target, timeout) -> {
          most.accumulateAndGet(underWay.incrementAndGet(), Math::max);
          LockSupport.parkNanos(20_000_000);
          underWay.decrementAndGet();
          return answer(target);
        });

    assertEquals(1, most.get());
  }

  /** A server's log tells of a refusal before the prober does. */
  @Test
  void saysThatAProbeIsItsOwnWhileItIsUnderWay() {
    AtomicInteger known = new AtomicInteger();

    List<Cell> cells =
        run(
            2,
            (target, timeout) -> {
              if (journal.madeFrom(
                  target.client().ip(), 61_000, target.backend().pod().workload(), NOW)) {
                known.incrementAndGet();
              }
              return answer(target);
            });

    assertEquals(cells.size(), known.get());
  }

  private List<Cell> run(int concurrency, Probing probing) {
    return run(SNAPSHOT, concurrency, probing);
  }

  private List<Cell> run(MeshSnapshot mesh, int concurrency, Probing probing) {
    try (ProbeRounds rounds = rounds(probing, concurrency)) {
      return run(rounds, mesh, mesh.namespaces().keySet().toArray(String[]::new));
    }
  }

  /** Probes the servers of some namespaces. */
  private static List<Cell> run(ProbeRounds rounds, MeshSnapshot mesh, String... servers) {
    Reachability reachability = Reachability.of(MeshModes.resolve(mesh));
    ProbePlan plan =
        rounds.plan(
            mesh,
            reachability,
            pod -> LabelSelector.ofLabels(Map.of("app", "curl")).matches(pod.labels()),
            pod -> false);
    return rounds.run(
        plan.choose(everything(), List.of(), List.of()).targets().stream()
            .filter(target -> List.of(servers).contains(target.service().namespace()))
            .toList(),
        target -> Expectation.of(target, reachability),
        NOW);
  }

  private ProbeRounds rounds(Prober prober, int concurrency) {
    return rounds(prober, new ProbeRounds.Bounds(Duration.ofMillis(200), concurrency));
  }

  private ProbeRounds rounds(Prober prober, ProbeRounds.Bounds bounds) {
    return new ProbeRounds(
        prober, log, journal, Clock.fixed(NOW, ZoneOffset.UTC), bounds, cell -> {});
  }

  private static ProbePlan.Bounds everything() {
    return new ProbePlan.Bounds(100, Set.of(), 0);
  }

  private static ProbeResult answer(ProbeTarget target) {
    return target.client().dataPlane().captured()
        ? new ProbeResult.Completed(200, 0, "ok", Duration.ofMillis(3))
        : new ProbeResult.Completed(0, 56, "", Duration.ofMillis(1));
  }

  private static final Prober WITHOUT_CURL =
      new Prober() {
        @Override
        public ProbeResult probe(ProbeTarget target, Duration timeout) {
          return new ProbeResult.NotPossible("there is no curl");
        }

        @Override
        public boolean canProbeFrom(Pod pod) {
          return true;
        }

        @Override
        public boolean lacksProgram(Pod pod) {
          return pod.name().startsWith("a");
        }
      };

  /** No agent is placed beside a client that has curl, so that one has to be asked. */
  @ParameterizedTest
  @CsvSource({
    "'foo/a foo/b','foo/b'",
    "'foo/a bar/b','bar/b foo/a'",
    "'foo/b bar/a baz/b','baz/b foo/b'",
    "'foo/a','foo/a'",
  })
  void asksAClientThatIsNotKnownToLackTheProgram(String there, String asked) {
    Map<String, NamespaceBuilder> namespaces = new TreeMap<>();
    namespaces.put(
        "foo",
        namespace("foo")
            .with(sidecarPod("httpbin").ports(8080).ip("10.0.0.1"))
            .with(service("httpbin").port(8000, 8080)));
    for (String client : there.split(" ", -1)) {
      namespaces
          .computeIfAbsent(client.substring(0, 3), MeshBuilders::namespace)
          .with(sidecarPod(client.substring(4)));
    }
    // Without a proxy, where the other clients do not matter.
    for (String client : List.of("a", "b")) {
      namespaces.put("old" + client, namespace("old" + client).with(pod(client)));
    }
    MeshSnapshot mesh = mesh(namespaces.values().toArray(NamespaceBuilder[]::new));

    Set<String> asking = new TreeSet<>();
    try (ProbeRounds rounds = rounds(WITHOUT_CURL, 1)) {
      rounds
          .plan(
              mesh,
              Reachability.of(MeshModes.resolve(mesh)),
              pod -> !pod.name().equals("httpbin"),
              pod -> false)
          .choose(new ProbePlan.Bounds(1, Set.of("foo"), 0), List.of(), List.of())
          .targets()
          .forEach(target -> asking.add(target.from()));
    }

    assertEquals(asked + " oldb/b", String.join(" ", asking));
  }

  private static void awaitOrEnd(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void awaitForEver(CountDownLatch never) {
    while (true) {
      try {
        never.await();
      } catch (InterruptedException e) {
        // a prober that does not even heed interruption
      }
    }
  }

  /** A prober in one line. */
  private interface Probing extends Prober {
    @Override
    default boolean canProbeFrom(Pod pod) {
      return true;
    }
  }
}
