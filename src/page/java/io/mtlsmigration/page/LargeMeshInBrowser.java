// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Ten thousand namespaces stay fluid. */
final class LargeMeshInBrowser {

  private static final double PATIENCE_MS = 120_000;

  /**
   * Processor time for which nothing a person does is answered. A task of 50 is called long; what
   * is asked here is that none is felt as a stop.
   */
  private static final double LONGEST_TASK_MS = 250;

  private static PackagedService service;
  private static Chromium chromium;

  @BeforeAll
  static void start() {
    chromium = Chromium.start();
    service = PackagedService.start("--generate", "namespaces=10000,pods=3");
  }

  @AfterAll
  static void stop() {
    service.close();
    chromium.close();
  }

  @Test
  void scrollsSearchesAndSortsTenThousandNamespaces() {
    Page page = open("#/namespaces");
    assertThat(page.locator(".tally")).containsText("10,001 namespaces", patient());
    assertTrue(page.locator(".body [role=row]").count() < 100, "only the rows in view are drawn");
    Looks.picture(page, "large-namespaces");
    for (int width : new int[] {1440, 768, 360}) {
      page.setViewportSize(width, 900);
      page.waitForTimeout(500);
      assertEquals(List.of(), Looks.clipped(page), "at " + width);
    }
    page.setViewportSize(1440, 900);

    within(
        "scrolling",
        () -> {
          page.locator(".table")
              .evaluate(
                  "async (table) => { for (let y = 0; y < 360000; y += 9000) { table.scrollTop = y; await new Promise(requestAnimationFrame); } }");
          assertThat(page.locator(".body [role=row]").first()).isVisible();
        });
    within(
        "searching and sorting",
        () -> {
          page.getByLabel("Name or label").pressSequentially("team-0999");
          assertThat(page.locator(".tally")).containsText("10 of 10,001", patient());
          page.getByLabel("Name or label").fill("");
          Page.LocatorOptions clients = new Page.LocatorOptions().setHasText("Plaintext clients");
          page.locator(".th button", clients).click();
          page.locator(".th button", clients).click();
          assertThat(page.locator("[aria-sort=descending]")).isVisible();
        });
  }

  @Test
  void showsTheMatrixByNamespace() {
    Page page = open("#/connectivity");
    assertThat(page.locator(".graph-legend"))
        .containsText("Many, so namespaces are shown", patient());
    Looks.picture(page, "large-connectivity");
    assertEquals(List.of(), Looks.clipped(page));
    within("the matrix", () -> page.waitForTimeout(5_000));
  }

  @Test
  void showsTheMeshAndItsTraffic() {
    Page page = chromium.open();
    within(
        "the mesh",
        () -> {
          page.navigate(service.url("#/mesh"));
          assertThat(page.locator(".headline")).containsText("namespaces with proxies", patient());
          page.waitForTimeout(8_000);
        });
    Looks.picture(page, "large-mesh");
    page.navigate(service.url("#/traffic"));
    assertThat(page.locator(".graph svg")).isVisible();
    within("traffic", () -> page.waitForTimeout(4_000));
    Looks.picture(page, "large-traffic");
  }

  private static Page open(String rest) {
    Page page = chromium.open();
    page.navigate(service.url(rest));
    return page;
  }

  private static void within(String what, Runnable done) {
    double longest = chromium.longestTask(done);
    System.out.printf("%s: longest task %.0f ms%n", what, longest);
    assertTrue(longest <= LONGEST_TASK_MS, what + " blocks the page for " + longest + " ms");
  }

  private static LocatorAssertions.ContainsTextOptions patient() {
    return new LocatorAssertions.ContainsTextOptions().setTimeout(PATIENCE_MS);
  }
}
