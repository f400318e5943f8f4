// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.security;

import io.mtlsmigration.access.AuthMode;
import io.mtlsmigration.access.Identity;
import io.mtlsmigration.api.problem.ApiException;
import io.mtlsmigration.api.problem.ErrorCode;
import io.quarkus.security.AuthenticationCompletionException;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.vertx.http.runtime.security.QuarkusHttpUser;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.BiConsumer;
import org.eclipse.microprofile.jwt.JsonWebToken;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Authenticates callers in the configured mode. */
@Singleton
final class Callers {

  /** RFC 6750 §3. */
  static final String CHALLENGE = "Bearer realm=\"mtls-migration\"";

  private static final String INVALID_TOKEN = CHALLENGE + ", error=\"invalid_token\"";
  private static final Logger LOG = Logger.getLogger(Callers.class);

  /**
   * The limit of a wait for the provider: the OpenID extension waits without end for one that
   * accepts connections and does not answer. The Kubernetes API has a configurable timeout of its
   * own.
   */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Instance<AuthMode> configured;
  private final Instance<Clock> clock;

  private final RateLimitedWarning openId =
      new RateLimitedWarning(
          LOG,
          "Tokens cannot be checked, for the OpenID provider (quarkus.oidc.auth-server-url) does not"
              + " answer");

  private final RateLimitedWarning others = new RateLimitedWarning(LOG, "Tokens cannot be checked");

  /**
   * Creates the object without resolving the arguments before the first call: it is created while
   * the application is built into a native image, before there is a configuration.
   */
  Callers(Instance<AuthMode> configured, Instance<Clock> clock) {
    this.configured = configured;
    this.clock = clock;
  }

  /**
   * Returns the identity of a caller; fails with the problem to answer with: 401 when nobody
   * vouches for the caller, 503 when nobody could be asked.
   */
  Uni<Identity> identify(RoutingContext routing) {
    AuthMode mode = configured.get();
    if (mode == AuthMode.NONE) {
      LocalCallers.demand(routing.request());
      return Uni.createFrom().item(Identity.ANONYMOUS);
    }
    // The problem mappers answer, not the mechanism that reads the token.
    BiConsumer<RoutingContext, Throwable> none = (call, failure) -> {};
    routing.put(QuarkusHttpUser.AUTH_FAILURE_HANDLER, none);
    Uni<SecurityIdentity> asked = QuarkusHttpUser.getSecurityIdentity(routing, null);
    Uni<SecurityIdentity> answered =
        mode == AuthMode.OIDC ? asked.ifNoItem().after(PATIENCE).fail() : asked;
    return answered
        .onFailure()
        .transform(failure -> problem(mode, failure))
        .map(known -> identity(mode, known));
  }

  private static Identity identity(AuthMode mode, @Nullable SecurityIdentity known) {
    if (known == null || known.isAnonymous()) {
      throw ApiException.unauthenticated(
          "Send Authorization: Bearer TOKEN"
              + (mode == AuthMode.KUBERNETES
                  ? ", for example of kubectl create token SERVICEACCOUNT"
                  : ", a token of the OpenID provider"),
          CHALLENGE);
    }
    Identity identity =
        mode == AuthMode.KUBERNETES
            ? known.getAttribute(TokenIdentities.IDENTITY)
            : ofClaims(known);
    if (identity == null) {
      throw refused();
    }
    return identity;
  }

  /** Returns null for a token that names nobody, or with what is no text for a name. */
  private static @Nullable Identity ofClaims(SecurityIdentity known) {
    String name;
    try {
      name = known.getPrincipal().getName();
    } catch (ClassCastException e) {
      return null;
    }
    if (name == null || name.isBlank()) {
      return null;
    }
    String subject = known.getPrincipal() instanceof JsonWebToken token ? token.getSubject() : null;
    return new Identity(
        name, subject == null ? "" : subject, List.copyOf(known.getRoles()), Map.of());
  }

  private Throwable problem(AuthMode mode, Throwable failure) {
    if (failure instanceof ApiException) {
      return failure;
    }
    if (failure instanceof AuthenticationFailedException
        || failure instanceof AuthenticationCompletionException
        || failure instanceof NoSuchElementException) {
      // The last one is the OpenID extension's failure for a token of nothing but dots.
      return refused();
    }
    (mode == AuthMode.OIDC ? openId : others).add(failure, clock.get());
    return ApiException.of(
        ErrorCode.UNAVAILABLE, "Who calls cannot be found out: no answer from those who know");
  }

  private static ApiException refused() {
    return ApiException.unauthenticated(
        "The token is not taken: it may have expired, be meant for another audience, or have no name",
        INVALID_TOKEN);
  }
}
