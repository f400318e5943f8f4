// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.api.view.PlanView.ApprovalView;
import io.mtlsmigration.api.view.PlanView.ProgressView;
import io.mtlsmigration.api.view.ReportView;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.rollout.PlanPhase;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ReportMarkdownTest {

  private static final Instant AT = Instant.parse("2026-11-25T10:00:00Z");

  @Test
  void textByOthersBecomesNoStructure() {
    ReportView report = approved("fine |\n# Owned\n[link](javascript:x) <b>bold</b>");

    String markdown = ReportMarkdown.of(report);

    assertTrue(
        markdown.contains("fine \\| \\# Owned \\[link\\](javascript:x) \\<b\\>bold\\</b\\>"),
        markdown);
    assertFalse(markdown.contains("\n# Owned"), markdown);
  }

  @Test
  void saysWhoConsentedToWhat() {
    String markdown = ReportMarkdown.of(approved("seen"));

    assertTrue(
        markdown.contains("| mesh | ann | 2026-11-25T10:00:00Z | 3 | 0123456789ab | seen |"),
        markdown);
    assertTrue(markdown.contains("## What stays open\n\nNothing.\n"), markdown);
  }

  private static ReportView approved(String comment) {
    return new ReportView(
        "q4",
        PlanSpec.Target.MESH,
        PlanPhase.RUNNING,
        "ann",
        AT,
        AT,
        null,
        new ProgressView(1, Map.of(), 0, null),
        List.of(new ApprovalView("mesh", "ann", AT, comment, 3, "0123456789abcdef")),
        List.of(),
        Map.of(),
        Map.of(),
        null,
        List.of());
  }
}
