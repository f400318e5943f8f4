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

  /**
   * What axe finds serious or worse. The page has no frames, so axe needs no second page to put its
   * findings together (legacy mode), and starting one takes longer than looking.
   */
  static List<String> serious(Page page) {
    return new AxeBuilder(page)
        .setLegacyMode(true).analyze().getViolations().stream()
            .filter(rule -> List.of("serious", "critical").contains(rule.getImpact()))
            .map(Looks::words)
            .toList();
  }

  /**
   * Returns prose that names a call of the API, or a field of its bodies: people have buttons and
   * views. What is there to be copied (code, pre, fields) may.
   */
  static List<String> calls(Page page) {
    return found(page, CALLS);
  }

  /** Returns texts that are cut off, and that nobody can read as a whole by pointing at them. */
  static List<String> clipped(Page page) {
    return found(page, CLIPPED);
  }

  @SuppressWarnings("unchecked")
  private static List<String> found(Page page, String script) {
    return (List<String>) page.evaluate(script);
  }

  private static final String CALLS =
      """
      () => {
        document.querySelectorAll('details').forEach((one) => { one.open = true; });
        const call = /\\/api\\/v1|\\b(GET|HEAD|POST|PUT|PATCH|DELETE) (\\/|the\\b)|impactHash/;
        const found = [...document.querySelectorAll('[title], [aria-label]')]
          .flatMap((one) => [one.title, one.getAttribute('aria-label') ?? '']);
        const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        while (texts.nextNode()) {
          const { parentElement, data } = texts.currentNode;
          if (!parentElement.closest('code, pre, textarea, script') && parentElement.checkVisibility()) {
            found.push(data);
          }
        }
        return [...new Set(found.filter((text) => call.test(text)))];
      }
      """;

  private static final String CLIPPED =
      """
      () => {
        const plain = (text) => (text ?? '').replace(/\\s+/g, ' ').trim();
        const told = (one, text) => {
          for (let at = one; at; at = at.parentElement) {
            if ([at.title, at.getAttribute('aria-label')].some((words) => plain(words).includes(text))) {
              return true;
            }
          }
          return false;
        };
        return [...document.querySelectorAll('body *')].filter((one) => {
          const style = getComputedStyle(one);
          const clips = style.textOverflow === 'ellipsis' || style.webkitLineClamp !== 'none'
            || (style.overflowY === 'hidden' && style.maxHeight !== 'none' && one.tagName !== 'DIALOG');
          return clips && one.checkVisibility()
            && (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1)
            && plain(one.textContent) !== '' && !told(one, plain(one.textContent));
        }).map((one) => one.className + ': ' + plain(one.textContent));
      }
      """;

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
