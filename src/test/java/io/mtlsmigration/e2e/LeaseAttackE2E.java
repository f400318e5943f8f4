// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** To the address that the Lease names go the tokens of callers. */
final class LeaseAttackE2E {

  @RegisterExtension
  static final TestCluster CLUSTER = TestCluster.withIstio().withService("replicas").withTask();

  private static final String ADDRESS = "mtls-migration.io/address";

  @Test
  void letsNobodyElseNameAnAddress() {
    Kubectl admin = CLUSTER.kubectl();
    Kubectl editor = CLUSTER.as("people", "editor").kubectl();
    admin.ok(
        "create",
        "role",
        "editor",
        "-n=" + TestCluster.OWN,
        "--verb=get,create,update,patch,delete",
        "--resource=leases.coordination.k8s.io");
    admin.ok(
        "create",
        "rolebinding",
        "editor",
        "-n=" + TestCluster.OWN,
        "--role=editor",
        "--serviceaccount=people:editor");
    ServiceProcess leader = CLUSTER.taskService("leader").start().awaitReady();
    await("a leader has published where it listens")
        .atMost(Duration.ofSeconds(30))
        .until(() -> address().matches("https://127\\.0\\.0\\.1:\\d+#[\\w-]+"));

    Kubectl.Result named =
        editor.run(
            "annotate",
            "lease",
            "mtls-migration",
            "-n=" + TestCluster.OWN,
            "--overwrite",
            ADDRESS + "=https://203.0.113.7:8443#" + "A".repeat(43));
    Kubectl.Result created =
        admin.tryApply(
            """
            apiVersion: coordination.k8s.io/v1
            kind: Lease
            metadata:
              name: another
              namespace: mtls-migration
              annotations:
                mtls-migration.io/address: https://203.0.113.7:8443
            """);
    Kubectl.Result labelled =
        editor.run("label", "lease", "mtls-migration", "-n=" + TestCluster.OWN, "x=y");

    assertFalse(named.succeeded(), named.out());
    assertTrue(named.err().contains("is for the service's own account"), named.err());
    assertFalse(created.succeeded(), created.out());
    assertTrue(labelled.succeeded(), labelled.err());
    assertTrue(address().startsWith("https://127.0.0.1:"), address());
    leader.close();
  }

  @Test
  void answersThroughAFollowerForThoseWhoMayAlone() {
    Kubectl admin = CLUSTER.kubectl();
    CLUSTER.as("people", "viewer");
    admin.ok(
        "create",
        "clusterrolebinding",
        "people-viewer",
        "--clusterrole=mtls-migration-viewer",
        "--serviceaccount=people:viewer");
    CLUSTER.as("people", "nobody");
    List<ServiceProcess> replicas =
        Stream.of("one", "other")
            .map(
                name ->
                    CLUSTER
                        .taskService(name)
                        .with("mtls-migration.auth.mode", "kubernetes")
                        .start())
            .toList();
    replicas.forEach(ServiceProcess::awaitReady);

    for (ServiceProcess replica : replicas) {
      // A follower learns of a new leader by its watch, and says 503 until then.
      await("it knows who leads").until(() -> status(replica, "viewer"), is(200));
      assertEquals(403, status(replica, "nobody"));
      assertEquals(401, replica.http().get("/connectivity").statusCode());
    }
    replicas.forEach(ServiceProcess::close);
  }

  private static int status(ServiceProcess replica, String account) {
    return replica
        .http()
        .auth()
        .oauth2(CLUSTER.token("people", account))
        .get("/connectivity")
        .statusCode();
  }

  private static String address() {
    return CLUSTER
        .kubectl()
        .run(
            "get",
            "lease",
            "mtls-migration",
            "-n=" + TestCluster.OWN,
            "-o=jsonpath={.metadata.annotations.mtls-migration\\.io/address}")
        .out();
  }
}
