// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.vertx.core.Vertx;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Base64;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * A validating webhook that lets every write of a PeerAuthentication pass, but the first, which it
 * holds inside the API server until it is released: the moment between a leader's check and its
 * effect, stretched. A dry run passes, always.
 */
final class HeldWrite implements AutoCloseable {

  /** The API server asks no webhook for longer. */
  private static final int LONGEST_SECONDS = 30;

  private static final String NAME = "held-write";

  private final TestCluster cluster;
  private final HttpsServer server;
  private final ObjectMapper json = new ObjectMapper();
  private final AtomicBoolean first = new AtomicBoolean(true);
  private final CountDownLatch held = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);
  private final CountDownLatch answered = new CountDownLatch(1);

  private HeldWrite(TestCluster cluster) throws Exception {
    this.cluster = cluster;
    this.server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(tls(cluster)));
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::review);
    server.start();
    cluster.kubectl().apply(configuration());
  }

  /** Installs it; removed with the cluster. */
  static HeldWrite install(TestCluster cluster) throws Exception {
    return cluster.closing(new HeldWrite(cluster));
  }

  /** What a webhook on loopback shows to the API server of the tests. */
  static SSLContext tls(TestCluster cluster) throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      KeyManagerFactory keys =
          new PemKeyCertOptions()
              .setCertPath(cluster.api().authority().toString())
              .setKeyPath(cluster.api().authorityKey().toString())
              .getKeyManagerFactory(vertx);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, null);
      return context;
    } finally {
      vertx.close();
    }
  }

  private String configuration() throws IOException {
    return """
    apiVersion: admissionregistration.k8s.io/v1
    kind: ValidatingWebhookConfiguration
    metadata:
      name: %s
    webhooks:
    - name: held.example.com
      admissionReviewVersions: [v1]
      sideEffects: None
      timeoutSeconds: %d
      failurePolicy: Ignore
      clientConfig:
        url: https://127.0.0.1:%d/
        caBundle: %s
      rules:
      - apiGroups: [security.istio.io]
        apiVersions: ["*"]
        operations: [CREATE, UPDATE]
        resources: [peerauthentications]
    """
        .formatted(
            NAME,
            LONGEST_SECONDS,
            server.getAddress().getPort(),
            Base64.getEncoder().encodeToString(Files.readAllBytes(cluster.api().authority())));
  }

  private void review(HttpExchange exchange) throws IOException {
    JsonNode request = json.readTree(exchange.getRequestBody()).path("request");
    boolean holds = !request.path("dryRun").asBoolean() && first.compareAndSet(true, false);
    if (holds) {
      held.countDown();
      try {
        released.await(LONGEST_SECONDS, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    byte[] answer =
        """
        {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
         "response": {"uid": "%s", "allowed": true}}"""
            .formatted(request.path("uid").asText())
            .getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, answer.length);
    exchange.getResponseBody().write(answer);
    exchange.close();
    if (holds) {
      answered.countDown();
    }
  }

  /** Waits until a write is held. */
  void awaitHeld() throws InterruptedException {
    if (!held.await(90, TimeUnit.SECONDS)) {
      throw new AssertionError("nobody has written a PeerAuthentication");
    }
  }

  /** Lets it go on, and waits until the API server has been told. */
  void release() throws InterruptedException {
    released.countDown();
    if (!answered.await(10, TimeUnit.SECONDS)) {
      throw new AssertionError("the write that was held is gone: the API server gave it up");
    }
  }

  @Override
  public void close() {
    released.countDown();
    cluster.kubectl().run("delete", "validatingwebhookconfiguration", NAME);
    server.stop(0);
  }
}
