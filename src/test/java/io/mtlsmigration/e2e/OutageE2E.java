// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.restassured.path.json.JsonPath;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/** An API server that goes away, and permissions that do: nothing is lost, nothing is guessed. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class OutageE2E {

  @RegisterExtension
  static final TestCluster CLUSTER = TestCluster.withIstio().withService().withTask();

  private static ServiceProcess service;

  /** For longer than facts may be old, so that the gates have to notice. */
  private static final Duration OUTAGE = Duration.parse(System.getProperty("e2e.outage", "PT65S"));

  @Test
  @Order(1)
  void goesOnAfterAnApiServerThatWasAway() throws InterruptedException {
    service = CLUSTER.taskService("a").start().awaitReady();
    TestCluster.start(service, plan("foo", "PT15S"), "foo");
    awaitPhase("foo", "OBSERVING");

    CLUSTER.api().kill();
    Instant killed = Instant.now();
    while (Instant.now().isBefore(killed.plus(OUTAGE))) {
      assertEquals(200, service.health("live"));
      service.http().get("/plans/foo").then().statusCode(200).body("phase", equalTo("RUNNING"));
      Thread.sleep(1000);
    }
    JsonPath mesh = service.http().get("/mesh").jsonPath();
    CLUSTER.api().restart();

    assertTrue(
        mesh.getList("sources.problem", String.class).stream().anyMatch(p -> !p.isEmpty()),
        mesh::prettify);
    CLUSTER.awaitPlan(service, "foo", "COMPLETED");
    assertEquals(
        "STRICT",
        CLUSTER
            .kubectl()
            .ok("get", "peerauthentications", "-n=foo", "-o=jsonpath={.items[*].spec.mtls.mode}"));
  }

  @Test
  @Order(2)
  void seesWhatChangedWhileTheServerWasRestartedOverAndOver() {
    for (int i = 0; i < 3; i++) {
      CLUSTER.api().kill();
      CLUSTER.api().restart();
      // The controller manager has given up meanwhile, and nobody makes ServiceAccounts.
      CLUSTER.kubectl().ok("create", "namespace", "born-" + i);
    }

    await("all that was born meanwhile")
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () ->
                assertTrue(
                    service
                        .http()
                        .get("/namespaces")
                        .jsonPath()
                        .getList("items.name", String.class)
                        .containsAll(List.of("born-0", "born-1", "born-2"))));
  }

  @Test
  @Order(3)
  void takesAMissingPermissionForNoAbsence() {
    TestCluster.draft(service, TaskPlans.namespace("bar"));
    awaitHazards("PASS");

    CLUSTER.kubectl().ok("delete", "clusterrolebinding", "mtls-migration-read");

    awaitHazards("FAIL");
    assertEquals(200, service.health("ready"));
    await("it names the kind")
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () -> {
              String findings = service.http().get("/findings?namespace=bar&limit=1000").asString();
              assertTrue(findings.contains("peerauthentications"), findings);
            });

    CLUSTER.install("single");
    awaitHazards("PASS");
  }

  private static void awaitHazards(String result) {
    await("gate hazards of bar is " + result)
        .atMost(Duration.ofSeconds(90))
        .untilAsserted(
            () -> {
              JsonPath readiness =
                  service.http().get("/namespaces/bar/readiness?plan=bar").jsonPath();
              assertEquals(
                  result,
                  readiness.getString("gates.find { it.gate == 'hazards' }.result"),
                  readiness::prettify);
            });
  }

  private static String plan(String namespace, String soak) {
    return TaskPlans.namespace(namespace)
        .replace("\"soak\": \"PT2S\"", "\"soak\": \"" + soak + "\"");
  }

  private static void awaitPhase(String namespace, String phase) {
    await(namespace + " is " + phase)
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                service
                    .http()
                    .get("/plans/" + namespace + "/namespaces/" + namespace)
                    .jsonPath()
                    .getString("phase"),
            phase::equals);
  }
}
