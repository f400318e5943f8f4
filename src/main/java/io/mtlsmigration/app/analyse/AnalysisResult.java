// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app.analyse;

import io.mtlsmigration.api.ManifestAnalysis;
import io.mtlsmigration.api.view.AnalysisView;
import io.mtlsmigration.api.view.FindingView;
import io.mtlsmigration.api.view.Ref;
import io.mtlsmigration.app.analyse.ManifestFiles.FileLine;
import io.mtlsmigration.hazard.Severity;
import io.mtlsmigration.manifest.ManifestProblem;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A result of an analysis, for tools that show results beside the lines of files.
 *
 * @param rule that found it
 * @param help an address with more about the rule, or empty
 * @param place the beginning of its object; null when no file has it
 * @param subject what it is about, or empty
 */
record AnalysisResult(
    String rule,
    String help,
    Severity severity,
    String message,
    @Nullable FileLine place,
    String subject) {

  private static final String BREAKS = "CALL_BREAKS_UNDER_STRICT";
  private static final String UNCOUNTED = "CALLS_NOT_COUNTED";
  private static final String UNREADABLE = "UNREADABLE";
  private static final String UNDEFINED = "NAMESPACE_NOT_DEFINED";

  /**
   * Returns all results: findings, calls that STRICT would break, and what cannot be read or is not
   * known. What concerns several namespaces, or several servers behind a Service, is told once.
   */
  static List<AnalysisResult> of(Report report) {
    Set<FindingView> breaking = Set.copyOf(report.breaksFromOutside());
    return Stream.of(
            report.analysis().findings().stream()
                .map(
                    finding ->
                        of(
                            report,
                            finding,
                            breaking.contains(finding) ? Severity.BLOCKER : finding.severity())),
            report.breaks().stream().map(call -> of(report, call)),
            report.uncounted().stream().map(why -> uncounted(report, why)),
            report.analysis().undefinedNamespaces().stream().map(name -> undefined(report, name)),
            report.problems().stream().map(AnalysisResult::of))
        .flatMap(results -> results)
        .distinct()
        .toList();
  }

  /** One that breaks calls under STRICT is told as such, whatever it is otherwise. */
  private static AnalysisResult of(Report report, FindingView finding, Severity severity) {
    String help =
        finding.references().stream()
            .filter(reference -> reference.startsWith("https://"))
            .findFirst()
            .orElse("");
    return new AnalysisResult(
        finding.code().name(),
        help,
        severity,
        finding.message() + " " + finding.remedy(),
        report.place(finding.subject()),
        finding.subject().words());
  }

  private static AnalysisResult of(Report report, AnalysisView.Call call) {
    String what = ManifestAnalysis.call(call);
    return new AnalysisResult(
        BREAKS,
        "",
        Severity.BLOCKER,
        "STRICT for the whole mesh would break " + what,
        report.place(new Ref("Service", call.to().namespace(), call.to().service())),
        what);
  }

  private static AnalysisResult uncounted(Report report, String why) {
    return new AnalysisResult(UNCOUNTED, "", Severity.BLOCKER, why, report.firstPlace(), "");
  }

  private static AnalysisResult undefined(Report report, String namespace) {
    return new AnalysisResult(
        UNDEFINED,
        "",
        report.threshold() == null ? Severity.WARNING : Severity.BLOCKER,
        ManifestAnalysis.undefined(List.of(namespace)),
        report.placeOf(namespace),
        "Namespace " + namespace);
  }

  private static AnalysisResult of(ManifestProblem problem) {
    return new AnalysisResult(
        UNREADABLE,
        "",
        Severity.BLOCKER,
        problem.message(),
        new FileLine(problem.source(), Math.max(1, problem.line())),
        problem.pointer());
  }
}
