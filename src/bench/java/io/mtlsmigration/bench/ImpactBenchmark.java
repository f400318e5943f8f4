// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.bench;

import io.mtlsmigration.mesh.MeshBuilders;
import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.Impact;
import io.mtlsmigration.plan.ImpactStudy;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.probe.ConnectivityMatrix;
import io.mtlsmigration.traffic.Caller;
import io.mtlsmigration.traffic.Edge;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import io.mtlsmigration.traffic.TrafficReading;
import java.time.Duration;
import java.time.Instant;
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
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * What STRICT would do to every namespace of a mesh, one after the other, facts first seen: each
 * has a Service before five workloads of two pods, and 20 edges were seen to call it; every tenth
 * has no sidecars. Aim: at most a second in all for 10,000, and no more for each of them than in a
 * mesh of 1,000.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 5)
@Measurement(iterations = 5, time = 5)
public class ImpactBenchmark {

  private static final int WORKLOADS = 5;
  private static final int EDGES = 20;
  private static final Instant NOW = Instant.parse("2026-06-01T09:00:00Z");

  @Param({"1000", "10000"})
  public int namespaces;

  private MeshModes modes;
  private TrafficReading traffic;
  private PlanSpec spec;

  @Setup
  public void setUp() {
    List<NamespaceBuilder> all = new ArrayList<>();
    Map<String, Evidence<NamespaceTraffic>> edges = new HashMap<>();
    all.add(MeshBuilders.namespace("istio-system"));
    for (int i = 0; i < namespaces; i++) {
      boolean captured = i % 10 != 9;
      NamespaceBuilder one = captured ? Worlds.injected(name(i)) : MeshBuilders.namespace(name(i));
      for (int w = 0; w < WORKLOADS; w++) {
        for (int p = 0; p < 2; p++) {
          String pod = "app-" + w + "-" + p;
          one.with(
              (captured ? MeshBuilders.sidecarPod(pod) : MeshBuilders.pod(pod))
                  .of("Deployment", "app-" + w)
                  .ports(8080));
        }
      }
      one.with(MeshBuilders.service("app-0").port(8000, 8080));
      all.add(one);
      edges.put(name(i), new Evidence.Measured<>(traffic(i), NOW));
    }
    modes = MeshModes.resolve(MeshBuilders.mesh(all.toArray(new NamespaceBuilder[0])));
    traffic = new Fixed(edges);
    spec =
        new PlanSpec(
            "benchmark",
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
  }

  @Benchmark
  public void ofEveryNamespace(Blackhole sink) {
    MeshModes fresh = MeshModes.resolve(modes.snapshot());
    for (int i = 0; i < namespaces; i++) {
      sink.consume(
          ImpactStudy.namespace(
              fresh, name(i), MtlsMode.STRICT, spec, traffic, ConnectivityMatrix.EMPTY));
    }
  }

  /** Of the last step, which takes them all at once. */
  @Benchmark
  public Impact ofTheMesh() {
    MeshModes fresh = MeshModes.resolve(modes.snapshot());
    return ImpactStudy.mesh(fresh, spec, traffic, ConnectivityMatrix.EMPTY);
  }

  private String name(int number) {
    return LargeMesh.name(number);
  }

  private NamespaceTraffic traffic(int server) {
    List<Edge> edges = new ArrayList<>();
    for (int e = 0; e < EDGES; e++) {
      int client = (server + e * 37 + 1) % namespaces;
      edges.add(
          new Edge(
              new Caller(new WorkloadRef(name(client), "Deployment", "app-" + e % WORKLOADS), ""),
              new WorkloadRef(name(server), "Deployment", "app-0"),
              8080,
              "http",
              client % 10 == 9 ? Edge.Security.PLAINTEXT : Edge.Security.MUTUAL_TLS,
              10,
              0,
              NOW,
              NOW,
              "benchmark"));
    }
    return new NamespaceTraffic(edges, 10, 0);
  }

  private record Fixed(Map<String, Evidence<NamespaceTraffic>> edges) implements TrafficReading {

    @Override
    public Instant asOf() {
      return NOW;
    }

    @Override
    public Duration window() {
      return Duration.ofHours(24);
    }

    @Override
    public Evidence<NamespaceTraffic> of(String namespace) {
      return edges.getOrDefault(namespace, new Evidence.NoSamples<>(NOW, "none"));
    }
  }
}
