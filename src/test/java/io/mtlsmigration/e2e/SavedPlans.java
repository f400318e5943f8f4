// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.restassured.path.json.JsonPath;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Two plans half-way, as {@code kubectl get -o yaml} saves them and the script restores them. */
final class SavedPlans {

  /** What docs/backup.md has people save, and the policies and namespaces that it refers to. */
  static final String KINDS = "namespaces,peerauthentications,migrationplans,namespacemigrations";

  static final String FOO_LOCKED =
      """
      curl.bar to httpbin.bar: 200
      curl.bar to httpbin.foo: 200
      curl.foo to httpbin.bar: 200
      curl.foo to httpbin.foo: 200
      curl.legacy to httpbin.bar: 200
      curl.legacy to httpbin.foo: 000
      command terminated with exit code 56
      """;

  private static final Path SCRIPT = Path.of("scripts/restore-plans");

  private SavedPlans() {}

  /** Plan {@code foo} has locked foo; plan {@code mesh} waits for consent to lock bar. */
  static void make(TestCluster cluster, ServiceProcess service) {
    TestCluster.start(service, TaskPlans.namespace("foo"), "foo");
    cluster.awaitPlan(service, "foo", "COMPLETED");
    TestCluster.start(
        service,
        TaskPlans.mesh().replace("\"soak\"", "\"approval\": \"NAMESPACE\", \"soak\""),
        "mesh");
    awaitPhase(service, "mesh/namespaces/bar", "AWAITING_APPROVAL");
  }

  /** Everything is as it was but paused; what had been begun is brought to its end, and undone. */
  static void goOn(TestCluster cluster, ServiceProcess service) {
    awaitPhase(service, "foo", "COMPLETED");
    awaitPhase(service, "foo/namespaces/foo", "LOCKED");
    awaitPhase(service, "mesh", "PAUSED");
    service.http().post("/plans/mesh/resume").then().statusCode(202);
    awaitPhase(service, "mesh", "RUNNING");
    awaitPhase(service, "mesh/namespaces/bar", "AWAITING_APPROVAL");
    cluster.awaitMatrix(service, FOO_LOCKED);

    approve(cluster, service, "bar", "mesh/namespaces/bar");
    awaitPhase(service, "mesh/mesh", "AWAITING_APPROVAL");
    approve(cluster, service, "mesh", "mesh/mesh");
    cluster.awaitPlan(service, "mesh", "COMPLETED");

    service.http().post("/plans/mesh/cleanup").then().statusCode(202);
    awaitDeletable(service, "mesh");
    cluster.awaitMatrix(service, FOO_LOCKED);
    service.http().post("/plans/foo/cleanup").then().statusCode(202);
    awaitDeletable(service, "foo");
    assertEquals("", cluster.kubectl().ok("get", "peerauthentications", "-A", "-o=name"));
  }

  /** Again while it is asked for: what has just been read has no impact yet to consent to. */
  private static void approve(
      TestCluster cluster, ServiceProcess service, String subject, String path) {
    await(subject + " is locked")
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofSeconds(2))
        .untilAsserted(
            () -> {
              JsonPath step = service.http().get("/plans/" + path).jsonPath();
              if (step.getString("phase").equals("AWAITING_APPROVAL")) {
                cluster
                    .kubectl()
                    .ok(
                        "annotate",
                        "--overwrite",
                        "migrationplan",
                        "mesh",
                        "mtls-migration.io/approve=" + subject);
              }
              assertEquals(
                  "LOCKED",
                  step.getString("phase"),
                  () ->
                      cluster
                          .kubectl()
                          .ok("get", "migrationplan", "mesh", "-o=jsonpath={.status}"));
            });
  }

  private static void awaitDeletable(ServiceProcess service, String plan) {
    await("nothing of plan " + plan + " is left")
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () ->
                assertTrue(
                    service
                        .http()
                        .get("/plans/" + plan)
                        .jsonPath()
                        .getList("allowedActions")
                        .contains("DELETE")));
  }

  /**
   * @param path below {@code /plans}
   */
  static void awaitPhase(ServiceProcess service, String path, String phase) {
    await(path + " is " + phase)
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofMillis(200))
        .untilAsserted(
            () ->
                assertEquals(
                    phase, service.http().get("/plans/" + path).jsonPath().getString("phase")));
  }

  /** The service is a process here; the Deployment that the manifests bring has no node. */
  static void scaleDown(TestCluster cluster) {
    String deployment = "deployment/" + TestCluster.OWN;
    cluster.kubectl().ok("scale", deployment, "-n", TestCluster.OWN, "--replicas=0");
    cluster
        .kubectl()
        .ok(
            "wait",
            deployment,
            "-n",
            TestCluster.OWN,
            "--for=jsonpath={.spec.replicas}=0",
            "--timeout=30s");
    await("no pod is left")
        .atMost(Duration.ofSeconds(30))
        .until(
            () ->
                cluster
                    .kubectl()
                    .ok("get", deployment, "-n", TestCluster.OWN, "-o=jsonpath={.status.replicas}")
                    .matches("0?"));
  }

  /** How the script ended, and what it said. */
  record Said(int exit, String words) {}

  static Said restore(TestCluster cluster, Path backup, String... options) {
    List<String> command = new ArrayList<>(List.of("bash", SCRIPT.toString(), backup.toString()));
    command.addAll(List.of(options));
    ProcessBuilder script = new ProcessBuilder(command).redirectErrorStream(true);
    script
        .environment()
        .put("KUBECTL", Binaries.of("kubectl") + " --kubeconfig=" + cluster.kubectl().kubeconfig());
    try {
      Process process = script.start();
      process.getOutputStream().close();
      String words =
          new String(
              process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
      return new Said(process.waitFor(), words);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
