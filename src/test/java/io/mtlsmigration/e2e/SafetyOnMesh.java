// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.restassured.path.json.JsonPath;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What must not go wrong, where Envoy and istiod decide whether it does. */
final class SafetyOnMesh {

  @RegisterExtension static final RealMesh MESH = new RealMesh();

  private static final String POLICY =
      """
      apiVersion: security.istio.io/v1
      kind: PeerAuthentication
      metadata:
        name: %s
        namespace: %s
      spec:
        mtls:
          mode: PERMISSIVE
      """;

  private static final String TO_SECOND = "http://second.foo:9000/ip";
  private static final String TO_HTTPBIN = "http://httpbin.foo:8000/ip";

  @AfterEach
  void leaveNothing() {
    MESH.leaveNothing();
  }

  @Test
  void rollsBackWhenAClientIsRefusedWhileVerifying() {
    MESH.start(MeshPlans.namespace("foo"), "foo");
    MESH.awaitStep("foo", "foo", "VERIFYING");

    MESH.clientThatCalls("late", TO_HTTPBIN);
    Duration undone = RealMesh.until("policy is undone", () -> MESH.modes("foo").isEmpty());

    MESH.awaitStep("foo", "foo", "ROLLED_BACK");
    Duration answered =
        RealMesh.until("answered again", () -> MESH.code("legacy", TO_HTTPBIN).equals("200"));
    System.out.printf("undone after %s, answered %s after that%n", undone, answered);
    // The line of an access log may take two seconds, and a tick one.
    assertTrue(undone.compareTo(Duration.ofSeconds(8)) < 0, undone::toString);
    assertTrue(events().contains("legacy/late"), SafetyOnMesh::events);
  }

  @Test
  void leavesAnExemptNamespaceOpenWhenTheMeshIsLocked() {
    MESH.draft(MeshPlans.mesh());
    MESH.http().post("/plans/mesh/start").then().statusCode(202);
    MESH.http().post("/plans/mesh/namespaces/bar/exempt").then().statusCode(202);

    MESH.awaitPlan("mesh", "COMPLETED");

    assertEquals("PERMISSIVE", MESH.modes("bar"));
    assertEquals("STRICT", MESH.modes("istio-system"));
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
  }

  @Test
  void leavesThePolicyOfAControllerAlone() {
    MESH.kubectl().tryApply(POLICY.formatted("gitops", "bar"), "--field-manager=argocd-controller");

    MESH.start(MeshPlans.namespaceWith("bar", "\"adopt\": true"), "bar");

    RealMesh.soon("it says whose it is")
        .untilAsserted(
            () -> {
              String waiting = MESH.plan("bar").getString("waitingOn");
              assertTrue(waiting.contains("argocd-controller"), waiting);
            });
    assertEquals("PERMISSIVE", MESH.modes("bar"));
  }

  /**
   * A newer {@code default} beside the oldest policy is ignored, by Istio and so by the service.
   */
  @Test
  void locksByTheOldestPolicyAndPutsItBack() throws InterruptedException {
    MESH.kubectl().apply(POLICY.formatted("older", "bar"));
    Thread.sleep(1100); // creationTimestamp counts whole seconds
    MESH.kubectl().apply(POLICY.formatted("default", "bar"));
    MESH.start(MeshPlans.namespaceWith("bar", "\"adopt\": true"), "bar");

    MESH.awaitPlan("bar", "COMPLETED");

    assertEquals("PERMISSIVE STRICT", MESH.modes("bar"));
    assertTrue(MESH.call("legacy", "bar").contains("000\ncommand terminated with exit code 56"));
    MESH.cleanUp("bar");
    assertEquals("PERMISSIVE PERMISSIVE", MESH.modes("bar"));
    RealMesh.until("answered again", () -> MESH.call("legacy", "bar").contains("200"));
  }

  @Test
  void keepsThePortOfAnExceptionOpen() {
    bring("");
    String exception =
        """
        "exceptions": [{"namespace": "foo", "selector": {"matchLabels": {"app": "second"}},
         "port": 9090, "owner": "team-a", "reason": "moves in March", "expires": "2099-01-01"}]\
        """;
    MESH.start(MeshPlans.namespaceWith("foo", exception), "foo");

    MESH.awaitPlan("foo", "COMPLETED");

    assertEquals("200", MESH.code("legacy", TO_SECOND));
    assertEquals("000", MESH.code("legacy", TO_HTTPBIN));
    assertEquals("200", MESH.code("bar", TO_SECOND));
  }

  @Test
  void saysThatAnExcludedPortStaysOpen() {
    bring("traffic.sidecar.istio.io/excludeInboundPorts: \"9090\"");
    MESH.kubectl().apply(POLICY.formatted("default", "foo").replace("PERMISSIVE", "STRICT"));
    RealMesh.until("foo is strict", () -> MESH.code("legacy", TO_HTTPBIN).equals("000"));

    assertEquals("200", MESH.code("legacy", TO_SECOND));
    JsonPath workloads = MESH.http().get("/workloads?namespace=foo").jsonPath();
    assertTrue(
        workloads.getBoolean("items.find { it.name == 'second' }.ports[0].bypassed"),
        workloads::prettify);
    String findings = MESH.http().get("/findings?namespace=foo&limit=1000").asString();
    assertTrue(findings.contains("INBOUND_PORT_BYPASSES_PROXY"), findings);
  }

  /** httpbin once more in foo, under another name and behind another port of its own. */
  private static void bring(String annotation) {
    MESH.kubectl()
        .apply(
            """
            apiVersion: apps/v1
            kind: Deployment
            metadata:
              name: second
              namespace: foo
              labels: {e2e: visitor}
            spec:
              selector: {matchLabels: {app: second}}
              template:
                metadata:
                  labels: {app: second, e2e: visitor}
                  annotations: {%s}
                spec:
                  terminationGracePeriodSeconds: 0
                  containers:
                  - name: second
                    image: docker.io/mccutchen/go-httpbin:v2.15.0
                    imagePullPolicy: Never
                    command: [/bin/go-httpbin, -port, "9090"]
                    ports:
                    - containerPort: 9090
            ---
            apiVersion: v1
            kind: Service
            metadata:
              name: second
              namespace: foo
              labels: {e2e: visitor}
            spec:
              selector: {app: second}
              ports:
              - name: http
                port: 9000
                targetPort: 9090
            """
                .formatted(annotation));
    MESH.kubectl().ok("rollout", "status", "deployment", "second", "-n=foo", "--timeout=90s");
    RealMesh.until("second answers", () -> MESH.code("legacy", TO_SECOND).equals("200"));
  }

  private static String events() {
    return MESH.http().get("/plans/foo/events").asString();
  }
}
