// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Istio's task from the first look to the clean-up, by clicks alone. */
final class TaskInBrowser {

  private static final int MINUTE_MS = 60_000;

  private static PackagedService service;
  private static Chromium chromium;

  @BeforeAll
  static void start() {
    PlaywrightAssertions.setDefaultAssertionTimeout(MINUTE_MS);
    chromium = Chromium.start();
    service = PackagedService.start();
  }

  @AfterAll
  static void stop() {
    service.close();
    chromium.close();
  }

  @Test
  void migratesTheMeshAndCleansUp() throws Exception {
    Page page = chromium.open();
    page.navigate(service.url(""));

    // Who still sends plaintext, and what would break?
    Locator plaintext = region(page, "Who still sends plaintext");
    assertThat(plaintext).containsText("legacy/curl");
    assertThat(region(page, "What would break if the mesh were STRICT now"))
        .containsText("would be refused");

    // Everybody reaches everybody.
    view(page, "Connectivity");
    assertThat(cell(page, "legacy/curl to foo/httpbin:8000: OK")).isVisible();
    assertEquals(6, page.locator("button.square.tone-good").count());

    makeThePlan(page);

    button(page, "Start").click();
    Locator dialog = page.getByRole(AriaRole.DIALOG);
    assertThat(dialog).containsText("istio-system/default");
    button(dialog, "Start").click();
    assertThat(page.locator(".view-head")).containsText("Running");
    assertThat(page.locator(".view-head")).containsText("plaintext still comes from legacy/curl");

    // Pause holds it, resume lets it go on.
    confirm(page, "Pause");
    assertThat(page.locator(".view-head")).containsText("Paused");
    confirm(page, "Resume");
    assertThat(page.locator(".view-head")).containsText("Running");

    approve(page, "bar");
    approve(page, "foo");
    assertThat(row(page, "foo")).containsText("Locked");

    // Roll one back, and take it in again.
    step(page, "foo");
    confirm(page.getByRole(AriaRole.COMPLEMENTARY), page, "Roll back");
    assertThat(row(page, "foo")).containsText("Rolled back");
    confirm(page.getByRole(AriaRole.COMPLEMENTARY), page, "Retry");
    // The consent went with the way back: to try again is another decision.
    approve(page, "foo");
    assertThat(row(page, "foo")).containsText("Locked");

    approve(page, "mesh");
    assertThat(page.locator(".view-head")).containsText("Completed");

    // Clients without a proxy are refused, and that is what was predicted.
    view(page, "Connectivity");
    assertThat(cell(page, "legacy/curl to foo/httpbin:8000: Refused")).isVisible();
    assertThat(page.locator("main")).containsText("all as the policies predict");
    cell(page, "legacy/curl to foo/httpbin:8000: Refused").click();
    assertThat(page.getByRole(AriaRole.DIALOG)).containsText("000 exit 56");
    page.keyboard().press("Escape");
    assertThat(page.getByRole(AriaRole.DIALOG)).hasCount(0);
    Download csv = page.waitForDownload(() -> button(page, "CSV").click());
    List<String> lines = Files.readAllLines(csv.path());
    assertEquals(7, lines.size());
    assertTrue(
        lines.stream()
            .anyMatch(
                l ->
                    l.startsWith("legacy/curl,foo/httpbin:8000,")
                        && l.contains(",REFUSED,REFUSED,0,56,")),
        lines.toString());

    report(page);
    confirm(page, "Clean up");
    assertThat(page.locator(".view-head")).containsText("Cleaned up");
    view(page, "Connectivity");
    assertThat(cell(page, "legacy/curl to foo/httpbin:8000: OK")).isVisible();

    view(page, "Plans");
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("task")).click();
    confirm(page, "Delete");
    assertThat(page.locator("main")).containsText("No plan yet");
    assertEquals(List.of(), chromium.complaints());
  }

  private static void makeThePlan(Page page) {
    view(page, "Plans");
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Make a plan")).click();
    page.getByLabel("Name", new Page.GetByLabelOptions().setExact(true)).fill("task");
    page.getByLabel("The whole mesh, after its namespaces").check();
    page.getByLabel("Nobody sends plaintext for").fill("a while");
    button(page, "Check").click();
    assertThat(page.getByRole(AriaRole.ALERT)).containsText("/gates/plaintextWindow");
    page.getByLabel("Nobody sends plaintext for").fill("10s");
    page.getByLabel("All gates hold for").fill("3s");
    page.getByLabel("Watch for harm for").fill("3s");
    button(page, "Check").click();
    assertThat(region(page, "What would come of it")).containsText("3 writes");
    button(page, "Make the draft").click();
    assertThat(page.locator(".view-head")).containsText("Draft");
  }

  private static void report(Page page) {
    view(page, "Plans");
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("task")).click();
    for (String tab : List.of("Events", "Manifests", "Report", "Definition")) {
      page.getByRole(AriaRole.NAVIGATION, new Page.GetByRoleOptions().setName("Of this plan"))
          .getByRole(AriaRole.LINK, new Locator.GetByRoleOptions().setName(tab))
          .click();
      if (tab.equals("Report")) {
        assertThat(region(page, "Consent")).containsText("seen in the browser");
      }
    }
  }

  /** Waits until a step awaits it, and consents to what is shown. */
  private static void approve(Page page, String subject) {
    step(page, subject);
    Locator panel = page.getByRole(AriaRole.COMPLEMENTARY);
    assertThat(panel)
        .containsText(
            "Awaiting approval",
            new LocatorAssertions.ContainsTextOptions().setTimeout(2 * MINUTE_MS));
    button(panel, "Approve").click();
    Locator dialog = page.getByRole(AriaRole.DIALOG);
    assertThat(dialog).containsText("would be refused");
    assertThat(dialog).containsText("STRICT");
    dialog.getByLabel("Comment").fill("seen in the browser");
    button(dialog, "Approve this impact").click();
    assertThat(dialog).hasCount(0);
  }

  private static void step(Page page, String subject) {
    String name = subject.equals("mesh") ? "The mesh" : subject;
    page.locator(".waves")
        .getByRole(AriaRole.LINK, new Locator.GetByRoleOptions().setName(name).setExact(true))
        .click();
    assertThat(page.getByRole(AriaRole.COMPLEMENTARY)).isVisible();
  }

  private static void confirm(Page page, String action) {
    confirm(page.locator(".view-head"), page, action);
  }

  private static void confirm(Locator where, Page page, String action) {
    button(where, action).click();
    Locator dialog = page.getByRole(AriaRole.DIALOG);
    button(dialog, action).click();
    assertThat(dialog).hasCount(0);
  }

  private static Locator row(Page page, String namespace) {
    return page.locator(".tile")
        .filter(
            new Locator.FilterOptions()
                .setHas(
                    page.getByRole(
                        AriaRole.LINK,
                        new Page.GetByRoleOptions().setName(namespace).setExact(true))));
  }

  private static void view(Page page, String name) {
    page.getByRole(AriaRole.NAVIGATION, new Page.GetByRoleOptions().setName("Views"))
        .getByRole(AriaRole.LINK, new Locator.GetByRoleOptions().setName(name))
        .click();
  }

  private static Locator region(Page page, String name) {
    return page.getByRole(AriaRole.REGION, new Page.GetByRoleOptions().setName(name));
  }

  private static Locator cell(Page page, String name) {
    return page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name));
  }

  private static Locator button(Page page, String name) {
    return page.getByRole(
        AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
  }

  private static Locator button(Locator where, String name) {
    return where.getByRole(
        AriaRole.BUTTON, new Locator.GetByRoleOptions().setName(name).setExact(true));
  }
}
