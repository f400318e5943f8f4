// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app.analyse;

import io.mtlsmigration.api.ManifestAnalysis;
import io.mtlsmigration.api.view.AnalysisView;
import io.mtlsmigration.api.view.FindingView;
import io.mtlsmigration.manifest.ManifestProblem;
import java.util.List;
import java.util.Set;

/**
 * Prints an analysis as JUnit's XML: a namespace is a class, a finding a test case, which fails
 * when it makes the command fail; a namespace without a finding has one that passes.
 */
final class AnalysisJunit {

  private final StringBuilder cases = new StringBuilder();
  private int count;
  private int failures;

  private AnalysisJunit() {}

  static String of(Report report) {
    AnalysisJunit junit = new AnalysisJunit();
    Set<FindingView> breaking =
        report.threshold() == Threshold.BREAKING
            ? Set.copyOf(report.breaksFromOutside())
            : Set.of();
    for (AnalysisView.Namespace namespace : report.analysis().namespaces()) {
      List<FindingView> findings =
          report.analysis().findings().stream()
              .filter(finding -> finding.namespace().equals(namespace.name()))
              .toList();
      if (findings.isEmpty()) {
        junit.add(namespace.name(), "no hazards", "", false);
      }
      findings.forEach(
          finding -> junit.add(finding, report.fails(finding) || breaking.contains(finding)));
    }
    for (AnalysisView.Call call : report.breaks()) {
      junit.add(
          call.to().namespace(),
          "STRICT breaks " + ManifestAnalysis.call(call),
          "It works now",
          report.threshold() == Threshold.BREAKING);
    }
    report.uncounted().ifPresent(why -> junit.add("mesh", "STRICT breaks no call", why, true));
    for (String name : report.analysis().undefinedNamespaces()) {
      junit.add(
          name,
          "the namespace is defined",
          ManifestAnalysis.undefined(List.of(name)),
          report.threshold() != null);
    }
    for (ManifestProblem problem : report.problems()) {
      junit.add("manifests", problem.source(), problem.toString(), report.failsUnread());
    }
    return junit.document();
  }

  private void add(FindingView finding, boolean fails) {
    add(
        finding.namespace(),
        finding.code() + " " + finding.subject().words(),
        finding.severity() + ": " + finding.message() + " " + finding.remedy(),
        fails);
  }

  private void add(String type, String name, String text, boolean fails) {
    count++;
    cases.append("  <testcase classname=\"%s\" name=\"%s\"".formatted(xml(type), xml(name)));
    if (fails) {
      failures++;
      cases.append(">\n    <failure message=\"%s\"/>\n  </testcase>\n".formatted(xml(text)));
    } else if (text.isEmpty()) {
      cases.append("/>\n");
    } else {
      cases.append(">\n    <system-out>%s</system-out>\n  </testcase>\n".formatted(xml(text)));
    }
  }

  private String document() {
    return """
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuite name="mtls-migration" tests="%d" failures="%d">
        %s</testsuite>
        """
        .formatted(count, failures, cases);
  }

  /** Returns text of others escaped; characters that XML cannot hold are left out. */
  private static String xml(String text) {
    StringBuilder escaped = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\t', '\n', '\r' -> escaped.append(' ');
                default -> {
                  if (isOfXml(c)) {
                    escaped.appendCodePoint(c);
                  }
                }
              }
            });
    return escaped.toString();
  }

  /** Returns whether XML 1.0 (section 2.2) allows the character; line ends are excluded. */
  private static boolean isOfXml(int c) {
    return (c >= 0x20 && c <= 0xD7FF) || (c >= 0xE000 && c <= 0xFFFD) || c >= 0x10000;
  }
}
