// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.api.view.GateView;
import io.mtlsmigration.api.view.PlanView.ApprovalView;
import io.mtlsmigration.api.view.ReportView;
import io.mtlsmigration.api.view.StepView.OverrideView;
import io.mtlsmigration.contract.MigrationPlanSpec.PlanException;
import io.mtlsmigration.text.MarkdownDocument;
import io.mtlsmigration.text.MarkdownText;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Prints a plan's report as Markdown, for tickets and auditors. */
final class ReportMarkdown {

  private final MarkdownDocument page = new MarkdownDocument();

  private ReportMarkdown() {}

  static String of(ReportView report) {
    ReportMarkdown markdown = new ReportMarkdown();
    markdown.head(report);
    markdown.approvals(report.approvals());
    markdown.steps(report);
    markdown.evidence(report);
    markdown.open(report.exceptions(), report.open());
    return markdown.page.toString();
  }

  private void head(ReportView report) {
    page.line("# Migration report: " + escaped(report.plan()));
    page.line("");
    page.line("- Target: " + report.target());
    page.line("- Phase: " + report.phase() + " (" + report.progress().percent() + " %)");
    page.line("- Made by " + escaped(report.createdBy()) + " at " + report.createdAt());
    page.line("- Started: " + orDash(report.startedAt()));
    page.line("- Ended: " + orDash(report.endedAt()));
  }

  private void approvals(List<ApprovalView> approvals) {
    page.section("Approvals");
    if (approvals.isEmpty()) {
      page.line("None.");
      return;
    }
    page.row("Subject", "By", "At", "Generation", "Impact", "Comment");
    page.row("---", "---", "---", "---", "---", "---");
    for (ApprovalView approval : approvals) {
      page.row(
          approval.subject(),
          approval.by(),
          approval.at().toString(),
          Long.toString(approval.generation()),
          approval.impactHash().substring(0, Math.min(12, approval.impactHash().length())),
          approval.comment());
    }
  }

  private void steps(ReportView report) {
    page.section("Namespaces");
    page.row(
        "Namespace", "Wave", "Phase", "Since", "STRICT written", "Rolled back by itself", "Why");
    page.row("---", "---", "---", "---", "---", "---", "---");
    report.namespaces().forEach(this::step);
    if (report.mesh() != null) {
      step(report.mesh());
    }
  }

  private void step(ReportView.Line line) {
    page.row(
        line.namespace(),
        line.wave() == null ? "–" : line.wave(),
        line.phase().name(),
        line.since().toString(),
        orDash(line.lockedAt()),
        Integer.toString(line.automaticRollbacks()),
        line.message());
  }

  private void evidence(ReportView report) {
    page.section("Evidence");
    report.namespaces().forEach(this::evidence);
    if (report.mesh() != null) {
      evidence(report.mesh());
    }
  }

  private void evidence(ReportView.Line line) {
    if (line.evidence().isEmpty() && line.overrides().isEmpty()) {
      return;
    }
    page.line("### " + escaped(line.namespace()));
    page.line("");
    for (GateView gate : line.evidence()) {
      page.line(
          "- %s: %s at %s. %s"
              .formatted(gate.gate(), gate.result(), gate.evaluatedAt(), escaped(gate.message())));
      gate.evidence().forEach(fact -> page.line("  - " + escaped(fact)));
    }
    for (OverrideView override : line.overrides()) {
      page.line(
          "- overridden: "
              + String.join(", ", override.gates())
              + ", by "
              + escaped(override.by())
              + " at "
              + override.at()
              + ": "
              + escaped(override.comment()));
    }
    page.line("");
  }

  private void open(List<PlanException> exceptions, Map<String, String> open) {
    page.section("What stays open");
    if (exceptions.isEmpty() && open.isEmpty()) {
      page.line("Nothing.");
      return;
    }
    for (PlanException exception : exceptions) {
      page.line(
          "- "
              + escaped(String.valueOf(exception.namespace()))
              + selector(exception)
              + ", "
              + (exception.port() == null ? "all ports" : "port " + exception.port())
              + ", until "
              + exception.expires()
              + ": "
              + escaped(String.valueOf(exception.reason()))
              + " ("
              + escaped(String.valueOf(exception.owner()))
              + ")");
    }
    open.forEach((namespace, why) -> page.line("- " + escaped(namespace) + ": " + escaped(why)));
  }

  private static String selector(PlanException exception) {
    Map<String, String> labels =
        exception.selector() == null || exception.selector().matchLabels() == null
            ? Map.of()
            : exception.selector().matchLabels();
    return labels.entrySet().stream()
        .map(label -> label.getKey() + "=" + label.getValue())
        .map(ReportMarkdown::escaped)
        .collect(Collectors.joining(" ", labels.isEmpty() ? "" : " ", ""));
  }

  private static String orDash(@Nullable Instant instant) {
    return instant == null ? "–" : instant.toString();
  }

  /** Escapes text of others, so that it becomes no heading, link or column and mentions nobody. */
  private static String escaped(String text) {
    return MarkdownText.of(text);
  }
}
