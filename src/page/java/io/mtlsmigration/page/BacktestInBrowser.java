// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What would have become of a plan in the past, with what history cannot tell. */
final class BacktestInBrowser {

  private static final Path EXAMPLE =
      Path.of("src/main/resources/openapi/examples/backtestPlan.json");

  private static final String MAKE_A_PLAN =
      """
      async () => {
        const answer = await (await fetch('/api/v1/namespaces?limit=500')).json();
        const names = answer.items.filter((one) => one.captured > 0).map((one) => one.name).slice(0, 120);
        const made = await fetch('/api/v1/plans', { method: 'POST', headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify({ name: 'past', scope: { namespaces: names },
            waves: [{ name: 'canary', namespaces: names.slice(0, 2) }, { name: 'bulk', selector: {} }] }) });
        return made.status + ' ' + names.length;
      }
      """;

  private static PackagedService service;
  private static Chromium chromium;

  @BeforeAll
  static void start() {
    PlaywrightAssertions.setDefaultAssertionTimeout(30_000);
    chromium = Chromium.start();
    service = PackagedService.start("--generate", "namespaces=200,pods=2");
    Page page = chromium.open();
    page.navigate(service.url(""));
    assertEquals("201 120", page.evaluate(MAKE_A_PLAN));
    page.context().close();
  }

  @AfterAll
  static void stop() {
    service.close();
    chromium.close();
  }

  @Test
  void asksOfALargePlanByPartsAndSaysWhatHistoryCannotTell() {
    Page page = open("");
    assertThat(page.locator(".backtest")).hasCount(0);
    Locator part = page.locator(".asking select");
    assertThat(part).isVisible();
    assertEquals(
        List.of("canary (2 namespaces)", "bulk, 1 to 100 of 118", "bulk, 101 to 118 of 118"),
        part.locator("option").allTextContents());

    part.selectOption("bulk 2");
    ask(page).click();

    // A sandbox that has just begun has watched no hour: nobody may be told that nobody called.
    Locator told = page.locator(".backtest > li");
    assertThat(told).hasCount(18);
    assertThat(told.first()).containsText("Not known");
    assertThat(told.first()).containsText("What history cannot tell");
    assertThat(page.locator("main")).containsText("What is not judged, and taken as given");
    assertThat(page.locator("main")).containsText("Namespaces left out");
    assertThat(page.locator("main")).not().containsText("Nobody is known to have called");
    assertThat(page).hasURL(Pattern.compile("tab=backtest&part=bulk\\+2&asked=yes$"));

    // Whoever opens the address sees the same.
    page.reload();
    assertThat(told).hasCount(18);
    Download digest =
        page.waitForDownload(
            () ->
                page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("As Markdown"))
                    .click());
    assertEquals("backtest-past.md", digest.suggestedFilename());
    page.context().close();
    assertEquals(List.of(), chromium.complaints());
  }

  @Test
  void saysWhatIsWrongWithATimeAndThatTheServiceIsAway() {
    Page page = open("");
    page.getByLabel("Started at").fill("2100-01-01T00:00");
    ask(page).click();
    assertThat(page.getByRole(AriaRole.ALERT)).containsText("/from");
    assertThat(page.locator(".backtest")).hasCount(0);

    page.route("**/backtest", Route::abort);
    page.getByLabel("Started at").fill("");
    ask(page).click();
    assertThat(page.getByRole(AriaRole.ALERT)).containsText("The service does not answer");
    page.context().close();
  }

  /** Nobody has a month of history in a test: the answer is the documented one. */
  @Test
  void showsWhoWouldHaveBeenRefusedAndAsksAgainWhereTheAnswerIsNotWhole() throws IOException {
    JsonNode whole = new ObjectMapper().readTree(Files.readString(EXAMPLE)).at("/responses/200");
    JsonNode partly = whole.deepCopy();
    ((ArrayNode) partly.at("/namespaces/1/unknown"))
        .addObject()
        .put("from", "2026-09-29T23:00:00Z")
        .put("until", "2026-11-01T00:00:00Z")
        .put("cause", "EVIDENCE_UNAVAILABLE")
        .put("detail", "");
    List<String> asked = new ArrayList<>();
    Page page = chromium.open(1440, 900, ColorScheme.LIGHT);
    page.route(
        "**/backtest",
        route -> {
          asked.add(route.request().postData());
          route.fulfill(
              new Route.FulfillOptions()
                  .setContentType("application/json")
                  .setBody((asked.size() == 1 ? partly : whole).toString()));
        });
    page.navigate(service.url("#/plans/past?tab=backtest&part=canary"));
    page.getByLabel("Started at").fill("2026-10-01T00:00");
    ask(page).click();

    Locator again =
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Ask again"));
    assertThat(page.getByRole(AriaRole.STATUS).filter(containing("not whole")))
        .containsText("Of 1 namespace the history has not been answered yet");
    again.click();
    page.waitForCondition(() -> asked.size() == 2);
    assertThat(again).hasCount(0);
    assertEquals(asked.get(0), asked.get(1));
    assertThat(page.locator(".panel .legend")).containsText(Pattern.compile("Locked1.*Not known1"));
    Locator foo = page.locator(".backtest > li").first();
    assertThat(foo).containsText("Locked, at the latest");
    assertThat(foo.getByRole(AriaRole.ROW).filter(containing("legacy/report")))
        .containsText(Pattern.compile("of team-a.*foo/httpbin.*3"));
    Locator bar = page.locator(".backtest > li").last();
    assertThat(bar).containsText("Not locked before");
    assertThat(bar).containsText("Plaintext gate alonenot known to have passed");
    assertThat(bar)
        .containsText("no silence of 1 d is known: no proxy of the namespace was scraped");
    for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
      page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
      Looks.picture(page, "backtest-told-" + scheme);
      assertEquals(List.of(), Looks.serious(page));
    }
    page.setViewportSize(360, 900);
    page.waitForTimeout(500);
    Looks.picture(page, "backtest-told-narrow");
    assertEquals(360, page.evaluate("() => document.documentElement.scrollWidth"));
    page.context().close();
    assertEquals(List.of(), chromium.complaints());
  }

  private static Page open(String more) {
    Page page = chromium.open();
    page.navigate(service.url("#/plans/past?tab=backtest" + more));
    return page;
  }

  private static Locator ask(Page page) {
    return page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Ask the history"));
  }

  private static Locator.FilterOptions containing(String text) {
    return new Locator.FilterOptions().setHasText(text);
  }
}
