// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.input;

import io.mtlsmigration.api.problem.ApiException;
import io.mtlsmigration.api.problem.ErrorCode;
import io.mtlsmigration.api.problem.ProblemDetail.FieldError;
import io.mtlsmigration.manifest.ManifestException;
import io.mtlsmigration.manifest.ManifestProblem;

/** Converts errors of the manifest reader to problems of the body. */
public final class ManifestErrors {

  private ManifestErrors() {}

  public static ApiException malformed(ManifestException e) {
    return ApiException.of(
        ErrorCode.MALFORMED_BODY, e.problems().stream().map(ManifestErrors::error).toList());
  }

  private static FieldError error(ManifestProblem problem) {
    return FieldError.at(problem.pointer(), code(problem.message()), detail(problem));
  }

  private static String code(String message) {
    if (message.contains("given twice")) {
      return "DUPLICATE_KEY";
    }
    if (message.contains("nested deeper")) {
      return "TOO_DEEP";
    }
    return message.startsWith("more than") || message.contains(" has more than ")
        ? "TOO_LARGE"
        : "SYNTAX";
  }

  private static String detail(ManifestProblem problem) {
    StringBuilder text = new StringBuilder("Document ").append(problem.document());
    if (problem.line() > 0) {
      text.append(", line ").append(problem.line()).append(", column ").append(problem.column());
    }
    return text.append(": ").append(problem.message()).toString();
  }
}
