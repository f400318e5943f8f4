// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The dry run of STRICT on a real API server, under the shipped role, with a real Prometheus that
 * scrapes what sidecars would export.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class AuditE2E {

  @RegisterExtension
  static final TestCluster CLUSTER = TestCluster.withIstio().withService().withTask().recorded();

  private static final String POLICY = "mtls-migration-dry-run";
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static StandInSidecars sidecars;
  private static PrometheusProcess prometheus;
  private static ServiceProcess service;

  @BeforeAll
  static void begin() {
    // It would refuse what the webhooks of these tests make of a dry run, which others may not.
    CLUSTER.kubectl().ok("delete", "validatingadmissionpolicybinding", "mtls-migration-dry-run");
    sidecars = CLUSTER.closing(new StandInSidecars(CLUSTER.admin()));
    prometheus =
        CLUSTER.closing(
            PrometheusProcess.start(Path.of("target/e2e/AuditE2E/prometheus"), sidecars.address()));
    service = start("a");
  }

  private static ServiceProcess start(String name) {
    return CLUSTER
        .taskService(name)
        .with("mtls-migration.prometheus.url", prometheus.url().toString())
        // As on a cluster: the counters tell nobody's calls from probes.
        .with("mtls-migration.probes.plaintext", "refused")
        .with("mtls-migration.cluster.lease.duration", "6s")
        .with("mtls-migration.cluster.lease.renew-deadline", "3s")
        .with("mtls-migration.cluster.lease.retry-period", "1s")
        .start()
        .awaitReady();
  }

  /** It stays in the audit for as long as somebody would be refused. */
  @Test
  @Order(1)
  void isRemovedByTheNextLeaderWhenTheOneThatPlacedItIsKilled() {
    sidecars.plaintext.set(true);
    TestCluster.start(service, TaskPlans.auditing("killed", "bar"), "killed");
    awaitPlaced("bar");

    service.kill();
    service = start("b");
    awaitGate("killed", "bar", "STRICT would refuse clients of bar/httpbin:8080");
    assertEquals("true", annotation("bar"));
    service.http().post("/plans/killed/abort").then().statusCode(202);

    awaitGone("bar");
    CLUSTER.awaitPlan(service, "killed", "ABORTED");
    assertEquals("", policies("peerauthentications", "bar"));
  }

  @ParameterizedTest
  @CsvSource({
    "stripped, STRIP, true, was taken away",
    "false, SET_FALSE, true, is \"false\"",
    "foreseen, STRIP, false, would not be stored as written"
  })
  @Order(2)
  void isNotLeftWhereAWebhookWouldHaveItEnforced(
      String name, String patch, boolean onlyForGood, String words) throws Exception {
    sidecars.plaintext.set(false);
    try (AlteringWebhook webhook =
        new AlteringWebhook(
            CLUSTER,
            patch.equals("STRIP") ? AlteringWebhook.STRIP : AlteringWebhook.SET_FALSE,
            onlyForGood)) {
      TestCluster.start(service, TaskPlans.auditing(name, "bar"), name);
      awaitPhase(name, "bar", "BLOCKED");

      awaitGate(name, "bar", words);
      assertEquals("", policies("authorizationpolicies", "bar"));
      assertEquals("", policies("peerauthentications", "bar"));
      assertTrue(webhook.alterations() > 0);
    }
    service.http().post("/plans/" + name + "/abort").then().statusCode(202);
    CLUSTER.awaitPlan(service, name, "ABORTED");
    await("the namespace is free").atMost(PATIENCE).until(() -> ended(name));
  }

  @Test
  @Order(3)
  void holdsWhileSomebodyWouldBeRefusedAndIsGoneBeforeTheLock() {
    sidecars.plaintext.set(true);
    TestCluster.start(service, TaskPlans.auditing("foo", "foo"), "foo");
    awaitPlaced("foo");
    assertEquals(
        "DENY [\"*\"]",
        CLUSTER
            .kubectl()
            .ok(
                "get",
                "authorizationpolicy",
                POLICY,
                "-n=foo",
                "-o=jsonpath={.spec.action} {.spec.rules[0].from[0].source.notPrincipals}"));
    awaitGate("foo", "foo", "STRICT would refuse clients of foo/httpbin:8080");
    assertEquals("", policies("peerauthentications", "foo"));

    sidecars.plaintext.set(false);

    CLUSTER.awaitPlan(service, "foo", "COMPLETED");
    assertEquals("", policies("authorizationpolicies", "foo"));
    assertFalse(policies("peerauthentications", "foo").isEmpty());
    List<String> writes =
        CLUSTER.requests().stream()
            .filter(r -> r.namespace().equals("foo") && r.status() < 300)
            .map(r -> r.verb() + " " + r.resource())
            .toList();
    assertTrue(
        writes.indexOf("delete authorizationpolicies.security.istio.io")
            < writes.lastIndexOf("create peerauthentications.security.istio.io"),
        writes::toString);
  }

  @Test
  @Order(4)
  void isForbiddenNothingThatItAsksFor() {
    assertEquals(
        List.of(), CLUSTER.requests().stream().filter(r -> r.status() == 403).distinct().toList());
  }

  /** The role lets it at no policy but this one, except for creating one. */
  @Test
  @Order(5)
  void mayNotTouchAnybodyElsesPolicy() {
    for (String verb : List.of("get", "delete")) {
      assertEquals("yes", may(verb, "authorizationpolicies.security.istio.io/" + POLICY));
      assertEquals("no", may(verb, "authorizationpolicies.security.istio.io/other"));
    }
    assertEquals("no", may("patch", "authorizationpolicies.security.istio.io/" + POLICY));
  }

  private static String may(String verb, String what) {
    return CLUSTER
        .kubectl()
        .run("auth", "can-i", verb, what, "-n=foo", "--as=" + TestCluster.SERVICE)
        .out()
        .strip();
  }

  private static void awaitPlaced(String namespace) {
    await("it is placed in " + namespace)
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(200))
        .until(() -> annotation(namespace), "true"::equals);
  }

  private static void awaitGone(String namespace) {
    await("it is gone from " + namespace)
        .atMost(PATIENCE)
        .until(() -> policies("authorizationpolicies", namespace).isEmpty());
  }

  private static void awaitPhase(String plan, String namespace, String phase) {
    await(namespace + " is " + phase)
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(200))
        .untilAsserted(
            () -> {
              String step = step(plan, namespace);
              assertTrue(step.contains("\"phase\":\"" + phase + "\""), step);
            });
  }

  private static void awaitGate(String plan, String namespace, String words) {
    await("the gate says: " + words)
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(200))
        .untilAsserted(
            () ->
                assertTrue(
                    String.valueOf(
                            service
                                .http()
                                .get("/plans/" + plan + "/namespaces/" + namespace)
                                .jsonPath()
                                .getString("gates.find { it.gate == 'audit' }.message"))
                        .contains(words),
                    () -> step(plan, namespace)));
  }

  private static String step(String plan, String namespace) {
    return service.http().get("/plans/" + plan + "/namespaces/" + namespace).asString();
  }

  private static boolean ended(String plan) {
    return service.http().get("/plans/" + plan).jsonPath().getString("endedAt") != null;
  }

  private static String annotation(String namespace) {
    return CLUSTER
        .kubectl()
        .run(
            "get",
            "authorizationpolicy",
            POLICY,
            "-n=" + namespace,
            "-o=jsonpath={.metadata.annotations.istio\\.io/dry-run}")
        .out();
  }

  private static String policies(String resource, String namespace) {
    return CLUSTER.kubectl().ok("get", resource, "-n=" + namespace, "-o=name");
  }
}
