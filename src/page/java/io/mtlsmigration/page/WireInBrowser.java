// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A look at the wire, by clicks alone. */
final class WireInBrowser {

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
  void showsWhoSendsPlaintextToAWorkloadOfANamespace() {
    Page page = chromium.open();
    page.navigate(service.url("#/namespaces/foo?tab=workloads"));
    page.getByRole(
            AriaRole.LINK, new Page.GetByRoleOptions().setName("Look at the wire of httpbin"))
        .click();
    Locator dialog = page.getByRole(AriaRole.DIALOG);
    assertThat(dialog.getByLabel("Workload")).hasValue("httpbin");
    dialog.getByLabel("For how long").fill("a while");
    button(dialog, "Look").click();
    assertThat(dialog.getByRole(AriaRole.ALERT)).containsText("/duration");
    dialog.getByLabel("For how long").fill("6s");
    button(dialog, "Look").click();

    assertThat(page.locator(".view-head")).containsText("Running");
    assertThat(page.locator(".view-head")).containsText("Plaintext seen");
    Locator rows =
        page.getByRole(AriaRole.TABLE, new Page.GetByRoleOptions().setName("Connections"))
            .getByRole(AriaRole.ROW);
    Locator legacy = rows.filter(new Locator.FilterOptions().setHasText("legacy/curl")).first();
    assertThat(legacy).containsText("Plaintext");
    assertThat(legacy).containsText("Answered");
    assertThat(legacy).containsText("GET /");
    assertThat(rows.filter(new Locator.FilterOptions().setHasText("foo/curl")).first())
        .containsText("Istio mTLS");

    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Wire checks")).click();
    assertThat(page).hasURL(Pattern.compile("#/wire\\?namespace=foo$"));
    assertThat(page.locator(".plan-card")).containsText("Plaintext seen");
    page.navigate(service.url("#/namespaces/bar?tab=wire"));
    assertThat(page.locator("main")).containsText("Nobody has looked yet");
    assertEquals(List.of(), chromium.complaints());
  }

  private static Locator button(Locator where, String name) {
    return where.getByRole(
        AriaRole.BUTTON, new Locator.GetByRoleOptions().setName(name).setExact(true));
  }
}
