// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static io.restassured.RestAssured.config;
import static io.restassured.RestAssured.given;
import static io.restassured.config.EncoderConfig.encoderConfig;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Analyses of manifests that somebody sends. */
@QuarkusTest
final class AnalysesIT {

  private static final String ANALYSES = "/api/v1/analyses";

  private static final String FORM = "application/x-www-form-urlencoded";

  private static final String SHOP =
      """
      apiVersion: v1
      kind: Namespace
      metadata: {name: shop}
      ---
      apiVersion: v1
      kind: Pod
      metadata:
        name: cart
        namespace: shop
        labels: {app: cart, security.istio.io/tlsMode: istio}
        annotations: {sidecar.istio.io/status: "{}"}
      spec:
        containers:
          - {name: cart, image: cart, ports: [{containerPort: 8080}]}
          - {name: istio-proxy, image: proxyv2}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: cart, namespace: shop}
      spec:
        selector: {app: cart}
        ports: [{name: http, port: 80, targetPort: 8080}]
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: batch, namespace: legacy}
      spec:
        containers: [{name: batch, image: batch}]
      ---
      apiVersion: security.istio.io/v1
      kind: PeerAuthentication
      metadata: {name: newer, namespace: shop, creationTimestamp: "2026-02-01T00:00:00Z"}
      spec: {mtls: {mode: STRICT}}
      ---
      apiVersion: security.istio.io/v1
      kind: PeerAuthentication
      metadata: {name: older, namespace: shop, creationTimestamp: "2026-01-01T00:00:00Z"}
      spec: {mtls: {mode: PERMISSIVE}}
      """;

  @Test
  void saysWhatManifestsMean() {
    given()
        .contentType("application/yaml")
        .body(SHOP.getBytes(UTF_8))
        .post(ANALYSES)
        .then()
        .statusCode(200)
        .body("namespaces.name", contains("legacy", "shop"))
        .body("namespaces[1].posture", equalTo("PERMISSIVE"))
        .body("namespaces[1].decidedBy.name", equalTo("older"))
        .body("workloads.name", contains("batch", "cart"))
        .body("workloads[0].mode", nullValue())
        .body("workloads[1].ports[0].mode", equalTo("PERMISSIVE"))
        .body("workloads[1].losingPolicies[0].policy.name", equalTo("newer"))
        .body("policies.find { it.name == 'newer' }.effective", is(false))
        .body("policies.find { it.name == 'newer' }.whyNot", containsString("older"))
        .body("findings.code", hasItem("COMPETING_POLICIES"))
        .body("reachability.find { it.from == 'legacy' }.ok", equalTo(1))
        .body("whatIf", nullValue());
  }

  @Test
  void takesWhateverCurlSaysThatItSends() {
    given()
        .config(config().encoderConfig(encoderConfig().encodeContentTypeAs(FORM, ContentType.TEXT)))
        .contentType(FORM)
        .body(SHOP)
        .post(ANALYSES)
        .then()
        .statusCode(200)
        .body("namespaces.size()", equalTo(2));
  }

  @Test
  void takesAJsonList() {
    given()
        .contentType("application/json")
        .body(
            """
            {"apiVersion":"v1","kind":"List","items":[
              {"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":"b"},
               "spec":{"containers":[{"name":"a","image":"a"}]}}]}""")
        .post(ANALYSES)
        .then()
        .statusCode(200)
        .body("workloads[0].name", equalTo("a"));
  }

  /** Without its Namespace nobody knows of a template whether its pods have a sidecar. */
  @Test
  void takesNamespacesForInjectedThatAreNotGiven() {
    String template =
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: front}
        spec: {template: {spec: {containers: [{name: web, image: web}]}}}
        """;
    analysis(template, "back")
        .then()
        .body("undefinedNamespaces", contains("front"))
        .body("namespaces[0].captured", equalTo(0));
    analysis(template, "back,front")
        .then()
        .body("undefinedNamespaces", empty())
        .body("namespaces[0].captured", equalTo(1));
    given()
        .accept("text/plain")
        .contentType("application/yaml")
        .body(template.getBytes(UTF_8))
        .post(ANALYSES)
        .then()
        .body(containsString("whether Istio injects sidecars in front"));
  }

  private static Response analysis(String manifests, String injected) {
    return given()
        .contentType("application/yaml")
        .body(manifests.getBytes(UTF_8))
        .queryParam("injected", injected)
        .post(ANALYSES);
  }

  /** As jq and other generators print it; the third document is no JSON. */
  @Test
  void takesYamlThatBeginsLikeJson() {
    String pod =
        """
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": %s, "namespace": "b"}, "spec": {"containers": []}}
        ---
        """;
    String block =
        """
        # by hand
        apiVersion: v1
        kind: Pod
        metadata: {name: c, namespace: b}
        spec: {containers: []}
        """;
    for (String first : List.of("a", "\"a\"")) {
      given()
          .contentType("application/yaml")
          .body((pod.formatted(first) + pod.formatted("\"b\"") + block).getBytes(UTF_8))
          .post(ANALYSES)
          .then()
          .statusCode(200)
          .body("workloads.name", contains("a", "b", "c"));
    }
  }

  @Test
  void listsEachCallWhenAsked() {
    given()
        .contentType("application/yaml")
        .body(SHOP.getBytes(UTF_8))
        .post(ANALYSES + "?reachability=full")
        .then()
        .statusCode(200)
        .body("reachability.size()", equalTo(2))
        .body("reachability[0].from.namespace", equalTo("legacy"))
        .body("reachability[0].from.name", equalTo("batch"))
        .body("reachability[0].to.service", equalTo("cart"))
        .body("reachability[0].to.port", equalTo(80))
        .body("reachability[0].to.workload", equalTo("cart"))
        .body("reachability[0].to.targetPort", equalTo(8080))
        .body("reachability[0].clientTls", equalTo("PLAINTEXT"))
        .body("reachability[0].outcome", equalTo("OK"))
        .body("reachability[0].decidedBy.name", hasItem("older"))
        .body("reachability[1].clientTls", equalTo("ISTIO_MUTUAL"));
  }

  @Test
  void saysWhatStrictWouldBreak() {
    given()
        .contentType("application/yaml")
        .body(SHOP.getBytes(UTF_8))
        .post(ANALYSES + "?mode=STRICT")
        .then()
        .statusCode(200)
        .body("whatIf.mode", equalTo("STRICT"))
        .body("whatIf.changes.policy.name", hasItem("older"))
        .body("whatIf.postures.shop", equalTo("STRICT"))
        .body("whatIf.breaking", equalTo(1))
        .body("whatIf.breaks[0].from.name", equalTo("batch"))
        .body("reachability.find { it.from == 'legacy' }.refusedThen", equalTo(1));
  }

  @Test
  void printsASummary() {
    given()
        .contentType("application/yaml")
        .accept("text/plain")
        .body(SHOP.getBytes(UTF_8))
        .post(ANALYSES + "?mode=STRICT")
        .then()
        .statusCode(200)
        .contentType("text/plain")
        .body(startsWith("2 namespaces, 2 workloads\n"))
        .body(containsString("breaks: batch.legacy to cart.shop:80"));
  }

  @Test
  void namesWhatItCannotRead() {
    given()
        .contentType("application/yaml")
        .body(SHOP.replace("mode: PERMISSIVE", "mode: PERMISIVE").getBytes(UTF_8))
        .post(ANALYSES)
        .then()
        .statusCode(200)
        .body("problems[0].document", equalTo(6))
        .body("problems[0].pointer", equalTo("/spec/mtls/mode"))
        .body("policies.find { it.name == 'older' }.mode", nullValue())
        .body("findings.code", hasItem("UNREADABLE_OBJECT"));
  }

  @Test
  void refusesWhatIsNoManifest() {
    given()
        .contentType("application/yaml")
        .body("kind: Pod\nmetadata: [".getBytes(UTF_8))
        .post(ANALYSES)
        .then()
        .statusCode(400)
        .contentType("application/problem+json")
        .body("code", equalTo("MALFORMED_BODY"))
        .body("errors[0].detail", containsString("line"));
  }

  /** Of the smallest objects a body could hold millions, and each of them is kept. */
  @Test
  void refusesMoreObjectsThanAnyMeshHas() {
    String one = "{kind: Namespace, apiVersion: v1, metadata: {name: a}}\n---\n";

    given()
        .contentType("application/yaml")
        .body(one.repeat(200_001).getBytes(UTF_8))
        .post(ANALYSES)
        .then()
        .statusCode(400)
        .body("errors.detail", hasItem(containsString("more than 200000 objects")));
  }

  @Test
  void refusesAnotherMode() {
    given()
        .body(SHOP.getBytes(UTF_8))
        .post(ANALYSES + "?mode=DISABLE")
        .then()
        .statusCode(400)
        .body("errors[0].parameter", equalTo("mode"));
  }

  @Test
  void takesNothingForNothing() {
    given()
        .post(ANALYSES)
        .then()
        .statusCode(200)
        .body("namespaces.size()", equalTo(0))
        .body("reachability", notNullValue());
  }
}
