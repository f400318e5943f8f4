// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import static io.mtlsmigration.mesh.MeshBuilders.gatewayPod;
import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static io.mtlsmigration.mesh.MtlsMode.PERMISSIVE;
import static io.mtlsmigration.mesh.MtlsMode.STRICT;
import static io.mtlsmigration.mesh.MtlsMode.UNSET;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.ContainerPort;
import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Worlds;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class WorkloadModesTest {

  private static List<WorkloadModes> workloads(MtlsMode mesh, NamespaceBuilder foo) {
    return MeshModes.resolve(mesh(Worlds.root(mesh), foo)).namespace("foo").workloads();
  }

  private static WorkloadModes only(List<WorkloadModes> workloads) {
    assertEquals(1, workloads.size(), workloads::toString);
    return workloads.get(0);
  }

  private static List<String> ports(WorkloadModes workload) {
    return workload.ports().stream()
        .map(
            p -> p.port() + "/" + p.protocol() + " " + p.mode() + (p.bypassed() ? " bypassed" : ""))
        .toList();
  }

  @Test
  void listsDeclaredPortsAndTargetsOfServices() {
    NamespaceBuilder foo =
        namespace("foo")
            .with(
                sidecarPod("httpbin")
                    .namedPort("web", 8080)
                    .port(new ContainerPort("dns", 53, "UDP", 0)))
            .with(
                service("httpbin").port(8000, 8081).port("web", 80, "web").port("x", 90, "unknown"))
            .with(policy("w", UNSET).selector("app", "httpbin").port(8081, PERMISSIVE));

    WorkloadModes httpbin = only(workloads(STRICT, foo));

    assertEquals(
        List.of("53/UDP STRICT bypassed", "8080/TCP STRICT", "8081/TCP PERMISSIVE"),
        ports(httpbin));
    assertEquals(ObjectRef.peerAuthentication("foo", "w"), httpbin.ports().get(2).decidedBy());
    assertEquals(
        ObjectRef.peerAuthentication("istio-system", "default"),
        httpbin.ports().get(1).decidedBy());
  }

  @Test
  void hasTheLabelsThatAllItsLivePodsShareAndThatLast() {
    WorkloadModes httpbin =
        only(
            workloads(
                STRICT,
                namespace("foo")
                    .with(
                        sidecarPod("httpbin-1")
                            .of("Deployment", "httpbin")
                            .label("tier", "web")
                            .label("version", "1")
                            .label("pod-template-hash", "7d8f"),
                        sidecarPod("httpbin-2")
                            .of("Deployment", "httpbin")
                            .label("tier", "web")
                            .label("version", "2")
                            .label("pod-template-hash", "7d8f"),
                        pod("httpbin-3").of("Deployment", "httpbin").terminated())));

    assertEquals(Map.of("app", "httpbin", "tier", "web"), httpbin.labels());
  }

  @Test
  void countsPodsByDataPlaneWhereTheyDiffer() {
    WorkloadModes httpbin =
        only(
            workloads(
                STRICT,
                namespace("foo")
                    .with(
                        pod("httpbin-1").of("Deployment", "httpbin").ports(8080),
                        sidecarPod("httpbin-2").of("Deployment", "httpbin").ports(8080),
                        pod("httpbin-3").of("Deployment", "httpbin").terminated())));

    assertEquals(Map.of(DataPlane.SIDECAR, 1, DataPlane.NONE, 1), httpbin.pods());
    assertEquals(2, httpbin.podCount());
    assertEquals(1, httpbin.capturedCount());
    assertEquals(List.of("8080/TCP STRICT bypassed"), ports(httpbin));
  }

  @Test
  void takesTheWeakestOfItsCapturedPods() {
    NamespaceBuilder foo =
        namespace("foo")
            .with(policy("v2", PERMISSIVE).selector("version", "v2"))
            .with(policy("v3", MtlsMode.DISABLE).selector("version", "v3"))
            .with(
                pod("a").of("Deployment", "httpbin").label("version", "v3"),
                sidecarPod("b").of("Deployment", "httpbin").label("version", "v1"),
                sidecarPod("c").of("Deployment", "httpbin").label("version", "v2"),
                pod("d").of("Deployment", "httpbin").label("version", "v3"));

    WorkloadModes httpbin = only(workloads(STRICT, foo));

    assertEquals(PERMISSIVE, httpbin.mode());
    assertEquals(ObjectRef.peerAuthentication("foo", "v2"), httpbin.decidedBy());
  }

  @Test
  void listsLosersOfEveryScopeThatWouldMatch() {
    NamespaceBuilder foo =
        namespace("foo")
            .with(sidecarPod("httpbin"))
            .with(
                policy("ns", STRICT).createdAt(1),
                policy("ns-late", STRICT).createdAt(2),
                policy("w", UNSET).selector("app", "httpbin").createdAt(3),
                policy("w-late", UNSET).selector("app", "httpbin").createdAt(4),
                policy("other", UNSET).selector("app", "other").createdAt(5));
    MeshModes modes =
        MeshModes.resolve(
            mesh(Worlds.root(STRICT).with(policy("late", PERMISSIVE).createdAt(9)), foo));

    WorkloadModes httpbin = only(modes.namespace("foo").workloads());

    assertEquals(
        List.of("ns-late", "w-late", "late"),
        httpbin.losers().stream().map(p -> p.meta().name()).toList());
  }

  @Test
  void aPortExcludedFromCaptureIsBypassed() {
    WorkloadModes httpbin =
        only(
            workloads(
                STRICT,
                namespace("foo")
                    .with(sidecarPod("httpbin").ports(8080, 9090).excludeInbound(9090))));

    assertEquals(List.of("8080/TCP STRICT", "9090/TCP STRICT bypassed"), ports(httpbin));
    assertTrue(httpbin.governed());
  }

  @Test
  void aGatewayIsNotGoverned() {
    WorkloadModes gateway =
        only(workloads(STRICT, namespace("foo").with(gatewayPod("ingress").ports(8080))));

    assertEquals(Map.of(DataPlane.GATEWAY, 1), gateway.pods());
    assertFalse(gateway.governed());
    assertEquals(List.of("8080/TCP STRICT"), ports(gateway));
  }

  @Test
  void aWorkloadOfFinishedPodsIsLeftOut() {
    assertEquals(
        List.of(), workloads(STRICT, namespace("foo").with(sidecarPod("job").terminated())));
  }

  @Test
  void countsOfANamespaceAreThoseOfItsWorkloads() {
    NamespaceModes foo =
        MeshModes.resolve(
                mesh(
                    Worlds.root(MtlsMode.UNSET),
                    namespace("foo")
                        .with(sidecarPod("whole"))
                        .with(sidecarPod("half-1").of("Deployment", "half"))
                        .with(pod("half-2").of("Deployment", "half"))
                        .with(pod("done").terminated())))
            .namespace("foo");

    NamespaceTally tally = foo.tally();

    assertEquals(
        new NamespaceTally(
            Posture.MIXED,
            2,
            1,
            3,
            2,
            Map.of(DataPlane.SIDECAR, 2, DataPlane.NONE, 1),
            Map.of(Posture.PERMISSIVE, 1, Posture.MIXED, 1)),
        tally);
    assertEquals(foo.workloads().size(), tally.workloads());
  }
}
