// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static io.mtlsmigration.mesh.MeshBuilders.ambientPod;
import static io.mtlsmigration.mesh.MeshBuilders.destinationRule;
import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.mtlsmigration.api.view.AnalysisView.Call;
import io.mtlsmigration.api.view.AnalysisView.NamespacePair;
import io.mtlsmigration.mesh.DestinationRule.ClientTlsMode;
import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.mtls.Backend;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.Prediction;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class CallTableTest {

  /** Pods of one workload that differ in what policies, rules and capture look at. */
  private static MeshSnapshot varied() {
    return mesh(
        namespace("istio-system"),
        namespace("foo")
            .with(
                sidecarPod("web-1").of("Deployment", "web").label("app", "web").ports(8080),
                sidecarPod("web-2").of("Deployment", "web").label("app", "web").ports(8080),
                sidecarPod("web-3")
                    .of("Deployment", "web")
                    .label("app", "web")
                    .label("tier", "open")
                    .ports(8080),
                pod("web-4").of("Deployment", "web").label("app", "web").ports(8080),
                sidecarPod("old").of("Deployment", "old").label("client", "old"))
            .with(service("web").selector(Map.of("app", "web")).port(80, 8080))
            .with(
                policy("default", MtlsMode.STRICT),
                policy("open", MtlsMode.PERMISSIVE).selector("tier", "open"))
            .with(
                destinationRule("old", "web.foo.svc.cluster.local")
                    .tls(ClientTlsMode.DISABLE)
                    .workloadSelector("client", "old")),
        namespace("legacy").with(pod("curl")));
  }

  @Test
  void saysOfEachCallWhatThePredictionSays() {
    MeshModes modes = MeshModes.resolve(varied());

    CallTable table = CallTable.of(modes, null, true);

    Map<String, String> listed = new TreeMap<>();
    for (Object row : table.rows()) {
      Call call = (Call) row;
      listed.put(
          call.from().name() + " → " + call.to().pod(),
          call.clientTls() + " " + call.outcome() + " " + call.decidedBy().size());
    }
    assertEquals(oneByOne(modes), listed);
  }

  private static Map<String, String> oneByOne(MeshModes modes) {
    Map<String, String> expected = new TreeMap<>();
    NamespaceFacts foo = modes.snapshot().namespace("foo");
    Service web = foo.services().getFirst();
    List<Pod> clients =
        List.of(
            named(modes, "foo", "web-4"),
            named(modes, "foo", "old"),
            named(modes, "legacy", "curl"));
    for (Pod client : clients) {
      for (Backend backend : modes.reachability().backends(web, web.ports().getFirst())) {
        Prediction prediction =
            modes.reachability().predict(client, web, web.ports().getFirst(), backend);
        expected.put(
            client.workload().name() + " → " + backend.pod().name(),
            prediction.clientTls()
                + " "
                + prediction.reach()
                + " "
                + prediction.decidedBy().size());
      }
    }
    return expected;
  }

  private static Pod named(MeshModes modes, String namespace, String name) {
    return modes.snapshot().namespace(namespace).pods().stream()
        .filter(pod -> pod.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void countsByPairsOfNamespaces() {
    MeshModes modes = MeshModes.resolve(Worlds.task());

    CallTable table = CallTable.of(modes, null, false);

    assertEquals(
        List.of("bar bar 2", "bar foo 2", "foo bar 2", "foo foo 2", "legacy bar 1", "legacy foo 1"),
        table.rows().stream()
            .map(row -> (NamespacePair) row)
            .map(pair -> pair.from() + " " + pair.to() + " " + pair.ok())
            .toList());
  }

  @Test
  void namesTheCallsThatBreak() {
    MeshModes now = MeshModes.resolve(Worlds.task());
    MeshModes then =
        MeshModes.resolve(
            mesh(Worlds.root(MtlsMode.STRICT), Worlds.foo(), Worlds.bar(), Worlds.legacy()));

    CallTable table = CallTable.of(now, then, false);

    assertEquals(2L, table.breaking());
    assertEquals(
        List.of("legacy/curl bar/httpbin", "legacy/curl foo/httpbin"),
        table.breaks().stream()
            .map(
                call ->
                    call.from().namespace()
                        + "/"
                        + call.from().name()
                        + " "
                        + call.to().namespace()
                        + "/"
                        + call.to().service())
            .toList());
  }

  /** A rolling update adds the annotation. */
  @Test
  void namesAWorkloadOfWhichSomePodsBypassTheirSidecar() {
    MeshSnapshot rolling =
        mesh(
            Worlds.foo(),
            namespace("baz")
                .with(
                    sidecarPod("batch-1").of("Deployment", "batch"),
                    sidecarPod("batch-2")
                        .of("Deployment", "batch")
                        .annotation("traffic.sidecar.istio.io/excludeOutboundPorts", "8000")));
    MeshModes now = MeshModes.resolve(rolling);
    MeshModes then = MeshModes.resolve(rolling.with(Worlds.root(MtlsMode.STRICT).build()));

    CallTable table = CallTable.of(now, then, false);

    assertEquals(
        List.of("batch"), table.breaks().stream().map(call -> call.from().name()).toList());
  }

  /** A process on the node's network gets past the ztunnel of its own node, and of no other. */
  @Test
  void doesNotTakeAPodBesideTheServerForItsWholeWorkload() {
    MeshModes modes =
        MeshModes.resolve(
            mesh(
                Worlds.root(MtlsMode.STRICT),
                namespace("foo")
                    .with(ambientPod("web").ports(8080).node("n1"))
                    .with(service("web").port(80, 8080)),
                namespace("system")
                    .with(
                        pod("agent-1").of("DaemonSet", "agent").hostNetwork().node("n1"),
                        pod("agent-2").of("DaemonSet", "agent").hostNetwork().node("n2"))));

    CallTable table = CallTable.of(modes, null, true);

    assertEquals(
        List.of("agent REFUSED", "web OK"),
        table.rows().stream()
            .map(Call.class::cast)
            .map(call -> call.from().name() + " " + call.outcome())
            .sorted()
            .toList());
  }

  @Test
  void leavesOutWhatWouldBeTooLong() {
    NamespaceBuilder many = namespace("many").with(service("web").port(80, 8080));
    for (int i = 0; i < 400; i++) {
      many.with(sidecarPod("web-" + i).label("app", "web").ports(8080));
    }
    MeshModes modes = MeshModes.resolve(mesh(namespace("istio-system"), many));

    CallTable full = CallTable.of(modes, null, true);
    CallTable summary = CallTable.of(modes, null, false);

    assertNotNull(full.omitted());
    assertEquals(List.of(), full.rows());
    assertNull(summary.omitted());
    assertEquals(160_000, ((NamespacePair) summary.rows().getFirst()).calls());
  }
}
