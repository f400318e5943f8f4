package io.mtlsmigration.api.login;

import io.quarkus.oidc.TenantResolver;
import io.quarkus.oidc.runtime.OidcUtils;
import io.vertx.core.http.Cookie;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the two ways apart in which the OpenID extension learns who calls: the cookie of a person
 * who signed in, below {@code /login} alone, and bearer tokens everywhere else. Left to itself it
 * takes a tenant from a session cookie, or from any part of a path that is called like one: then
 * the cookie would vouch for calls to the API, which a page from elsewhere could have sent, and a
 * namespace called {@code page} could be read with no token at all.
 */
@Singleton
final class LoginTenant implements TenantResolver {

  /** As in {@code quarkus.oidc.page.*}. */
  static final String ID = "page";

  static final String PATH = "/login";

  /** The session, in one cookie or in several parts. */
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
