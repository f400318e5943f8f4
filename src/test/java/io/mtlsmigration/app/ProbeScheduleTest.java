// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import static io.mtlsmigration.mesh.MeshBuilders.ambientPod;
import static io.mtlsmigration.mesh.MeshBuilders.destinationRule;
import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarScope;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.mtlsmigration.mesh.DestinationRule.ClientTlsMode;
import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshBuilders.PodBuilder;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.probe.AgentReconciler;
import io.mtlsmigration.probe.Cell;
import io.mtlsmigration.probe.ConnectivityLog;
import io.mtlsmigration.probe.ProbeAgents;
import io.mtlsmigration.probe.ProbeOutcome;
import io.mtlsmigration.probe.ProbeRequests;
import io.mtlsmigration.probe.ProbeResult;
import io.mtlsmigration.probe.ProbeTarget;
import io.mtlsmigration.probe.Prober;
import io.mtlsmigration.rollout.Leadership;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.ProxySync;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.sandbox.MemoryLedger;
import io.mtlsmigration.testing.Lease;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import io.mtlsmigration.traffic.ShadowRecord;
import io.mtlsmigration.traffic.TrafficReading;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which probes a round makes where servers' metrics are the evidence. */
final class ProbeScheduleTest {

  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-01-01T12:00:00Z"), ZoneOffset.UTC);
  private static final String TO_FOO = " → foo/httpbin:8000";

  /** Every probe that was made, from and to. */
  private final Set<String> made = new ConcurrentSkipListSet<>();

  /** The mesh once a round has begun; null when it stays the same. */
  private volatile @Nullable MeshSnapshot later;

  private volatile boolean begun;

  private final class Recorder implements Prober {
    @Override
    public boolean canProbeFrom(Pod pod) {
      begun = true;
      return true;
    }

    @Override
    public ProbeResult probe(ProbeTarget target, Duration timeout) {
      made.add(target.from() + " → " + target.to());
      return new ProbeResult.Completed(200, 0, "", Duration.ofMillis(1));
    }
  }

  private record Nothing(Instant asOf, Duration window) implements TrafficReading {
    @Override
    public Evidence<NamespaceTraffic> of(String namespace) {
      return new Evidence.NoSamples<>(asOf, "");
    }
  }

  private final MemoryLedger ledger = new MemoryLedger();

  private ProbeSchedule schedule(MeshSnapshot snapshot, String plaintext) {
    return schedule(snapshot, Map.of("mtls-migration.probes.plaintext", plaintext));
  }

  /** Of sidecars, istiod knows all but those of pods that are called fake. */
  private static final ProxySync SYNC =
      new ProxySync() {
        @Override
        public Status of(String namespace) {
          return new Status.Synced();
        }

        @Override
        public Set<String> strangers(String namespace) {
          return Set.of(namespace + "/fake");
        }
      };

  private Leadership leadership = Leadership.ALONE;

  private final ConnectivityLog log = new ConnectivityLog();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

  private ProbeSchedule schedule(MeshSnapshot snapshot, Map<String, String> settings) {
    return new ProbeSchedule(
        new LiveObservations(
            () -> begun && later != null ? later : snapshot,
            Nothing::new,
            ShadowRecord.NOT_CONFIGURED,
            SYNC,
            log,
            CLOCK,
            Leadership.ALONE,
            Configured.with(settings)),
        log,
        ledger,
        leadership,
        new Recorder(),
        new ProbeJournal(),
        new AgentReconciler(ProbeAgents.NONE, AgentReconciler.Policy.OFF),
        CLOCK,
        Configured.with(settings),
        Spans.OFF,
        meters);
  }

  /** The first round of a large mesh takes hours, and alerts go by what it has found. */
  @Test
  void countsResultsBeforeTheRoundIsOver() {
    List<Cell> cells = schedule(mesh(foo(), bar(), legacy()), "always").probeAll();
    log.retain(cells, Set.of(), CLOCK.instant(), Set.of());
    assertEquals(0, counted());

    log.recordEarly(cells, CLOCK.instant());

    assertEquals(2, counted());
  }

  private double counted() {
    return meters.get("mtls_migration.probe.cells").gauges().stream()
        .mapToDouble(Gauge::value)
        .sum();
  }

  /** It waits for a while at random, and nobody but the leader places agents. */
  @Test
  void beginsNoRoundWhenTheLeadIsLostMeanwhile() throws InterruptedException {
    Lease lease = new Lease(1);
    AtomicInteger asked = new AtomicInteger();
    lease.leads = () -> asked.incrementAndGet() == 1;
    leadership = lease;
    ProbeSchedule schedule =
        schedule(mesh(foo(), bar(), legacy()), Map.of("mtls-migration.probes.jitter", "0"));

    schedule.round();

    schedule.stop();
    assertEquals(List.of(), List.copyOf(made));
  }

  /** To the next leader these are calls of a client, which a lock refuses. */
  @Test
  void makesNoMoreProbesOfARoundDuringWhichTheLeadWasLost() throws InterruptedException {
    Lease lease = new Lease(1);
    lease.leads = () -> !begun;
    leadership = lease;
    ProbeSchedule schedule =
        schedule(mesh(foo(), bar(), legacy()), Map.of("mtls-migration.probes.jitter", "0"));

    schedule.round();

    schedule.stop();
    assertEquals(
        List.of(ProbeOutcome.SKIPPED, ProbeOutcome.SKIPPED),
        log.matrix().cells().stream().map(Cell::outcome).toList());
    assertEquals(List.of(), List.copyOf(made));
  }

  /** Nothing could be made of it any more, and nobody wants to read of it. */
  @Test
  void beginsNoRoundWhenTheServiceStops() throws InterruptedException {
    ProbeSchedule schedule =
        schedule(mesh(foo(), bar(), legacy()), Map.of("mtls-migration.probes.jitter", "0"));
    schedule.stopping(new ShutdownDelayInitiatedEvent());

    schedule.round();

    schedule.stop();
    assertEquals(List.of(), List.copyOf(made));
  }

  private Set<String> round(String plaintext, NamespaceBuilder... namespaces) {
    ProbeSchedule schedule = schedule(mesh(namespaces), plaintext);
    try {
      List<Cell> cells = schedule.probeAll();
      assertEquals(made.size(), cells.size());
      return new TreeSet<>(made);
    } finally {
      schedule.stop();
    }
  }

  private static NamespaceBuilder foo() {
    return namespace("foo")
        .with(sidecarPod("httpbin").ports(8080).ip("10.0.0.1"))
        .with(service("httpbin").port(8000, 8080));
  }

  private static NamespaceBuilder bar() {
    return namespace("bar").with(sidecarPod("curl").ip("10.0.0.7"));
  }

  private static PodBuilder client(String name) {
    return sidecarPod(name).label("app", "curl");
  }

  private static NamespaceBuilder legacy() {
    return namespace("legacy").with(pod("curl").ip("10.0.0.8"));
  }

  /** A StatefulSet's pod has the name of the one before it, and may have got a proxy. */
  @Test
  void makesNoProbeFromAPodThatHasReplacedTheOneItWasChosenFor() {
    later =
        mesh(
            foo(),
            bar(),
            namespace("legacy").with(sidecarPod("curl").uid("another").ip("10.0.0.9")));
    ProbeSchedule schedule = schedule(mesh(foo(), bar(), legacy()), "always");

    schedule.probeAll();

    schedule.stop();
    assertEquals(List.of("bar/curl" + TO_FOO), List.copyOf(made));
  }

  @Test
  void makesEveryProbeWhereNothingCountsThem() {
    assertEquals(
        Set.of("bar/curl" + TO_FOO, "legacy/curl" + TO_FOO),
        round("always", foo(), bar(), legacy()));
  }

  @Test
  void leavesOutPlaintextThatAServerWouldTakeAndCount() {
    assertEquals(Set.of("bar/curl" + TO_FOO), round("refused", foo(), bar(), legacy()));
  }

  @Test
  void makesThemWhereTheServerRefusesThem() {
    assertEquals(
        Set.of("bar/curl" + TO_FOO, "legacy/curl" + TO_FOO),
        round("refused", foo().with(policy("default", MtlsMode.STRICT)), bar(), legacy()));
  }

  @Test
  void makesThemWhereTheServerHasNoProxyThatCounts() {
    NamespaceBuilder plain =
        namespace("foo")
            .with(pod("httpbin").ports(8080).ip("10.0.0.1"))
            .with(service("httpbin").port(8000, 8080));

    assertEquals(
        Set.of("bar/curl" + TO_FOO, "legacy/curl" + TO_FOO),
        round("refused", plain, bar(), legacy()));
  }

  @Test
  void knowsThatAmbientServersCountToo() {
    NamespaceBuilder ambient =
        namespace("foo")
            .with(ambientPod("httpbin").ports(8080).ip("10.0.0.1"))
            .with(service("httpbin").port(8000, 8080));

    assertEquals(Set.of("bar/curl" + TO_FOO), round("refused", ambient, bar(), legacy()));
  }

  @Test
  void leavesOutAMeshClientThatIsToldToSpeakPlaintext() {
    assertEquals(
        Set.of(),
        round(
            "refused",
            foo().with(destinationRule("off", "httpbin").tls(ClientTlsMode.DISABLE)),
            bar()));
  }

  /** Nobody calls what its proxy does not know; were the probe refused, nobody would be harmed. */
  @ParameterizedTest
  @EnumSource(
      value = MtlsMode.class,
      names = {"PERMISSIVE", "STRICT"})
  void leavesOutWhatAClientsOwnProxyDoesNotKnow(MtlsMode mode) {
    assertEquals(
        Set.of(),
        round(
            "refused",
            foo().with(policy("default", mode)),
            bar().with(sidecarScope("default", "./*"))));
  }

  @Test
  void leavesOutAServiceOfWhichOneServerWouldTakeThePlaintextThatAnotherRefuses() {
    NamespaceBuilder mixed =
        foo()
            .with(
                sidecarPod("strict")
                    .label("app", "httpbin")
                    .label("strict", "yes")
                    .ports(8080)
                    .ip("10.0.0.2"))
            .with(policy("one", MtlsMode.STRICT).selector("strict", "yes"))
            .with(destinationRule("off", "httpbin").tls(ClientTlsMode.DISABLE));

    assertEquals(Set.of(), round("refused", mixed, bar()));
  }

  @Test
  void makesWhatAPersonAsksForWhateverItCounts() {
    ProbeSchedule schedule = schedule(mesh(foo(), legacy()), "refused");

    String id =
        schedule.start(List.of(new ProbeRequests.Pair("legacy/curl", "foo/httpbin:8000"))).id();

    org.awaitility.Awaitility.await().until(() -> schedule.run(id).orElseThrow().endedAt() != null);
    assertEquals(Set.of("legacy/curl" + TO_FOO), made);
    schedule.stop();
  }

  /** A Deployment and a StatefulSet may have one name, by which a person asks for both. */
  @Test
  void asksFromAllClientsOfAName() {
    ProbeSchedule schedule =
        schedule(
            mesh(
                foo(),
                namespace("bar")
                    .with(
                        sidecarPod("curl-a").of("Deployment", "curl"),
                        pod("curl-0").of("StatefulSet", "curl"))),
            "always");

    String id =
        schedule.start(List.of(new ProbeRequests.Pair("bar/curl", "foo/httpbin:8000"))).id();

    org.awaitility.Awaitility.await().until(() -> schedule.run(id).orElseThrow().endedAt() != null);
    assertEquals(2, schedule.run(id).orElseThrow().cells().size());
    schedule.stop();
  }

  private void locked(List<PlanSpec.IgnoredClient> ignored) {
    PlanSpec.Verification standard = PlanSpec.Verification.DEFAULT;
    ledger.save(
        new PlanRecord(
            new PlanSpec(
                "plan",
                PlanSpec.Target.NAMESPACES,
                PlanSpec.Scope.EVERYTHING,
                List.of(),
                PlanSpec.Gates.DEFAULT,
                new PlanSpec.Verification(
                    standard.duration(),
                    standard.maxRefusals(),
                    standard.maxClientFailureRatio(),
                    ignored),
                PlanSpec.OnFailure.ROLLBACK,
                PlanSpec.Apply.DIRECT,
                false,
                List.of(),
                PlanSpec.Start.ON_COMMAND),
            "plan",
            "",
            1,
            PlanPhase.COMPLETED,
            "somebody",
            CLOCK.instant(),
            null,
            null,
            List.of(),
            Map.of(),
            "",
            List.of()));
    ledger.save(
        StepRecord.begin(
            "plan", new StepKey("foo"), "uid", Phase.LOCKED, CLOCK.instant(), Reason.VERIFIED, ""));
  }

  /** Of a large mesh, where others stand for it; a leader before this one has seen it. */
  @Test
  void probesWhatALockIsKnownToRefuse() {
    locked(List.of());
    StepRecord step = ledger.step("plan", new StepKey("foo")).orElseThrow();
    String call = "tools/zz to foo/httpbin:8000 at 10.0.0.1:8080";
    Map<String, String> large =
        Map.of(
            "mtls-migration.probes.plaintext", "always",
            "mtls-migration.probes.full-matrix-limit", "1");
    NamespaceBuilder tools =
        namespace("tools").with(client("aa").ip("10.0.0.9"), client("zz").ip("10.0.0.10"));
    NamespaceBuilder strict = foo().with(policy("default", MtlsMode.STRICT));
    assertEquals(Set.of(), clients(large, strict, bar(), tools), "foo's turn is later");

    ledger.save(
        step.withHealth(
            new StepRecord.Health(
                CLOCK.instant(), Reason.CLIENTS_REFUSED, "refused", Set.of(call))));

    assertEquals(Set.of("bar/curl", "tools/zz"), clients(large, strict, bar(), tools));
  }

  /** In order: from bar/curl, from legacy/curl. */
  private List<ProbeOutcome> expected() {
    NamespaceBuilder strict =
        foo()
            .with(policy("default", MtlsMode.STRICT))
            .with(destinationRule("off", "httpbin").tls(ClientTlsMode.DISABLE));
    ProbeSchedule schedule = schedule(mesh(strict, bar(), legacy()), "always");
    try {
      return schedule.probeAll().stream().map(Cell::expected).toList();
    } finally {
      schedule.stop();
    }
  }

  /** A rule that somebody makes after the lock does not make it right that its clients fail. */
  @Test
  void expectsClientsWithAProxyToGetThroughToALockedStep() {
    assertEquals(List.of(ProbeOutcome.REFUSED, ProbeOutcome.REFUSED), expected());
    locked(List.of());

    assertEquals(List.of(ProbeOutcome.OK, ProbeOutcome.REFUSED), expected());
  }

  /** A probe that is made after a lock, in a round that has begun before it, has to be refused. */
  @Test
  void expectsWhatIsRightWhenTheProbeBegins() {
    later = mesh(foo().with(policy("default", MtlsMode.STRICT)), legacy());
    ProbeSchedule schedule = schedule(mesh(foo(), legacy()), "always");
    try {
      assertEquals(
          List.of(ProbeOutcome.REFUSED),
          schedule.probeAll().stream()
              .filter(cell -> cell.from().equals("legacy/curl"))
              .map(Cell::expected)
              .toList());
    } finally {
      schedule.stop();
    }
  }

  @Test
  void expectsOfClientsThatMayFailWhatTheConfigurationSays() {
    locked(List.of(new PlanSpec.IgnoredClient(null, "bar/curl")));

    assertEquals(List.of(ProbeOutcome.REFUSED, ProbeOutcome.REFUSED), expected());
  }

  private Set<String> clients(Map<String, String> settings, NamespaceBuilder... namespaces) {
    ProbeSchedule schedule = schedule(mesh(namespaces), settings);
    try {
      return schedule.probeAll().stream()
          .map(Cell::from)
          .collect(Collectors.toCollection(TreeSet::new));
    } finally {
      schedule.stop();
    }
  }

  @Test
  void onlyPodsOfNamedNamespacesAreClients() {
    Map<String, String> named = Map.of("mtls-migration.probes.client-namespaces", "bar,tools");

    assertEquals(Set.of("bar/curl"), clients(named, foo(), bar(), legacy()));
  }

  /** With the labels of an agent, which any tenant can give to a pod. */
  @Test
  void aPodThatPosesAsAnAgentIsNoClient() {
    PodBuilder pod = sidecarPod("agent").of("Deployment", "mtls-migration-probe").ip("10.0.0.9");
    ProbeAgents.LABELS.forEach(pod::label);
    Map<String, String> named = Map.of("mtls-migration.probes.client-namespaces", "bar");

    assertEquals(Set.of("bar/curl"), clients(named, foo(), bar(), namespace("evil").with(pod)));
  }

  @Test
  void aPodThatOnlyLooksAsIfItHadASidecarIsNoClient() {
    NamespaceBuilder evil =
        namespace("evil").with(sidecarPod("fake").label("app", "curl").ip("10.0.0.9"));

    assertEquals(Set.of("bar/curl"), clients(Map.of(), foo(), bar(), evil));
  }
}
