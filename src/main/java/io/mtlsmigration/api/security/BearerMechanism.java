// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.security;

import io.mtlsmigration.access.AuthMode;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.quarkus.security.identity.IdentityProviderManager;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.request.AuthenticationRequest;
import io.quarkus.vertx.http.runtime.security.ChallengeData;
import io.quarkus.vertx.http.runtime.security.HttpAuthenticationMechanism;
import io.quarkus.vertx.http.runtime.security.HttpCredentialTransport;
import io.quarkus.vertx.http.runtime.security.HttpSecurityUtils;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.util.Set;

/**
 * Reads bearer tokens of the cluster. In the other modes it is inactive: OpenID's mechanism reads
 * tokens then, or none does.
 */
@Singleton
final class BearerMechanism implements HttpAuthenticationMechanism {

  /** Before OpenID's: a token has one reader. */
  private static final int PRIORITY = 2_000;

  private static final String SCHEME = "Bearer ";

  private final AuthMode mode;

  BearerMechanism(AuthMode mode) {
    this.mode = mode;
  }

  @Override
  public Uni<SecurityIdentity> authenticate(
      RoutingContext routing, IdentityProviderManager identities) {
    String header = routing.request().getHeader(HttpHeaderNames.AUTHORIZATION);
    if (mode != AuthMode.KUBERNETES
        || header == null
        || !header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return Uni.createFrom().nullItem();
    }
    TokenRequest request = new TokenRequest(header.substring(SCHEME.length()).strip());
    return identities.authenticate(HttpSecurityUtils.setRoutingContextAttribute(request, routing));
  }

  @Override
  public Uni<ChallengeData> getChallenge(RoutingContext routing) {
    if (mode == AuthMode.OIDC) {
      // No challenge: people who sign in on the page are sent to the provider.
      return Uni.createFrom().nullItem();
    }
    return Uni.createFrom()
        .item(new ChallengeData(401, HttpHeaderNames.WWW_AUTHENTICATE, Callers.CHALLENGE));
  }

  @Override
  public Set<Class<? extends AuthenticationRequest>> getCredentialTypes() {
    return Set.of(TokenRequest.class);
  }

  @Override
  public Uni<HttpCredentialTransport> getCredentialTransport(RoutingContext routing) {
    return Uni.createFrom()
        .item(
            new HttpCredentialTransport(
                HttpCredentialTransport.Type.AUTHORIZATION, "bearer", "kubernetes"));
  }

  @Override
  public int getPriority() {
    return PRIORITY;
  }
}
