// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.worklist;

import static io.mtlsmigration.mesh.MeshBuilders.destinationRule;
import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;

import io.mtlsmigration.hazard.Finding;
import io.mtlsmigration.hazard.Hazards;
import io.mtlsmigration.mesh.DestinationRule.ClientTlsMode;
import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshBuilders.PodBuilder;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.PlanLimits;
import io.mtlsmigration.probe.Cell;
import io.mtlsmigration.probe.Cells;
import io.mtlsmigration.probe.ConnectivityMatrix;
import io.mtlsmigration.probe.ProbeOutcome;
import io.mtlsmigration.rollout.Limits;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.rollout.ProxySync;
import io.mtlsmigration.rollout.commands.PlanCommands;
import io.mtlsmigration.rollout.gates.NamespaceHolds;
import io.mtlsmigration.rollout.gates.NamespaceState;
import io.mtlsmigration.sandbox.MemoryLedger;
import io.mtlsmigration.testing.Draw;
import io.mtlsmigration.traffic.Caller;
import io.mtlsmigration.traffic.Edge;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import io.mtlsmigration.traffic.TrafficReading;
import io.mtlsmigration.traffic.Watch;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A few namespaces, each with something in its way. What an item asks for can be done to it, and
 * the gates are asked again.
 *
 * @param open namespaces that a server without a proxy holds
 * @param probed those whose probes are not rewritten
 * @param ruled those with a DestinationRule that turns mutual TLS off
 * @param calls in plaintext: client of {@code legacy} to namespace
 */
record SmallMesh(
    List<String> names,
    Set<String> open,
    Set<String> probed,
    Set<String> ruled,
    Set<SmallMesh.Call> calls) {

  static final Instant NOW = Instant.parse("2026-06-01T09:00:00Z");

  record Call(String client, String server) implements Comparable<Call> {
    @Override
    public int compareTo(Call other) {
      return toString().compareTo(other.toString());
    }
  }

  static SmallMesh draw(Draw draw) {
    List<String> names = new ArrayList<>();
    Set<String> open = new TreeSet<>();
    Set<String> probed = new TreeSet<>();
    Set<String> ruled = new TreeSet<>();
    Set<Call> calls = new TreeSet<>();
    for (int i = draw.between(1, 4); i > 0; i--) {
      String name = "ns" + i;
      names.add(name);
      if (draw.percent(20)) {
        open.add(name);
      }
      if (draw.percent(15)) {
        probed.add(name);
      }
      if (draw.percent(15)) {
        ruled.add(name);
      }
      for (String client : List.of("curl", "report", "cron")) {
        if (draw.percent(30)) {
          calls.add(new Call(client, name));
        }
      }
    }
    return new SmallMesh(names, open, probed, ruled, calls);
  }

  /** The mesh after somebody has done what an item asks for. */
  SmallMesh without(Item item) {
    String namespace = item.subject().namespace();
    String name = item.subject().name();
    Set<String> stillOpen = new TreeSet<>(open);
    Set<String> stillProbed = new TreeSet<>(probed);
    Set<String> stillRuled = new TreeSet<>(ruled);
    Set<Call> stillCalls = new TreeSet<>(calls);
    boolean changed =
        switch (item.kind()) {
          case INJECT_CLIENT -> stillCalls.removeIf(call -> call.client().equals(name));
          case RESTART_POD -> stillOpen.remove(namespace);
          case REWRITE_PROBE -> stillProbed.remove(namespace);
          case FIX_DESTINATION_RULE -> stillRuled.remove(namespace);
          default -> false;
        };
    if (!changed) {
      throw new AssertionError("nothing can be done about " + item);
    }
    return new SmallMesh(names, stillOpen, stillProbed, stillRuled, stillCalls);
  }

  Worklist worklist() {
    return worklist(holds(seen()));
  }

  /** What these holds come to, whatever else there is. */
  Worklist worklist(List<NamespaceHolds> holds) {
    Seen seen = seen();
    return Worklist.of(seen, holds, new Owners(seen.modes.snapshot(), List.of("team")));
  }

  private static List<NamespaceHolds> holds(Observation seen) {
    return new PlanCommands(
            new MemoryLedger(),
            () -> seen,
            Clock.fixed(NOW, ZoneOffset.UTC),
            Limits.DEFAULT,
            PlanLimits.REAL_MESH)
        .holds(seen);
  }

  /** As many namespaces as somebody has to act for. */
  long held() {
    return holds(seen()).stream().filter(one -> one.state() == NamespaceState.HELD).count();
  }

  private Seen seen() {
    List<NamespaceBuilder> all = new ArrayList<>();
    all.add(namespace("istio-system").with(policy("default", MtlsMode.PERMISSIVE)));
    all.add(
        namespace("legacy")
            .label("team", "old")
            .with(pod("curl"), pod("report").createdAt(NOW), pod("cron")));
    for (String name : names) {
      all.add(built(name));
    }
    MeshSnapshot facts = mesh(all.toArray(new NamespaceBuilder[0]));
    return new Seen(
        MeshModes.resolve(
            new MeshSnapshot(facts.settings(), NOW, facts.namespaces(), List.of(), List.of())));
  }

  private NamespaceBuilder built(String name) {
    PodBuilder httpbin = sidecarPod("httpbin").ports(8080);
    NamespaceBuilder built =
        namespace(name)
            .label("istio-injection", "enabled")
            .label("team", "team-" + name)
            .with(probed.contains(name) ? httpbin.probe(8080) : httpbin, sidecarPod("curl"))
            .with(service("httpbin").port(8000, 8080));
    if (open.contains(name)) {
      built.with(pod("bare").ports(8080)).with(service("bare").port(8000, 8080));
    }
    if (ruled.contains(name)) {
      built.with(
          destinationRule("off", "httpbin." + name + ".svc.cluster.local")
              .tls(ClientTlsMode.DISABLE));
    }
    return built;
  }

  private final class Seen implements Observation {
    private final MeshModes modes;

    Seen(MeshModes modes) {
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
      return new ConnectivityMatrix(NOW, names.stream().map(name -> cell(name)).toList());
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
          WorkloadRef httpbin = new WorkloadRef(namespace, "Deployment", "httpbin");
          return new Evidence.Measured<>(
              new NamespaceTraffic(
                  calls.stream()
                      .filter(call -> call.server().equals(namespace))
                      .map(call -> edge(call, httpbin))
                      .toList(),
                  0,
                  0,
                  Map.of(httpbin, Watch.from(NOW.minus(window), true))),
              NOW);
        }
      };
    }

    @Override
    public List<Finding> findings(String namespace) {
      return Hazards.of(modes, namespace);
    }

    @Override
    public ProxySync.Status sync(String namespace) {
      return new ProxySync.Status.Synced();
    }
  }

  private static Edge edge(Call call, WorkloadRef server) {
    return new Edge(
        new Caller(new WorkloadRef("legacy", "Deployment", call.client()), "10.0.0.9"),
        server,
        8080,
        "http",
        Edge.Security.PLAINTEXT,
        7,
        0,
        NOW.minusSeconds(60),
        NOW.minusSeconds(1),
        "test");
  }

  private static Cell cell(String name) {
    return Cells.made(
        name + "/curl",
        name + "/httpbin:8000",
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
}
