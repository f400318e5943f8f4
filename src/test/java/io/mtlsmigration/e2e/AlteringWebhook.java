// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A mutating webhook of somebody who wants to know nothing of dry runs: it takes their annotation
 * off AuthorizationPolicies, or sets it to another value.
 */
final class AlteringWebhook implements AutoCloseable {

  private static final String NAME = "altering";
  private static final String CANARY = "canary";

  /** In a JSON pointer a slash is written so. */
  private static final String ANNOTATION = "/metadata/annotations/istio.io~1dry-run";

  static final String STRIP = "[{\"op\":\"remove\",\"path\":\"" + ANNOTATION + "\"}]";
  static final String SET_FALSE =
      "[{\"op\":\"replace\",\"path\":\"" + ANNOTATION + "\",\"value\":\"false\"}]";

  private final TestCluster cluster;
  private final HttpsServer server;
  private final String patch;
  private final boolean onlyForGood;
  private final ObjectMapper json = new ObjectMapper();
  private final AtomicInteger alterations = new AtomicInteger();

  /**
   * Installs it, and waits until the API server asks it.
   *
   * @param patch a JSON patch
   * @param onlyForGood leave requests alone that store nothing, as a webhook with side effects does
   */
  AlteringWebhook(TestCluster cluster, String patch, boolean onlyForGood) throws Exception {
    this.cluster = cluster;
    this.patch = patch;
    this.onlyForGood = onlyForGood;
    this.server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(HeldWrite.tls(cluster)));
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::review);
    server.start();
    cluster
        .kubectl()
        .apply(
            """
            apiVersion: admissionregistration.k8s.io/v1
            kind: MutatingWebhookConfiguration
            metadata:
              name: %s
            webhooks:
            - name: altering.example.com
              admissionReviewVersions: [v1]
              sideEffects: None
              failurePolicy: Fail
              clientConfig:
                url: https://127.0.0.1:%d/
                caBundle: %s
              rules:
              - apiGroups: [security.istio.io]
                apiVersions: ["*"]
                operations: [CREATE]
                resources: [authorizationpolicies]
            """
                .formatted(
                    NAME,
                    server.getAddress().getPort(),
                    Base64.getEncoder()
                        .encodeToString(Files.readAllBytes(cluster.api().authority()))));
    await("it is asked")
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(200))
        .until(this::altered);
  }

  /** A policy in a namespace without sidecars, which is not there for long. */
  private boolean altered() {
    cluster
        .kubectl()
        .apply(
            """
            apiVersion: security.istio.io/v1
            kind: AuthorizationPolicy
            metadata:
              name: canary
              namespace: legacy
              annotations: {istio.io/dry-run: "true"}
            spec: {action: DENY, rules: []}
            """);
    String kept =
        cluster
            .kubectl()
            .ok(
                "get",
                "authorizationpolicy",
                "canary",
                "-n=legacy",
                "-o=jsonpath={.metadata.annotations.istio\\.io/dry-run}");
    cluster.kubectl().ok("delete", "authorizationpolicy", "canary", "-n=legacy");
    return !kept.equals("true");
  }

  private void review(HttpExchange exchange) throws IOException {
    JsonNode request = json.readTree(exchange.getRequestBody()).path("request");
    boolean alters = !(onlyForGood && request.path("dryRun").asBoolean());
    if (alters && !request.path("name").asText().equals(CANARY)) {
      alterations.incrementAndGet();
    }
    byte[] answer =
        """
        {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
         "response": {"uid": "%s", "allowed": true%s}}"""
            .formatted(request.path("uid").asText(), alters ? patched() : "")
            .getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, answer.length);
    exchange.getResponseBody().write(answer);
    exchange.close();
  }

  /** How many requests it has altered, its own tries left out. */
  int alterations() {
    return alterations.get();
  }

  private String patched() {
    return ", \"patchType\": \"JSONPatch\", \"patch\": \""
        + Base64.getEncoder().encodeToString(patch.getBytes(StandardCharsets.UTF_8))
        + "\"";
  }

  @Override
  public void close() {
    cluster.kubectl().run("delete", "mutatingwebhookconfiguration", NAME);
    server.stop(0);
  }
}
