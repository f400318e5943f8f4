// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.login;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.http.HttpServerRequest;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * Tells our own page's calls from those of a foreign page. A browser sends {@code Sec-Fetch-Site},
 * whatever stands between it and the service; without TLS it does not, and then {@code Origin} has
 * to be the host that is called. CORS origins of the API are not allowed to see a session.
 */
final class SameOrigin {

  private static final String FETCH_SITE = "Sec-Fetch-Site";

  private SameOrigin() {}

  static boolean made(HttpServerRequest request) {
    String authority = request.authority() == null ? null : request.authority().toString();
    return made(
        request.getHeader(FETCH_SITE), request.getHeader(HttpHeaderNames.ORIGIN), authority);
  }

  static boolean made(@Nullable String site, @Nullable String origin, @Nullable String authority) {
    if (site != null) {
      return site.equals("same-origin");
    }
    return origin == null || authorityOf(origin).equalsIgnoreCase(authority);
  }

  private static String authorityOf(String origin) {
    try {
      String authority = URI.create(origin).getRawAuthority();
      return authority == null ? "" : authority;
    } catch (IllegalArgumentException e) {
      return "";
    }
  }
}
