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
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A whole wave is approved by one confirmation. */
final class WaveInBrowser {

  private static final int PATIENCE_MS = 120_000;

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
  void isApprovedAtOnceAndTellsWhichOfItWasRefused() {
    Page page = chromium.open();
    page.navigate(service.url(""));
    Chromium.post(
        page,
        "/plans",
        """
        {"name": "both", "target": "NAMESPACES", "scope": {"namespaces": ["foo", "bar"]},
         "waves": [{"name": "first", "namespaces": ["foo", "bar"]}],
         "gates": {"plaintextWindow": "PT10S", "soak": "PT2S", "approval": "NAMESPACE"},
         "verification": {"duration": "PT3S"}}
        """);
    Chromium.post(page, "/plans/both/start", "");
    page.navigate(service.url("#/plans/both"));
    Locator next =
        page.getByRole(AriaRole.REGION, new Page.GetByRoleOptions().setName("What to do next"));
    Locator all = button(next, "Approve 2");
    assertThat(all).isVisible(new LocatorAssertions.IsVisibleOptions().setTimeout(PATIENCE_MS));
    List<String> asked = refuseFirst(page, "foo");
    all.click();

    Locator dialog = page.getByRole(AriaRole.DIALOG);
    assertThat(dialog).containsText("2 namespaces, 2 policies to write");
    for (String namespace : List.of("foo", "bar")) {
      assertThat(
              dialog.getByRole(
                  AriaRole.LIST,
                  new Locator.GetByRoleOptions().setName("What will be written in " + namespace)))
          .containsText("STRICT");
    }
    dialog.getByLabel("Comment").fill("the whole wave");
    button(dialog, "Approve these 2 impacts").click();

    Locator outcomes =
        dialog.getByRole(
            AriaRole.LIST, new Locator.GetByRoleOptions().setName("What became of each approval"));
    assertThat(outcomes).containsText("not approved: The impact has changed");
    assertThat(
            outcomes
                .getByRole(AriaRole.LISTITEM)
                .filter(new Locator.FilterOptions().setHasText("bar")))
        .containsText("approved");
    assertThat(dialog.getByRole(AriaRole.ALERT)).containsText("1 of 2 are approved");
    assertThat(
            dialog.getByRole(
                AriaRole.LIST,
                new Locator.GetByRoleOptions().setName("What will be written in bar")))
        .hasCount(0);
    // The other one goes on, and then nothing but this one awaits approval.
    assertThat(page.locator(".tile").filter(new Locator.FilterOptions().setHasText("bar")))
        .containsText(
            "Locked", new LocatorAssertions.ContainsTextOptions().setTimeout(PATIENCE_MS));
    assertThat(outcomes).containsText("not approved: The impact has changed");
    button(dialog, "Approve this impact").click();
    assertThat(dialog).hasCount(0);
    assertThat(page.locator(".notices")).containsText("wave first: 2 namespaces are approved");
    for (String namespace : List.of("foo", "bar")) {
      assertThat(page.locator(".tile").filter(new Locator.FilterOptions().setHasText(namespace)))
          .containsText(
              "Locked", new LocatorAssertions.ContainsTextOptions().setTimeout(PATIENCE_MS));
    }
    assertEquals(3, asked.size());
    page.navigate(service.url("#/plans/both?tab=report"));
    assertThat(
            page.getByRole(AriaRole.REGION, new Page.GetByRoleOptions().setName("Consent"))
                .getByRole(AriaRole.LISTITEM))
        .hasCount(2);
    assertEquals(List.of(), chromium.complaints());
  }

  /** Answers the first approval of a namespace as if its impact had changed; the others pass. */
  private static List<String> refuseFirst(Page page, String namespace) {
    List<String> asked = new CopyOnWriteArrayList<>();
    AtomicBoolean refused = new AtomicBoolean();
    page.route(
        "**/approvals",
        route -> {
          String body = route.request().postData();
          asked.add(body);
          if (body.contains("\"namespace\":\"" + namespace + "\"")
              && refused.compareAndSet(false, true)) {
            route.fulfill(
                new Route.FulfillOptions()
                    .setStatus(409)
                    .setContentType("application/problem+json")
                    .setBody(
                        "{\"code\":\"CONFLICT\",\"status\":409,\"detail\":\"The impact has changed\"}"));
          } else {
            route.resume();
          }
        });
    return asked;
  }

  private static Locator button(Locator where, String name) {
    return where.getByRole(
        AriaRole.BUTTON, new Locator.GetByRoleOptions().setName(name).setExact(true));
  }
}
