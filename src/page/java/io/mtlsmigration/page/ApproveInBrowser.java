// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Whoever approves sees the calls of everybody who would be refused. */
final class ApproveInBrowser {

  private static final int PATIENCE_MS = 120_000;

  private static PackagedService service;
  private static Chromium chromium;

  @BeforeAll
  static void start() {
    PlaywrightAssertions.setDefaultAssertionTimeout(60_000);
    chromium = Chromium.start();
    service = PackagedService.start(0, List.of("-Dmtls-migration.sandbox.scenario=showcase"));
  }

  @AfterAll
  static void stop() {
    service.close();
    chromium.close();
  }

  @Test
  void readsEachPartOfTheTraffic() {
    Page page = chromium.open();
    page.navigate(service.url(""));
    Chromium.post(
        page,
        "/plans",
        """
        {"name": "ask", "scope": {"namespaces": ["databases"]},
         "gates": {"plaintextWindow": "PT10S", "soak": "PT2S", "approval": "NAMESPACE"}}
        """);
    Chromium.post(page, "/plans/ask/start", "");
    Chromium.post(
        page,
        "/plans/ask/namespaces/databases/overrides",
        """
        {"gates": ["plaintext", "hazards", "probes"], "comment": "everybody has been told"}
        """);
    // The service's own answer, in parts of one pair each: others than those asked for come first.
    page.route(
        Pattern.compile("/traffic\\?.*security=plaintext"),
        route ->
            route.resume(
                new Route.ResumeOptions()
                    .setUrl(
                        route
                            .request()
                            .url()
                            .replace("namespace=databases&", "")
                            .replace("limit=1000", "limit=1"))));
    page.navigate(service.url("#/plans/ask?step=databases"));
    Locator approve =
        page.getByRole(AriaRole.COMPLEMENTARY)
            .getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName("Approve"))
            .first();
    assertThat(approve).isVisible(new LocatorAssertions.IsVisibleOptions().setTimeout(PATIENCE_MS));
    approve.click();

    Locator seen =
        page.getByRole(AriaRole.DIALOG)
            .getByRole(AriaRole.TABLE, new Locator.GetByRoleOptions().setName("Seen calling"));
    assertThat(
            seen.getByRole(AriaRole.ROW)
                .filter(new Locator.FilterOptions().setHasText("legacy/curl")))
        .containsText(Pattern.compile("[1-9]\\d* ?\\d+ (s|min) ago"));
    page.context().close();
    assertEquals(List.of(), chromium.complaints());
  }

  /** A plan that somebody loosens between the look and the click is looked at once more. */
  @Test
  void asksForWhatWasShown() {
    Page page = chromium.open();
    page.navigate(service.url(""));
    Chromium.post(
        page,
        "/plans",
        """
        {"name": "shown", "scope": {"namespaces": ["rule-off"]}}
        """);
    page.navigate(service.url("#/plans/shown"));
    Locator dialog = page.getByRole(AriaRole.DIALOG);
    button(page.locator("main"), "Start").click();
    assertThat(button(dialog, "Start")).isEnabled();

    Chromium.post(
        page,
        "/plans/shown/exceptions",
        """
        {"namespace": "rule-off", "selector": {"matchLabels": {"app": "app"}}, "owner": "ann", "reason": "later",
         "expires": "2099-01-01"}
        """);
    button(dialog, "Start").click();

    assertThat(dialog).containsText("Plan shown changed after it was shown here");
    assertThat(button(dialog, "Start")).isVisible();
    button(dialog, "Cancel").click();
    button(page.locator("main"), "Start").click();
    button(dialog, "Start").click();
    assertThat(dialog).isHidden();
    page.context().close();
    assertEquals(List.of(), chromium.complaints());
  }

  private static Locator button(Locator within, String name) {
    return within.getByRole(
        AriaRole.BUTTON, new Locator.GetByRoleOptions().setName(name).setExact(true));
  }
}
