// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.restassured.path.json.JsonPath;
import java.util.List;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Who still sends plaintext, by a real Prometheus that scrapes real sidecars: a client without a
 * proxy holds the gate for as long as it calls, and the service's own probes do not.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class EvidenceOnMesh {

  @RegisterExtension static final RealMesh MESH = new RealMesh();

  private static final String CLIENT = "stubborn";

  @Test
  @Order(1)
  void holdsForAsLongAsAClientSendsPlaintext() {
    MESH.clientThatCalls(CLIENT, "http://httpbin.foo:8000/ip");
    MESH.start(MeshPlans.namespace("foo"), "foo");

    JsonPath gate = awaitPlaintext("FAIL");

    assertEquals("PLAINTEXT_CLIENTS", gate.getString("reason"), gate::prettify);
    assertEquals("OBSERVING", MESH.step("foo", "foo").getString("phase"));
    awaitName();
    assertTrue(edges("foo", "mutual_tls").contains("\"from\":\"bar/curl\",\"to\":\"foo/httpbin\""));
    assertEquals("", MESH.modes("foo"));
  }

  @Test
  @Order(2)
  void opensWhenNobodyHasSentPlaintextForTheWindow() {
    MESH.silence(CLIENT);

    awaitPlaintext("PASS");
    MESH.awaitPlan("foo", "COMPLETED");

    assertEquals("STRICT", MESH.modes("foo"));
    assertTrue(MESH.call("legacy", "foo").startsWith("curl.legacy to httpbin.foo: 000"));
  }

  /**
   * Prometheus counts the client as unknown; the server's access log has its address. What was
   * counted before the log was read may stay unknown.
   */
  private static void awaitName() {
    RealMesh.soon("the client has a name")
        .untilAsserted(
            () -> {
              JsonPath traffic = MESH.http().get(traffic("foo", "plaintext")).jsonPath();
              String client = "items.find { it.from == 'legacy/" + CLIENT + "' }.";
              assertEquals("foo/httpbin", traffic.getString(client + "to"), traffic::prettify);
              assertEquals(8080, traffic.getInt(client + "port"));
              assertEquals("access-log", traffic.getString(client + "source"));
              assertEquals("WORKLOAD", traffic.getString(client + "client.kind"));
              assertEquals("Deployment", traffic.getString(client + "client.workloadKind"));
              assertEquals("ADDRESS", traffic.getString(client + "client.knownBy"));
              assertEquals("mesh-node", traffic.getString(client + "client.node"));
              assertEquals("stubborn-team", traffic.getString(client + "client.owner"));
              assertEquals(
                  List.of("legacy/" + CLIENT),
                  traffic.getList("items.findAll { it.count > 0 }.from"),
                  traffic::prettify);
            });
    // The record of the step is of the tick before.
    RealMesh.soon("the gate names the client")
        .untilAsserted(
            () -> {
              String told = MESH.step("foo", "foo").getString(gate("evidence.join(' ')"));
              assertTrue(told.contains("legacy/" + CLIENT + " to foo/httpbin:8080 (http)"), told);
            });
  }

  private static JsonPath awaitPlaintext(String result) {
    RealMesh.soon("gate plaintext of foo is " + result)
        .untilAsserted(
            () -> {
              JsonPath read = MESH.step("foo", "foo");
              assertEquals(result, read.getString(gate("result")), read::prettify);
            });
    return MESH.step("foo", "foo").setRootPath("gates.find { it.gate == 'plaintext' }");
  }

  private static String gate(String member) {
    return "gates.find { it.gate == 'plaintext' }." + member;
  }

  private static String edges(String namespace, String security) {
    return MESH.http().get(traffic(namespace, security)).asString();
  }

  private static String traffic(String namespace, String security) {
    return "/traffic?namespace=" + namespace + "&security=" + security + "&window=PT1M";
  }
}
