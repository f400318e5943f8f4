// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.restassured.path.json.JsonPath;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What went wrong on a real mesh once, and must not again. But for connections that are held open:
 * the Envoy of this mesh counts requests alone, and no TCP (requests-total.yaml).
 */
final class SeenOnMesh {

  @RegisterExtension static final RealMesh MESH = new RealMesh();

  private static final String TO_HTTPBIN = "http://httpbin.foo:8000/ip";
  private static final String CURL = "docker.io/curlimages/curl:8.16.0";

  @AfterEach
  void leaveNothing() {
    MESH.kubectl().ok("delete", "destinationrules", "-n=foo", "--all");
    MESH.leaveNothing();
  }

  /**
   * A probe that the node held up begins long after it was given up, and STRICT refuses it: that is
   * no client.
   */
  @Test
  void aProbeOfOursThatIsLateRollsNothingBack() throws InterruptedException {
    MESH.start(MeshPlans.namespace("foo"), "foo");
    MESH.awaitStep("foo", "foo", "VERIFYING");
    for (int i = 0; i < 2; i++) {
      MESH.askLegacy();
      MESH.pause("containerd", Duration.ofSeconds(14));
      Thread.sleep(2000);
    }

    MESH.awaitPlan("foo", "COMPLETED");

    assertEquals("STRICT", MESH.modes("foo"), () -> MESH.history("foo"));
    assertFalse(MESH.history("foo").contains("ROLLING_BACK"), () -> MESH.history("foo"));
  }

  /** The neighbour's samples say nothing of a server of which nobody has one. */
  @Test
  void aServerWithoutASampleIsNotVouchedForByItsNeighbour() throws InterruptedException {
    server("silent", "[sleep, infinity]", 9999);
    String strict =
        MeshPlans.namespace("foo").replace("\"noSamples\": \"PASS\"", "\"noSamples\": \"HOLD\"");
    MESH.start(strict, "foo");

    RealMesh.soon("the gate names the server")
        .untilAsserted(
            () -> {
              assertEquals("INCONCLUSIVE", gate("result"), () -> MESH.history("foo"));
              assertTrue(gate("message").contains("foo/silent"), () -> MESH.history("foo"));
            });
    Thread.sleep(5000);

    assertEquals("", MESH.modes("foo"));
  }

  /** Made after the lock, it gives mesh clients 503: a locked step says so, and is not well. */
  @Test
  void aRuleThatBreaksALockedNamespaceIsTold() {
    MESH.start(MeshPlans.namespace("foo"), "foo");
    MESH.awaitPlan("foo", "COMPLETED");
    MESH.kubectl()
        .apply(
            """
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: plain, namespace: foo, labels: {e2e: visitor}}
            spec:
              host: httpbin.foo.svc.cluster.local
              trafficPolicy: {tls: {mode: DISABLE}}
            """);

    RealMesh.until("the client is lost", () -> MESH.code("bar", TO_HTTPBIN).equals("503"));

    RealMesh.soon("the step tells of it")
        .untilAsserted(
            () -> {
              String waits = MESH.plan("foo").getString("waitingOn");
              assertTrue(waits.contains("foo"), () -> MESH.history("foo"));
              JsonPath step = MESH.step("foo", "foo");
              assertTrue(step.getString("health.reason") != null, step::prettify);
            });
  }

  /** Its pod is gone when its line is read: its address is remembered with who had it. */
  @Test
  void aJobThatHasEndedIsNamed() {
    job("nightly", "curl -s -m 2 -o /dev/null " + TO_HTTPBIN);
    MESH.kubectl()
        .ok("wait", "--for=condition=complete", "job/nightly", "-n=legacy", "--timeout=60s");
    MESH.kubectl().ok("delete", "job", "nightly", "-n=legacy");
    MESH.start(MeshPlans.namespace("foo").replace("PT20S", "PT60S"), "foo");

    RealMesh.soon("the gate names the job")
        .untilAsserted(
            () -> {
              assertEquals("FAIL", gate("result"), () -> MESH.history("foo"));
              assertTrue(gate("evidence").contains("legacy/nightly"), () -> MESH.history("foo"));
            });
  }

  /**
   * The proxy counts and logs a stream when it ends: until then only the pod's list of connections
   * shows it, for longer than any window.
   */
  @Test
  void aStreamThatIsOlderThanTheWindowHoldsTheGate() throws InterruptedException {
    String serve =
        "read line; case $line in *stream*) printf 'HTTP/1.1 200 OK\\r\\n\\r\\n';"
            + " while echo x; do sleep 1; done;;"
            + " *) printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok';; esac";
    server("ticker", "[nc, -ll, -p, '7000', -e, sh, -c, \"%s\"]".formatted(serve), 7000);
    MESH.kubectl()
        .apply(
            """
            apiVersion: v1
            kind: Service
            metadata: {name: ticker, namespace: foo, labels: {e2e: visitor}}
            spec:
              selector: {app: ticker}
              ports: [{name: http, port: 7000}]
            """);
    job("listener", "curl -sNf --retry 9 --retry-all-errors -m 900 http://ticker.foo:7000/stream");
    RealMesh.soon("the stream flows")
        .ignoreExceptions()
        .until(() -> MESH.kubectl().ok("logs", "job/listener", "-n=legacy").contains("x\nx"));
    Thread.sleep(Duration.ofSeconds(25)); // longer than the window
    MESH.start(MeshPlans.namespace("foo"), "foo");

    RealMesh.soon("the gate names the listener")
        .untilAsserted(
            () -> {
              assertEquals("FAIL", gate("result"), () -> MESH.history("foo"));
              assertTrue(gate("evidence").contains("legacy/listener"), () -> gate("evidence"));
            });
    assertTrue(gate("evidence").contains("says connections"), () -> gate("evidence"));
    assertEquals("", MESH.modes("foo"));
    MESH.kubectl().ok("delete", "job", "listener", "-n=legacy");

    MESH.awaitPlan("foo", "COMPLETED");
    assertEquals("STRICT", MESH.modes("foo"));
  }

  /**
   * Its clients are served; a probe by HTTP is hung up on, which holds the namespace until the port
   * says what it speaks.
   */
  @Test
  void aServerThatHangsUpOnHttpIsFreedByItsPortsName() {
    // As much as a probe of TCP sends: what is left unread resets the connection.
    server("bank", "[nc, -ll, -p, '7000', -e, dd, of=/dev/null, bs=1, count=6]", 7000);
    MESH.kubectl()
        .apply(
            """
            apiVersion: v1
            kind: Service
            metadata: {name: bank, namespace: foo, labels: {e2e: visitor}}
            spec:
              selector: {app: bank}
              ports: [{name: data, port: 7000}]
            """);
    MESH.start(MeshPlans.namespace("foo"), "foo");
    AtomicReference<String> remedy = new AtomicReference<>();
    RealMesh.soon("the worklist asks for a name")
        .untilAsserted(
            () -> {
              assertEquals("FAIL", gate("probes", "result"), () -> MESH.history("foo"));
              JsonPath list = MESH.http().get("/worklist?kind=NAME_PORT").jsonPath();
              remedy.set(list.getString("items.find { it.subject.name == 'bank' }.remedy"));
              assertNotNull(
                  remedy.get(),
                  () -> MESH.http().get("/worklist").jsonPath().prettify() + MESH.history("foo"));
            });
    assertEquals("", MESH.modes("foo"));

    String[] command = remedy.get().split(" -p ");
    List<String> words = new ArrayList<>(List.of(command[0].split(" ")).subList(1, 6));
    words.addAll(List.of("-p", command[1].replace("'", "")));
    MESH.kubectl().ok(words.toArray(String[]::new));

    MESH.awaitPlan("foo", "COMPLETED");
    assertEquals("STRICT", MESH.modes("foo"));
    // It hangs up without a byte, as a proxy that refuses may do: that tells of no server.
    assertTrue(
        gate("probes", "evidence").contains("closed without a byte"), () -> MESH.history("foo"));
  }

  /** A proxy's counters go with it, and with them whoever called since they were scraped last. */
  @Test
  void aServerIsWatchedAnewSinceItsProxyWasStartedAgain() {
    Instant killed = Instant.now();
    MESH.signalAgent("KILL", "foo", "httpbin");
    RealMesh.until("it serves again", () -> MESH.code("bar", TO_HTTPBIN).equals("200"));
    MESH.start(MeshPlans.namespace("foo").replace("PT20S", "PT60S"), "foo");

    RealMesh.soon("the gate tells of the restart")
        .untilAsserted(
            () -> {
              assertEquals("INCONCLUSIVE", gate("result"), () -> MESH.history("foo"));
              // The message may name another server, which has been open for as short a time.
              assertTrue(gate("evidence").contains("was started again"), () -> gate("evidence"));
            });
    RealMesh.until("it is locked", () -> MESH.modes("foo").equals("STRICT"));
    Duration waited = Duration.between(killed, Instant.now());

    assertTrue(waited.compareTo(Duration.ofSeconds(60)) >= 0, waited::toString);
    MESH.awaitPlan("foo", "COMPLETED");
  }

  /** Its line is in the log of the container before, which nobody could read while it ran. */
  @Test
  void aRefusalBeforeAProxyWasStartedAgainIsRead() throws InterruptedException {
    MESH.start(MeshPlans.namespace("foo").replace("PT15S", "PT40S"), "foo");
    MESH.awaitStep("foo", "foo", "VERIFYING");
    job("once", "sleep 5; curl -s -m 2 -o /dev/null " + TO_HTTPBIN + "; sleep 900");
    MESH.kubectl()
        .ok("wait", "--for=condition=ready", "pod", "-l=app=once", "-n=legacy", "--timeout=30s");

    MESH.pause(
        "kubelet",
        () -> {
          Thread.sleep(8000); // the call, and a second until Envoy writes its line
          MESH.signalAgent("KILL", "foo", "httpbin");
        });

    MESH.awaitStep("foo", "foo", "ROLLED_BACK");
    String told = MESH.http().get("/plans/foo/events").asString();
    assertTrue(told.contains("legacy/once"), told);
  }

  private static String gate(String member) {
    return gate("plaintext", member);
  }

  private static String gate(String gate, String member) {
    String read =
        MESH.step("foo", "foo")
            .getString("gates.find { it.gate == '%s' }.%s".formatted(gate, member));
    return read == null ? "" : read;
  }

  private static void job(String name, String script) {
    MESH.kubectl()
        .apply(
            """
            apiVersion: batch/v1
            kind: Job
            metadata: {name: %1$s, namespace: legacy, labels: {e2e: visitor}}
            spec:
              backoffLimit: 3
              template:
                metadata:
                  labels: {app: %1$s, e2e: visitor}
                spec:
                  terminationGracePeriodSeconds: 0
                  restartPolicy: Never
                  containers:
                  - name: caller
                    image: %2$s
                    imagePullPolicy: Never
                    command: [sh, -c, "%3$s"]
            """
                .formatted(name, CURL, script));
  }

  /** With a sidecar, and no Service of its own. */
  private static void server(String name, String command, int port) {
    MESH.kubectl()
        .apply(
            """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: %1$s, namespace: foo, labels: {e2e: visitor}}
            spec:
              selector: {matchLabels: {app: %1$s}}
              template:
                metadata:
                  labels: {app: %1$s, e2e: visitor}
                spec:
                  terminationGracePeriodSeconds: 0
                  containers:
                  - name: server
                    image: %2$s
                    imagePullPolicy: Never
                    command: %3$s
                    ports: [{containerPort: %4$d}]
            """
                .formatted(name, CURL, command, port));
    MESH.kubectl().ok("rollout", "status", "deployment", name, "-n=foo", "--timeout=90s");
  }
}
