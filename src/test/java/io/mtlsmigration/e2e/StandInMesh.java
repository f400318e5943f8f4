// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Stands in for istiod, the sidecars and the containers of Istio's task. It knows what those tests
 * need, and nothing of what the service makes of it: policies of namespaces and of the mesh (not of
 * workloads), a client with a container {@code istio-proxy} as one of the mesh, {@code curl}, and
 * of istiod's debug pages the one on which proxies are listed.
 *
 * <p>What STRICT really does to traffic is shown elsewhere, on a real mesh.
 */
final class StandInMesh implements Containers, AutoCloseable {

  private static final int DEBUG_PORT = 15014;
  private static final int INBOUND_PORT = 15006;
  private static final String XDS = "type.googleapis.com/envoy.config.";
  private static final Map<String, String> TYPES =
      Map.of(
          "cluster", XDS + "cluster.v3.Cluster",
          "listener", XDS + "listener.v3.Listener",
          "endpoint", XDS + "endpoint.v3.ClusterLoadAssignment",
          "route", XDS + "route.v3.RouteConfiguration");

  private final KubernetesClient client;
  private final ObjectMapper json = new ObjectMapper();
  private final HttpServer istiod;
  private final AtomicLong pushes = new AtomicLong();

  /** What sidecars listen at; null where another test of this machine does. */
  private final @Nullable ServerSocket inbound = inbound();

  StandInMesh(KubernetesClient client) {
    this.client = client;
    try {
      this.istiod =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    istiod.createContext("/debug/syncz", this::syncz);
    istiod.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    istiod.start();
  }

  /** Without it, the lists of connections that pods give are none of a sidecar. */
  private static @Nullable ServerSocket inbound() {
    try {
      return new ServerSocket(INBOUND_PORT, 1, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      return null;
    }
  }

  @Override
  public Ended exec(String namespace, String pod, String container, List<String> command) {
    Pod client = this.client.pods().inNamespace(namespace).withName(pod).get();
    if (container.equals("istio-proxy") || container.startsWith("mtls-migration-wire-")) {
      return ProxyPrograms.exec(client, container, command);
    }
    if (!command.get(0).equals("curl") || !container.equals("curl")) {
      return new Ended(-1, "", "");
    }
    boolean captured = captured(client);
    String format = "";
    List<URI> calls = new ArrayList<>();
    for (int i = 1; i < command.size(); i++) {
      if (command.get(i).equals("--write-out") || command.get(i).equals("-w")) {
        format = command.get(i + 1);
      }
      if (command.get(i).startsWith("http://")) {
        calls.add(URI.create(command.get(i)));
      }
    }
    StringBuilder out = new StringBuilder();
    for (URI call : calls) {
      String server = call.getHost().split("\\.", -1)[1];
      if (mode(server).equals("STRICT") && !captured) {
        return new Ended(
            56,
            out + written(format, "000", "56"),
            "curl: (56) Recv failure: Connection reset by peer");
      }
      out.append(written(format, "200", "0"));
    }
    return new Ended(0, out.toString(), "");
  }

  private static String written(String format, String code, String exit) {
    return format
        .replace("\\n", "\n")
        .replace("%{http_code}", code)
        .replace("%{exitcode}", exit)
        .replaceAll("%\\{time_\\w+}", "0.001000")
        .replace("%{size_download}", "0")
        .replace("%header{x-envoy-upstream-service-time}", "1")
        .replace("%header{server}", "envoy");
  }

  /** The effective mode of a namespace without policies of workloads. */
  private String mode(String namespace) {
    String own = policy(namespace);
    String mesh = own.isEmpty() ? policy("istio-system") : own;
    return mesh.isEmpty() ? "PERMISSIVE" : mesh;
  }

  private String policy(String namespace) {
    return client
        .genericKubernetesResources("security.istio.io/v1", "PeerAuthentication")
        .inNamespace(namespace)
        .list()
        .getItems()
        .stream()
        .filter(policy -> policy.get("spec", "selector") == null)
        // The oldest counts, as with istiod.
        .sorted(
            Comparator.comparing(
                    (GenericKubernetesResource policy) ->
                        policy.getMetadata().getCreationTimestamp())
                .thenComparing(policy -> policy.getMetadata().getName()))
        .map(policy -> text(policy, "spec", "mtls", "mode"))
        .findFirst()
        .orElse("");
  }

  private static String text(GenericKubernetesResource object, Object... path) {
    Object value = object.get(path);
    return value == null ? "" : value.toString();
  }

  private static boolean captured(Pod pod) {
    return pod.getSpec().getContainers().stream().anyMatch(c -> c.getName().equals("istio-proxy"));
  }

  @Override
  public int localPort(String namespace, String pod, int port) {
    boolean debug = namespace.equals("istio-system") && port == DEBUG_PORT;
    return debug ? istiod.getAddress().getPort() : 0;
  }

  @Override
  public String log(String namespace, String pod, String container) {
    return "";
  }

  /**
   * Every proxy has just got, and acknowledged, all there is; as istiod's {@code SyncStatus} has it
   * (pilot/pkg/xds/debug.go): a nonce is the version of the push, a time in whole seconds and a
   * number, and a UUID.
   */
  private void syncz(HttpExchange exchange) throws IOException {
    ArrayNode proxies = json.createArrayNode();
    Instant now = Instant.now();
    String version = now.truncatedTo(ChronoUnit.SECONDS) + "/" + pushes.incrementAndGet();
    for (Pod pod : client.pods().inAnyNamespace().list().getItems()) {
      if (captured(pod)) {
        ObjectNode proxy = proxies.addObject();
        proxy.put("cluster_id", "Kubernetes");
        proxy.put("proxy", pod.getMetadata().getName() + "." + pod.getMetadata().getNamespace());
        proxy.put("proxy_type", "sidecar");
        proxy.put("istio_version", "1.31-dev");
        ObjectNode resources = json.createObjectNode();
        TYPES.forEach(
            (field, type) -> {
              String nonce = version + UUID.randomUUID();
              proxy.put(field + "_sent", nonce).put(field + "_acked", nonce);
              resources
                  .putObject(type)
                  .put("sent", nonce)
                  .put("acked", nonce)
                  .put("sentTime", now.toString());
            });
        proxy.set("resources", resources);
      }
    }
    byte[] body = json.writeValueAsString(proxies).getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  @Override
  public void close() {
    istiod.stop(0);
    try {
      if (inbound != null) {
        inbound.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
