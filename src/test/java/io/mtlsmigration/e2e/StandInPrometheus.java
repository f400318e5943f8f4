// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Stands in for a Prometheus that has scraped all the time, and knows of nobody who sends
 * plaintext: samples of the servers in {@code foo} and {@code bar}, and no other series. What the
 * queries mean is tested by promtool.
 */
final class StandInPrometheus implements AutoCloseable {

  private final HttpServer server;
  private final Supplier<List<String>> proxies;

  /**
   * @param proxies {@code namespace/pod/creationTimestamp} of those that are scraped
   */
  StandInPrometheus(Supplier<List<String>> proxies) {
    this.proxies = proxies;
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext(
        "/api/v1/query", exchange -> answer(exchange, "vector", measured(form(exchange))));
    server.createContext(
        "/api/v1/query_range", exchange -> answer(exchange, "matrix", coverage(form(exchange))));
    server.start();
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** Which servers there are samples of, and which proxies are up, for a day. */
  private String measured(Map<String, String> form) {
    String query = form.get("query");
    String time = form.get("time");
    if (query.startsWith("count(last_over_time(")) {
      return "{\"metric\":{},\"value\":[%s,\"1\"]}".formatted(time);
    }
    if (query.contains("\"heard\"")) {
      return Stream.of("\"reaches\":\"window\"", "\"what\":\"heard\"", "\"what\":\"first\"")
          .map(label -> "{\"metric\":{%s},\"value\":[%s,\"1\"]}".formatted(label, time))
          .collect(Collectors.joining(","));
    }
    if (query.contains("\"reaches\"")) {
      return "{\"metric\":{\"reaches\":\"window\"},\"value\":[%s,\"1\"]}".formatted(time);
    }
    if (query.startsWith("min by (namespace, kubernetes_namespace")) {
      return proxies.get().stream()
          .map(pod -> pod.split("/", 3))
          .map(
              pod ->
                  "{\"metric\":{\"namespace\":\"%s\",\"pod\":\"%s\"},\"value\":[%s,\"%d\"]}"
                      .formatted(
                          pod[0],
                          pod[1],
                          time,
                          (long) Double.parseDouble(time) - Instant.parse(pod[2]).getEpochSecond()))
          .collect(Collectors.joining(","));
    }
    if (!query.contains("count by (destination_workload_namespace)")
        || query.contains("connection_security_policy=\"\"")) {
      return "";
    }
    return Stream.of("foo", "bar")
        .map(
            namespace ->
                ("{\"metric\":{\"destination_workload_namespace\":\"%s\","
                        + "\"destination_workload\":\"httpbin\"},\"value\":[%s,\"1\"]}")
                    .formatted(namespace, time))
        .collect(Collectors.joining(","));
  }

  /** Proxies were scraped at every step. */
  private static String coverage(Map<String, String> form) {
    String query = form.get("query");
    if (!query.contains("count(envoy_server_uptime)")) {
      return "";
    }
    double step = Double.parseDouble(form.get("step").replace("s", ""));
    StringBuilder values = new StringBuilder();
    for (double at = Double.parseDouble(form.get("start"));
        at <= Double.parseDouble(form.get("end"));
        at += step) {
      values.append(values.isEmpty() ? "" : ",").append("[%.0f,\"1\"]".formatted(at));
    }
    return "{\"metric\":{},\"values\":[" + values + "]}";
  }

  private static Map<String, String> form(HttpExchange exchange) throws IOException {
    Map<String, String> form = new HashMap<>();
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    for (String pair : body.split("&", -1)) {
      String[] parts = pair.split("=", 2);
      form.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
    }
    return form;
  }

  private static void answer(HttpExchange exchange, String type, String result) throws IOException {
    byte[] body =
        "{\"status\":\"success\",\"data\":{\"resultType\":\"%s\",\"result\":[%s]}}"
            .formatted(type, result)
            .getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
