// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.problem;

import io.mtlsmigration.api.problem.ProblemDetail.FieldError;
import java.util.List;
import java.util.Map;

/** Thrown when a call fails; carries the error's entry of the catalogue. */
public final class ApiException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final transient List<FieldError> errors;
  private final transient Map<String, String> headers;

  private ApiException(
      ErrorCode code, String detail, List<FieldError> errors, Map<String, String> headers) {
    super(detail);
    this.code = code;
    this.errors = List.copyOf(errors);
    this.headers = Map.copyOf(headers);
  }

  public static ApiException of(ErrorCode code, String detail) {
    return new ApiException(code, detail, List.of(), Map.of());
  }

  public static ApiException of(ErrorCode code, List<FieldError> errors) {
    return new ApiException(code, summary(errors), errors, Map.of());
  }

  /** Returns a 400 for one parameter. */
  public static ApiException parameter(String name, String detail) {
    return of(ErrorCode.INVALID_PARAMETER, List.of(FieldError.wrong(name, detail)));
  }

  public static ApiException notFound(String what) {
    return of(ErrorCode.NOT_FOUND, "There is no " + what);
  }

  /** Returns a 401 with its challenge (RFC 9110 §11.6.1). */
  public static ApiException unauthenticated(String detail, String challenge) {
    return new ApiException(
        ErrorCode.UNAUTHENTICATED, detail, List.of(), Map.of("WWW-Authenticate", challenge));
  }

  /** Returns a 429: a bounded resource is exhausted for now. */
  public static ApiException busy(String detail, int retryAfterSeconds) {
    return new ApiException(
        ErrorCode.TOO_MANY_REQUESTS,
        detail,
        List.of(),
        Map.of("Retry-After", Integer.toString(retryAfterSeconds)));
  }

  public ErrorCode code() {
    return code;
  }

  public List<FieldError> errors() {
    return errors;
  }

  public Map<String, String> headers() {
    return headers;
  }

  static String summary(List<FieldError> errors) {
    if (errors.size() == 1) {
      return errors.getFirst().detail();
    }
    return errors.size() + " places are wrong; the first: " + errors.getFirst().detail();
  }
}
