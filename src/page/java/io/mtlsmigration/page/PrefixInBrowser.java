// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.mtlsmigration.api.login.OpenIdServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The page below a path prefix that a proxy removes, and with nothing at the root. */
final class PrefixInBrowser {

  private static final String PREFIX = "/tools/mtls/";

  private static final Set<String> ASKED =
      Set.of("Accept", "If-none-match", "Authorization", "Cookie", "Sec-fetch-site");
  private static final Set<String> ANSWERED =
      Set.of("content-type", "etag", "location", "set-cookie");

  private static HttpServer proxy;
  private static ExecutorService threads;
  private static HttpClient client;
  private static Chromium chromium;

  @BeforeAll
  static void start() throws IOException {
    proxy = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    threads = Executors.newVirtualThreadPerTaskExecutor();
    client = HttpClient.newHttpClient();
    chromium = Chromium.start();
    proxy.setExecutor(threads);
    proxy.start();
  }

  @AfterAll
  static void stop() {
    proxy.stop(0);
    chromium.close();
    client.close();
    threads.close();
  }

  @Test
  void worksBelowAPathPrefix() {
    try (PackagedService service = PackagedService.start()) {
      proxy.createContext(PREFIX, exchange -> pass(exchange, PREFIX, service));
      Page page = chromium.open();

      page.navigate(url(PREFIX));
      assertThat(page.locator(".headline")).containsText("namespaces");
      assertThat(page.locator(".live")).hasText("Live");
      page.navigate(url(PREFIX + "#/traffic"));
      // The graph comes as a file of its own.
      assertThat(page.locator(".graph .node").first()).isVisible();
      assertEquals(
          true, page.evaluate("() => document.querySelector('.brand img').naturalWidth > 0"));
      assertEquals(List.of(), chromium.complaints());
      page.context().close();
    }
  }

  /** With the settings of docs/access.md. */
  @Test
  void signsInAndOutBelowAPathPrefix() {
    String prefix = "/signed/mtls/";
    try (OpenIdServer provider = OpenIdServer.start(0, Duration.ofMinutes(5));
        PackagedService service =
            PackagedService.start(
                0,
                LoginInBrowser.options(
                    provider,
                    "-Dquarkus.http.proxy.proxy-address-forwarding=true",
                    "-Dquarkus.http.proxy.enable-forwarded-host=true",
                    "-Dquarkus.http.proxy.enable-forwarded-prefix=true",
                    "-Dquarkus.http.proxy.trusted-proxies=127.0.0.1",
                    "-Dquarkus.oidc.page.authentication.cookie-path=/signed/mtls/login"))) {
      proxy.createContext(prefix, exchange -> pass(exchange, prefix, service));
      Page page = chromium.open();
      LoginInBrowser.withoutFonts(page);
      page.navigate(url(prefix + "#/traffic?security=plaintext"));

      LoginInBrowser.signIn(page, "vera", "engineering");

      assertThat(page.locator(".who")).containsText("vera");
      assertEquals(url(prefix + "#/traffic?security=plaintext"), page.url());
      page.reload();
      assertThat(page.locator(".who")).containsText("vera");
      assertEquals(List.of(), page.context().cookies(url(prefix + "api/v1/mesh")));
      page.getByLabel("Log out vera").click();
      Locator end =
          page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Log out there, too"));
      assertTrue(
          URLDecoder.decode(end.getAttribute("href"), StandardCharsets.UTF_8)
              .endsWith("=" + url(prefix)),
          end.getAttribute("href"));
      assertEquals(List.of(), page.context().cookies(url(prefix + "login")));
      assertEquals(List.of(), chromium.complaints());
      page.context().close();
    }
  }

  private static String url(String path) {
    return "http://localhost:" + proxy.getAddress().getPort() + path;
  }

  private static void pass(HttpExchange exchange, String prefix, PackagedService service)
      throws IOException {
    URI asked = exchange.getRequestURI();
    String query = asked.getRawQuery() == null ? "" : "?" + asked.getRawQuery();
    String path = asked.getRawPath().substring(prefix.length());
    try {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create(service.url(path + query)))
              .method(
                  exchange.getRequestMethod(),
                  HttpRequest.BodyPublishers.ofByteArray(exchange.getRequestBody().readAllBytes()))
              .header("X-Forwarded-Prefix", prefix)
              .header("X-Forwarded-Host", exchange.getRequestHeaders().getFirst("Host"))
              .header("X-Forwarded-Proto", "http");
      exchange.getRequestHeaders().entrySet().stream()
          .filter(header -> ASKED.contains(header.getKey()))
          .forEach(header -> request.header(header.getKey(), header.getValue().getFirst()));
      HttpResponse<InputStream> answer =
          client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
      answer.headers().map().entrySet().stream()
          .filter(header -> ANSWERED.contains(header.getKey().toLowerCase(Locale.ROOT)))
          .forEach(header -> exchange.getResponseHeaders().put(header.getKey(), header.getValue()));
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
