// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.security;

import io.mtlsmigration.access.TokenVerifier;
import io.mtlsmigration.api.problem.ApiException;
import io.mtlsmigration.api.problem.ErrorCode;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.identity.AuthenticationRequestContext;
import io.quarkus.security.identity.IdentityProvider;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.runtime.QuarkusPrincipal;
import io.quarkus.security.runtime.QuarkusSecurityIdentity;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Singleton;

/** Authenticates tokens by the cluster. */
@Singleton
final class TokenIdentities implements IdentityProvider<TokenRequest> {

  /** The attribute with our own {@code Identity}, set for users of the cluster only. */
  static final String IDENTITY = "mtls-migration.identity";

  private final TokenVerifier verifier;

  TokenIdentities(TokenVerifier verifier) {
    this.verifier = verifier;
  }

  @Override
  public Class<TokenRequest> getRequestType() {
    return TokenRequest.class;
  }

  @Override
  public Uni<SecurityIdentity> authenticate(
      TokenRequest request, AuthenticationRequestContext context) {
    return context.runBlocking(() -> identity(request.token()));
  }

  private SecurityIdentity identity(String token) {
    return switch (verifier.verify(token)) {
      case TokenVerifier.Known(var identity) ->
          QuarkusSecurityIdentity.builder()
              .setPrincipal(new QuarkusPrincipal(identity.name()))
              .addAttribute(IDENTITY, identity)
              .build();
      case TokenVerifier.Refused() -> throw new AuthenticationFailedException();
      case TokenVerifier.Unavailable(var reason) ->
          throw ApiException.of(ErrorCode.UNAVAILABLE, "Who calls cannot be found out: " + reason);
    };
  }
}
