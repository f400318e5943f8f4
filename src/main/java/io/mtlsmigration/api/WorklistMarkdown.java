// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.rollout.Words;
import io.mtlsmigration.text.MarkdownDocument;
import io.mtlsmigration.text.MarkdownText;
import io.mtlsmigration.worklist.Item;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Prints an owner's worklist as Markdown, for a ticket, a mail or a chat. */
final class WorklistMarkdown {

  private WorklistMarkdown() {}

  static String of(@Nullable String owner, List<Item> items) {
    MarkdownDocument page = new MarkdownDocument();
    page.line("# To do" + whose(owner));
    page.line("");
    page.line(
        items.isEmpty()
            ? "Nothing: no namespace waits for it."
            : "What frees most namespaces comes first.");
    int number = 0;
    for (Item item : items) {
      page.section(++number + ". " + MarkdownText.of(item.title()));
      page.line("- " + MarkdownText.of(WorklistText.frees(item)));
      page.line("- Why: " + MarkdownText.of(item.why()));
      page.line("- What to do: " + MarkdownText.of(item.advice()));
      if (item.calls() > 0) {
        page.line("- " + Words.counted(item.calls(), "call") + ", the last at " + item.lastSeen());
      }
      item.evidence().forEach(fact -> page.line("  - " + MarkdownText.of(fact)));
      if (!item.remedy().isEmpty()) {
        page.line("");
        page.line("```sh");
        page.line(item.remedy()); // contains only Kubernetes' own names
        page.line("```");
      }
    }
    return page.toString();
  }

  private static String whose(@Nullable String owner) {
    return owner == null ? "" : ": " + (owner.equals("-") ? "nobody's" : MarkdownText.of(owner));
  }
}
