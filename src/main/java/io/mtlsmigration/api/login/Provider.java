// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.login;

import io.mtlsmigration.api.security.RateLimitedWarning;
import io.quarkus.oidc.OidcConfigurationMetadata;
import io.quarkus.oidc.RefreshToken;
import io.quarkus.oidc.runtime.OidcUtils;
import io.quarkus.oidc.runtime.TenantConfigBean;
import io.quarkus.oidc.runtime.TenantConfigContext;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.Cookie;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The OpenID provider that people sign in at, through the OpenID extension. */
@Singleton
final class Provider {

  private static final Logger LOG = Logger.getLogger(Provider.class);

  /** The limit of each wait; the extension has none. */
  static final Duration PATIENCE = Duration.ofSeconds(5);

  private final TenantConfigBean tenants;
  private final Clock clock;

  private final RateLimitedWarning away =
      new RateLimitedWarning(
          LOG,
          "Nobody can sign in, for the OpenID provider (quarkus.oidc.page.auth-server-url) does not"
              + " answer");

  private final RateLimitedWarning unrevoked =
      new RateLimitedWarning(
          LOG, "Sessions that were ended here cannot be ended at the OpenID provider");

  Provider(TenantConfigBean tenants, Clock clock) {
    this.tenants = tenants;
    this.clock = clock;
  }

  /**
   * Returns whether the provider answers. It is asked before a browser is sent there: from a dead
   * address a person does not come back, and the code could not be exchanged either. The question
   * is for its keys, which are public and needed anyway.
   */
  Uni<Boolean> answers() {
    return patiently(context().initialize().flatMap(Provider::asked), away);
  }

  /** Waits no longer than {@link #PATIENCE}; a missing answer counts as no, and is logged. */
  private Uni<Boolean> patiently(Uni<Boolean> question, RateLimitedWarning complaint) {
    return question
        .ifNoItem()
        .after(PATIENCE)
        .fail()
        .onFailure()
        .recoverWithItem(
            failure -> {
              complaint.add(failure, clock);
              return false;
            });
  }

  private static Uni<Boolean> asked(TenantConfigContext context) {
    OidcConfigurationMetadata metadata = context.getOidcMetadata();
    String keys = metadata == null ? null : metadata.getJsonWebKeySetUri();
    if (keys == null) {
      return Uni.createFrom().item(context.ready());
    }
    return context
        .getOidcProviderClient()
        .getWebClient()
        .getAbs(keys)
        .timeout(PATIENCE.toMillis())
        .send()
        .map(answer -> answer.statusCode() < 500);
  }

  /**
   * Returns the address where a person may also end the session at the provider. It has no token
   * hint, which would be visible in an address: the provider asks the person instead.
   *
   * @param back where the person is sent afterwards
   */
  Optional<String> endOfSession(String back) {
    OidcConfigurationMetadata metadata = context().getOidcMetadata();
    String end = metadata == null ? null : metadata.getEndSessionUri();
    return Optional.ofNullable(end)
        .map(
            uri ->
                uri
                    + (uri.contains("?") ? "&" : "?")
                    + "client_id="
                    + encoded(context().oidcConfig().clientId().orElse(""))
                    + "&post_logout_redirect_uri="
                    + encoded(back));
  }

  /**
   * Has the provider revoke this session's tokens, so that no copy can be renewed (RFC 7009). Waits
   * no longer than {@link #PATIENCE}, and never fails: here the session ends all the same.
   */
  Uni<Void> revoke(@Nullable SecurityIdentity visitor) {
    RefreshToken token = visitor == null ? null : visitor.getCredential(RefreshToken.class);
    if (token == null || token.getToken() == null) {
      return Uni.createFrom().voidItem();
    }
    return patiently(
            context().getOidcProviderClient().revokeRefreshToken(token.getToken()), unrevoked)
        .replaceWithVoid();
  }

  boolean isBehindTls() {
    return context().oidcConfig().authentication().forceRedirectHttpsScheme().orElse(false);
  }

  /** Has the browser drop the session cookie, after which nothing of the session is left here. */
  void forget(RoutingContext routing) {
    List<String> names =
        routing.request().cookies().stream()
            .map(Cookie::getName)
            .filter(name -> name.startsWith(LoginTenant.SESSION_COOKIE))
            .toList();
    names.forEach(name -> OidcUtils.removeCookie(routing, context().oidcConfig(), name));
  }

  /** Returns whether the provider was not reached, rather than having refused. */
  static boolean isAway(Throwable failure) {
    for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof IOException
          || cause instanceof TimeoutException
          || cause instanceof io.smallrye.mutiny.TimeoutException) {
        return true;
      }
    }
    return false;
  }

  private TenantConfigContext context() {
    return tenants.getStaticTenant(LoginTenant.ID);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
