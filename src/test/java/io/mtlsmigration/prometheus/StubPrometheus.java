// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Answers queries on a loopback port as Prometheus would; what the queries mean promtool tests. */
final class StubPrometheus implements AutoCloseable {

  private final HttpServer server;
  private final Map<PromQuery, String> vectors = new LinkedHashMap<>();
  private final List<Integer> failures = new CopyOnWriteArrayList<>();
  final List<Map<String, String>> requests = new CopyOnWriteArrayList<>();
  volatile String warning = "";

  /** Of each answer the first half is sent, and no more. */
  volatile boolean stalls;

  /** What it has is older than a few scrapes. */
  volatile boolean behind;

  /** Of characters in a query, as in VictoriaMetrics. */
  volatile int maxQueryLength = Integer.MAX_VALUE;

  volatile String retention = "";
  volatile long coverageFrom = Long.MIN_VALUE;

  StubPrometheus() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/prom/");
  }

  /** Result of one query: {@code {label="value",…} value} as JSON objects. */
  void has(PromQuery query, String... series) {
    vectors.put(query, String.join(",", series));
  }

  void failsWith(int... statuses) {
    for (int status : statuses) {
      failures.add(status);
    }
  }

  static String series(String value, String... labels) {
    List<String> pairs = new ArrayList<>();
    for (int i = 0; i < labels.length; i += 2) {
      pairs.add("\"%s\":\"%s\"".formatted(labels[i], labels[i + 1]));
    }
    return "{\"metric\":{%s},\"value\":[1767225600,\"%s\"]}"
        .formatted(String.join(",", pairs), value);
  }

  /** One of a range: each sample is {@code [seconds,"value"]}. */
  static String steps(String samples, String... labels) {
    return series("", labels).replaceFirst("\"value\":.*", "\"values\":[" + samples + "]}");
  }

  private void answer(HttpExchange exchange) throws IOException {
    Map<String, String> request = new LinkedHashMap<>();
    exchange.getRequestHeaders().forEach((k, v) -> request.put(k, v.getFirst()));
    request.put("path", exchange.getRequestURI().getPath());
    String form = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    for (String pair : form.split("&")) {
      int eq = pair.indexOf('=');
      if (eq < 0) {
        continue; // a GET has no form
      }
      request.put(
          pair.substring(0, eq), URLDecoder.decode(pair.substring(eq + 1), StandardCharsets.UTF_8));
    }
    requests.add(request);
    int fine = request.getOrDefault("query", "").length() > maxQueryLength ? 422 : 200;
    int status = failures.isEmpty() ? fine : failures.removeFirst();
    byte[] body = (status == 200 ? body(request) : "out of order").getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, body.length);
    if (stalls) {
      exchange.getResponseBody().write(body, 0, body.length / 2);
      exchange.getResponseBody().flush();
      return;
    }
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private String body(Map<String, String> request) {
    if (request.getOrDefault("path", "").endsWith("/status/runtimeinfo")) {
      return "{\"status\":\"success\",\"data\":{\"storageRetention\":\"%s\"}}".formatted(retention);
    }
    String result = request.containsKey("step") ? range(request) : instant(request);
    String warnings = warning.isEmpty() ? "" : ",\"warnings\":[\"%s\"]".formatted(warning);
    return "{\"status\":\"success\",\"data\":{\"resultType\":\"x\",\"result\":[%s]}%s}"
        .formatted(result, warnings);
  }

  /** Something was scraped at every step from {@code coverageFrom} on. */
  private String range(Map<String, String> request) {
    String query = request.get("query");
    String found = vector(query);
    boolean own = query.contains("\"reaches\"");
    if (!query.contains("istio_build") || (query.contains("_over_time") && !own)) {
      return found;
    }
    List<String> samples = new ArrayList<>();
    long step = Long.parseLong(request.get("step"));
    long end = Long.parseLong(request.get("end"));
    for (long at = Long.parseLong(request.get("start")); at <= end; at += step) {
      if (at >= coverageFrom) {
        samples.add("[%d,\"4\"]".formatted(at));
      }
    }
    String covered =
        own
            ? steps(String.join(",", samples), "reaches", "step")
            : steps(String.join(",", samples));
    return samples.isEmpty() ? found : found + (found.isEmpty() ? "" : ",") + covered;
  }

  /** Scrapes go on, and an answer reaches back to where the data begins. */
  private String instant(Map<String, String> request) {
    String query = request.get("query");
    String found = vector(query);
    if (query.startsWith("count(last_over_time({__name__=~\"up|istio_build\"}")) {
      return behind ? "" : found.isEmpty() ? series("4") : found;
    }
    Matcher window = Pattern.compile("offset (\\d+)s\\), \"reaches\"").matcher(query);
    boolean reaches =
        window.find()
            && Long.parseLong(request.get("time")) - Long.parseLong(window.group(1))
                >= coverageFrom;
    return reaches
        ? found + (found.isEmpty() ? "" : ",") + series("4", "reaches", "window")
        : found;
  }

  /** A query is known by its text, but for the window, the targets and the namespaces. */
  private static String comparable(String query) {
    return query
        .replaceAll("namespace=~\"[^\"]*\"", "namespace=~\"\"")
        .replaceAll("instance=~\"[^\"]*\"", "instance=~\"\"")
        .replaceAll("\\b\\d+s\\b", "1s")
        .replaceAll("(< |- |/ )\\d+", "$11");
  }

  private String vector(String query) {
    for (Map.Entry<PromQuery, String> entry : vectors.entrySet()) {
      String text = entry.getKey().over(java.time.Duration.ofSeconds(1), "foo");
      if (comparable(text).equals(comparable(query))) {
        return entry.getValue();
      }
    }
    return "";
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
