// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who has to act, as the page tells it to each team. */
final class TodoInBrowser {

  private static HttpServer receivers;
  private static PackagedService service;
  private static Chromium chromium;

  @BeforeAll
  static void start() throws IOException {
    PlaywrightAssertions.setDefaultAssertionTimeout(60_000);
    chromium = Chromium.start();
    receivers = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    receivers.createContext("/oncall", exchange -> answer(exchange, 202));
    receivers.createContext("/gone", exchange -> answer(exchange, 404));
    receivers.start();
    String url = "http://127.0.0.1:" + receivers.getAddress().getPort();
    service =
        PackagedService.start(
            0,
            List.of(
                "-Dmtls-migration.notices.oncall.format=SLACK",
                "-Dmtls-migration.notices.oncall.url=" + url + "/oncall",
                "-Dmtls-migration.notices.gone.format=TEAMS",
                "-Dmtls-migration.notices.gone.url=" + url + "/gone"));
  }

  @AfterAll
  static void stop() {
    service.close();
    chromium.close();
    receivers.stop(0);
  }

  private static void answer(HttpExchange exchange, int status) throws IOException {
    exchange.sendResponseHeaders(status, -1);
    exchange.close();
  }

  @Test
  void tellsWhatFreesMostAndLeadsEachOwnerToItsOwn() throws Exception {
    Page page = chromium.open();
    page.navigate(service.url("#/todo"));

    Locator first = page.locator(".todo li").first();
    assertThat(first).containsText("Inject Deployment legacy/curl");
    assertThat(first).containsText(Pattern.compile("Frees bar, ?foo"));
    assertThat(first).containsText("kubectl -n legacy patch deployment/curl");

    page.getByRole(AriaRole.NAVIGATION, new Page.GetByRoleOptions().setName("Owners"))
        .getByText("Nobody's")
        .click();
    assertThat(page).hasURL(Pattern.compile("#/todo\\?owner=-$"));
    assertThat(page.locator(".todo li").first()).containsText("Inject Deployment legacy/curl");
    Download digest =
        page.waitForDownload(
            () ->
                page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Markdown"))
                    .click());
    assertEquals("# To do: nobody's", Files.readAllLines(digest.path()).getFirst());

    page.navigate(service.url("#/todo?owner=no-such-team"));
    assertThat(page.locator("main")).containsText("Nothing to do");
    assertEquals(List.of(), chromium.complaints());
  }

  @Test
  void triesAReceiverOfNoticesOut() {
    Page page = chromium.open();
    page.navigate(service.url("#/todo"));
    Locator notices =
        page.getByRole(AriaRole.REGION, new Page.GetByRoleOptions().setName("Notices"));

    test(notices, "nobody");
    assertThat(notices.getByRole(AriaRole.ALERT)).containsText("configured are gone, oncall");
    test(notices, "oncall");
    assertThat(notices.getByRole(AriaRole.STATUS)).hasText("oncall has accepted the test.");
    assertThat(notices.getByRole(AriaRole.ALERT)).hasCount(0);
    test(notices, "gone");
    assertThat(notices.getByRole(AriaRole.STATUS))
        .hasText("gone does not want the message: HTTP 404.");
    assertEquals(List.of(), Looks.serious(page));
    assertEquals(List.of(), chromium.complaints());
  }

  private static void test(Locator notices, String receiver) {
    notices.getByLabel("Receiver").fill(receiver);
    notices.getByRole(AriaRole.BUTTON).click();
  }
}
