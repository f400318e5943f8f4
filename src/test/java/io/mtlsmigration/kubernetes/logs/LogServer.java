// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.mtlsmigration.testing.ApiClients;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Answers {@code pods/log} as a kubelet does (pkg/kubelet/kuberuntime/logs): whole lines from the
 * second of {@code sinceTime} on, each with its time before it, and no more than {@code
 * limitBytes}, which may end within a line.
 */
final class LogServer implements AutoCloseable {

  private final HttpServer server;
  private final Map<String, List<Line>> logs = new ConcurrentHashMap<>();

  /** Logs that are answered for with this status, by path; as a whole in {@link #refusal}. */
  final Map<String, Integer> refusals = new ConcurrentHashMap<>();

  /** How often nodes were asked for. */
  final AtomicInteger nodesAsked = new AtomicInteger();

  /** Paths of logs. */
  final List<String> asked = new CopyOnWriteArrayList<>();

  final KubernetesClient client;
  volatile int refusal;

  /** Runs before each log is answered for. */
  volatile Runnable slow = () -> {};

  /** A NodeList; while there is none, nodes may not be read. */
  volatile String nodes = "";

  /** Its page {@code next}. */
  volatile String moreNodes = "";

  private static final String BEFORE = "?previous";

  private record Line(Instant at, String text) {}

  LogServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
    client = ApiClients.of(server.getAddress().getPort());
  }

  /** Writes a line to the log of the container that ran before the proxy's last restart. */
  void wroteBefore(String namespace, String pod, Instant at, String text) {
    logs.computeIfAbsent(path(namespace, pod) + BEFORE, p -> new CopyOnWriteArrayList<>())
        .add(new Line(at, text));
  }

  /** Writes a line to a proxy's log, after the first one, which its agent has written. */
  void writes(String namespace, String pod, Instant at, String text) {
    logs.computeIfAbsent(path(namespace, pod), p -> begun(at)).add(new Line(at, text));
  }

  private static List<Line> begun(Instant at) {
    return new CopyOnWriteArrayList<>(List.of(new Line(at, "info\tFLAG: --concurrency=\"0\"")));
  }

  /** The same for very many, which would be slow one by one. */
  void writes(String namespace, String pod, List<Instant> times, String text) {
    logs.computeIfAbsent(path(namespace, pod), p -> new CopyOnWriteArrayList<>())
        .addAll(times.stream().map(at -> new Line(at, text)).toList());
  }

  /** The kubelet begins another file, and gives out that one alone. */
  void rotates(String namespace, String pod) {
    logs.put(path(namespace, pod), new CopyOnWriteArrayList<>());
  }

  static String path(String namespace, String pod) {
    return "/api/v1/namespaces/" + namespace + "/pods/" + pod + "/log";
  }

  private void answer(HttpExchange exchange) throws IOException {
    if (exchange.getRequestURI().getPath().equals("/api/v1/nodes")) {
      nodesAsked.incrementAndGet();
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      boolean more = "next".equals(query(exchange.getRequestURI().getRawQuery()).get("continue"));
      String list = more ? moreNodes : nodes;
      answer(exchange, list.isEmpty() ? 403 : 200, list.getBytes(StandardCharsets.UTF_8));
      return;
    }
    asked.add(exchange.getRequestURI().toString());
    slow.run();
    Map<String, String> query = query(exchange.getRequestURI().getRawQuery());
    boolean before = "true".equals(query.get("previous"));
    String path = exchange.getRequestURI().getPath() + (before ? BEFORE : "");
    List<Line> log = logs.get(path);
    boolean found = log != null && "istio-proxy".equals(query.get("container"));
    int code = refusal != 0 ? refusal : found ? 200 : before ? 400 : 404;
    code = refusals.getOrDefault(path, code);
    byte[] body = code == 200 && log != null ? text(log, query) : new byte[0];
    answer(exchange, code, body);
  }

  private static void answer(HttpExchange exchange, int code, byte[] body) throws IOException {
    exchange.sendResponseHeaders(code, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private static byte[] text(List<Line> log, Map<String, String> query) {
    Instant since = Instant.parse(query.get("sinceTime")).truncatedTo(ChronoUnit.SECONDS);
    StringBuilder text = new StringBuilder();
    for (Line line : log) {
      if (!line.at().isBefore(since)) {
        text.append(query.get("timestamps").equals("true") ? line.at() + " " : "")
            .append(line.text())
            .append('\n');
      }
    }
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    return Arrays.copyOf(bytes, Math.min(bytes.length, Integer.parseInt(query.get("limitBytes"))));
  }

  private static Map<String, String> query(String text) {
    Map<String, String> query = new HashMap<>();
    for (String pair : text == null ? new String[0] : text.split("&", -1)) {
      String[] parts = pair.split("=", 2);
      query.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
    }
    return query;
  }

  @Override
  public void close() {
    client.close();
    server.stop(0);
  }
}
