// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app.analyse;

import io.mtlsmigration.app.analyse.ManifestFiles.FileLine;
import io.mtlsmigration.text.TerminalText;
import java.util.Comparator;
import java.util.stream.Collectors;

/**
 * Prints an analysis as workflow commands, which GitHub shows as annotations beside the lines of a
 * change. The worst come first, because GitHub shows only the first ten of a step and a level.
 */
final class AnalysisGitHub {

  private AnalysisGitHub() {}

  static String of(Report report) {
    return AnalysisResult.of(report).stream()
        .sorted(Comparator.comparing(AnalysisResult::severity))
        .map(AnalysisGitHub::command)
        .collect(Collectors.joining());
  }

  private static String command(AnalysisResult result) {
    String level =
        switch (result.severity()) {
          case BLOCKER -> "error";
          case WARNING -> "warning";
          case INFO -> "notice";
        };
    FileLine place = result.place();
    String where =
        place == null ? "" : "file=" + property(place.file()) + ",line=" + place.line() + ",";
    String subject = result.subject().isEmpty() ? "" : " " + result.subject();
    return "::%s %stitle=%s::%s\n"
        .formatted(level, where, property(result.rule() + subject), text(result.message()));
  }

  private static String property(String text) {
    return text(text).replace(":", "%3A").replace(",", "%2C");
  }

  /** Returns text of others as one line, in which nothing is a command. */
  private static String text(String text) {
    return TerminalText.line(text).replace("%", "%25");
  }
}
