package io.mtlsmigration.api;

import io.mtlsmigration.api.view.GateView;
import io.mtlsmigration.api.view.PlanBody.ExceptionBody;
import io.mtlsmigration.api.view.PlanView.ApprovalView;
import io.mtlsmigration.api.view.ReportView;
import io.mtlsmigration.api.view.StepView.OverrideView;
import io.mtlsmigration.text.MarkdownText;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A plan's report as Markdown, for tickets and auditors. */
final class ReportMarkdown {

  private final StringBuilder text = new StringBuilder();

  private ReportMarkdown() {}

  static String of(ReportView report) {
    ReportMarkdown markdown = new ReportMarkdown();
    markdown.head(report);
    markdown.approvals(report.approvals());
    markdown.steps(report);
    markdown.evidence(report);
    markdown.open(report.exceptions(), report.open());
    return markdown.text.toString();
  }

  private void head(ReportView report) {
    line("# Migration report: " + escaped(report.plan()));
    line("");
    line("- Target: " + report.target());
    line("- Phase: " + report.phase() + " (" + report.progress().percent() + " %)");
    line("- Made by " + escaped(report.createdBy()) + " at " + report.createdAt());
    line("- Started: " + orDash(report.startedAt()));
    line("- Ended: " + orDash(report.endedAt()));
  }

  private void approvals(List<ApprovalView> approvals) {
    section("Approvals");
    if (approvals.isEmpty()) {
      line("None.");
      return;
    }
    row("Subject", "By", "At", "Generation", "Impact", "Comment");
    row("---", "---", "---", "---", "---", "---");
    for (ApprovalView approval : approvals) {
      row(
          approval.subject(),
          approval.by(),
          approval.at().toString(),
          Long.toString(approval.generation()),
          approval.impactHash().substring(0, Math.min(12, approval.impactHash().length())),
          approval.comment());
    }
  }

  private void steps(ReportView report) {
    section("Namespaces");
    row("Namespace", "Wave", "Phase", "Since", "STRICT written", "Rolled back by itself", "Why");
    row("---", "---", "---", "---", "---", "---", "---");
    report.namespaces().forEach(this::step);
    if (report.mesh() != null) {
      step(report.mesh());
    }
  }

  private void step(ReportView.Line line) {
    row(
        line.namespace(),
        line.wave() == null ? "–" : line.wave(),
        line.phase().name(),
        line.since().toString(),
        orDash(line.lockedAt()),
        Integer.toString(line.automaticRollbacks()),
        line.message());
  }

  private void evidence(ReportView report) {
    section("Evidence");
    report.namespaces().forEach(this::evidence);
    if (report.mesh() != null) {
      evidence(report.mesh());
    }
  }

  private void evidence(ReportView.Line line) {
    if (line.evidence().isEmpty() && line.overrides().isEmpty()) {
      return;
    }
    line("### " + escaped(line.namespace()));
    line("");
    for (GateView gate : line.evidence()) {
      line(
          "- "
              + gate.gate()
              + ": "
              + gate.result()
              + " at "
              + gate.evaluatedAt()
              + ". "
              + escaped(gate.message()));
      gate.evidence().forEach(fact -> line("  - " + escaped(fact)));
    }
    for (OverrideView override : line.overrides()) {
      line(
          "- overridden: "
              + String.join(", ", override.gates())
              + ", by "
              + escaped(override.by())
              + " at "
              + override.at()
              + ": "
              + escaped(override.comment()));
    }
    line("");
  }

  private void open(List<ExceptionBody> exceptions, Map<String, String> open) {
    section("What stays open");
    if (exceptions.isEmpty() && open.isEmpty()) {
      line("Nothing.");
      return;
    }
    for (ExceptionBody exception : exceptions) {
      line(
          "- "
              + escaped(exception.namespace())
              + selector(exception)
              + ", "
              + (exception.port() == null ? "all ports" : "port " + exception.port())
              + ", until "
              + exception.expires()
              + ": "
              + escaped(exception.reason())
              + " ("
              + escaped(exception.owner())
              + ")");
    }
    open.forEach((namespace, why) -> line("- " + escaped(namespace) + ": " + escaped(why)));
  }

  private static String selector(ExceptionBody exception) {
    Map<String, String> labels =
        exception.selector() == null || exception.selector().matchLabels() == null
            ? Map.of()
            : exception.selector().matchLabels();
    return labels.entrySet().stream()
        .map(label -> label.getKey() + "=" + label.getValue())
        .map(ReportMarkdown::escaped)
        .collect(Collectors.joining(" ", labels.isEmpty() ? "" : " ", ""));
  }

  private void section(String title) {
    line("");
    line("## " + title);
    line("");
  }

  private void row(String... cells) {
    line(
        List.of(cells).stream()
            .map(ReportMarkdown::escaped)
            .collect(Collectors.joining(" | ", "| ", " |")));
  }

  private void line(String line) {
    text.append(line).append('\n');
  }

  private static String orDash(@Nullable Instant instant) {
    return instant == null ? "–" : instant.toString();
  }

  /** Text by others must not become a heading, a link or a column, nor call anybody. */
  private static String escaped(String text) {
    return MarkdownText.of(text);
  }
}
