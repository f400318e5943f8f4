package io.mtlsmigration.app.analyse;

import io.mtlsmigration.api.view.AnalysisView;
import io.mtlsmigration.api.view.FindingView;
import io.mtlsmigration.text.MarkdownText;
import java.util.List;
import java.util.stream.Collectors;

/** An analysis as Markdown, for a comment on a change or a job's summary. */
final class AnalysisMarkdown {

  private final StringBuilder text = new StringBuilder();

  private AnalysisMarkdown() {}

  static String of(Report report) {
    AnalysisMarkdown markdown = new AnalysisMarkdown();
    markdown.namespaces(report.analysis().namespaces());
    markdown.findings(report.analysis().findings());
    AnalysisView.WhatIf whatIf = report.analysis().whatIf();
    if (whatIf != null) {
      markdown.section("STRICT for the whole mesh");
      markdown.line(
          (whatIf.breaking() == null ? "An unknown number of" : whatIf.breaking())
              + " calls that work now would be refused.");
      markdown.list(report.breaks().stream().map(Report::call).toList());
    }
    if (!report.problems().isEmpty()) {
      markdown.section("Cannot be read");
      markdown.list(report.problems().stream().map(Object::toString).toList());
    }
    return markdown.text.toString();
  }

  private void namespaces(List<AnalysisView.Namespace> namespaces) {
    line("# mTLS of these manifests");
    line("");
    row("Namespace", "Posture", "Captured", "Findings");
    row("---", "---", "---", "---");
    for (AnalysisView.Namespace namespace : namespaces) {
      row(
          namespace.name(),
          namespace.posture().toString(),
          namespace.captured() + " of " + namespace.workloads(),
          namespace.findings().entrySet().stream()
              .filter(count -> count.getValue() > 0)
              .map(count -> count.getValue() + " " + count.getKey())
              .collect(Collectors.joining(", ")));
    }
  }

  private void findings(List<FindingView> findings) {
    if (findings.isEmpty()) {
      return;
    }
    section("Findings");
    row("Severity", "Code", "Subject", "What happens", "What to do");
    row("---", "---", "---", "---", "---");
    for (FindingView finding : findings) {
      row(
          finding.severity().toString(),
          finding.code().toString(),
          Report.subject(finding),
          finding.message(),
          finding.remedy());
    }
  }

  private void list(List<String> items) {
    if (!items.isEmpty()) {
      line("");
    }
    items.forEach(item -> line("- " + MarkdownText.of(item)));
  }

  private void section(String title) {
    line("");
    line("## " + title);
    line("");
  }

  private void row(String... cells) {
    line(
        List.of(cells).stream()
            .map(MarkdownText::of)
            .collect(Collectors.joining(" | ", "| ", " |")));
  }

  private void line(String line) {
    text.append(line).append('\n');
  }
}
