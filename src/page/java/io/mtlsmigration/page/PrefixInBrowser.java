// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.microsoft.playwright.Page;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** The page below a path prefix that a proxy removes, and with nothing at the root. */
final class PrefixInBrowser {

  private static final String PREFIX = "/tools/mtls/";

  @Test
  void worksBelowAPathPrefix() throws IOException {
    HttpServer proxy =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    try (Chromium chromium = Chromium.start();
        PackagedService service = PackagedService.start();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        HttpClient client = HttpClient.newHttpClient()) {
      proxy.createContext(PREFIX, exchange -> pass(exchange, client, service));
      proxy.setExecutor(threads);
      proxy.start();
      Page page = chromium.open();

      page.navigate("http://localhost:" + proxy.getAddress().getPort() + PREFIX);
      assertThat(page.locator(".headline")).containsText("namespaces");
      assertThat(page.locator(".live")).hasText("Live");
      page.navigate("http://localhost:" + proxy.getAddress().getPort() + PREFIX + "#/traffic");
      // The graph comes as a file of its own.
      assertThat(page.locator(".graph .node").first()).isVisible();
      assertEquals(
          true, page.evaluate("() => document.querySelector('.brand img').naturalWidth > 0"));
      assertEquals(List.of(), chromium.complaints());
      page.context().close();
    } finally {
      proxy.stop(0);
    }
  }

  private static void pass(HttpExchange exchange, HttpClient client, PackagedService service)
      throws IOException {
    URI asked = exchange.getRequestURI();
    String query = asked.getRawQuery() == null ? "" : "?" + asked.getRawQuery();
    String path = asked.getRawPath().substring(PREFIX.length());
    try {
      HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(service.url(path + query)));
      exchange.getRequestHeaders().entrySet().stream()
          .filter(header -> List.of("Accept", "If-none-match").contains(header.getKey()))
          .forEach(header -> request.header(header.getKey(), header.getValue().getFirst()));
      HttpResponse<InputStream> answer =
          client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
      answer
          .headers()
          .firstValue("content-type")
          .ifPresent(type -> exchange.getResponseHeaders().set("Content-Type", type));
      answer
          .headers()
          .firstValue("etag")
          .ifPresent(tag -> exchange.getResponseHeaders().set("ETag", tag));
      exchange.sendResponseHeaders(answer.statusCode(), answer.statusCode() == 304 ? -1 : 0);
      try (InputStream in = answer.body();
          OutputStream out = exchange.getResponseBody()) {
        byte[] part = new byte[8192];
        for (int read = in.read(part); read >= 0; read = in.read(part)) {
          out.write(part, 0, read);
          out.flush();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      exchange.close();
    }
  }
}
