// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

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

import io.mtlsmigration.mesh.DestinationRule.ClientTlsMode;
import io.mtlsmigration.mesh.MeshBuilders.DestinationRuleBuilder;
import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshBuilders.PodBuilder;
import io.mtlsmigration.mesh.MeshBuilders.ServiceBuilder;
import io.mtlsmigration.mesh.MeshBuilders.SidecarScopeBuilder;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.mtls.Backend;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.Reach;
import io.mtlsmigration.mtls.Reachability;
import io.mtlsmigration.plan.Impact.Flow;
import io.mtlsmigration.probe.Cell;
import io.mtlsmigration.probe.Cells;
import io.mtlsmigration.probe.ConnectivityMatrix;
import io.mtlsmigration.probe.ProbeOutcome;
import io.mtlsmigration.testing.Draw;
import io.mtlsmigration.testing.Seeds;
import io.mtlsmigration.traffic.Caller;
import io.mtlsmigration.traffic.Edge;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What an impact tells of every mesh. */
class ImpactPropertiesTest {

  private static final String SERVER = "a.foo.svc.cluster.local";

  /** Each pod is asked for each endpoint by itself, which takes too long in a large mesh. */
  @Test
  void namesExactlyThoseWhoAreRefusedWhateverWasSeenInMutualTls() {
    Seeds.each(
        1500,
        draw -> {
          MeshSnapshot mesh = world(draw);
          PlanSpec spec =
              PlanBuilders.plan()
                  .exceptions(PlanBuilders.exception("foo", selector(draw), 80))
                  .build();
          List<Edge> edges = draw.list(0, 3, () -> mutualTls(draw));
          List<Cell> cells = draw.list(0, 3, () -> passed(draw));

          Impact impact = impact(mesh, spec, List.of(), List.of());

          assertEquals(refused(mesh, spec), breaking(impact));
          Set<String> with = breaking(impact(mesh, spec, edges, cells));
          with.retainAll(breaking(impact));
          assertEquals(breaking(impact), with, "with evidence");
        });
  }

  /** One process may be told of pods in another order than the next. */
  @Test
  void theHashIsTheSameInEachProcess() {
    Seeds.each(
        500,
        draw -> {
          MeshSnapshot mesh = world(draw);
          PlanSpec spec = PlanBuilders.plan().build();
          List<Edge> edges = draw.list(0, 3, () -> mutualTls(draw));
          List<Cell> cells = draw.list(0, 3, () -> passed(draw));

          assertEquals(
              impact(mesh, spec, edges, cells).hash(),
              impact(turned(mesh), spec, edges.reversed(), cells.reversed()).hash());
        });
  }

  private static MeshSnapshot turned(MeshSnapshot mesh) {
    MeshSnapshot turned = mesh;
    for (NamespaceFacts facts : mesh.namespaces().values()) {
      turned = turned.with(facts.withPods(facts.pods().reversed()));
    }
    return turned;
  }

  private static MeshSnapshot world(Draw draw) {
    NamespaceBuilder root = namespace("istio-system");
    if (draw.percent(30)) {
      root.with(scope(draw));
    }
    if (draw.percent(20)) {
      root.with(rule(draw));
    }
    NamespaceBuilder foo = inhabited("foo", draw).with(served("a", draw), served("b", draw));
    if (draw.percent(20)) {
      foo.with(policy("default", draw.of(MtlsMode.DISABLE, MtlsMode.PERMISSIVE)));
    }
    return mesh(root, foo, inhabited("bar", draw), inhabited("aaa", draw));
  }

  private static ServiceBuilder served(String name, Draw draw) {
    ServiceBuilder service = service(name).port(80, 80).port(90, 90);
    if (draw.percent(15)) {
      service.headless();
    }
    return draw.percent(20) ? service.exportTo(draw.of(".", "bar", "*")) : service;
  }

  private static NamespaceBuilder inhabited(String name, Draw draw) {
    NamespaceBuilder builder = namespace(name);
    for (int i = draw.between(1, 5); i > 0; i--) {
      builder.with(inhabitant(name + i, draw).ip("10." + name.charAt(0) % 8 + ".0." + i));
    }
    if (draw.percent(25)) {
      builder.with(rule(draw));
    }
    if (draw.percent(25)) {
      builder.with(scope(draw));
    }
    return builder;
  }

  private static PodBuilder inhabitant(String name, Draw draw) {
    PodBuilder pod =
        switch (draw.below(6)) {
          case 0, 1 -> pod(name);
          case 2 -> ambientPod(name);
          default -> sidecarPod(name);
        };
    pod.of(draw.of("Deployment", "StatefulSet"), draw.of("a", "b"))
        .label("role", draw.of("stable", "canary"))
        .node(draw.of("n1", "n2"))
        .ports(80, 90);
    if (draw.percent(15)) {
      pod.excludeInbound(80);
    }
    if (draw.percent(10)) {
      pod.label(Pod.TLS_MODE_LABEL, "disabled");
    }
    return draw.percent(10) ? pod.hostNetwork() : pod;
  }

  private static DestinationRuleBuilder rule(Draw draw) {
    DestinationRuleBuilder rule =
        destinationRule("r", draw.of(SERVER, "*.local"))
            .tls(draw.of(ClientTlsMode.DISABLE, ClientTlsMode.ISTIO_MUTUAL, ClientTlsMode.SIMPLE));
    if (draw.percent(30)) {
      rule.exportTo(draw.of(".", "bar"));
    }
    return draw.percent(40) ? rule.workloadSelector("role", "canary") : rule;
  }

  private static SidecarScopeBuilder scope(Draw draw) {
    SidecarScopeBuilder scope = sidecarScope("s", draw.of("./*", "foo/*", "*/" + SERVER));
    return draw.percent(40) ? scope.workloadSelector("role", "canary") : scope;
  }

  private static Map<String, String> selector(Draw draw) {
    return Map.of("role", draw.of("stable", "canary"));
  }

  private static String client(Draw draw) {
    return draw.of("foo", "bar", "aaa");
  }

  private static Edge mutualTls(Draw draw) {
    return new Edge(
        new Caller(new WorkloadRef(client(draw), "Deployment", draw.of("a", "b")), ""),
        new WorkloadRef("foo", "Deployment", draw.of("a", "b")),
        draw.of(0, 80, 90),
        "http",
        Edge.Security.MUTUAL_TLS,
        1,
        0,
        Instant.EPOCH,
        Instant.EPOCH,
        "test");
  }

  private static Cell passed(Draw draw) {
    return Cells.made(
        client(draw) + "/" + draw.of("a", "b"),
        "foo/" + draw.of("a:80", "b:80", "a:90"),
        "*",
        "",
        draw.coin(),
        ProbeOutcome.OK,
        200,
        0,
        null,
        0,
        Instant.EPOCH,
        "",
        null);
  }

  private static Set<String> refused(MeshSnapshot mesh, PlanSpec spec) {
    MeshModes modes = MeshModes.resolve(mesh);
    Reachability now = Reachability.of(modes);
    Reachability then =
        Reachability.of(Preview.after(modes, Preview.namespace(modes, "foo", spec).changes()));
    Set<String> refused = new TreeSet<>();
    for (Service service : modes.namespace("foo").facts().services()) {
      for (ServicePort port : service.ports()) {
        for (Backend server : now.backends(service, port)) {
          for (NamespaceFacts facts : mesh.namespaces().values()) {
            for (Pod client : facts.pods()) {
              if (now.predictWorkload(client, service, port, server).reach() == Reach.OK
                  && then.predictWorkload(client, service, port, server).reach() == Reach.REFUSED) {
                refused.add(client.workload().id() + " → " + service.id() + ":" + port.port());
              }
            }
          }
        }
      }
    }
    return refused;
  }

  private static Set<String> breaking(Impact impact) {
    Set<String> breaking = new TreeSet<>();
    impact.flows().stream()
        .filter(Flow::breaks)
        .forEach(flow -> breaking.add(flow.from() + " → " + flow.to()));
    return breaking;
  }

  private static Impact impact(
      MeshSnapshot mesh, PlanSpec spec, List<Edge> edges, List<Cell> cells) {
    return ImpactStudy.namespace(
        MeshModes.resolve(mesh),
        "foo",
        MtlsMode.STRICT,
        spec,
        ImpactStudyTest.reading(edges),
        new ConnectivityMatrix(Instant.EPOCH, cells));
  }
}
