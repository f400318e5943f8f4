// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.page;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.deque.html.axecore.results.Rule;
import com.microsoft.playwright.Page;
import java.nio.file.Path;
import java.util.List;

/** What a view looks like, to axe and to people. */
final class Looks {

  private Looks() {}

  /** What axe finds serious or worse. */
  static List<String> serious(Page page) {
    return new AxeBuilder(page)
        .analyze().getViolations().stream()
            .filter(rule -> List.of("serious", "critical").contains(rule.getImpact()))
            .map(Looks::words)
            .toList();
  }

  private static String words(Rule rule) {
    return rule.getId()
        + ": "
        + rule.getNodes().stream()
            .limit(4)
            .map(node -> node.getHtml() + " " + node.getFailureSummary())
            .toList();
  }

  /** Takes a picture for docs/screenshots, where one is wanted. */
  static void picture(Page page, String name) {
    String folder = System.getProperty("page.screenshots");
    if (folder != null) {
      page.screenshot(new Page.ScreenshotOptions().setPath(Path.of(folder, name + ".png")));
    }
  }
}
