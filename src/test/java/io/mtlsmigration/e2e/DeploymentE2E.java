// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.restassured.http.ContentType;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code k8s/} as a real API server takes it: every overlay is accepted without a warning, and the
 * roles are what the service needs, no less and no more.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class DeploymentE2E {

  @RegisterExtension
  static final TestCluster CLUSTER = TestCluster.withIstio().withService().withTask().recorded();

  /** Granted for what does not happen in the task, or not on this API server. */
  private static final Set<String> FOR_OTHER_DAYS =
      Set.of(
          // A policy that was there before: OwnershipE2E.
          "patch peerauthentications.security.istio.io",
          // A ratchet that somebody has applied: RatchetE2E.
          "patch configmaps",
          "get validatingadmissionpolicies.admissionregistration.k8s.io",
          "get validatingadmissionpolicybindings.admissionregistration.k8s.io",
          // A plan that asks for a dry run of STRICT: AuditE2E.
          "get authorizationpolicies.security.istio.io",
          "create authorizationpolicies.security.istio.io",
          "delete authorizationpolicies.security.istio.io",
          // A caller whose address no pod has: AccessLogCallersTest.
          "list nodes",
          // Servers that have AuthorizePodWebsocketUpgradeCreatePermission ask for it as well.
          "create pods/exec",
          "create pods/portforward",
          // Where the admission plugin OwnerReferencesPermissionEnforcement is on.
          "update migrationplans/finalizers.mtls-migration.io",
          // Kinds that are not installed here are only listed.
          "watch gatewayclasses.gateway.networking.k8s.io",
          "watch gateways.gateway.networking.k8s.io",
          "watch grpcroutes.gateway.networking.k8s.io",
          "watch httproutes.gateway.networking.k8s.io",
          "watch tcproutes.gateway.networking.k8s.io",
          "watch tlsroutes.gateway.networking.k8s.io",
          "watch podmonitors.monitoring.coreos.com",
          "watch servicemonitors.monitoring.coreos.com");

  private static ServiceProcess service;

  /** Of notices. */
  private static HttpServer receiver;

  private static final AtomicInteger TOLD = new AtomicInteger();

  @BeforeAll
  static void receiveNotices() throws IOException {
    receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    receiver.createContext(
        "/",
        exchange -> {
          TOLD.incrementAndGet();
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    receiver.start();
  }

  @AfterAll
  static void end() {
    receiver.stop(0);
  }

  /** Components ask for kinds of the Prometheus Operator. */
  @BeforeAll
  static void installMonitoring() {
    CLUSTER.kubectl().ok("apply", "--server-side", "-f", "src/test/resources/monitoring-crds/");
    CLUSTER
        .kubectl()
        .ok(
            "wait",
            "--for=condition=Established",
            "--timeout=60s",
            "customresourcedefinitions",
            "--all");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "k8s/overlays/single",
        "k8s/overlays/replicas",
        "src/test/resources/e2e/everything"
      })
  @Order(1)
  void isTakenWithoutAWarning(String overlay) {
    Kubectl.Result applied =
        CLUSTER.kubectl().run("apply", "--server-side", "--dry-run=server", "-k", overlay);

    assertEquals("", applied.err());
    assertTrue(applied.succeeded(), applied.out());
  }

  @Test
  @Order(2)
  void doesTheWholeTask() {
    CLUSTER.as("people", "operator");
    CLUSTER
        .kubectl()
        .ok(
            "create",
            "clusterrolebinding",
            "people-operator",
            "--clusterrole=mtls-migration-operator",
            "--serviceaccount=people:operator");
    service =
        CLUSTER
            .taskService("a")
            .with("mtls-migration.auth.mode", "kubernetes")
            .with("mtls-migration.hooks.allow", "127.0.0.1/32")
            .with("mtls-migration.notices.bus.format", "CLOUDEVENTS")
            .with(
                "mtls-migration.notices.bus.url",
                "http://127.0.0.1:%d/events".formatted(receiver.getAddress().getPort()))
            .calledWith(CLUSTER.token("people", "operator"))
            .start()
            .awaitReady();
    TestCluster.start(service, TaskPlans.mesh(), "mesh");
    CLUSTER.awaitPlan(service, "mesh", "COMPLETED");
    CLUSTER.owns("mesh", "mesh.foo");
    await("nobody owns a step of an earlier release")
        .atMost(Duration.ofSeconds(30))
        .until(() -> CLUSTER.ownersOf("mesh.foo").isEmpty());
    service
        .http()
        .contentType(ContentType.JSON)
        .body("{\"namespace\": \"foo\", \"workload\": \"httpbin\", \"duration\": \"PT1S\"}")
        .post("/wire-checks")
        .then()
        .statusCode(202);
    service.http().post("/plans/mesh/cleanup").then().statusCode(202);
    await("mesh is undone")
        .atMost(Duration.ofSeconds(60))
        .until(() -> CLUSTER.kubectl().ok("get", "peerauthentications", "-A", "-o=name").isEmpty());
    await("the plan may go")
        .atMost(Duration.ofSeconds(30))
        .until(
            () ->
                service
                    .http()
                    .get("/plans/mesh")
                    .jsonPath()
                    .getList("allowedActions")
                    .contains("DELETE"));
    String tag = service.http().get("/plans/mesh").header("ETag");
    service.http().header("If-Match", tag).delete("/plans/mesh").then().statusCode(204);

    await("the record is complete")
        .atMost(Duration.ofSeconds(30))
        .until(() -> used().contains("delete migrationplans.mtls-migration.io"));
    await("the end of the plan was told, and that it was")
        .atMost(Duration.ofSeconds(30))
        .until(() -> TOLD.get() > 0 && used().contains("update configmaps"));
  }

  @Test
  @Order(3)
  void isForbiddenNothingThatItAsksFor() {
    List<RequestLog.Request> refused =
        CLUSTER.requests().stream().filter(request -> request.status() == 403).distinct().toList();

    assertEquals(List.of(), refused);
  }

  @Test
  @Order(4)
  void isGrantedNothingThatItDoesNotUse() {
    Set<String> left = new TreeSet<>(granted());
    left.removeAll(used());
    left.removeAll(FOR_OTHER_DAYS);

    assertEquals(Set.of(), left);
  }

  private static Set<String> used() {
    return CLUSTER.requests().stream()
        .map(request -> request.verb() + " " + request.resource())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** What the shipped roles of the service grant; those of people are named otherwise. */
  private static Set<String> granted() {
    List<ClusterRole> clusterRoles =
        CLUSTER
            .admin()
            .rbac()
            .clusterRoles()
            .withLabel("app.kubernetes.io/part-of", TestCluster.OWN)
            .list()
            .getItems();
    List<Role> roles =
        CLUSTER
            .admin()
            .rbac()
            .roles()
            .inAnyNamespace()
            .withLabel("app.kubernetes.io/part-of", TestCluster.OWN)
            .list()
            .getItems();
    return Stream.concat(
            clusterRoles.stream()
                .filter(
                    role -> !role.getMetadata().getName().matches(".*-(viewer|operator|approver)"))
                .flatMap(role -> role.getRules().stream()),
            roles.stream().flatMap(role -> role.getRules().stream()))
        .flatMap(DeploymentE2E::grants)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Stream<String> grants(PolicyRule rule) {
    return rule.getVerbs().stream()
        .flatMap(
            verb ->
                rule.getResources().stream()
                    .flatMap(
                        resource ->
                            rule.getApiGroups().stream()
                                .map(group -> verb + " " + RequestLog.name(group, resource, ""))));
  }
}
