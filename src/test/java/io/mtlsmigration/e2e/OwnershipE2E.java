// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.restassured.http.ContentType;
import io.restassured.path.json.JsonPath;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Policies that are there before us: of people, of controllers, and several for one scope. */
final class OwnershipE2E {

  @RegisterExtension
  static final TestCluster CLUSTER = TestCluster.withIstio().withService().withTask();

  private static final String PERMISSIVE =
      """
      apiVersion: security.istio.io/v1
      kind: PeerAuthentication
      metadata:
        name: %s
        namespace: %s
      spec:
        mtls:
          mode: PERMISSIVE
      """;

  private static ServiceProcess service;

  @BeforeAll
  static void begin() {
    service = CLUSTER.taskService("a").start().awaitReady();
  }

  /** A newer {@code default} beside the oldest policy would be ignored, so that one is patched. */
  @Test
  void patchesTheOldestPolicyOfAPersonWhenApprovedAndPutsItBack() throws InterruptedException {
    CLUSTER.kubectl().apply(PERMISSIVE.formatted("theirs", "foo"));
    Thread.sleep(1100); // creationTimestamp counts whole seconds
    CLUSTER.kubectl().apply(PERMISSIVE.formatted("default", "foo"));
    String before = policy("theirs", "{.metadata.uid}");
    TestCluster.start(service, TaskPlans.namespace("foo").replace("\"foo\",", "\"asks\","), "asks");
    await("it asks a person")
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () -> {
              String waiting = service.http().get("/plans/asks").jsonPath().getString("waitingOn");
              assertTrue(waiting.contains("POLICY_OWNED_BY_OTHER"), waiting);
            });
    assertEquals("PERMISSIVE", policy("theirs", "{.spec.mtls.mode}"));

    service
        .http()
        .contentType(ContentType.JSON)
        .body("{\"namespace\": \"foo\", \"comment\": \"it is ours now\"}")
        .post("/plans/asks/approvals")
        .then()
        .statusCode(202);
    CLUSTER.awaitPlan(service, "asks", "COMPLETED");

    assertEquals("STRICT", policy("theirs", "{.spec.mtls.mode}"));
    assertEquals("PERMISSIVE", policy("default", "{.spec.mtls.mode}"));
    assertTrue(policy("theirs", "{.metadata.managedFields[*].manager}").contains("mtls-migration"));

    service.http().post("/plans/asks/rollback").then().statusCode(202);
    await("what was there is back")
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertEquals("PERMISSIVE", policy("theirs", "{.spec.mtls.mode}")));
    assertEquals(before, policy("theirs", "{.metadata.uid}"));
    awaitUndone("asks");
  }

  /** A deletion would be accepted, and istiod would obey what stays. */
  @Test
  void opensAPolicyThatAFinalizerHolds() {
    CLUSTER.kubectl().ok("delete", "peerauthentication", "--all", "-n=foo");
    TestCluster.start(service, TaskPlans.namespace("foo").replace("\"foo\",", "\"held\","), "held");
    CLUSTER.awaitPlan(service, "held", "COMPLETED");
    finalizers("[\"example.com/keep\"]");

    service.http().post("/plans/held/rollback").then().statusCode(202);

    String said = awaitUndone("held");
    assertEquals("", policy("default", "{.metadata.deletionTimestamp}"));
    assertFalse(policy("default", "{.spec}").contains("STRICT"), policy("default", "{.spec}"));
    assertTrue(said.contains("take the finalizer away, then delete it"), said);
    finalizers("null");
    CLUSTER.kubectl().ok("delete", "peerauthentication", "default", "-n=foo");
  }

  /** Returns what the step says. */
  private static String awaitUndone(String plan) {
    await("foo is undone")
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertEquals("ROLLED_BACK", step(plan).getString("phase")));
    return step(plan).getString("message");
  }

  private static JsonPath step(String plan) {
    return service.http().get("/plans/" + plan + "/namespaces/foo").jsonPath();
  }

  private static void finalizers(String list) {
    CLUSTER
        .kubectl()
        .ok(
            "patch",
            "peerauthentication",
            "default",
            "-n=foo",
            "--type=merge",
            "-p",
            "{\"metadata\": {\"finalizers\": " + list + "}}");
  }

  @Test
  void leavesThePolicyOfAControllerAlone() {
    CLUSTER
        .kubectl()
        .tryApply(PERMISSIVE.formatted("gitops", "bar"), "--field-manager=argocd-controller");

    TestCluster.start(service, TaskPlans.adopting("bar"), "bar");

    await("it says whose it is")
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () -> {
              String waiting = service.http().get("/plans/bar").jsonPath().getString("waitingOn");
              assertTrue(waiting.contains("argocd-controller"), waiting);
              assertTrue(waiting.contains("MANIFEST"), waiting);
            });
    assertEquals(
        "PERMISSIVE",
        CLUSTER
            .kubectl()
            .ok("get", "peerauthentication", "gitops", "-n=bar", "-o=jsonpath={.spec.mtls.mode}"));
  }

  /** As after a return to an older release: its plan is held, and is in no list. */
  @Test
  void tellsOfARecordThatItCannotRead() {
    service
        .http()
        .contentType(ContentType.JSON)
        .body("{\"name\": \"newer\", \"scope\": {\"namespaces\": [\"legacy\"]}}")
        .post("/plans")
        .then()
        .statusCode(201);
    patchStatus("{\"status\": {\"phase\": \"OF_A_LATER_RELEASE\"}}");

    await("the mesh tells")
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> {
              String problem =
                  service
                      .http()
                      .get("/mesh")
                      .jsonPath()
                      .getString("sources.find { it.source == 'records' }.problem");
              assertTrue(String.valueOf(problem).contains("OF_A_LATER_RELEASE"), problem);
            });

    patchStatus("{\"status\": {\"phase\": \"DRAFT\"}}");
    await("and is silent again")
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertFalse(
                    service
                        .http()
                        .get("/mesh")
                        .jsonPath()
                        .getList("sources.source")
                        .contains("records")));
  }

  private static void patchStatus(String status) {
    CLUSTER
        .kubectl()
        .ok(
            "patch",
            "migrationplan",
            "newer",
            "--subresource=status",
            "--type=merge",
            "-p",
            status);
  }

  private static String policy(String name, String path) {
    return CLUSTER.kubectl().ok("get", "peerauthentication", name, "-n=foo", "-o=jsonpath=" + path);
  }
}
