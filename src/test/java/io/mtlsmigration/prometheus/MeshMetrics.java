// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/** What proxies of a mesh export, at one address. */
final class MeshMetrics implements AutoCloseable {

  private final HttpServer server;
  private final Map<String, Double> series = new ConcurrentSkipListMap<>();

  MeshMetrics() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/metrics",
        exchange -> {
          StringBuilder text = new StringBuilder();
          series.forEach((name, value) -> text.append(name).append(' ').append(value).append('\n'));
          byte[] body = text.toString().getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4");
          exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
  }

  String address() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  /** Exports a counter, labels included, or another value of it. */
  void set(String counter, double value) {
    series.put(counter, value);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
