// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.login;

import io.quarkus.oidc.TenantResolver;
import io.quarkus.oidc.runtime.OidcUtils;
import io.vertx.core.http.Cookie;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Separates the two ways in which the OpenID extension authenticates: the session cookie, below
 * {@code /login} only, and bearer tokens everywhere else. By default it takes a tenant from a
 * session cookie, or from any part of a path that has a tenant's name: then the cookie would
 * authenticate calls to the API, which a foreign page could have sent, and a namespace called
 * {@code page} could be read without a token.
 */
@Singleton
final class LoginTenant implements TenantResolver {

  /** The tenant of {@code quarkus.oidc.page.*}. */
  static final String ID = "page";

  static final String PATH = "/login";

  /** The session cookie, or the prefix of its parts. */
  static final String SESSION_COOKIE = OidcUtils.SESSION_COOKIE_NAME + "_" + ID;

  private static final String STATE_COOKIE = OidcUtils.STATE_COOKIE_NAME + "_" + ID;

  @Override
  public @Nullable String resolve(RoutingContext routing) {
    String path = routing.normalizedPath();
    if (path.equals(PATH) || path.startsWith(PATH + "/")) {
      return ID;
    }
    return seemsOurs(path, routing) ? OidcUtils.DEFAULT_TENANT_ID : null;
  }

  private static boolean seemsOurs(String path, RoutingContext routing) {
    return List.of(path.split("[/;]", -1)).contains(ID)
        || routing.request().cookies().stream()
            .map(Cookie::getName)
            .anyMatch(name -> name.startsWith(SESSION_COOKIE) || name.startsWith(STATE_COOKIE));
  }
}
