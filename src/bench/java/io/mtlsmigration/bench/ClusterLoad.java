// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.bench;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Fills an API server with a mesh: in each namespace fifteen pods with sidecars and their
 * managedFields, a Service and its EndpointSlice, in every second one a PeerAuthentication. No
 * kubelet is needed: what it would report is written, too. For servers that are thrown away
 * afterwards, without the admission plugin ServiceAccount, with Istio's CRDs.
 */
public final class ClusterLoad {

  static final int PODS = 15;

  /** Requests under way at once; more only queue in the server. */
  private static final int CONCURRENCY = 48;

  private final HttpClient http;
  private final String server;
  private final AtomicInteger written = new AtomicInteger();

  private ClusterLoad(KubernetesClient client) {
    this.http = client.getHttpClient();
    this.server = client.getMasterUrl().toString();
  }

  /** Arguments: the kubeconfig and the number of namespaces. */
  public static void main(String[] args) throws InterruptedException {
    fill(Path.of(args[0]), Integer.parseInt(args[1]));
    System.exit(0); // Vert.x leaves threads behind
  }

  /** Fills the server of a kubeconfig; namespaces that are there already stay. */
  public static void fill(Path kubeconfig, int namespaces) throws InterruptedException {
    Config config = Config.fromKubeconfig(kubeconfig.toFile());
    config.setMaxConcurrentRequests(CONCURRENCY);
    try (KubernetesClient client = new KubernetesClientBuilder().withConfig(config).build()) {
      ClusterLoad load = new ClusterLoad(client);
      long start = System.nanoTime();
      load.each(namespaces, load::namespace);
      load.each(namespaces * PODS, n -> load.pod(n / PODS, n % PODS));
      System.out.printf(
          "%d namespaces and %d pods, %d requests in %d s%n",
          namespaces,
          namespaces * PODS,
          load.written.get(),
          TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start));
    }
  }

  /** The name of a namespace, by its number from 0. */
  public static String name(int namespace) {
    return "scale-%05d".formatted(namespace);
  }

  private void each(int count, IntConsumer work) throws InterruptedException {
    Semaphore places = new Semaphore(CONCURRENCY);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < count; i++) {
        int number = i;
        places.acquire();
        threads.execute(
            () -> {
              try {
                work.accept(number);
              } finally {
                places.release();
              }
            });
      }
    }
  }

  private void namespace(int number) {
    String name = name(number);
    send(
        "POST",
        "api/v1/namespaces",
        """
        {"apiVersion":"v1","kind":"Namespace","metadata":{"name":"%s",
         "labels":{"istio-injection":"enabled","team":"team-%d","environment":"production"},
         "annotations":{"contact":"team-%d@example.org"}}}"""
            .formatted(name, number % 50, number % 50));
    send(
        "POST",
        "api/v1/namespaces/" + name + "/services",
        """
        {"apiVersion":"v1","kind":"Service","metadata":{"name":"app-0","labels":{"app":"app-0"}},
         "spec":{"clusterIP":"None","selector":{"app":"app-0"},
         "ports":[{"name":"http","port":80,"targetPort":8080,"appProtocol":"http"}]}}""");
    send(
        "POST",
        "apis/discovery.k8s.io/v1/namespaces/" + name + "/endpointslices",
        """
        {"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","addressType":"IPv4",
         "metadata":{"name":"app-0-abcde","labels":{"kubernetes.io/service-name":"app-0"}},
         "ports":[{"name":"http","port":8080,"protocol":"TCP"}],"endpoints":[%s]}"""
            .formatted(
                IntStream.range(0, PODS)
                    .mapToObj(pod -> endpoint(number, pod))
                    .collect(Collectors.joining(","))));
    if (number % 2 == 0) {
      send(
          "POST",
          "apis/security.istio.io/v1/namespaces/" + name + "/peerauthentications",
          """
          {"apiVersion":"security.istio.io/v1","kind":"PeerAuthentication",
           "metadata":{"name":"default"},"spec":{"mtls":{"mode":"PERMISSIVE"}}}""");
    }
  }

  private static String endpoint(int namespace, int pod) {
    return """
    {"addresses":["%s"],"conditions":{"ready":true},
     "targetRef":{"kind":"Pod","name":"%s","namespace":"%s"}}"""
        .formatted(LoadedPod.ip(namespace, pod), LoadedPod.name(namespace, pod), name(namespace));
  }

  private void pod(int namespace, int pod) {
    String pods = "api/v1/namespaces/" + name(namespace) + "/pods";
    send("POST", pods, LoadedPod.json(namespace, pod));
    send(
        "PATCH",
        pods + "/" + LoadedPod.name(namespace, pod) + "/status?fieldManager=kubelet",
        LoadedPod.status(namespace, pod));
  }

  private void send(String method, String path, String json) {
    String type = method.equals("PATCH") ? "application/merge-patch+json" : "application/json";
    HttpRequest request =
        http.newHttpRequestBuilder().uri(server + path).method(method, type, json).build();
    var response = http.sendAsync(request, byte[].class).join();
    if (!response.isSuccessful() && response.code() != 409) {
      throw new IllegalStateException(
          path + " " + response.code() + " " + new String(response.body(), StandardCharsets.UTF_8));
    }
    int count = written.incrementAndGet();
    if (count % 10_000 == 0) {
      System.out.printf("%d requests%n", count);
    }
  }
}
