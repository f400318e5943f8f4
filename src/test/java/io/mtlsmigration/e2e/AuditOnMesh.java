// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.restassured.http.ContentType;
import io.restassured.path.json.JsonPath;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The dry run of STRICT, judged by real sidecars: it counts a client that STRICT would refuse and
 * refuses nobody, and it is gone before the lock.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class AuditOnMesh {

  @RegisterExtension static final RealMesh MESH = new RealMesh();

  private static final String CLIENT = "stubborn";
  private static final String POLICY = "mtls-migration-dry-run";

  /** Sidecars' counters tell nobody's calls from the service's own probes. */
  @BeforeAll
  static void probeWithoutPlaintext() {
    setPlaintextProbes("refused");
  }

  @AfterAll
  static void probeAsBefore() {
    setPlaintextProbes("always");
  }

  private static void setPlaintextProbes(String value) {
    MESH.kubectl()
        .ok(
            "set",
            "env",
            "deployment/mtls-migration",
            "-n=mtls-migration",
            "MTLS_MIGRATION_PROBES_PLAINTEXT=" + value);
    MESH.kubectl()
        .ok(
            "rollout",
            "status",
            "deployment",
            "mtls-migration",
            "-n=mtls-migration",
            "--timeout=180s");
    RealMesh.soon("the service answers")
        .ignoreExceptions()
        .until(() -> MESH.http().get("/mesh").statusCode() == 200);
  }

  /** The gate plaintext would hold as well: a person lets it pass, to see what the audit says. */
  @Test
  @Order(1)
  void holdsForWhomStrictWouldRefuseAndRefusesNobody() {
    MESH.clientThatCalls(CLIENT, "http://httpbin.foo:8000/ip");
    MESH.start(MeshPlans.auditing("foo"), "foo");
    MESH.http()
        .contentType(ContentType.JSON)
        .body(
            "{\"gates\": [\"plaintext\"], \"force\": true, \"comment\": \"what does the audit say?\"}")
        .post("/plans/foo/namespaces/foo/overrides")
        .then()
        .statusCode(202);
    MESH.awaitStep("foo", "foo", "AUDITING");

    RealMesh.soon("gate audit of foo")
        .untilAsserted(
            () -> {
              JsonPath read = MESH.step("foo", "foo");
              String message =
                  String.valueOf(read.getString("gates.find { it.gate == 'audit' }.message"));
              assertTrue(
                  message.contains("STRICT would refuse clients of foo/httpbin:8080"),
                  read::prettify);
            });
    assertEquals(
        "true",
        MESH.kubectl()
            .ok(
                "get",
                "authorizationpolicy",
                POLICY,
                "-n=foo",
                "-o=jsonpath={.metadata.annotations.istio\\.io/dry-run}"));
    assertEquals("200", MESH.code("legacy", "http://httpbin.foo:8000/ip"));
    assertEquals("", MESH.modes("foo"));
  }

  @Test
  @Order(2)
  void opensAfterAnAuditInWhichNobodyWouldHaveBeenRefused() {
    MESH.silence(CLIENT);

    MESH.awaitPlan("foo", "COMPLETED");

    assertEquals("", MESH.kubectl().ok("get", "authorizationpolicies", "-n=foo", "-o=name"));
    assertEquals("STRICT", MESH.modes("foo"));
    assertEquals("000", MESH.code("legacy", "http://httpbin.foo:8000/ip"));
    assertEquals("200", MESH.code("bar", "http://httpbin.foo:8000/ip"));
  }
}
