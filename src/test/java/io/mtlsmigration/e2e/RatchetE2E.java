// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mtlsmigration.manifest.ManifestWriter;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication.Spec;
import io.mtlsmigration.plan.Ratchet;
import io.mtlsmigration.plan.RatchetCases;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The ratchet as a real API server runs it, and the service's way past it. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class RatchetE2E {

  @RegisterExtension
  static final TestCluster CLUSTER = TestCluster.withIstio().withService().withTask();

  private static final String MARK = "ratchet-case";

  private static ServiceProcess service;

  @BeforeAll
  static void begin() {
    service = CLUSTER.taskService("a").start().awaitReady();
  }

  @Test
  @Order(1)
  void offersWhatIsLockedAndSaysThatNothingIsInstalled() {
    TestCluster.start(service, TaskPlans.namespace("foo"), "foo");
    CLUSTER.awaitPlan(service, "foo", "COMPLETED");

    var offered = service.http().get("/ratchet").jsonPath();

    assertEquals(List.of("foo"), offered.getList("namespaces.namespace"));
    assertEquals("ABSENT", offered.getString("installed.state"));
    assertEquals(
        List.of("ConfigMap", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"),
        offered.getList("objects.kind"));
  }

  @Test
  @Order(2)
  void refusesAWeakerPolicyOfAPersonOnceItIsApplied() {
    CLUSTER.kubectl().apply(offered());

    awaitRefused("foo", "PERMISSIVE");

    Kubectl.Result deleted =
        CLUSTER.kubectl().run("delete", "peerauthentication", "-n", "foo", "--all");
    assertTrue(deleted.err().contains("which holds it there, would go"), deleted.err());
    assertTrue(
        deleted.err().contains("set foo to OPEN in ConfigMap mtls-migration"), deleted.err());
    Kubectl.Result labelled =
        CLUSTER
            .kubectl()
            .run("label", "peerauthentication", "-n", "foo", "--all", "istio.io/rev=canary");
    assertTrue(labelled.err().contains("would hold one revision alone"), labelled.err());
    assertTrue(
        CLUSTER
            .kubectl()
            .run("label", "peerauthentication", "-n", "foo", "--all", "a=b")
            .succeeded());
    assertTrue(
        CLUSTER.kubectl().tryApply(policy("bar", "PERMISSIVE"), "--dry-run=server").succeeded());
    assertEquals(
        "ENFORCED", service.http().get("/ratchet").jsonPath().getString("installed.state"));
    assertEquals(
        List.of("foo"), service.http().get("/ratchet").jsonPath().getList("installed.held"));
  }

  /** The shipped role is all that the service has. */
  @Test
  @Order(3)
  void isLiftedByTheServiceBeforeItsRollback() {
    service.http().post("/plans/foo/rollback").then().statusCode(202);

    await("foo is open again")
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () ->
                assertEquals(
                    "", CLUSTER.kubectl().ok("get", "peerauthentication", "-n", "foo", "-o=name")));
    assertEquals("OPEN", entry("foo"));
    String events = service.http().get("/plans/foo/events").asString();
    assertTrue(events.contains("RATCHET_LIFTED"), events);
  }

  @Test
  @Order(4)
  void holdsTheWayBackWhileItMayNotBeLifted() {
    CLUSTER.kubectl().ok("delete", "configmap", Ratchet.NAME, "-n", TestCluster.OWN);
    awaitPlanEnded("foo");
    TestCluster.start(
        service, TaskPlans.namespace("foo").replace("\"foo\",", "\"again\","), "again");
    CLUSTER.awaitPlan(service, "again", "COMPLETED");
    CLUSTER.kubectl().apply(offered());
    awaitRefused("foo", "PERMISSIVE");
    String role =
        CLUSTER
            .kubectl()
            .ok("get", "role", "mtls-migration-act", "-n=" + TestCluster.OWN, "-o=yaml");
    CLUSTER
        .kubectl()
        .ok(
            "patch",
            "role",
            "mtls-migration-act",
            "-n=" + TestCluster.OWN,
            "--type=json",
            "-p=" + withoutPatch());

    service.http().post("/plans/again/rollback").then().statusCode(202);

    await("it says what holds it")
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () -> {
              String step = service.http().get("/plans/again/namespaces/foo").asString();
              assertTrue(step.contains("the ratchet does not let go"), step);
              assertTrue(step.contains("ConfigMap mtls-migration/mtls-migration-ratchet"), step);
              assertTrue(step.contains("or set foo to OPEN in it"), step);
            });
    assertFalse(
        CLUSTER.kubectl().ok("get", "peerauthentication", "-n", "foo", "-o=name").isEmpty());

    // What the message says a person may do.
    CLUSTER
        .kubectl()
        .ok(
            "patch",
            "configmap",
            Ratchet.NAME,
            "-n=" + TestCluster.OWN,
            "--type=merge",
            "-p={\"data\":{\"foo\":\"OPEN\"}}");
    await("foo is open again")
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () ->
                assertEquals(
                    "", CLUSTER.kubectl().ok("get", "peerauthentication", "-n", "foo", "-o=name")));
    assertTrue(role.contains(Ratchet.NAME));
  }

  private static String withoutPatch() {
    int index = -1;
    var role =
        CLUSTER
            .admin()
            .rbac()
            .roles()
            .inNamespace(TestCluster.OWN)
            .withName("mtls-migration-act")
            .get();
    for (int i = 0; i < role.getRules().size(); i++) {
      if (role.getRules().get(i).getResourceNames().contains(Ratchet.NAME)) {
        index = i;
      }
    }
    return "[{\"op\":\"replace\",\"path\":\"/rules/" + index + "/verbs\",\"value\":[\"get\"]}]";
  }

  private static void awaitPlanEnded(String plan) {
    await(plan + " has let go")
        .atMost(Duration.ofSeconds(60))
        .until(() -> service.http().get("/plans/" + plan).jsonPath().getString("endedAt") != null);
  }

  /** One table says what the rules are, in Java and in CEL. */
  @Test
  @Order(5)
  void agreesWithTheRulesAsTheyAreToldInJava() {
    List<String> differences = new ArrayList<>();
    CLUSTER.kubectl().ok("delete", "--ignore-not-found", "peerauthentication", "-A", "--all");

    for (Ratchet ratchet : List.of(RatchetCases.NAMESPACES, RatchetCases.MESH)) {
      for (RatchetCases.Case one : RatchetCases.all()) {
        if (one.ratchet().equals(ratchet)) {
          prepare(one);
        }
      }
      install(ratchet);
      for (RatchetCases.Case one : RatchetCases.all()) {
        if (one.ratchet().equals(ratchet)) {
          Kubectl.Result answer = attempt(one);
          boolean refused = answer.err().contains(Ratchet.NAME);
          if (refused != one.refused() || (!refused && !answer.succeeded())) {
            differences.add(one + ": " + answer);
          }
        }
      }
      install(Ratchet.of(Map.of()));
    }

    assertEquals(List.of(), differences);
  }

  /** A namespace takes its policies along. */
  @Test
  @Order(6)
  void doesNotStandInTheWayOfANamespaceThatIsDeleted() {
    CLUSTER.namespace("going", Map.of());
    CLUSTER.kubectl().apply(policy("going", "STRICT"));
    install(Ratchet.of(Map.of("_root", "istio-system", "going", "STRICT", "bar", "STRICT")));

    CLUSTER.kubectl().ok("delete", "namespace", "going", "--timeout=60s");

    assertFalse(CLUSTER.kubectl().run("get", "namespace", "going").succeeded());
  }

  private static String entry(String key) {
    return CLUSTER
        .kubectl()
        .ok(
            "get",
            "configmap",
            Ratchet.NAME,
            "-n=" + TestCluster.OWN,
            "-o=jsonpath={.data." + key + "}");
  }

  private static String offered() {
    return service.http().accept("application/yaml").get("/ratchet").asString();
  }

  private static void install(Ratchet ratchet) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("apiVersion", "v1").put("kind", "ConfigMap");
    object.putObject("metadata").put("name", Ratchet.NAME).put("namespace", TestCluster.OWN);
    ObjectNode data = object.putObject("data");
    ratchet.entries().forEach(data::put);
    // A namespace of which only admission's answers tell that it has seen the change.
    data.put("ratchet-canary", ratchet.entries().isEmpty() ? "OPEN" : "STRICT");
    CLUSTER.namespace("ratchet-canary", Map.of());
    CLUSTER.kubectl().run("delete", "configmap", Ratchet.NAME, "-n", TestCluster.OWN);
    CLUSTER.kubectl().apply(ManifestWriter.yaml(object));
    await("admission knows the entries")
        .atMost(Duration.ofSeconds(30))
        .until(
            () ->
                CLUSTER
                        .kubectl()
                        .tryApply(policy("ratchet-canary", "PERMISSIVE"), "--dry-run=server")
                        .succeeded()
                    == ratchet.entries().isEmpty());
  }

  /** What is there before the write. */
  private static void prepare(RatchetCases.Case one) {
    CLUSTER.namespace(one.namespace(), Map.of());
    Spec before = one.before();
    if (before != null) {
      CLUSTER.kubectl().apply(manifest(one, before));
    }
  }

  private static Kubectl.Result attempt(RatchetCases.Case one) {
    Spec after = one.after();
    return after == null
        ? CLUSTER
            .kubectl()
            .run(
                "delete",
                "peerauthentication",
                name(one),
                "-n=" + one.namespace(),
                "--dry-run=server")
        : CLUSTER.kubectl().tryApply(manifest(one, after), "--dry-run=server", "--force-conflicts");
  }

  private static String manifest(RatchetCases.Case one, Spec spec) {
    ObjectNode object =
        ManifestWriter.peerAuthentication(
            ObjectRef.peerAuthentication(one.namespace(), name(one)), spec);
    if (spec.mode() == MtlsMode.UNSET) {
      // Said, for what is left out of an apply stays as it is or leaves no spec at all.
      object.withObject("/spec/mtls").put("mode", "UNSET");
    }
    return ManifestWriter.yaml(object);
  }

  private static String name(RatchetCases.Case one) {
    return MARK + "-" + RatchetCases.all().indexOf(one);
  }

  private static String policy(String namespace, String mode) {
    return """
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: {name: by-hand, namespace: %s}
        spec: {mtls: {mode: %s}}
        """
        .formatted(namespace, mode);
  }

  private static void awaitRefused(String namespace, String mode) {
    await("a weaker policy in " + namespace + " is refused")
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> {
              Kubectl.Result answer =
                  CLUSTER.kubectl().tryApply(policy(namespace, mode), "--dry-run=server");
              assertTrue(answer.err().contains(Ratchet.NAME), answer.toString());
              assertTrue(answer.err().contains("is locked to STRICT"), answer.toString());
            });
  }
}
