package io.mtlsmigration.app.analyse;

import io.mtlsmigration.api.view.AnalysisView;
import io.mtlsmigration.api.view.FindingView;
import io.mtlsmigration.hazard.Severity;

/** What makes an analysis fail. */
public enum Threshold {
  /** A hazard that holds a namespace. */
  BLOCKER,
  /** That, or one that is less. */
  WARNING,
  /** A call that STRICT would break, or calls that nobody has counted. */
  BREAKING;

  /** Whether the finding alone is enough. */
  boolean isReachedBy(FindingView finding) {
    return switch (this) {
      case BLOCKER -> finding.severity() == Severity.BLOCKER;
      case WARNING -> finding.severity() != Severity.INFO;
      case BREAKING -> false;
    };
  }

  /** What could not be read is not known to be harmless. */
  boolean isReachedBy(AnalysisView analysis) {
    return !analysis.problems().isEmpty()
        || analysis.findings().stream().anyMatch(this::isReachedBy)
        || (this == BREAKING && breaks(analysis));
  }

  private static boolean breaks(AnalysisView analysis) {
    AnalysisView.WhatIf whatIf = analysis.whatIf();
    return whatIf == null || whatIf.breaking() == null || whatIf.breaking() > 0;
  }
}
