// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.bench;

import io.mtlsmigration.Absent;
import io.mtlsmigration.hazard.Finding;
import io.mtlsmigration.mesh.MeshBuilders;
import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.Wave;
import io.mtlsmigration.probe.Cell;
import io.mtlsmigration.probe.Cells;
import io.mtlsmigration.probe.ConnectivityMatrix;
import io.mtlsmigration.probe.ProbeOutcome;
import io.mtlsmigration.rollout.Leadership;
import io.mtlsmigration.rollout.Limits;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.PolicyWriter;
import io.mtlsmigration.rollout.ProxySync;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.RolloutPorts;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.WriteIntent;
import io.mtlsmigration.rollout.WriteResult;
import io.mtlsmigration.rollout.loop.RolloutLoop;
import io.mtlsmigration.rollout.loop.TickReport;
import io.mtlsmigration.sandbox.MemoryLedger;
import io.mtlsmigration.traffic.Caller;
import io.mtlsmigration.traffic.Edge;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import io.mtlsmigration.traffic.Refusals;
import io.mtlsmigration.traffic.TrafficReading;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One decision pass over a plan of 10,000 namespaces with 15 pods each, on an observation in which
 * nothing has changed. Aim: at most 100 ms.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class DecisionBenchmark {

  private static final int NAMESPACES = 10_000;
  private static final int MORE_PODS = 13;
  private static final Instant NOW = Instant.parse("2026-06-01T09:00:00Z");
  private static final Duration WINDOW = Duration.ofHours(24);

  /**
   * OBSERVING: every gate of every namespace is judged, and all but soak hold. LOCKED: every
   * namespace is watched for drift.
   */
  @Param({"OBSERVING", "LOCKED"})
  public Phase phase;

  private RolloutLoop loop;
  private Observation observation;

  @Setup
  public void setUp() {
    MeshSnapshot facts = facts(phase == Phase.LOCKED ? MtlsMode.STRICT : MtlsMode.UNSET);
    observation = observation(MeshModes.resolve(facts));
    MemoryLedger ledger = new MemoryLedger();
    ledger.save(plan());
    for (int i = 0; i < NAMESPACES; i++) {
      String name = "ns" + i;
      ledger.save(
          StepRecord.begin(
              "plan", new StepKey(name), "uid-" + name, phase, NOW, Reason.PLAN_STARTED, "begun"));
    }
    loop =
        new RolloutLoop(
            new RolloutPorts(
                ledger,
                new NoWrites(),
                Absent.RATCHET,
                Absent.HOOKS,
                Absent.DRY_RUNS,
                () -> facts,
                Clock.fixed(NOW, ZoneOffset.UTC),
                Leadership.ALONE),
            Limits.DEFAULT);
    TickReport first = loop.tick(observation);
    if (!first.failures().isEmpty() || first.steps() != NAMESPACES) {
      throw new IllegalStateException(first.failures().toString());
    }
  }

  @Benchmark
  public TickReport decide() {
    TickReport report = loop.tick(observation);
    if (report.transitions() > 0 || !report.failures().isEmpty()) {
      throw new IllegalStateException(report.toString());
    }
    return report;
  }

  private static MeshSnapshot facts(MtlsMode mode) {
    List<NamespaceBuilder> all = new ArrayList<>();
    all.add(MeshBuilders.namespace("istio-system"));
    for (int i = 0; i < NAMESPACES; i++) {
      NamespaceBuilder one = Worlds.injected("ns" + i);
      for (int p = 0; p < MORE_PODS; p++) {
        one.with(MeshBuilders.sidecarPod("app" + p).ports(8080));
      }
      if (mode != MtlsMode.UNSET) {
        one.with(MeshBuilders.policy("default", mode));
      }
      all.add(one);
    }
    MeshSnapshot snapshot = MeshBuilders.mesh(all.toArray(new NamespaceBuilder[0]));
    return new MeshSnapshot(snapshot.settings(), NOW, snapshot.namespaces(), List.of(), List.of());
  }

  private static PlanRecord plan() {
    List<Wave.Member> members = new ArrayList<>();
    for (int i = 0; i < NAMESPACES; i++) {
      members.add(new Wave.Member("ns" + i, "benchmark"));
    }
    PlanSpec spec =
        new PlanSpec(
            "plan",
            PlanSpec.Target.NAMESPACES,
            PlanSpec.Scope.EVERYTHING,
            List.of(),
            PlanSpec.Gates.DEFAULT,
            PlanSpec.Verification.DEFAULT,
            PlanSpec.OnFailure.ROLLBACK,
            PlanSpec.Apply.DIRECT,
            false,
            List.of(),
            PlanSpec.Start.ON_COMMAND);
    // PAUSED goes through everything that RUNNING does, but never completes: each pass is alike.
    return new PlanRecord(
        spec,
        "uid",
        "",
        1,
        PlanPhase.PAUSED,
        "benchmark",
        NOW,
        NOW,
        null,
        List.of(new Wave("all", members)),
        Map.of(),
        "",
        List.of());
  }

  private static Observation observation(MeshModes modes) {
    List<Cell> cells = new ArrayList<>();
    Map<String, Evidence<NamespaceTraffic>> traffic = new HashMap<>();
    for (int i = 0; i < NAMESPACES; i++) {
      cells.add(cell(i));
      traffic.put("ns" + i, new Evidence.Measured<>(traffic(i), NOW));
    }
    ConnectivityMatrix matrix = new ConnectivityMatrix(NOW, cells);
    return new Fixed(modes, matrix, traffic);
  }

  private static Cell cell(int server) {
    String from = "ns" + (server + 1) % NAMESPACES + "/curl";
    return Cells.made(
        from,
        "ns" + server + "/httpbin:8000",
        "10.0.0.1:8080",
        "httpbin",
        true,
        ProbeOutcome.OK,
        200,
        0,
        ProbeOutcome.OK,
        1,
        NOW,
        "",
        null);
  }

  private static NamespaceTraffic traffic(int server) {
    WorkloadRef client = new WorkloadRef("ns" + (server + 1) % NAMESPACES, "Deployment", "curl");
    WorkloadRef httpbin = new WorkloadRef("ns" + server, "Deployment", "httpbin");
    Edge edge =
        new Edge(
            new Caller(client, ""),
            httpbin,
            8080,
            "http",
            Edge.Security.MUTUAL_TLS,
            10,
            0,
            NOW,
            NOW,
            "benchmark");
    return new NamespaceTraffic(List.of(edge), 10, 0);
  }

  private record Fixed(
      MeshModes modes, ConnectivityMatrix matrix, Map<String, Evidence<NamespaceTraffic>> edges)
      implements Observation {

    @Override
    public Instant now() {
      return NOW;
    }

    @Override
    public TrafficReading traffic(Duration window) {
      return new TrafficReading() {
        @Override
        public Instant asOf() {
          return NOW;
        }

        @Override
        public Duration window() {
          return WINDOW;
        }

        @Override
        public Evidence<NamespaceTraffic> of(String namespace) {
          return edges.getOrDefault(namespace, new Evidence.NoSamples<>(NOW, "none"));
        }

        @Override
        public Refusals refusals(String namespace) {
          return new Refusals.Read(List.of(), Instant.EPOCH, NOW);
        }
      };
    }

    @Override
    public List<Finding> findings(String namespace) {
      return List.of();
    }

    @Override
    public ProxySync.Status sync(String namespace) {
      return new ProxySync.Status.Synced();
    }
  }

  private static final class NoWrites implements PolicyWriter {
    @Override
    public WriteResult apply(WriteIntent intent, boolean adopt) {
      throw new IllegalStateException("a pass without writes wrote " + intent.change().ref());
    }

    @Override
    public WriteResult dryRun(WriteIntent intent, boolean adopt) {
      return new WriteResult.Applied(null);
    }

    @Override
    public Optional<PeerAuthentication> read(ObjectRef ref) {
      return Optional.empty();
    }

    @Override
    public Map<ObjectRef, String> versions(String namespace) {
      return Map.of();
    }

    @Override
    public Map<ObjectRef, String> versions() {
      return Map.of();
    }

    @Override
    public String namespaceUid(String name) {
      return "";
    }
  }
}
