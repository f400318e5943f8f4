// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who has to act, as the page tells it to each team. */
final class TodoInBrowser {

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
}
