// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a running plan goes by is shown and changed on the page. */
final class TermsInBrowser {

  private static PackagedService service;
  private static Chromium chromium;

  @BeforeAll
  static void start() {
    PlaywrightAssertions.setDefaultAssertionTimeout(30_000);
    chromium = Chromium.start();
    service = PackagedService.start();
  }

  @AfterAll
  static void stop() {
    service.close();
    chromium.close();
  }

  @Test
  void looksForLongerAtOnceAndForLessWithAReason() {
    Page page = terms("foo");
    Locator windows = region(page, "How long it looks");
    assertThat(windows).containsText("Nobody sends plaintext for1 hAll gates hold for30 min");
    assertThat(windows).containsText("A dry run of STRICT lastsnone");

    Locator dialog = change(page, windows, "2h");
    assertThat(dialog).hasCount(0);
    assertThat(windows).containsText("All gates hold for2 h");

    change(page, windows, "soon");
    assertThat(dialog.getByRole(AriaRole.ALERT)).containsText("/soak");
    button(dialog, "Cancel").click();

    change(page, windows, "90s");
    assertThat(dialog.getByRole(AriaRole.ALERT)).containsText("Nothing is changed yet");
    assertThat(dialog)
        .containsText("Less than before: “All gates hold for” from 2 h to 1 min 30 s.");
    Locator override = button(dialog, "Override");
    assertThat(override).isDisabled();
    // Another length is another question.
    dialog.getByLabel("All gates hold for").fill("60s");
    assertThat(override).hasCount(0);
    button(dialog, "Change").click();
    dialog.getByLabel("Comment").fill("agreed with team-a");
    override.click();
    assertThat(windows).containsText("All gates hold for1 min");
    page.navigate(service.url("#/plans/foo?tab=events"));
    assertThat(page.locator(".event").filter(containing("agreed with team-a")).first())
        .containsText("less than before");
    page.context().close();
    assertEquals(List.of(), chromium.complaints());
  }

  @Test
  void letsAClientFailAndCountAgain() {
    Page page = terms("bar");
    Locator clients = region(page, "Clients that may fail");
    Locator dialog = page.getByRole(AriaRole.DIALOG);
    assertThat(clients).containsText("No client may fail");

    button(clients, "Let a client fail").click();
    dialog.getByLabel("Workload").fill("report");
    dialog.getByLabel("Comment").fill("is switched off in May");
    button(dialog, "Let it fail").click();
    assertThat(dialog.getByRole(AriaRole.ALERT)).containsText("/workload");
    dialog.getByLabel("Workload").fill("legacy/report");
    button(dialog, "Let it fail").click();
    Locator report = clients.getByRole(AriaRole.LISTITEM).filter(containing("legacy/report"));
    assertThat(report).isVisible();
    assertThat(clients).containsText("1 entry;");

    button(report, "No longer").click();
    assertThat(dialog).containsText("It counts again");
    button(dialog, "No longer").click();
    assertThat(clients).containsText("No client may fail");
    page.context().close();
    assertEquals(List.of(), chromium.complaints());
  }

  private static Page terms(String plan) {
    Page page = chromium.open();
    page.navigate(service.url(""));
    Chromium.post(
        page,
        "/plans",
        """
        {"name": "%s", "scope": {"namespaces": ["%s"]},
         "gates": {"plaintextWindow": "1h", "soak": "30m"}}
        """
            .formatted(plan, plan));
    Chromium.post(page, "/plans/" + plan + "/start", "");
    page.navigate(service.url("#/plans/" + plan + "?tab=terms"));
    return page;
  }

  private static Locator change(Page page, Locator windows, String soak) {
    // What is still read above it may move it away under the mouse.
    button(windows, "Change").press("Enter");
    Locator dialog = page.getByRole(AriaRole.DIALOG);
    dialog.getByLabel("All gates hold for").fill(soak);
    button(dialog, "Change").click();
    return dialog;
  }

  private static Locator region(Page page, String name) {
    return page.getByRole(AriaRole.REGION, new Page.GetByRoleOptions().setName(name));
  }

  private static Locator.FilterOptions containing(String text) {
    return new Locator.FilterOptions().setHasText(text);
  }

  private static Locator button(Locator within, String name) {
    return within.getByRole(
        AriaRole.BUTTON, new Locator.GetByRoleOptions().setName(name).setExact(true));
  }
}
