// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.restassured.http.ContentType;
import io.restassured.response.Response;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Istio's task on a real mesh, by the REST API of the service as it is shipped. Whatever it prints
 * is compared with what plain kubectl says at the same time.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class TaskOnMesh {

  @RegisterExtension static final RealMesh MESH = new RealMesh();

  private static final String PERMISSIVE =
      """
      curl.bar to httpbin.bar: 200
      curl.bar to httpbin.foo: 200
      curl.foo to httpbin.bar: 200
      curl.foo to httpbin.foo: 200
      curl.legacy to httpbin.bar: 200
      curl.legacy to httpbin.foo: 200
      """;

  @Test
  @Order(1)
  void printsTheSixLinesOfTheTask() {
    MESH.awaitCalls(PERMISSIVE);
  }

  @Test
  @Order(2)
  void seesPlaintextOnTheWireWhileItIsAllowed() {
    String wire = wire();

    assertTrue(
        wire.contains("curl.legacy to httpbin.foo:8080: PLAINTEXT (GET /ip HTTP/1.1)"), wire);
    assertTrue(wire.contains("curl.foo to httpbin.foo:8080: ISTIO_MTLS"), wire);
  }

  @Test
  @Order(3)
  void locksFooAlone() {
    MESH.start(MeshPlans.namespace("foo"), "foo");

    MESH.awaitPlan("foo", "COMPLETED");

    MESH.awaitCalls(
        """
        curl.bar to httpbin.bar: 200
        curl.bar to httpbin.foo: 200
        curl.foo to httpbin.bar: 200
        curl.foo to httpbin.foo: 200
        curl.legacy to httpbin.bar: 200
        curl.legacy to httpbin.foo: 000
        command terminated with exit code 56
        """);
    assertEquals("STRICT", MESH.modes("foo"));
    assertEquals("", MESH.modes("bar"));
  }

  @Test
  @Order(4)
  void seesPlaintextRefusedOnTheWire() {
    String wire = wire();

    assertTrue(
        wire.contains("curl.legacy to httpbin.foo:8080: PLAINTEXT, reset (GET / HTTP/1.1)"), wire);
    assertTrue(wire.contains("curl.foo to httpbin.foo:8080: ISTIO_MTLS"), wire);
  }

  @Test
  @Order(5)
  void locksTheMesh() {
    MESH.start(MeshPlans.mesh(), "mesh");

    MESH.awaitPlan("mesh", "COMPLETED");

    MESH.awaitCalls(
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
    assertEquals("STRICT", MESH.modes("istio-system"));
  }

  @Test
  @Order(6)
  void saysWhatItWasLockedOn() {
    String report = MESH.http().accept("text/markdown").get("/plans/mesh/report").asString();

    assertTrue(report.contains("LOCKED"), report);
    MESH.http().get("/mesh").then().body("mode", equalTo("STRICT"));
  }

  @Test
  @Order(7)
  void cleansUp() {
    MESH.cleanUp("mesh");
    MESH.cleanUp("foo");

    MESH.awaitCalls(PERMISSIVE);

    assertEquals("", MESH.kubectl().ok("get", "peerauthentications", "-A", "-o=name"));
  }

  /**
   * What a wire check at httpbin.foo says, which the service's own probes call meanwhile. Envoy
   * keeps its connections, and of one that is older than the check nobody can tell how it began: so
   * the client in foo begins anew.
   */
  private static String wire() {
    Response made =
        MESH.http()
            .contentType(ContentType.JSON)
            .body("{\"namespace\": \"foo\", \"workload\": \"httpbin\", \"duration\": \"PT25S\"}")
            .post("/wire-checks");
    assertEquals(202, made.statusCode(), made::asString);
    MESH.kubectl().ok("rollout", "restart", "deployment", "curl", "-n=foo");
    MESH.kubectl().ok("rollout", "status", "deployment", "curl", "-n=foo", "--timeout=60s");
    MESH.callsByKubectl();
    String id = made.jsonPath().getString("id");
    RealMesh.soon("wire check " + id).until(() -> !checked(id).contains("RUNNING"));
    return checked(id);
  }

  private static String checked(String id) {
    return MESH.http().accept("text/plain").get("/wire-checks/" + id).asString();
  }
}
