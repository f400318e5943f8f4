// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.bench;

import io.mtlsmigration.hazard.Finding;
import io.mtlsmigration.hazard.Hazards;
import io.mtlsmigration.mesh.MeshBuilders;
import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.PlanLimits;
import io.mtlsmigration.probe.ConnectivityMatrix;
import io.mtlsmigration.rollout.Limits;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.rollout.ProxySync;
import io.mtlsmigration.rollout.commands.PlanCommands;
import io.mtlsmigration.sandbox.MemoryLedger;
import io.mtlsmigration.traffic.Caller;
import io.mtlsmigration.traffic.Edge;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import io.mtlsmigration.traffic.TrafficReading;
import io.mtlsmigration.traffic.Watch;
import io.mtlsmigration.worklist.Owners;
import io.mtlsmigration.worklist.Worklist;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The worklist of 10,000 namespaces with 15 pods each, of which every tenth has no sidecars and its
 * clients call nine others in plaintext: every gate is judged. Aim: at most 200 ms.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class WorklistBenchmark {

  private static final int NAMESPACES = 10_000;
  private static final int MORE_PODS = 13;
  private static final Instant NOW = Instant.parse("2026-06-01T09:00:00Z");

  private final Map<String, Evidence<NamespaceTraffic>> traffic = new HashMap<>();
  private final Map<String, List<Finding>> findings = new HashMap<>();
  private Observation observation;
  private PlanCommands commands;

  @Setup
  public void setUp() {
    List<NamespaceBuilder> all = new ArrayList<>();
    all.add(MeshBuilders.namespace("istio-system"));
    for (int i = 0; i < NAMESPACES; i++) {
      all.add(namespace(i));
      traffic.put("ns" + i, new Evidence.Measured<>(traffic(i), NOW));
    }
    MeshSnapshot facts = MeshBuilders.mesh(all.toArray(new NamespaceBuilder[0]));
    MeshModes modes =
        MeshModes.resolve(
            new MeshSnapshot(facts.settings(), NOW, facts.namespaces(), List.of(), List.of()));
    observation = new Fixed(modes);
    facts.namespaces().keySet().forEach(name -> findings.put(name, Hazards.of(modes, name)));
    commands =
        new PlanCommands(
            new MemoryLedger(),
            () -> observation,
            Clock.fixed(NOW, ZoneOffset.UTC),
            Limits.DEFAULT,
            PlanLimits.REAL_MESH);
    if (worklist().items().size() < NAMESPACES / 10) {
      throw new IllegalStateException("nothing to do: " + worklist().owners());
    }
  }

  @Benchmark
  public Worklist worklist() {
    return Worklist.of(
        observation,
        commands.holds(observation),
        new Owners(observation.modes().snapshot(), List.of("team")));
  }

  private static boolean bare(int number) {
    return number % 10 == 9;
  }

  private static NamespaceBuilder namespace(int number) {
    String name = "ns" + number;
    NamespaceBuilder built =
        bare(number)
            ? MeshBuilders.namespace(name).with(MeshBuilders.pod("curl"))
            : Worlds.injected(name);
    for (int p = 0; p < MORE_PODS; p++) {
      built.with(
          bare(number)
              ? MeshBuilders.pod("app" + p).ports(8080)
              : MeshBuilders.sidecarPod("app" + p).ports(8080));
    }
    return built.label("team", "team" + number % 50);
  }

  private static NamespaceTraffic traffic(int server) {
    WorkloadRef httpbin = new WorkloadRef("ns" + server, "Deployment", "httpbin");
    WorkloadRef client = new WorkloadRef("ns" + (server / 10 * 10 + 9), "Deployment", "curl");
    Edge edge =
        new Edge(
            new Caller(client, ""),
            httpbin,
            8080,
            "http",
            Edge.Security.PLAINTEXT,
            10,
            0,
            NOW,
            NOW,
            "benchmark");
    Watch watch = Watch.from(NOW.minus(Duration.ofDays(2)), true);
    Map<WorkloadRef, Watch> watched = new HashMap<>();
    watched.put(httpbin, watch);
    for (int p = 0; p < MORE_PODS; p++) {
      watched.put(new WorkloadRef("ns" + server, "Deployment", "app" + p), watch);
    }
    return new NamespaceTraffic(List.of(edge), 10, 0, watched);
  }

  private final class Fixed implements Observation {
    private final MeshModes modes;

    Fixed(MeshModes modes) {
      this.modes = modes;
    }

    @Override
    public Instant now() {
      return NOW;
    }

    @Override
    public MeshModes modes() {
      return modes;
    }

    @Override
    public ConnectivityMatrix matrix() {
      return new ConnectivityMatrix(NOW, List.of());
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
          return window;
        }

        @Override
        public Evidence<NamespaceTraffic> of(String namespace) {
          return traffic.getOrDefault(namespace, new Evidence.NoSamples<>(NOW, "none"));
        }
      };
    }

    @Override
    public List<Finding> findings(String namespace) {
      return findings.getOrDefault(namespace, List.of());
    }

    @Override
    public ProxySync.Status sync(String namespace) {
      return new ProxySync.Status.Synced();
    }
  }
}
