// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.restassured.path.json.JsonPath;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What the service foretells of STRICT, and what becomes of it: the rarer ways of losing a client.
 */
final class PredictionsOnMesh {

  @RegisterExtension static final RealMesh MESH = new RealMesh();

  private static final String STRICT =
      """
      apiVersion: security.istio.io/v1
      kind: PeerAuthentication
      metadata:
        name: default
        namespace: %s
      spec:
        mtls:
          mode: STRICT
      """;

  @AfterEach
  void leaveNothing() {
    MESH.kubectl().ok("delete", "destinationrules", "-n=bar", "--all");
    MESH.leaveNothing();
  }

  /** The client's own sidecar is told to speak plaintext. */
  @Test
  void holdsForADestinationRuleThatDisablesMutualTls() {
    MESH.kubectl()
        .apply(
            """
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: plain, namespace: bar}
            spec:
              host: httpbin.bar.svc.cluster.local
              trafficPolicy: {tls: {mode: DISABLE}}
            """);
    MESH.start(MeshPlans.namespace("bar"), "bar");

    RealMesh.soon("the gate hazards of bar")
        .untilAsserted(
            () -> {
              JsonPath read = MESH.step("bar", "bar");
              assertEquals(
                  "FAIL",
                  read.getString("gates.find { it.gate == 'hazards' }.result"),
                  read::prettify);
            });
    String findings = MESH.http().get("/findings?namespace=bar&severity=BLOCKER").asString();
    assertTrue(findings.contains("DESTINATION_RULE_DISABLES_MTLS"), findings);
    assertEquals("", MESH.modes("bar"));

    MESH.http().post("/plans/bar/abort").then().statusCode(202);
    MESH.kubectl().apply(STRICT.formatted("bar"));
    RealMesh.until(
        "the client is lost", () -> MESH.code("foo", "http://httpbin.bar:8000/ip").equals("503"));
    awaitAsForetold("bar");
  }

  /** The client's own sidecar answers for what no route of a VirtualService matches. */
  @Test
  void aRouteThatIsMissingIsNoServerThatIsReached() {
    String connectivity = "/connectivity?limit=1000&to=bar/httpbin";
    String ofCurl = "cells.findAll { it.from == 'bar/curl' }.";
    MESH.kubectl()
        .apply(
            """
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: some, namespace: bar}
            spec:
              hosts: [httpbin.bar.svc.cluster.local]
              http:
              - match: [{uri: {prefix: /ip}}]
                route: [{destination: {host: httpbin.bar.svc.cluster.local}}]
            """);
    MESH.start(MeshPlans.namespace("bar"), "bar");
    try {
      RealMesh.soon("the gate probes tells that nothing was reached")
          .untilAsserted(
              () -> {
                JsonPath read = MESH.step("bar", "bar");
                String gate = "gates.find { it.gate == 'probes' }.";
                assertEquals("PROBE_MISSING", read.getString(gate + "reason"), read::prettify);
                assertTrue(
                    read.getString(gate + "evidence").contains("own proxy answered HTTP 404"),
                    read::prettify);
              });
      JsonPath cells = MESH.http().get(connectivity).jsonPath();
      assertEquals(List.of("SKIPPED"), cells.getList(ofCurl + "outcome"), cells::prettify);
      assertEquals(List.of(404), cells.getList(ofCurl + "httpCode"), cells::prettify);
      assertEquals("", MESH.modes("bar"));
    } finally {
      MESH.kubectl().ok("delete", "virtualservice", "-n=bar", "some");
    }

    MESH.awaitPlan("bar", "COMPLETED");

    assertEquals("STRICT", MESH.modes("bar"));
    JsonPath cells = MESH.http().get(connectivity).jsonPath();
    assertEquals(List.of("OK"), cells.getList(ofCurl + "outcome"), cells::prettify);
  }

  /** One endpoint without a sidecar makes clients speak plaintext to all of them. */
  @Test
  void foretellsAHeadlessServiceWithMixedEndpoints() {
    bring("inside", "true", "");
    bring("outside", "false", "");
    MESH.kubectl()
        .apply(
            """
            apiVersion: v1
            kind: Service
            metadata:
              name: mixed
              namespace: foo
              labels: {e2e: visitor}
            spec:
              clusterIP: None
              selector: {group: mixed}
              ports:
              - {name: http, port: 9090, targetPort: 9090}
            """);
    RealMesh.soon("the finding")
        .until(
            () ->
                MESH.http()
                    .get("/findings?namespace=foo&code=HEADLESS_WITH_MIXED_ENDPOINTS")
                    .asString()
                    .contains("foo/mixed"));

    MESH.kubectl().apply(STRICT.formatted("foo"));

    String inside = address("inside");
    RealMesh.until(
        "the client of the captured endpoint is lost",
        () -> !answered("bar", inside).equals("200"));
    assertEquals("200", answered("bar", address("outside")));
    awaitAsForetold("foo/mixed");
  }

  /** The kubelet has no identity. Istio has its HTTP probes go to the agent, unless told not to. */
  @Test
  void warnsOfTheKubeletsProbesThatAreNotRewritten() {
    bring("rewritten", "true", "");
    bring("direct", "true", "sidecar.istio.io/rewriteAppHTTPProbers: \"false\"");
    MESH.kubectl().ok("wait", "--for=condition=Ready", "pod", "-l=e2e=visitor", "-n=foo");
    RealMesh.soon("the finding")
        .until(
            () -> {
              String found =
                  MESH.http().get("/findings?namespace=foo&code=PROBES_NOT_REWRITTEN").asString();
              return found.contains("direct") && !found.contains("rewritten\"");
            });

    MESH.kubectl().apply(STRICT.formatted("foo"));

    MESH.kubectl()
        .ok(
            "wait",
            "--for=condition=Ready=false",
            "pod",
            "-l=app=direct",
            "-n=foo",
            "--timeout=60s");
    MESH.kubectl()
        .ok("wait", "--for=condition=Ready", "pod", "-l=app=rewritten", "-n=foo", "--timeout=60s");
  }

  /** Once probes have gone round: none to there had another end than the policies foretell. */
  private static void awaitAsForetold(String to) {
    RealMesh.soon("probes of " + to + " end as foretold")
        .untilAsserted(
            () -> {
              JsonPath all = MESH.http().get("/connectivity?limit=1000&to=" + to).jsonPath();
              List<String> outcomes = all.getList("cells.outcome");
              assertTrue(outcomes.contains("REFUSED"), all::prettify);
              assertEquals(
                  List.of(),
                  all.getList(
                      "cells.findAll { it.outcome != 'SKIPPED' && it.outcome != it.expected }"),
                  all::prettify);
            });
  }

  private static String address(String app) {
    return MESH.kubectl()
        .ok("get", "pod", "-l=app=" + app, "-n=foo", "-o=jsonpath={.items[0].status.podIP}");
  }

  /** By the address that the name of a headless Service leads to, under that name. */
  private static String answered(String from, String address) {
    return MESH.code(from, "http://mixed.foo:9090/ip", "--resolve", "mixed.foo:9090:" + address);
  }

  /** httpbin in foo, with a readiness probe of its own. */
  private static void bring(String name, String inject, String annotation) {
    MESH.kubectl()
        .apply(
            """
            apiVersion: apps/v1
            kind: Deployment
            metadata:
              name: %1$s
              namespace: foo
              labels: {e2e: visitor}
            spec:
              selector: {matchLabels: {app: %1$s}}
              template:
                metadata:
                  labels: {app: %1$s, group: mixed, e2e: visitor, sidecar.istio.io/inject: "%2$s"}
                  annotations: {%3$s}
                spec:
                  terminationGracePeriodSeconds: 0
                  containers:
                  - name: httpbin
                    image: docker.io/mccutchen/go-httpbin:v2.15.0
                    imagePullPolicy: Never
                    command: [/bin/go-httpbin, -port, "9090"]
                    ports:
                    - containerPort: 9090
                    readinessProbe:
                      httpGet: {path: /status/200, port: 9090}
                      periodSeconds: 2
                      failureThreshold: 2
            """
                .formatted(name, inject, annotation));
    MESH.kubectl().ok("rollout", "status", "deployment", name, "-n=foo", "--timeout=90s");
  }
}
