// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app.analyse;

import io.mtlsmigration.api.ManifestAnalysis;
import io.mtlsmigration.api.view.AnalysisView;
import io.mtlsmigration.api.view.FindingView;
import io.mtlsmigration.rollout.Words;
import io.mtlsmigration.text.MarkdownDocument;
import io.mtlsmigration.text.MarkdownText;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Prints an analysis as Markdown, for a comment on a change or a job's summary. */
final class AnalysisMarkdown {

  private final MarkdownDocument page = new MarkdownDocument();

  private AnalysisMarkdown() {}

  static String of(Report report) {
    AnalysisMarkdown markdown = new AnalysisMarkdown();
    markdown.namespaces(report.analysis().namespaces());
    markdown.findings(report.analysis().findings());
    AnalysisView.WhatIf whatIf = report.analysis().whatIf();
    if (whatIf != null) {
      markdown.page.section("STRICT for the whole mesh");
      markdown.page.line(
          (whatIf.breaking() == null
                  ? "An unknown number of calls"
                  : Words.counted(whatIf.breaking(), "call"))
              + " of those that work now would be refused"
              + ManifestAnalysis.fromOutside(whatIf)
              + ".");
      markdown.list(
          Stream.concat(
                  report.breaks().stream().map(ManifestAnalysis::call),
                  report.breaksFromOutside().stream().map(ManifestAnalysis::outside))
              .toList());
    }
    List<String> unknown = new ArrayList<>(ManifestAnalysis.unknown(report.analysis()));
    if (whatIf != null) {
      unknown.add(ManifestAnalysis.otherClients());
    }
    if (!unknown.isEmpty()) {
      markdown.page.section("Not known");
      markdown.list(unknown);
    }
    if (!report.problems().isEmpty()) {
      markdown.page.section("Cannot be read");
      markdown.list(report.problems().stream().map(Object::toString).toList());
    }
    return markdown.page.toString();
  }

  private void namespaces(List<AnalysisView.Namespace> namespaces) {
    page.line("# mTLS of these manifests");
    page.line("");
    page.row("Namespace", "Posture", "Captured", "Findings");
    page.row("---", "---", "---", "---");
    for (AnalysisView.Namespace namespace : namespaces) {
      page.row(
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
    page.section("Findings");
    page.row("Severity", "Code", "Subject", "What happens", "What to do");
    page.row("---", "---", "---", "---", "---");
    for (FindingView finding : findings) {
      page.row(
          finding.severity().toString(),
          finding.code().toString(),
          finding.subject().words(),
          finding.message(),
          finding.remedy());
    }
  }

  private void list(List<String> items) {
    if (!items.isEmpty()) {
      page.line("");
    }
    items.forEach(item -> page.line("- " + MarkdownText.of(item)));
  }
}
