// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The mesh over time, as the page draws it. */
final class HistoryInBrowser {

  private static final int STEPS = 60;

  private static PackagedService service;
  private static Chromium chromium;

  @BeforeAll
  static void start() {
    PlaywrightAssertions.setDefaultAssertionTimeout(60_000);
    chromium = Chromium.start();
    service = PackagedService.start();
  }

  @AfterAll
  static void stop() {
    service.close();
    chromium.close();
  }

  @Test
  void drawsWhatTheServiceHasSeenSinceItWasStarted() {
    Page page = chromium.open();
    page.navigate(service.url("?#/mesh?range=PT15M"));

    assertThat(calls(page))
        .hasAttribute("aria-label", Pattern.compile("from .* to .*: at first \\d+ %, at last .*"));
    assertThat(workloads(page))
        .hasAttribute("aria-label", Pattern.compile(".*at last Permissive 4, No proxy 1.*"));
    assertThat(panel(page)).containsText(Pattern.compile("0 of 5 strict"));
    assertThat(page.locator(".chart canvas")).hasCount(2);
    assertEquals(List.of(), chromium.complaints());
  }

  @Test
  void drawsAGapWhereNobodyCanSay() {
    Page page = withHalfOfIt(ColorScheme.LIGHT);

    assertThat(calls(page))
        .hasAttribute(
            "aria-label",
            Pattern.compile(
                ".*at first 80 %, at last 80 %, at least 80 %; no calls in 10 and no evidence in 10 of 60 steps"));
    assertTrue(painted(page, 0.05, 0.30) > 500, "the line before the gap");
    assertEquals(0, painted(page, 0.37, 0.63), "the gap");
    assertTrue(painted(page, 0.70, 0.95) > 500, "the line after it");
    assertThat(panel(page)).containsText("Nobody called in 10 steps.");
    assertThat(panel(page)).containsText("No evidence in 10 steps: Prometheus was away");
  }

  @Test
  void tellsTheSameInATable() {
    Page page = withHalfOfIt(ColorScheme.DARK);
    panel(page).getByText("As a table").click();

    Locator rows = panel(page).getByRole(AriaRole.ROW);
    assertThat(rows.nth(1)).containsText("80 %");
    assertThat(rows.filter(new Locator.FilterOptions().setHasText("no calls"))).hasCount(10);
    assertThat(rows.filter(new Locator.FilterOptions().setHasText("no evidence"))).hasCount(10);
  }

  @Test
  void keepsTheChosenRangeInItsAddress() {
    Page page = chromium.open();
    page.navigate(service.url("#/mesh"));
    page.waitForResponse(
        "**/api/v1/mesh/history?window=PT24H",
        () -> panel(page).getByLabel("Range").selectOption("24 hours"));

    assertThat(page).hasURL(Pattern.compile("#/mesh\\?range=PT24H$"));
  }

  /** Four in five calls by mutual TLS, but for the twenty steps in the middle. */
  private static Page withHalfOfIt(ColorScheme scheme) {
    Page page = chromium.open(1440, 900, scheme);
    page.route(
        "**/api/v1/mesh/history*",
        route ->
            route.fulfill(
                new Route.FulfillOptions().setContentType("application/json").setBody(history())));
    page.navigate(service.url("#/mesh"));
    page.locator(".chart canvas").first().waitFor();
    page.waitForTimeout(300);
    return page;
  }

  private static String history() {
    Instant end = Instant.parse("2026-11-25T11:00:00Z");
    String points =
        IntStream.rangeClosed(1, STEPS)
            .mapToObj(i -> point(end.minusSeconds(60L * (STEPS - i)), i))
            .collect(Collectors.joining(","));
    return """
        {"from":"2026-11-25T10:00:00Z","to":"%s","step":"PT1M",
         "knownSince":"2026-11-25T10:00:00Z","points":[%s]}
        """
        .formatted(end, points);
  }

  private static String point(Instant at, int place) {
    String calls =
        place <= 20 || place > 40
            ? "\"evidence\":\"MEASURED\",\"mutualTls\":8,\"plaintext\":2,\"unknown\":0,\"mutualTlsShare\":0.8,\"reason\":null,\"detail\":\"\""
            : "\"mutualTls\":null,\"plaintext\":null,\"unknown\":null,\"mutualTlsShare\":null,"
                + (place <= 30
                    ? "\"evidence\":\"NO_SAMPLES\",\"reason\":null,\"detail\":\"nobody called\""
                    : "\"evidence\":\"UNAVAILABLE\",\"reason\":\"SOURCE_DOWN\",\"detail\":\"Prometheus was away\"");
    return "{\"at\":\"%s\",\"calls\":{%s},\"namespaces\":{\"STRICT\":1},\"workloads\":{\"STRICT\":3,\"PERMISSIVE\":2},\"phases\":{\"LOCKED\":1}}"
        .formatted(at, calls);
  }

  /**
   * Points of the first chart that have the colour of its line, between two shares of its width.
   */
  private static int painted(Page page, double from, double to) {
    return ((Number)
            page.evaluate(
                """
                ([from, to]) => {
                  const canvas = document.querySelector('.chart canvas');
                  const area = document.querySelector('.chart .u-over').getBoundingClientRect();
                  const all = canvas.getBoundingClientRect();
                  const ratio = canvas.width / all.width;
                  const left = Math.round((area.left - all.left + area.width * from) * ratio);
                  const width = Math.round(area.width * (to - from) * ratio);
                  const { data } = canvas.getContext('2d').getImageData(left, 0, width, canvas.height);
                  let found = 0;
                  for (let i = 0; i < data.length; i += 4) {
                    // Green beyond what axes and grid have.
                    found += data[i + 3] > 0 && data[i + 1] > data[i] + 8 && data[i + 1] > data[i + 2] + 8 ? 1 : 0;
                  }
                  return found;
                }
                """,
                List.of(from, to)))
        .intValue();
  }

  private static Locator panel(Page page) {
    return page.getByRole(AriaRole.REGION, new Page.GetByRoleOptions().setName("Over time"));
  }

  private static Locator calls(Page page) {
    return page.getByRole(
        AriaRole.IMG, new Page.GetByRoleOptions().setName("Share of calls by mutual TLS"));
  }

  private static Locator workloads(Page page) {
    return page.getByRole(
        AriaRole.IMG, new Page.GetByRoleOptions().setName("Workloads by posture"));
  }
}
