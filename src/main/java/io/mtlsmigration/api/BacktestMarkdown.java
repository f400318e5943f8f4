// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.api.view.BacktestView;
import io.mtlsmigration.api.view.BacktestView.Namespace;
import io.mtlsmigration.api.view.BacktestView.Refused;
import io.mtlsmigration.text.MarkdownDocument;
import io.mtlsmigration.text.MarkdownText;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Prints a backtest as Markdown, for a ticket. */
final class BacktestMarkdown {

  private BacktestMarkdown() {}

  static String of(BacktestView backtest) {
    MarkdownDocument page = new MarkdownDocument();
    page.line("# Backtest: " + MarkdownText.of(backtest.plan()));
    page.line("");
    page.line("- From " + backtest.from() + " to " + backtest.to() + ", by the hour");
    page.line(
        "- Window " + backtest.plaintextWindow() + " without plaintext, soak " + backtest.soak());
    page.line("- " + BacktestText.head(backtest));
    page.section("Namespaces");
    page.row("Namespace", "Wave", "Outcome", "Locked by", "Clients refused", "Why");
    page.row("---", "---", "---", "---", "---", "---");
    for (Namespace one : backtest.namespaces()) {
      page.row(
          one.namespace(),
          one.wave(),
          one.outcome().name(),
          orDash(one.opensAt()),
          clients(one),
          one.message());
    }
    clients(page, backtest);
    page.section("Not judged");
    backtest.notJudged().forEach(limit -> page.line("- " + MarkdownText.of(limit.message())));
    return page.toString();
  }

  private static String clients(Namespace one) {
    if (one.opensAt() == null) {
      return "-";
    }
    boolean part = one.unknown().stream().anyMatch(time -> time.until().isAfter(one.opensAt()));
    return (part ? "at least " : "") + one.refusedCount();
  }

  private static void clients(MarkdownDocument page, BacktestView backtest) {
    page.section("Clients that would have been refused");
    if (backtest.namespaces().stream().allMatch(one -> one.refused().isEmpty())) {
      page.line("None is known.");
      return;
    }
    page.row("Namespace", "Client", "Owner", "Calls", "First", "Last", "May fail");
    page.row("---", "---", "---", "---", "---", "---", "---");
    for (Namespace one : backtest.namespaces()) {
      for (Refused client : one.refused()) {
        page.row(
            one.namespace(),
            client.client(),
            client.owner() == null ? "-" : client.owner(),
            Long.toString(client.calls()),
            client.firstCall().toString(),
            client.lastCall().toString(),
            client.mayFail() ? "yes" : "no");
      }
    }
  }

  private static String orDash(@Nullable Instant at) {
    return at == null ? "-" : at.toString();
  }
}
