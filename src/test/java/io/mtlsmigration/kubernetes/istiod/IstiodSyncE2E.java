// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.istiod;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.mtlsmigration.e2e.TestCluster;
import io.mtlsmigration.kubernetes.inventory.ClusterInventory;
import io.mtlsmigration.kubernetes.inventory.InventoryOptions;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.rollout.ProxySync.Status;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** istiod reached through the real API server, under the shipped RBAC. */
final class IstiodSyncE2E {

  @RegisterExtension
  static final TestCluster CLUSTER = TestCluster.withIstio().withTask().withService();

  private static ClusterInventory inventory;

  @BeforeAll
  static void watch() {
    KubernetesClient service = CLUSTER.closing(CLUSTER.service().client());
    inventory =
        CLUSTER.closing(new ClusterInventory(service, Clock.systemUTC(), InventoryOptions.DEFAULT));
    inventory.start();
    await("pods of foo and istiod")
        .atMost(Duration.ofSeconds(30))
        .until(() -> runs("foo", 2) && runs("istio-system", 1));
  }

  private static boolean runs(String namespace, int pods) {
    var facts = inventory.snapshot().namespace(namespace);
    return facts != null && facts.pods().stream().filter(pod -> pod.ready()).count() >= pods;
  }

  private static IstiodSync sync(KubernetesClient client, IstiodOptions options) {
    IstiodSync sync = new IstiodSync(client, inventory, Clock.systemUTC(), options, "istio-system");
    sync.start();
    return sync;
  }

  @Test
  void saysAtOnceThatProxiesFollow() {
    try (KubernetesClient service = CLUSTER.service().client();
        IstiodSync sync = sync(service, IstiodOptions.DEFAULT)) {
      assertEquals(new Status.Synced(), sync.of("foo"));
      assertEquals(new Status.Synced(), sync.of("bar"));
    }
  }

  @Test
  void followsAPolicy() {
    try (KubernetesClient service = CLUSTER.service().client();
        IstiodSync sync = sync(service, IstiodOptions.DEFAULT)) {
      assertEquals(new Status.Synced(), sync.of("bar"));
      CLUSTER
          .kubectl()
          .apply(
              """
              apiVersion: security.istio.io/v1
              kind: PeerAuthentication
              metadata:
                name: default
                namespace: bar
              spec:
                mtls:
                  mode: STRICT
              """);
      await("the policy").atMost(Duration.ofSeconds(10)).until(() -> strict("bar"));

      Status before = sync.of("bar");

      assertTrue(
          assertInstanceOf(Status.Unknown.class, before).detail().contains("before the policies"),
          before.toString());
      await("a reading from after the change")
          .atMost(Duration.ofSeconds(10))
          .until(() -> sync.of("bar"), new Status.Synced()::equals);
    }
  }

  private static boolean strict(String namespace) {
    var facts = inventory.snapshot().namespace(namespace);
    return facts != null
        && facts.peerAuthentications().stream()
            .anyMatch(policy -> policy.spec().mode() == MtlsMode.STRICT);
  }

  @Test
  void namesTheRuleThatIsMissing() {
    try (KubernetesClient alice = CLUSTER.as("people", "alice").client();
        IstiodSync sync = sync(alice, IstiodOptions.DEFAULT)) {
      Status status = sync.of("foo");

      String detail = assertInstanceOf(Status.Unknown.class, status).detail();
      assertTrue(
          detail.contains("HTTP 403")
              && detail.contains(
                  "grant the verbs get and create on pods/portforward by a Role in the namespace"
                      + " istio-system"),
          detail);
    }
  }

  @Test
  void saysThatAPortIsClosed() {
    CLUSTER
        .kubectl()
        .apply(
            """
            apiVersion: v1
            kind: Namespace
            metadata:
              name: elsewhere
            ---
            apiVersion: apps/v1
            kind: Deployment
            metadata:
              name: istiod
              namespace: elsewhere
            spec:
              selector:
                matchLabels:
                  app: istiod
              template:
                metadata:
                  labels:
                    app: istiod
                spec:
                  containers:
                  - name: discovery
                    image: istiod
            """);
    await("istiod elsewhere").atMost(Duration.ofSeconds(30)).until(() -> runs("elsewhere", 1));
    IstiodOptions defaults = IstiodOptions.DEFAULT;
    IstiodOptions elsewhere =
        new IstiodOptions(
            "elsewhere",
            Optional.empty(),
            defaults.every(),
            defaults.timeout(),
            defaults.maxAge(),
            defaults.maxBytes());

    try (IstiodSync sync = sync(CLUSTER.admin(), elsewhere)) {
      Status status = sync.of("foo");

      String detail = assertInstanceOf(Status.Unknown.class, status).detail();
      assertTrue(
          detail.contains("port 15014 cannot be reached") && detail.contains("connection refused"),
          detail);
    }
  }
}
