// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.api.view.AnalysisView;
import io.mtlsmigration.api.view.FindingView;
import io.mtlsmigration.manifest.Facts;
import io.mtlsmigration.text.TerminalText;
import java.util.List;

/** The analysis of {@code POST /analyses}, for callers that have read the facts themselves. */
public final class ManifestAnalysis {

  private ManifestAnalysis() {}

  /**
   * Analyses facts, with a summary of the reachability.
   *
   * @param whatIf whether to show the effect of STRICT for the whole mesh
   */
  public static AnalysisView of(Facts facts, boolean whatIf) {
    return Analyses.view(facts, whatIf, false);
  }

  /** Returns what the set leaves open, and what of it was not looked at, as sentences. */
  public static List<String> unknown(AnalysisView analysis) {
    return AnalysisText.unknown(analysis);
  }

  /** Returns what is not known of namespaces that the set does not define. */
  public static String undefined(List<String> namespaces) {
    return AnalysisText.undefined(namespaces);
  }

  /** Returns, as text, that others may call than the what-if knows. */
  public static String otherClients() {
    return AnalysisText.OTHER_CLIENTS;
  }

  /** Returns what breaks besides the calls of the set's workloads, as the end of a sentence. */
  public static String fromOutside(AnalysisView.WhatIf whatIf) {
    return AnalysisText.fromOutside(whatIf);
  }

  /** Returns one of {@link AnalysisView.WhatIf#breaksFromOutside} as text. */
  public static String outside(FindingView finding) {
    return AnalysisText.outside(finding);
  }

  /** Returns one call as text. */
  public static String call(AnalysisView.Call call) {
    return AnalysisText.pair(call);
  }

  /** Returns calls of which no two are the same text: servers behind a Service's port are one. */
  public static List<AnalysisView.Call> once(List<AnalysisView.Call> calls) {
    return AnalysisText.once(calls);
  }

  /**
   * Returns lines for terminals and build logs, as in {@code text/plain}.
   *
   * @param problems what could not be read, with the files
   */
  public static String text(AnalysisView analysis, List<String> problems) {
    return TerminalText.of(AnalysisText.lines(analysis, problems));
  }
}
