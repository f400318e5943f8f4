// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.mtlsmigration.bench.ClusterLoad;
import io.mtlsmigration.testing.FreePort;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What the packaged service takes of a large cluster: a real etcd and kube-apiserver are filled by
 * {@link ClusterLoad}, the service reads them under the shipped ServiceAccount with the heap and
 * the collector that the shipped Deployment's gigabyte of memory gives it, and then
 *
 * <ul>
 *   <li>how long it takes from its start until it is ready,
 *   <li>what it keeps resident,
 *   <li>how long a plan of all namespaces takes until each of them is being observed; it goes on
 *       through all that follows, and holds, for nothing here tells who sends plaintext,
 *   <li>how long it takes from the API server's answer to a changed PeerAuthentication until the
 *       posture changes over REST,
 *   <li>what lists take at a steady rate of 200 requests a second, by {@code hey} when it is in
 *       PATH,
 * </ul>
 *
 * are printed. With 10,000 namespaces the API server alone takes 9 to 17 GB.
 */
public final class ClusterBenchmark {

  private static final Path FOLDER = Path.of("target/cluster-benchmark");
  private static final Path JAR = Path.of("target/quarkus-app/quarkus-run.jar");
  private static final String PLAN = "all";
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  /** As the Deployment's limit of 1Gi and {@code MaxRAMPercentage=70} make the JVM decide. */
  private static final List<String> JVM = List.of("-Xmx716m", "-XX:+UseSerialGC");

  private final HttpClient http = HttpClient.newHttpClient();
  private final ObjectMapper json = new ObjectMapper();
  private final URI api = URI.create("http://127.0.0.1:" + FreePort.next());
  private final URI management = URI.create("http://127.0.0.1:" + FreePort.next());
  private final int namespaces;

  private ClusterBenchmark(int namespaces) {
    this.namespaces = namespaces;
  }

  /** Arguments: the number of namespaces, and how many policies to change. */
  public static void main(String[] args) {
    try {
      run(args);
      System.exit(0);
    } catch (Exception e) {
      e.printStackTrace();
      System.exit(1); // not by itself: Vert.x leaves threads behind
    }
  }

  private static void run(String[] args) throws Exception {
    ClusterBenchmark benchmark = new ClusterBenchmark(Integer.parseInt(args[0]));
    // The pods' ServiceAccounts are not made: they would be 150,000 objects that nobody reads.
    try (ApiServer server =
            ApiServer.start(FOLDER, List.of("--disable-admission-plugins=ServiceAccount"));
        KubernetesClient admin = server.admin().client()) {
      benchmark.fill(server);
      try (Daemon service = benchmark.service(server, admin)) {
        benchmark.awaitReady(service);
        benchmark.resident(service, "when ready");
        benchmark.plan();
        benchmark.resident(service, "with a plan of all namespaces");
        benchmark.changes(admin, Integer.parseInt(args[1]));
        benchmark.lists();
        benchmark.resident(service, "after " + args[1] + " changes and the lists");
      }
    }
  }

  private void fill(ApiServer server) throws Exception {
    Kubectl kubectl = server.admin().kubectl();
    TestCluster.installIstio(kubectl);
    TestCluster.install(kubectl, "single");
    ClusterLoad.fill(server.admin().file(), namespaces);
  }

  private Daemon service(ApiServer server, KubernetesClient admin) {
    String token =
        admin
            .serviceAccounts()
            .inNamespace(TestCluster.OWN)
            .withName(TestCluster.OWN)
            .tokenRequest(TestCluster.tokenFor(Duration.ofHours(1)))
            .getStatus()
            .getToken();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(JVM);
    command.addAll(
        List.of(
            "-jar",
            JAR.toAbsolutePath().toString(),
            "--kubeconfig",
            server.kubeconfig("service", token).file().toString()));
    return Daemon.start(
        FOLDER.resolve("service.log"),
        Map.of(
            "QUARKUS_HTTP_HOST",
            "127.0.0.1",
            "QUARKUS_HTTP_PORT",
            "" + api.getPort(),
            "QUARKUS_MANAGEMENT_HOST",
            "127.0.0.1",
            "QUARKUS_MANAGEMENT_PORT",
            "" + management.getPort(),
            "MTLS_MIGRATION_CLUSTER_ADDRESS",
            "https://127.0.0.1:" + FreePort.next()),
        command);
  }

  private void awaitReady(Daemon service) throws Exception {
    long start = System.nanoTime();
    URI ready = management.resolve("/q/health/ready");
    while (status(ready) != 200) {
      if (!service.alive() || System.nanoTime() - start > PATIENCE.toNanos()) {
        throw new IllegalStateException("the service is not ready:\n" + service.lastWords());
      }
      Thread.sleep(50);
    }
    System.out.printf("ready after %.1f s%n", since(start) / 1000.0);
    System.out.println(get(api.resolve("/api/v1/mesh")).body());
  }

  private void resident(Daemon service, String when) throws IOException {
    List<String> lines =
        Files.readAllLines(Path.of("/proc/" + service.pid() + "/status")).stream()
            .filter(line -> line.startsWith("VmRSS") || line.startsWith("VmHWM"))
            .map(line -> line.replaceAll("\\s+", " "))
            .toList();
    System.out.println("memory " + when + ": " + lines);
  }

  private void plan() throws Exception {
    long start = System.nanoTime();
    String body =
        """
        {"name": "%s", "target": "MESH", "waves": [{"name": "all", "selector": {}}]}
        """
            .formatted(PLAN);
    expect(201, post("/plans", body));
    System.out.printf("plan of all namespaces made after %d ms%n", since(start));
    expect(202, post("/plans/" + PLAN + "/start", ""));
    URI address = api.resolve("/api/v1/plans/" + PLAN);
    JsonNode progress = progress(address);
    while (progress.path("total").asInt() == 0
        || progress.path("byPhase").path("PENDING").asInt() > 1) { // the mesh comes last
      if (since(start) > PATIENCE.toMillis()) {
        throw new IllegalStateException("the plan does not get on: " + progress);
      }
      Thread.sleep(100);
      progress = progress(address);
    }
    System.out.printf(
        "all of them observed after %.1f s: %s%n", since(start) / 1000.0, progress.path("byPhase"));
  }

  private JsonNode progress(URI plan) throws IOException, InterruptedException {
    return json.readTree(get(plan).body()).path("progress");
  }

  private HttpResponse<String> post(String path, String body)
      throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(api.resolve("/api/v1" + path))
            .timeout(PATIENCE)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static void expect(int status, HttpResponse<String> answer) {
    if (answer.statusCode() != status) {
      throw new IllegalStateException(answer + ": " + answer.body());
    }
  }

  /** Every second namespace has a policy of its own. */
  private void changes(KubernetesClient admin, int count) throws Exception {
    List<Long> took = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String namespace = ClusterLoad.name(2 * (int) ((i * 7_919L) % (namespaces / 2)));
      took.add(change(admin, namespace, "STRICT"));
      took.add(change(admin, namespace, "PERMISSIVE"));
    }
    print("change of a policy until its posture over REST", took);
  }

  private long change(KubernetesClient admin, String namespace, String mode) throws Exception {
    admin
        .genericKubernetesResources("security.istio.io/v1", "PeerAuthentication")
        .inNamespace(namespace)
        .withName("default")
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"spec\":{\"mtls\":{\"mode\":\"%s\"}}}".formatted(mode));
    long start = System.nanoTime();
    URI address = api.resolve("/api/v1/namespaces/" + namespace);
    while (!get(address).body().contains("\"posture\":\"" + mode + "\"")) {
      if (since(start) > PATIENCE.toMillis()) {
        throw new IllegalStateException(namespace + " does not become " + mode);
      }
      Thread.sleep(2);
    }
    return since(start);
  }

  private void lists() throws Exception {
    String middle = ClusterLoad.name(namespaces / 2);
    for (String path :
        List.of(
            "/namespaces",
            "/namespaces?limit=1000",
            "/namespaces/" + middle + "/workloads",
            "/workloads",
            "/policies",
            "/findings",
            "/mesh",
            "/plans/" + PLAN,
            "/plans/" + PLAN + "/namespaces")) {
      load(path);
    }
  }

  /** Ten callers of twenty requests a second each; the first seconds are not counted. */
  private void load(String path) throws Exception {
    try {
      hey(path, "3s");
      System.out.println("list " + path + ": " + summary(hey(path, "10s")));
    } catch (IOException e) {
      System.out.println("NOT MEASURED: " + path + ": " + e.getMessage());
    }
  }

  private String hey(String path, String time) throws IOException, InterruptedException {
    Process hey =
        new ProcessBuilder("hey", "-z", time, "-c", "10", "-q", "20", api + "/api/v1" + path)
            .redirectErrorStream(true)
            .start();
    String said = new String(hey.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    hey.waitFor();
    return said;
  }

  private static List<String> summary(String said) {
    return said.lines()
        .map(String::strip)
        .filter(
            line ->
                line.startsWith("Requests/sec")
                    || line.startsWith("50%")
                    || line.startsWith("99%")
                    || line.startsWith("[")
                    || line.startsWith("Size/request"))
        .map(line -> line.replaceAll("\\s+", " "))
        .toList();
  }

  private static void print(String what, List<Long> millis) {
    Collections.sort(millis);
    System.out.printf(
        "%s: p50 %d ms, p99 %d ms, longest %d ms, of %d%n",
        what,
        millis.get(millis.size() / 2),
        millis.get((int) Math.ceil(millis.size() * 0.99) - 1),
        millis.getLast(),
        millis.size());
  }

  private int status(URI address) throws InterruptedException {
    try {
      return get(address).statusCode();
    } catch (IOException e) {
      return 0;
    }
  }

  private HttpResponse<String> get(URI address) throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(address).timeout(PATIENCE).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static long since(long start) {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
  }
}
