// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.security;

import io.mtlsmigration.api.problem.ApiException;
import io.mtlsmigration.api.problem.ErrorCode;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.http.HttpServerRequest;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Protects a service without authentication from foreign web pages that command it through a
 * browser on this machine; a page of another port of this machine is foreign, too. Two headers
 * reveal such a page, which can forge neither: {@code Origin} when it calls the loopback address
 * itself, {@code Host} when its own name has been made to resolve there (DNS rebinding).
 */
final class LocalCallers {

  /** A name or address of this machine, and a port; no prefix can be added before it. */
  private static final Pattern LOCAL =
      Pattern.compile(
          "(?:[0-9a-z-]{1,63}\\.){0,9}+localhost\\.?(?::[0-9]{1,5})?"
              + "|(?:127(?:\\.[0-9]{1,3}){3}|\\[(?:::|0:0:0:0:0:0:0:)1])(?::[0-9]{1,5})?",
          Pattern.CASE_INSENSITIVE);

  private LocalCallers() {}

  /**
   * Lets local callers pass.
   *
   * @throws ApiException 403 for others
   */
  static void demand(HttpServerRequest request) {
    String host = request.getHeader(HttpHeaderNames.HOST);
    if (host == null) {
      // HTTP/2 has another name for it; a call of HTTP/1.0 without it is no browser's.
      host = request.authority() == null ? "localhost" : request.authority().toString();
    }
    demand(host, request.getHeader(HttpHeaderNames.ORIGIN));
  }

  static void demand(String host, @Nullable String origin) {
    if (!LOCAL.matcher(host).matches()) {
      throw refusal("Host " + printable(host));
    }
    // TLS may end in front of the service; one port still serves one origin.
    if (origin != null
        && !origin.equalsIgnoreCase("http://" + host)
        && !origin.equalsIgnoreCase("https://" + host)) {
      throw refusal("Origin " + printable(origin));
    }
  }

  private static String printable(String text) {
    String ascii = text.replaceAll("[^\\x21-\\x7e]", "?");
    return ascii.length() > 100
        ? ascii.substring(0, 100).toLowerCase(Locale.ROOT)
        : ascii.toLowerCase(Locale.ROOT);
  }

  private static ApiException refusal(String what) {
    return ApiException.of(
        ErrorCode.FORBIDDEN,
        what
            + " is not this service on this machine, and mtls-migration.auth.mode is none: call it"
            + " as localhost, or choose another mode");
  }
}
