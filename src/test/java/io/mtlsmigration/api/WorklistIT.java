// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.e2e.SandboxProcess;
import io.restassured.path.json.JsonPath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * The task's mesh: the first thing to do is to inject legacy's curl, and when that has happened it
 * is gone from the list.
 */
@Tag("packaged")
@TestMethodOrder(OrderAnnotation.class)
final class WorklistIT {

  private static final String TRAFFIC =
      """
      apiVersion: sandbox.mtls-migration.io/v1
      kind: Traffic
      metadata: { name: any }
      spec:
        calls:
          - { from: legacy/curl, to: "http://httpbin.foo:8000/ip", rate: 5 }
          - { from: legacy/curl, to: "http://httpbin.bar:8000/ip", rate: 5 }
          - { from: foo/curl, to: "http://httpbin.bar:8000/ip" }
        events:
          - { at: PT90S, inject: legacy/curl }
      """;

  private static SandboxProcess service;

  @BeforeAll
  static void start(@TempDir Path folder) throws IOException {
    Path scenario = Files.createDirectory(folder.resolve("scenario"));
    String mesh = Files.readString(Path.of("src/main/resources/sandbox/task/mesh.yaml"));
    Files.writeString(
        scenario.resolve("mesh.yaml"),
        mesh.replace("  name: legacy\n---", "  name: legacy\n  labels: { owner: platform }\n---"));
    Files.writeString(scenario.resolve("traffic.yaml"), TRAFFIC);
    service =
        SandboxProcess.start(folder.resolve("log"), Map.of(), "--scenario", scenario.toString());
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  private static JsonPath list(String query) {
    return service.http().get("/worklist" + query).then().statusCode(200).extract().jsonPath();
  }

  @Test
  @Order(1)
  void beginsWithWhatFreesBothNamespaces() {
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertEquals(2, list("").getInt("items[0].unblocksAlone")));

    JsonPath told = list("");
    assertEquals("INJECT_CLIENT", told.getString("items[0].kind"));
    assertEquals("Inject Deployment legacy/curl", told.getString("items[0].title"));
    assertEquals("platform", told.getString("items[0].owner"));
    assertEquals(List.of("bar", "foo"), told.getList("items[0].unblocks.namespace"));
    assertEquals(List.of(true, true), told.getList("items[0].unblocks.only"));
    assertTrue(told.getLong("items[0].calls") > 0);
    assertEquals(
        "kubectl -n legacy patch deployment/curl --type=merge -p"
            + " '{\"spec\":{\"template\":{\"metadata\":{\"labels\":"
            + "{\"sidecar.istio.io/inject\":\"true\"}}}}}'",
        told.getString("items[0].remedy"));
  }

  @Test
  @Order(2)
  void filtersByOwnerNamespaceAndKind() {
    assertEquals(1, list("?owner=platform").getList("items").size());
    assertEquals(0, list("?owner=-&kind=inject-client").getList("items").size());
    assertEquals(1, list("?namespace=foo&kind=INJECT_CLIENT").getList("items").size());
    assertEquals(0, list("?namespace=istio-system").getList("items").size());
    service.http().get("/worklist?namespace=nowhere").then().statusCode(404);
    service.http().get("/worklist?kind=DANCE").then().statusCode(400);
    service.http().accept("text/csv").get("/worklist?limit=1").then().statusCode(400);
  }

  @Test
  @Order(3)
  void isForATicketATerminalAndASpreadsheetToo() {
    service
        .http()
        .accept("text/markdown")
        .get("/worklist?owner=platform")
        .then()
        .contentType("text/markdown")
        .body(startsWith("# To do: platform\n"))
        .body(containsString("## 1. Inject Deployment legacy/curl"))
        .body(containsString("- frees bar, foo"));
    service
        .http()
        .accept("text/plain")
        .get("/worklist")
        .then()
        .contentType("text/plain")
        .body(startsWith("1. Inject Deployment legacy/curl; frees bar, foo (platform)\n"));
    service
        .http()
        .accept("text/csv")
        .get("/worklist?kind=INJECT_CLIENT")
        .then()
        .contentType("text/csv")
        .body(containsString("\r\nINJECT_CLIENT,Deployment,legacy,curl,platform,"));
  }

  @Test
  @Order(4)
  void tellsHowFarEachOwnerIs() {
    service
        .http()
        .get("/owners")
        .then()
        .statusCode(200)
        .body("items", hasSize(2))
        .body("items[0].owner", equalTo("platform"))
        .body("items[0].items", equalTo(1))
        .body("items[0].unblocks", equalTo(2))
        .body("items[1].owner", equalTo(null))
        .body("items[1].namespaces.HELD", equalTo(2));
  }

  @Test
  @Order(5)
  void isGoneWhenItIsDone() {
    await()
        .atMost(Duration.ofSeconds(150))
        .untilAsserted(
            () -> assertEquals(List.of(), list("?namespace=foo").getList("items.title"), "of foo"));
    assertEquals(List.of(), list("?kind=INJECT_CLIENT").getList("items"));
    service.http().get("/owners").then().body("items[1].namespaces.WAITING", equalTo(2));
  }
}
