// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.AriaRole;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The service goes and comes back under a page that stays open. */
final class ReconnectInBrowser {

  private static final double PATIENCE_MS = 60_000;

  @Test
  void saysThatTheServiceIsAwayAndShowsWhatIsTrueOnceItIsBack() {
    try (Chromium chromium = Chromium.start()) {
      Page page = chromium.open();
      int port;
      try (PackagedService first = PackagedService.start("--plan", "docs/task/plan.json")) {
        port = first.port();
        page.navigate(first.url("#/plans"));
        assertThat(page.locator(".live")).hasText("Live", text());
        assertThat(page.locator("main")).containsText("task", contained());
        page.navigate(first.url("#/plans/task"));
        assertThat(page.locator(".view-head .actions button").first()).isEnabled();
      }

      assertThat(page.locator(".live")).hasText("Service away", text());
      // What was known stays, and the page says that it is no longer sure; nothing can be asked of
      // it.
      assertThat(page.locator(".view-head .actions button").first()).isDisabled();
      assertThat(page.locator("main")).containsText("task");
      assertThat(page.locator("main .trouble")).containsText("what was known before", contained());

      try (PackagedService second = PackagedService.start(port, List.of())) {
        assertThat(page.locator(".live")).hasText("Live", text());
        assertEquals(port, second.port());
        page.navigate(second.url("#/plans"));
        // The sandbox begins anew, without a plan.
        Locator main = page.locator("main");
        assertThat(main).containsText("No plan yet", contained());
        assertThat(main.locator(".trouble")).hasCount(0);
        // Events of the new process arrive, whatever ids it counts from.
        page.evaluate(
            "() => fetch('/api/v1/plans', {method: 'POST', headers: {'Content-Type':"
                + " 'application/json'}, body: JSON.stringify({name: 'later', gates: {soak: 'PT3S'},"
                + " verification: {duration: 'PT3S'}})})");
        assertThat(main)
            .containsText(
                "later", new LocatorAssertions.ContainsTextOptions().setTimeout(PATIENCE_MS));
      }
    }
  }

  @Test
  void asksNothingOfAServiceThatIsAway() {
    try (Chromium chromium = Chromium.start()) {
      Map<String, Locator> asking = new LinkedHashMap<>();
      try (PackagedService service = PackagedService.start("--plan", "docs/task/plan.json")) {
        Page probe = open(chromium, service, "#/connectivity");
        button(probe, "Probe now").click();
        asking.put("the confirmation of a probe", inDialog(probe, "Probe now"));
        Page wire = open(chromium, service, "#/wire?namespace=foo&start=httpbin");
        asking.put("Look", inDialog(wire, "Look"));
        Page made = open(chromium, service, "#/plans/new");
        asking.put("Check", button(made, "Check"));
        asking.put("Make the draft", button(made, "Make the draft"));
        Page changed = open(chromium, service, "#/plans/task?tab=definition");
        button(changed, "Change").click();
        asking.put("Check, of a change", inDialog(changed, "Check"));
        asking.put("Change the plan", inDialog(changed, "Change the plan"));
        Page analysed = open(chromium, service, "#/analyse");
        button(analysed, "Take an example").click();
        asking.put("Analyse", button(analysed, "Analyse"));
        asking.put("Probe now", button(open(chromium, service, "#/connectivity"), "Probe now"));
        Page todo = open(chromium, service, "#/todo");
        asking.put("Markdown", button(todo, "Markdown"));
        asking.forEach((name, one) -> assertThat(one).isEnabled());
      }

      asking.forEach(
          (name, one) -> {
            assertThat(one.page().locator(".live")).hasText("Service away", text());
            assertTrue(one.isDisabled(), name);
          });
    }
  }

  private static Page open(Chromium chromium, PackagedService service, String place) {
    Page page = chromium.open();
    page.navigate(service.url(place));
    assertThat(page.locator(".live")).hasText("Live", text());
    return page;
  }

  private static Locator button(Page page, String name) {
    return page.getByRole(
        AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
  }

  private static Locator inDialog(Page page, String name) {
    return page.getByRole(AriaRole.DIALOG)
        .getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName(name).setExact(true));
  }

  private static LocatorAssertions.HasTextOptions text() {
    return new LocatorAssertions.HasTextOptions().setTimeout(PATIENCE_MS);
  }

  private static LocatorAssertions.ContainsTextOptions contained() {
    return new LocatorAssertions.ContainsTextOptions().setTimeout(PATIENCE_MS);
  }
}
