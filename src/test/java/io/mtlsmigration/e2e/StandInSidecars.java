// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What the sidecars of Istio's task export, all at one address for Prometheus to scrape: each
 * scrape finds one more call of a client in the mesh, and one of a client without a proxy while
 * {@link #plaintext} says so. Counters of a dry run are there for as long as a policy is, and names
 * and labels are those that istiod's bootstrap makes Envoy export (see {@code
 * docs/decisions/0013-a-dry-run-that-leaves-nothing-behind.md}).
 */
final class StandInSidecars implements AutoCloseable {

  /** Whether a client without a proxy calls. Told to no other metric than that of the dry run. */
  final AtomicBoolean plaintext = new AtomicBoolean();

  private final KubernetesClient client;
  private final HttpServer server;
  private final Map<String, Long> counters = new TreeMap<>();

  StandInSidecars(KubernetesClient client) {
    this.client = client;
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/metrics", this::scraped);
    server.start();
  }

  String address() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  private synchronized void scraped(HttpExchange exchange) throws IOException {
    StringBuilder text = new StringBuilder();
    for (Pod pod : client.pods().inAnyNamespace().list().getItems()) {
      if (pod.getSpec().getContainers().stream().anyMatch(c -> c.getName().equals("istio-proxy"))) {
        sidecar(pod, text);
      }
    }
    byte[] body = text.toString().getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4");
    exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private void sidecar(Pod pod, StringBuilder text) {
    String namespace = pod.getMetadata().getNamespace();
    String app = pod.getMetadata().getLabels().get("app");
    String labels = "namespace=\"%s\",pod=\"%s\"".formatted(namespace, pod.getMetadata().getName());
    text.append("envoy_server_live{").append(labels).append("} 1\n");
    Instant created = Instant.parse(pod.getMetadata().getCreationTimestamp());
    text.append("envoy_server_uptime{%s} %d\n".formatted(labels, seconds(created)));
    boolean serves = app.equals("httpbin");
    if (serves) {
      count(
          "istio_requests_total{reporter=\"destination\",connection_security_policy=\"mutual_tls\","
              + "source_workload_namespace=\"bar\",source_workload=\"curl\","
              + "destination_workload_namespace=\"%s\",destination_workload=\"%s\","
                  .formatted(namespace, app)
              + "request_protocol=\"http\","
              + labels
              + "}",
          1,
          text);
    }
    if (dryRun(namespace)) {
      count(shadow("allowed", labels), serves ? 1 : 0, text);
      count(shadow("denied", labels), serves && plaintext.get() ? 1 : 0, text);
    } else {
      counters.keySet().removeIf(key -> key.contains("authz_dry_run") && key.contains(labels));
    }
  }

  private static long seconds(Instant since) {
    return Math.max(0, Duration.between(since, Clock.systemUTC().instant()).toSeconds());
  }

  private static String shadow(String result, String labels) {
    return "envoy_http_rbac{authz_dry_run_action=\"deny\",authz_dry_run_result=\"%s\","
            .formatted(result)
        + "http_conn_manager_prefix=\"inbound_0.0.0.0_8080\","
        + labels
        + "}";
  }

  private void count(String counter, int more, StringBuilder text) {
    long value = counters.merge(counter, (long) more, Long::sum);
    text.append(counter).append(' ').append(value).append('\n');
  }

  /** As a sidecar reads it: with another value it would enforce the policy. */
  private boolean dryRun(String namespace) {
    return client
        .genericKubernetesResources("security.istio.io/v1", "AuthorizationPolicy")
        .inNamespace(namespace)
        .list()
        .getItems()
        .stream()
        .anyMatch(StandInSidecars::annotated);
  }

  private static boolean annotated(GenericKubernetesResource policy) {
    Map<String, String> annotations = policy.getMetadata().getAnnotations();
    return annotations != null && "true".equals(annotations.get("istio.io/dry-run"));
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
