// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.problem;

/**
 * The catalogue of errors: every failed call answers with one of these. {@code code} and {@code
 * type} are stable; titles may be reworded.
 */
public enum ErrorCode {
  BAD_REQUEST(400, "The request cannot be understood"),
  MALFORMED_BODY(400, "The body is not well-formed"),
  INVALID_PARAMETER(400, "A query parameter or header is wrong"),
  UNAUTHENTICATED(401, "Who calls is not known"),
  FORBIDDEN(403, "The caller may not do this"),
  NOT_FOUND(404, "There is no such thing"),
  METHOD_NOT_ALLOWED(405, "The resource does not take this method"),
  NOT_ACCEPTABLE(406, "No representation that the caller accepts"),
  BODY_TIMEOUT(408, "The body did not arrive in time"),
  /** The phase of the plan or of the step does not allow the action. */
  PHASE(409, "The phase does not allow it"),
  /** Another active plan owns one of the namespaces, or the mesh. */
  OVERLAP(409, "Another plan is in charge"),
  ALREADY_EXISTS(409, "The name is taken"),
  APPROVAL_NOT_ASKED_FOR(409, "The plan asks for no approval"),
  /** The impact approved is not the current one. */
  IMPACT_CHANGED(409, "The impact is not the one that was shown"),
  CONFLICT(409, "The present state does not allow it"),
  STALE(412, "The resource has changed since it was read"),
  TOO_LARGE(413, "The body is too large"),
  UNSUPPORTED_MEDIA_TYPE(415, "The body's media type is not supported"),
  INVALID(422, "The body is well-formed, but wrong"),
  PRECONDITION_REQUIRED(428, "If-Match is required"),
  TOO_MANY_REQUESTS(429, "Too much of this is going on already"),
  INTERNAL(500, "Something unexpected happened"),
  UNAVAILABLE(503, "Something that the answer needs is not available");

  private final int status;
  private final String title;

  ErrorCode(int status, String title) {
    this.status = status;
    this.title = title;
  }

  public int status() {
    return status;
  }

  public String title() {
    return title;
  }

  /** Returns {@code urn:mtls-migration:problem:}, then the code in lower case with dashes. */
  public String type() {
    return "urn:mtls-migration:problem:"
        + name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
  }

  /** Returns the entry for a status that the framework chose. */
  static ErrorCode ofStatus(int status) {
    return switch (status) {
      case 401 -> UNAUTHENTICATED;
      case 403 -> FORBIDDEN;
      case 404 -> NOT_FOUND;
      case 405 -> METHOD_NOT_ALLOWED;
      case 406 -> NOT_ACCEPTABLE;
      case 408 -> BODY_TIMEOUT;
      case 409 -> CONFLICT;
      case 412 -> STALE;
      case 413 -> TOO_LARGE;
      case 415 -> UNSUPPORTED_MEDIA_TYPE;
      case 422 -> INVALID;
      case 428 -> PRECONDITION_REQUIRED;
      case 429 -> TOO_MANY_REQUESTS;
      case 503 -> UNAVAILABLE;
      default -> status >= 400 && status < 500 ? BAD_REQUEST : INTERNAL;
    };
  }

  /** Returns the entry for a refused command; the core's codes are a part of this catalogue. */
  static ErrorCode ofConflict(String code) {
    for (ErrorCode candidate : values()) {
      if (candidate.status == 409 && candidate.name().equals(code)) {
        return candidate;
      }
    }
    return CONFLICT;
  }
}
