package io.mtlsmigration.api;

import io.mtlsmigration.api.view.AnalysisView;
import io.mtlsmigration.manifest.Facts;
import io.mtlsmigration.text.TerminalText;

/**
 * The analysis that {@code POST /analyses} answers with, for whoever has read the facts himself.
 */
public final class ManifestAnalysis {

  private ManifestAnalysis() {}

  /**
   * Analyses facts, with a summary of who reaches whom.
   *
   * @param whatIf whether to tell what STRICT for the whole mesh would change
   */
  public static AnalysisView of(Facts facts, boolean whatIf) {
    return Analyses.view(facts, whatIf, false);
  }

  /** One call, as the lines have it. */
  public static String call(AnalysisView.Call call) {
    return AnalysisText.pair(call);
  }

  /** Lines for terminals and build logs, as {@code text/plain} has them. */
  public static String text(AnalysisView analysis) {
    return TerminalText.of(AnalysisText.lines(analysis));
  }
}
