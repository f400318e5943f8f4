// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import io.mtlsmigration.hazard.Finding;
import io.mtlsmigration.hazard.HazardCode;
import io.mtlsmigration.hazard.Severity;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

@Schema(name = "Finding", description = "A hazard that was met")
public record FindingView(
    @Schema(description = "Stable code of the rule") HazardCode code,
    @Schema(description = "A BLOCKER holds the namespace unless the plan names an exception")
        Severity severity,
    @Schema(description = "The namespace whose lockdown it concerns") String namespace,
    @Schema(description = "The object that it is about") Ref subject,
    @Schema(description = "The container port that it is about; null when it is about none")
        @Nullable Integer port,
    @Schema(description = "What happens") String message,
    @Schema(description = "What to do") String remedy,
    @Schema(description = "Where to read more") List<String> references) {

  public static FindingView of(Finding finding) {
    return new FindingView(
        finding.code(),
        finding.severity(),
        finding.namespace(),
        Ref.of(finding.subject()),
        finding.port() == 0 ? null : finding.port(),
        finding.message(),
        finding.remedy(),
        finding.references());
  }

  /**
   * Returns the sort key: severity, worst first, then namespace, code, subject; unique among
   * different findings.
   */
  public static String key(Finding finding) {
    return rank(finding.severity())
        + "\n"
        + finding.namespace()
        + "\n"
        + padded(finding.code().number(), 3)
        + "\n"
        + finding.subject()
        + "\n"
        + padded(finding.port(), 5)
        + "\n"
        + finding.message();
  }

  /** Returns the number padded with zeros, without a format, which would dominate the time. */
  private static String padded(int number, int width) {
    String digits = Integer.toString(number);
    return "0".repeat(Math.max(0, width - digits.length())) + digits;
  }

  private static String rank(Severity severity) {
    return switch (severity) {
      case BLOCKER -> "0";
      case WARNING -> "1";
      case INFO -> "2";
    };
  }
}
