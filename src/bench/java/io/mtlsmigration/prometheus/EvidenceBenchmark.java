// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.mtlsmigration.Absent;
import io.mtlsmigration.e2e.PrometheusProcess;
import io.mtlsmigration.mesh.MeshBuilders;
import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import io.mtlsmigration.traffic.TrafficReading;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One reading of a whole mesh's evidence: a real Prometheus scrapes 200,000 series of 10,000
 * namespaces, of which one in twenty is plaintext, and everything that one tick wants is asked and
 * put together. Printed are the time in all, what of it Prometheus took to answer, what was
 * allocated meanwhile, and what the reading keeps.
 */
public final class EvidenceBenchmark {

  private static final int EDGES = 20;
  private static final int WORKLOADS = 5;
  private static final int READINGS = 5;
  private static final Duration WINDOW = Duration.ofMinutes(1);
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final int namespaces;
  private final AtomicLong scrapes = new AtomicLong();

  private EvidenceBenchmark(int namespaces) {
    this.namespaces = namespaces;
  }

  /** Argument: the number of namespaces. */
  public static void main(String[] args) {
    try {
      new EvidenceBenchmark(Integer.parseInt(args[0])).run();
      System.exit(0);
    } catch (Exception e) {
      e.printStackTrace();
      System.exit(1);
    }
  }

  private void run() throws Exception {
    HttpServer proxies =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    proxies.createContext("/metrics", this::export);
    proxies.start();
    String target = "127.0.0.1:" + proxies.getAddress().getPort();
    MeshSnapshot mesh = mesh();
    try (PrometheusProcess prometheus =
            PrometheusProcess.start(
                Path.of("target/evidence-benchmark"), target, Duration.ofSeconds(15));
        PrometheusHttp api =
            new PrometheusHttp(
                new PrometheusOptions(
                    prometheus.url(),
                    null,
                    Map.of(),
                    null,
                    Duration.ofMinutes(1),
                    0,
                    WINDOW,
                    InstantSource.system()),
                Absent.METER)) {
      PrometheusTrafficQuery survey =
          new PrometheusTrafficQuery(api, () -> mesh, Duration.ofSeconds(15), Set.of());
      awaitWindow(survey);
      for (int i = 0; i < READINGS; i++) {
        read(survey);
      }
      alone(api);
    } finally {
      proxies.stop(0);
    }
  }

  private void awaitWindow(PrometheusTrafficQuery survey) throws InterruptedException {
    long start = System.nanoTime();
    TrafficReading reading = survey.read(Instant.now(), WINDOW);
    while (!(reading.of(name(0)) instanceof Evidence.Measured<NamespaceTraffic>)) {
      if (System.nanoTime() - start > PATIENCE.toNanos()) {
        throw new IllegalStateException("no evidence: " + reading.of(name(0)));
      }
      Thread.sleep(1_000);
      reading = survey.read(Instant.now(), WINDOW);
    }
    System.out.printf(
        "%d namespaces, %d series, scraped %d times%n",
        namespaces, namespaces * EDGES, scrapes.get());
  }

  private void read(PrometheusTrafficQuery survey) {
    long before = heap();
    long allocated = allocated();
    long start = System.nanoTime();
    TrafficReading reading = survey.read(Instant.now(), WINDOW);
    long took = System.nanoTime() - start;
    allocated = allocated() - allocated;
    long kept = heap() - before;
    int edges = 0;
    for (int i = 0; i < namespaces; i++) {
      if (reading.of(name(i)) instanceof Evidence.Measured<NamespaceTraffic> measured) {
        edges += measured.value().edges().size();
      }
    }
    if (edges != namespaces * EDGES) {
      throw new IllegalStateException(edges + " edges: " + reading.of(name(0)));
    }
    System.out.printf(
        "a reading: %.2f s, %d MB allocated, %d MB kept, %d edges%n",
        took / 1e9, allocated >> 20, kept >> 20, edges);
  }

  /** The largest answer by itself. */
  private static void alone(PrometheusHttp api) {
    for (int i = 0; i < READINGS; i++) {
      long allocated = allocated();
      long start = System.nanoTime();
      int found = api.query(PromQuery.MUTUAL_TLS_REQUESTS, WINDOW, Instant.now()).series().size();
      System.out.printf(
          "who calls whom over mutual TLS: %.2f s with Prometheus' part, %d MB allocated, %d series%n",
          (System.nanoTime() - start) / 1e9, (allocated() - allocated) >> 20, found);
    }
  }

  private static long heap() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  /** By this thread, which does all of it but the HTTP client's part. */
  private static long allocated() {
    return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
        .getCurrentThreadAllocatedBytes();
  }

  private static String name(int number) {
    return "namespace-%05d".formatted(number);
  }

  private MeshSnapshot mesh() {
    List<NamespaceBuilder> all = new ArrayList<>();
    all.add(MeshBuilders.namespace("istio-system"));
    for (int i = 0; i < namespaces; i++) {
      NamespaceBuilder one = Worlds.injected(name(i));
      for (int w = 0; w < WORKLOADS; w++) {
        one.with(MeshBuilders.sidecarPod("app-" + w).ports(8080));
      }
      all.add(one);
    }
    return MeshBuilders.mesh(all.toArray(new NamespaceBuilder[0]));
  }

  /** What the sidecars of all servers count; every counter grows by ten from scrape to scrape. */
  private void export(HttpExchange exchange) throws IOException {
    long value = 10 * scrapes.incrementAndGet();
    exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4");
    exchange.sendResponseHeaders(200, 0);
    try (OutputStream body = new BufferedOutputStream(exchange.getResponseBody(), 1 << 16)) {
      for (int i = 0; i < namespaces; i++) {
        for (int e = 0; e < EDGES; e++) {
          body.write(series(i, e, value).getBytes(StandardCharsets.UTF_8));
        }
      }
    }
  }

  private String series(int server, int edge, long value) {
    String client = name((server + edge * 37 + 1) % namespaces);
    String security = edge == 0 ? "none" : "mutual_tls";
    return "istio_requests_total{reporter=\"destination\",source_workload_namespace=\""
        + client
        + "\",source_workload=\"app-"
        + edge % WORKLOADS
        + "\",destination_workload_namespace=\""
        + name(server)
        + "\",destination_workload=\"app-"
        + edge / WORKLOADS
        + "\",request_protocol=\"http\",response_code=\"200\",response_flags=\"-\","
        + "connection_security_policy=\""
        + security
        + "\"} "
        + value
        + "\n";
  }
}
