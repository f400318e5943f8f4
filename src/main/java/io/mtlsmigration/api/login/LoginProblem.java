// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.login;

import io.mtlsmigration.api.problem.ErrorCode;
import java.util.Locale;

/**
 * The reasons why nobody is signed in. The page has its own words for each; a caller that is no
 * browser gets these, as a problem.
 */
enum LoginProblem {
  DECLINED(ErrorCode.FORBIDDEN, "The OpenID provider did not let the caller sign in"),
  EXPIRED(
      ErrorCode.BAD_REQUEST,
      "This is not the end of a login that was begun in this browser within the last minutes:"
          + " begin again at /login"),
  COOKIES(
      ErrorCode.BAD_REQUEST,
      "The browser did not send back the cookie that it was given: signing in needs cookies"),
  UNREACHABLE(
      ErrorCode.UNAVAILABLE,
      "The OpenID provider (quarkus.oidc.page.auth-server-url) does not answer: try again, or send"
          + " a token that you have"),
  FAILED(
      ErrorCode.UNAUTHENTICATED,
      "What the OpenID provider answered is not taken; the log of the service tells why");

  private final ErrorCode code;
  private final String detail;

  LoginProblem(ErrorCode code, String detail) {
    this.code = code;
    this.detail = detail;
  }

  ErrorCode code() {
    return code;
  }

  String detail() {
    return detail;
  }

  /** Returns the place of the page that tells it, with nothing in it that others have chosen. */
  String place() {
    return "#/login?problem=" + name().toLowerCase(Locale.ROOT);
  }
}
