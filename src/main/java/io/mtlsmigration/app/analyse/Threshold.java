// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app.analyse;

import io.mtlsmigration.api.view.AnalysisView;
import io.mtlsmigration.api.view.FindingView;
import io.mtlsmigration.hazard.Severity;

/** The least finding that makes an analysis fail. */
public enum Threshold {
  /** A hazard that blocks a namespace. */
  BLOCKER,
  /** A blocker, or a warning. */
  WARNING,
  /** A call that STRICT would break, whoever makes it, or calls that were not counted. */
  BREAKING;

  /** Returns whether the finding alone reaches the threshold. */
  boolean isReachedBy(FindingView finding) {
    return switch (this) {
      case BLOCKER -> finding.severity() == Severity.BLOCKER;
      case WARNING -> finding.severity() != Severity.INFO;
      case BREAKING -> false;
    };
  }

  /**
   * Returns whether the analysis reaches the threshold; what was not looked at does, since it is
   * not known to be harmless: unread parts, and pods of which nobody knows whether they have a
   * sidecar.
   */
  boolean isReachedBy(AnalysisView analysis) {
    return !analysis.problems().isEmpty()
        || !analysis.undefinedNamespaces().isEmpty()
        || analysis.findings().stream().anyMatch(this::isReachedBy)
        || (this == BREAKING && breaks(analysis));
  }

  private static boolean breaks(AnalysisView analysis) {
    AnalysisView.WhatIf whatIf = analysis.whatIf();
    return whatIf == null
        || whatIf.breaking() == null
        || whatIf.breaking() > 0
        || !whatIf.breaksFromOutside().isEmpty();
  }
}
