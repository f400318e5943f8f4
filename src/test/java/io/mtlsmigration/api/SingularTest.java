// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.api.view.BacktestView;
import io.mtlsmigration.backtest.Member;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.worklist.Item;
import io.mtlsmigration.worklist.ItemKind;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One call and one client, as people read of them. */
final class SingularTest {

  private static final Instant AT = Instant.parse("2026-11-25T10:00:00Z");

  @Test
  void ofAWorklist() {
    Item item =
        new Item(
            ItemKind.FIX_CLIENT,
            new ObjectRef("Deployment", "legacy", "curl"),
            "",
            null,
            List.of(),
            0,
            0,
            "",
            "",
            "",
            "",
            List.of(),
            AT,
            AT,
            1);

    String page = WorklistMarkdown.of(null, List.of(item));

    assertTrue(page.contains("- 1 call, the last at " + AT), page);
  }

  @Test
  void ofABacktest() {
    BacktestView.Refused client =
        new BacktestView.Refused("legacy/curl", null, AT, AT, 1, List.of("foo/httpbin"), false);
    BacktestView.Namespace foo =
        new BacktestView.Namespace(
            "foo",
            "first",
            Member.Outcome.OPENS,
            Member.Cause.SILENCE,
            "",
            AT,
            AT,
            AT,
            List.of(client),
            2,
            AT,
            List.of());

    List<String> lines =
        BacktestText.lines(
            new BacktestView(
                "q4",
                AT,
                AT,
                Duration.ofHours(1),
                Duration.ofDays(1),
                Duration.ofHours(1),
                new BacktestView.Counts(1, 0, 0, 0),
                List.of(foo),
                List.of()));

    assertEquals(
        List.of(
            "  legacy/curl would have been refused 1 call to foo/httpbin, from " + AT + " to " + AT,
            "  and 1 more client"),
        lines.stream().filter(line -> line.matches("  (legacy|and).*")).toList());
  }
}
