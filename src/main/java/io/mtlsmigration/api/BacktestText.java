// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.api.view.BacktestView;
import io.mtlsmigration.api.view.BacktestView.Namespace;
import io.mtlsmigration.api.view.BacktestView.Refused;
import io.mtlsmigration.rollout.Words;
import java.util.ArrayList;
import java.util.List;

/** Prints a backtest for a terminal. */
final class BacktestText {

  private BacktestText() {}

  /** Returns how many namespaces had which outcome. */
  static String head(BacktestView backtest) {
    return "%d would have been locked, %d not, of %d it is not known, %d left open"
        .formatted(
            backtest.counts().opens(),
            backtest.counts().staysShut(),
            backtest.counts().unknown(),
            backtest.counts().leftOpen());
  }

  static List<String> lines(BacktestView backtest) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "%s from %s to %s: %s"
            .formatted(backtest.plan(), backtest.from(), backtest.to(), head(backtest)));
    for (Namespace one : backtest.namespaces()) {
      lines.add("%s (%s): %s".formatted(one.namespace(), one.wave(), outcome(one)));
      lines.add("  " + one.message());
      for (Refused client : one.refused()) {
        lines.add("  " + refused(client));
      }
      addMore(lines, one);
    }
    lines.add("not judged:");
    backtest.notJudged().forEach(limit -> lines.add("  " + limit.message()));
    return lines;
  }

  private static void addMore(List<String> lines, Namespace one) {
    int more = one.refusedCount() - one.refused().size();
    if (more > 0) {
      lines.add("  and " + Words.counted(more, "more client"));
    }
  }

  /** Returns what would have happened, and when. */
  private static String outcome(Namespace one) {
    return switch (one.outcome()) {
      case OPENS -> "would have been locked by " + one.opensAt();
      case STAYS_SHUT -> "would not have been locked";
      case UNKNOWN ->
          one.mayOpenAt() == null ? "not known" : "not known; not locked before " + one.mayOpenAt();
      case LEFT_OPEN -> "left open";
    };
  }

  private static String refused(Refused client) {
    return "%s would have been refused %s to %s, from %s to %s%s"
        .formatted(
            client.client(),
            Words.counted(client.calls(), "call"),
            String.join(", ", client.servers()),
            client.firstCall(),
            client.lastCall(),
            client.mayFail() ? "; the plan lets it fail" : "");
  }
}
