package io.mtlsmigration.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.restassured.path.json.JsonPath;
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
    assertTrue(edges("foo", "plaintext").contains("\"to\":\"foo/httpbin\""));
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
    return MESH.http()
        .get("/traffic?namespace=" + namespace + "&security=" + security + "&window=PT1M")
        .asString();
  }
}
