// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.inventory;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MeshSettings;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectMeta.FieldOwner;
import io.mtlsmigration.mesh.WorkloadRef;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against Fabric8's server in memory, which stores and watches, and never ends a watch. */
@EnableKubernetesMockClient(crud = true)
final class ClusterInventoryTest {

  private static final InventoryOptions OPTIONS =
      new InventoryOptions(
          "istio-system", "corp.example", 2, Duration.ofSeconds(1), List.of("lens"));

  KubernetesClient client;
  private ClusterInventory inventory;

  @BeforeEach
  void begin() {
    apply(
        """
        apiVersion: v1
        kind: Namespace
        metadata: {name: foo, labels: {team: a}}
        """);
    apply(
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: istio, namespace: istio-system}
        data: {mesh: "rootNamespace: mesh-root\\naccessLogFile: /dev/stdout\\ntrustDomain: example.org\\n"}
        """);
    inventory = new ClusterInventory(client, Clock.systemUTC(), OPTIONS);
  }

  @AfterEach
  void end() {
    inventory.close();
  }

  @Test
  void takesThoseManagersForPeopleThatItIsToldTo() {
    apply(
        """
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata:
          name: default
          namespace: foo
          managedFields:
          - {manager: lens-ide, fieldsV1: {"f:spec": {"f:mtls": {"f:mode": {}}}}}
          - {manager: kubectl, fieldsV1: {"f:spec": {"f:selector": {}}}}
        spec: {mtls: {mode: STRICT}}
        """);

    inventory.start();

    MeshSnapshot snapshot =
        eventually(
            s -> {
              NamespaceFacts foo = s.namespace("foo");
              return foo != null && !foo.peerAuthentications().isEmpty();
            });
    assertEquals(
        List.of(
            new FieldOwner("lens-ide", true, true, true, null),
            new FieldOwner("kubectl", true, false, false, null)),
        snapshot.namespace("foo").peerAuthentications().getFirst().meta().owners());
  }

  @Test
  void readsEveryKindIntoFacts() {
    apply(
        """
        apiVersion: v1
        kind: Pod
        metadata:
          name: web-6d5f-x
          namespace: foo
          labels: {app: web, pod-template-hash: 6d5f}
          annotations: {sidecar.istio.io/status: "{}"}
          ownerReferences: [{kind: ReplicaSet, name: web-6d5f, controller: true}]
        spec: {containers: [{name: web, ports: [{containerPort: 8080}]}, {name: istio-proxy}]}
        status: {phase: Running, podIP: 10.0.0.1}
        """);
    apply(
        """
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: foo}
        spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
        """);
    apply(
        """
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: web-1, namespace: foo, labels: {kubernetes.io/service-name: web}}
        endpoints: [{addresses: [10.0.0.1], targetRef: {kind: Pod, name: web-6d5f-x}}]
        ports: [{port: 8080}]
        """);
    apply(policy("STRICT"));
    apply(
        """
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: web, namespace: foo}
        spec: {host: web}
        """);
    apply(
        """
        apiVersion: networking.istio.io/v1
        kind: Sidecar
        metadata: {name: narrow, namespace: foo}
        spec: {egress: [{hosts: ["./*"]}]}
        """);

    inventory.start();

    MeshSnapshot snapshot = eventually(s -> !s.observedAt().equals(Instant.EPOCH));
    assertEquals(
        new MeshSettings("mesh-root", "example.org", true, true).in("corp.example"),
        snapshot.settings());
    NamespaceFacts foo = snapshot.namespace("foo");
    assertEquals(client.namespaces().withName("foo").get().getMetadata().getUid(), foo.uid());
    assertEquals("a", foo.labels().get("team"));
    assertEquals(DataPlane.SIDECAR, foo.pods().get(0).dataPlane());
    assertEquals(new WorkloadRef("foo", "Deployment", "web"), foo.pods().get(0).workload());
    assertEquals(8080, foo.pods().get(0).ports().get(0).port());
    assertEquals("8080", foo.services().get(0).ports().get(0).targetPort());
    assertEquals("web-6d5f-x", foo.endpointSlices().get(0).endpoints().get(0).pod());
    assertEquals(MtlsMode.STRICT, foo.peerAuthentications().get(0).spec().mode());
    assertEquals("web", foo.destinationRules().get(0).host());
    assertEquals("./*", foo.sidecars().get(0).egressHosts().get(0));
  }

  @Test
  void seesWhatIsMadeChangedAndDeleted() {
    inventory.start();
    eventually(s -> !s.observedAt().equals(Instant.EPOCH));

    apply(policy("PERMISSIVE"));
    eventually(s -> mode(s) == MtlsMode.PERMISSIVE);
    apply(policy("STRICT"));
    eventually(s -> mode(s) == MtlsMode.STRICT);
    client.resource(policy("STRICT")).delete();

    eventually(s -> mode(s) == MtlsMode.UNSET);
  }

  @Test
  void sharesWhatHasNotChanged() {
    apply(
        """
        apiVersion: v1
        kind: Namespace
        metadata: {name: bar}
        """);
    inventory.start();
    MeshSnapshot before = eventually(s -> !s.observedAt().equals(Instant.EPOCH));

    apply(policy("STRICT"));

    MeshSnapshot after = eventually(s -> mode(s) == MtlsMode.STRICT);
    assertSame(before.namespace("bar"), after.namespace("bar"));
    assertSame(before.namespace("foo").labels(), after.namespace("foo").labels());
  }

  @Test
  void makesPodsAmbientByTheLabelsOfTheirNamespace() {
    apply(
        """
        apiVersion: v1
        kind: Pod
        metadata:
          {name: web, namespace: foo, annotations: {ambient.istio.io/redirection: enabled}}
        spec: {containers: [{name: web}]}
        """);
    inventory.start();
    eventually(s -> pods(s, DataPlane.NONE) == 1);

    apply(
        """
        apiVersion: v1
        kind: Namespace
        metadata: {name: foo, labels: {istio.io/dataplane-mode: ambient}}
        """);

    eventually(s -> pods(s, DataPlane.AMBIENT) == 1);
    assertEquals(0, pods(inventory.snapshot(), DataPlane.NONE));
  }

  @Test
  void holdsWhatCannotBeUnderstoodUntilItIsMended() {
    apply(policy("MAXIMUM"));
    inventory.start();

    MeshSnapshot snapshot = eventually(s -> !s.observedAt().equals(Instant.EPOCH));

    assertEquals("/spec/mtls/mode", snapshot.namespace("foo").unreadable().get(0).field());
    apply(policy("STRICT"));
    eventually(s -> s.namespace("foo").unreadable().isEmpty());
    assertEquals(MtlsMode.STRICT, mode(inventory.snapshot()));
  }

  @Test
  void dropsNamespacesThatAreGone() {
    inventory.start();
    eventually(s -> s.namespace("foo") != null);

    client.namespaces().withName("foo").delete();

    eventually(s -> s.namespace("foo") == null);
  }

  private static String policy(String mode) {
    return """
    apiVersion: security.istio.io/v1
    kind: PeerAuthentication
    metadata: {name: default, namespace: foo}
    spec: {mtls: {mode: %s}}
    """
        .formatted(mode);
  }

  private static MtlsMode mode(MeshSnapshot snapshot) {
    return snapshot.namespace("foo").peerAuthentications().stream()
        .map(p -> p.spec().mode())
        .findFirst()
        .orElse(MtlsMode.UNSET);
  }

  private static long pods(MeshSnapshot snapshot, DataPlane dataPlane) {
    NamespaceFacts foo = snapshot.namespace("foo");
    return foo == null ? 0 : foo.pods().stream().filter(p -> p.dataPlane() == dataPlane).count();
  }

  private void apply(String yaml) {
    // Not as Fabric8's models, which would leave out what they do not know.
    client
        .resource(Serialization.unmarshal(yaml, GenericKubernetesResource.class))
        .createOr(r -> r.update());
  }

  private MeshSnapshot eventually(Predicate<MeshSnapshot> condition) {
    return await()
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(20))
        .until(inventory::snapshot, condition);
  }
}
