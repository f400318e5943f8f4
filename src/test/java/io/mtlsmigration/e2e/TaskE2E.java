// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Istio's task by the packaged service on a real API server: from six answers of 200 to the mesh
 * locked and back, with the policies as kubectl sees them.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class TaskE2E {

  @RegisterExtension
  static final TestCluster CLUSTER = TestCluster.withIstio().withService().withTask();

  private static final String PERMISSIVE =
      """
      curl.bar to httpbin.bar: 200
      curl.bar to httpbin.foo: 200
      curl.foo to httpbin.bar: 200
      curl.foo to httpbin.foo: 200
      curl.legacy to httpbin.bar: 200
      curl.legacy to httpbin.foo: 200
      """;

  private static ServiceProcess service;

  @Test
  @Order(1)
  void printsTheSixLinesOfTheTask() {
    service = CLUSTER.taskService("a").start().awaitReady();

    CLUSTER.awaitMatrix(service, PERMISSIVE);
  }

  @Test
  @Order(2)
  void locksFooAlone() {
    TestCluster.start(service, TaskPlans.namespace("foo"), "foo");

    CLUSTER.awaitPlan(service, "foo", "COMPLETED");

    CLUSTER.awaitMatrix(
        service,
        """
        curl.bar to httpbin.bar: 200
        curl.bar to httpbin.foo: 200
        curl.foo to httpbin.bar: 200
        curl.foo to httpbin.foo: 200
        curl.legacy to httpbin.bar: 200
        curl.legacy to httpbin.foo: 000
        command terminated with exit code 56
        """);
    assertEquals("STRICT", mode("foo"));
    assertEquals("", mode("bar"));
  }

  @Test
  @Order(3)
  void keepsTheLedgerWhereTenantsCannotReachIt() {
    String steps =
        CLUSTER
            .kubectl()
            .ok("get", "namespacemigrations", "-A", "-o=jsonpath={.items[*].metadata.namespace}");

    assertEquals(TestCluster.OWN, steps);
  }

  @Test
  @Order(4)
  void locksTheMesh() {
    TestCluster.start(service, TaskPlans.mesh(), "mesh");

    CLUSTER.awaitPlan(service, "mesh", "COMPLETED");

    CLUSTER.awaitMatrix(
        service,
        """
        curl.bar to httpbin.bar: 200
        curl.bar to httpbin.foo: 200
        curl.foo to httpbin.bar: 200
        curl.foo to httpbin.foo: 200
        curl.legacy to httpbin.bar: 000
        command terminated with exit code 56
        curl.legacy to httpbin.foo: 000
        command terminated with exit code 56
        """);
    assertEquals("STRICT", mode("istio-system"));
  }

  /** {@code kubectl describe} shows them. */
  @Test
  @Order(5)
  void tellsPhasesAsKubernetesEvents() {
    await("events")
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> {
              String ofPlan = events("default", "MigrationPlan", "mesh");
              assertTrue(ofPlan.contains("COMPLETED"), ofPlan);
              String ofBar = events(TestCluster.OWN, "NamespaceMigration", "bar");
              assertTrue(ofBar.contains("LOCKED"), ofBar);
            });
  }

  private static String events(String namespace, String kind, String name) {
    return CLUSTER
        .kubectl()
        .ok(
            "get",
            "events",
            "-n",
            namespace,
            "--field-selector",
            "involvedObject.kind=" + kind,
            "-o=jsonpath={range .items[*]}{.involvedObject.name} {.reason} {.message}{'\\n'}{end}")
        .lines()
        .filter(line -> line.contains(name))
        .collect(java.util.stream.Collectors.joining("\n"));
  }

  @Test
  @Order(6)
  void cleansUp() {
    service.http().post("/plans/mesh/cleanup").then().statusCode(202);
    await("mesh is undone")
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () ->
                service
                    .http()
                    .get("/plans/mesh")
                    .then()
                    .body("allowedActions", hasItem(equalTo("DELETE"))));
    service.http().post("/plans/foo/cleanup").then().statusCode(202);

    CLUSTER.awaitMatrix(service, PERMISSIVE);

    assertEquals("", CLUSTER.kubectl().ok("get", "peerauthentications", "-A", "-o=name"));
  }

  private static String mode(String namespace) {
    return CLUSTER
        .kubectl()
        .ok(
            "get",
            "peerauthentications",
            "-n",
            namespace,
            "-o=jsonpath={.items[*].spec.mtls.mode}");
  }
}
