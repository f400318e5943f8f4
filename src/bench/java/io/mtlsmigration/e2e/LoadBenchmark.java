// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mtlsmigration.testing.FreePort;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What the API of the packaged service stands, on a generated mesh with a plan of all of it and
 * with the service held to one core ({@code taskset}):
 *
 * <ul>
 *   <li>of each read, the highest rate at which the 99th percentile of ten seconds stays within 20
 *       ms and nothing fails. The load is open: {@code vegeta} sends at the rate whether answers
 *       come or not, so that a stall is felt by everybody who would have come meanwhile.
 *   <li>how long events take to 500 readers of the stream, from the event's own time until a reader
 *       has it.
 * </ul>
 */
public final class LoadBenchmark {

  private static final Path FOLDER = Path.of("target/load-benchmark");
  private static final Path JAR = Path.of("target/quarkus-app/quarkus-run.jar");
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final double LIMIT_MS = 20;
  private static final int SECONDS = 3;
  private static final int READERS = 500;
  private static final int COMMANDS = 50;

  /**
   * One core, as the Deployment asks for. Of memory more than its limit of 1Gi gives, for the
   * sandbox holds the cluster as well: with 716 MB, 10,000 namespaces and their plan leave the
   * collector no time for anything else.
   */
  private static final List<String> JVM = List.of("-Xmx2g", "-XX:+UseSerialGC");

  private final HttpClient http = HttpClient.newHttpClient();
  private final ObjectMapper json = new ObjectMapper();
  private final URI api = URI.create("http://127.0.0.1:" + FreePort.next());
  private final Path vegeta;
  private final int namespaces;

  private LoadBenchmark(Path vegeta, int namespaces) {
    this.vegeta = vegeta;
    this.namespaces = namespaces;
  }

  /** Arguments: the folder of vegeta, and the number of namespaces. */
  public static void main(String[] args) {
    try {
      new LoadBenchmark(Path.of(args[0], "vegeta"), Integer.parseInt(args[1])).run();
      System.exit(0);
    } catch (Exception e) {
      e.printStackTrace();
      System.exit(1);
    }
  }

  private void run() throws Exception {
    try (Daemon service = service()) {
      await(service, "the service", () -> status("/api/v1/mesh") == 200);
      plan(service);
      String middle = "team-%05d".formatted(namespaces / 2);
      for (String target :
          List.of(
              "GET " + api + "/api/v1/namespaces",
              "GET " + api + "/api/v1/namespaces?limit=1000",
              "GET " + api + "/api/v1/namespaces/" + middle,
              "GET " + api + "/api/v1/namespaces/" + middle + "/workloads",
              "GET " + api + "/api/v1/mesh",
              "GET " + api + "/api/v1/findings",
              "GET " + api + "/api/v1/plans/all",
              "GET " + api + "/api/v1/plans/all/namespaces",
              "GET " + api + "/api/v1/plans/all/namespaces/" + middle,
              "GET " + api + "/api/v1/connectivity\nAccept: text/plain",
              "GET " + api + "/api/v1/connectivity?to=" + middle + "\nAccept: text/plain")) {
        search(target);
      }
      stream();
    }
  }

  private Daemon service() {
    List<String> command = new ArrayList<>(List.of("taskset", "-c", "0"));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(JVM);
    command.addAll(
        List.of(
            "-jar",
            JAR.toAbsolutePath().toString(),
            "--generate",
            "namespaces=" + namespaces + ",pods=3"));
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
            "" + FreePort.next(),
            // The sandbox calls with real handshakes, by itself: most of the core goes there. In a
            // cluster the pods do that.
            "MTLS_MIGRATION_PROBES_CLIENT_LABEL",
            "probes=none"),
        command);
  }

  private void plan(Daemon service) throws Exception {
    post("/plans", "{\"name\": \"all\", \"waves\": [{\"name\": \"all\", \"selector\": {}}]}", 201);
    post("/plans/all/start", "", 202);
    await(
        service,
        "every step of the plan",
        () -> {
          JsonNode progress = json.readTree(get("/api/v1/plans/all").body()).path("progress");
          return progress.path("total").asInt() > 0
              && progress.path("byPhase").path("PENDING").asInt() == 0;
        });
    System.out.println("a plan of " + namespaces + " namespaces is being observed");
  }

  /** Doubles the rate until it is too much, then closes in on the highest that is not. */
  private void search(String target) throws Exception {
    attack(target, 20, SECONDS); // the JVM gets to know the way
    int good = 0;
    int bad = 50;
    while (bad <= 20_000 && attack(target, bad, SECONDS).holds()) {
      good = bad;
      bad *= 2;
    }
    while (bad - good > Math.max(1, good / 8)) {
      int middle = (good + bad) / 2;
      if (attack(target, middle, SECONDS).holds()) {
        good = middle;
      } else {
        bad = middle;
      }
    }
    Attack confirmed = attack(target, Math.max(1, good), 10);
    while (!confirmed.holds() && good > 1) {
      good = good * 9 / 10;
      confirmed = attack(target, Math.max(1, good), 10);
    }
    System.out.printf(
        "%s%n  %s%n", target.replace(api.toString(), "").replace("\n", ", "), confirmed);
  }

  /** Milliseconds, requests a second, bytes. */
  private record Attack(
      int rate, double p50, double p90, double p99, double max, double success, long bytes) {

    boolean holds() {
      return p99 <= LIMIT_MS && success == 1.0;
    }

    @Override
    public String toString() {
      return "%d/s%s: p50 %.1f, p90 %.1f, p99 %.1f, longest %.1f ms, %.1f %% answered, %d bytes each"
          .formatted(rate, holds() ? "" : " (too much)", p50, p90, p99, max, success * 100, bytes);
    }
  }

  private Attack attack(String target, int rate, int seconds) throws Exception {
    Path targets = FOLDER.resolve("target.txt");
    Path results = FOLDER.resolve("results.bin");
    Files.writeString(targets, target + "\n");
    run(
        List.of(
            "taskset",
            "-c",
            "1",
            vegeta.toString(),
            "attack",
            "-targets=" + targets,
            "-rate=" + rate,
            "-duration=" + seconds + "s",
            "-timeout=10s",
            "-output=" + results));
    JsonNode report =
        json.readTree(run(List.of(vegeta.toString(), "report", "-type=json", results.toString())));
    JsonNode latencies = report.path("latencies");
    return new Attack(
        rate,
        latencies.path("50th").asDouble() / 1e6,
        latencies.path("90th").asDouble() / 1e6,
        latencies.path("99th").asDouble() / 1e6,
        latencies.path("max").asDouble() / 1e6,
        report.path("success").asDouble(),
        Math.round(report.path("bytes_in").path("mean").asDouble()));
  }

  private static String run(List<String> command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IllegalStateException(String.join(" ", command) + ": " + said);
    }
    return said;
  }

  /** Commands that each make an event, while many follow. */
  private void stream() throws Exception {
    List<Socket> sockets = new ArrayList<>();
    Queue<Double> took = new ConcurrentLinkedQueue<>();
    AtomicInteger following = new AtomicInteger();
    try {
      for (int i = 0; i < READERS; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), api.getPort());
        sockets.add(socket);
        Thread.ofVirtual().start(() -> follow(socket, following, took));
      }
      long start = System.nanoTime();
      while (following.get() < READERS) {
        if (System.nanoTime() - start > PATIENCE.toNanos()) {
          throw new IllegalStateException(following + " of " + READERS + " follow");
        }
        Thread.sleep(20);
      }
      for (int i = 0; i < COMMANDS; i++) {
        post("/plans/all/" + (i % 2 == 0 ? "pause" : "resume"), "", 202);
        Thread.sleep(200);
      }
      Thread.sleep(3_000);
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
    List<Double> sorted = new ArrayList<>(took);
    Collections.sort(sorted);
    System.out.printf(
        "events to %d readers: %d commands, %d events read, p50 %.1f, p99 %.1f, longest %.1f ms%n",
        READERS,
        COMMANDS,
        sorted.size(),
        sorted.get(sorted.size() / 2),
        sorted.get((int) Math.ceil(sorted.size() * 0.99) - 1),
        sorted.getLast());
  }

  private void follow(Socket socket, AtomicInteger following, Queue<Double> took) {
    try {
      socket
          .getOutputStream()
          .write(
              "GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n"
                  .getBytes(StandardCharsets.UTF_8));
      BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.equals(": following") || line.equals(":following")) {
          following.incrementAndGet();
        } else if (line.startsWith("data:")) {
          Instant at = Instant.parse(json.readTree(line.substring(5)).path("at").asText());
          took.add(Duration.between(at, Instant.now()).toNanos() / 1e6);
        }
      }
    } catch (IOException e) {
      if (!socket.isClosed()) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @FunctionalInterface
  private interface Condition {
    boolean holds() throws Exception;
  }

  private static void await(Daemon service, String what, Condition condition) throws Exception {
    long start = System.nanoTime();
    while (!condition.holds()) {
      if (!service.alive() || System.nanoTime() - start > PATIENCE.toNanos()) {
        throw new IllegalStateException(what + " does not come:\n" + service.lastWords());
      }
      Thread.sleep(100);
    }
  }

  private void post(String path, String body, int expected) throws Exception {
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(api.resolve("/api/v1" + path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != expected) {
      throw new IllegalStateException(answer + ": " + answer.body());
    }
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(api.resolve(path)).timeout(PATIENCE).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private int status(String path) throws InterruptedException {
    try {
      return get(path).statusCode();
    } catch (IOException e) {
      return 0;
    }
  }
}
