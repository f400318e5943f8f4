package io.mtlsmigration.api.login;

import io.quarkus.oidc.common.runtime.OidcCommonUtils;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** What can be read off an access token without asking its issuer. */
final class AccessTokens {

  private AccessTokens() {}

  /** For how long it will be taken; empty when it is no JWT, or never ends. */
  static Optional<Duration> lifetime(String token, Instant now) {
    JsonObject claims = OidcCommonUtils.decodeJwtContent(token);
    Long expires = claims == null ? null : claims.getLong("exp");
    return Optional.ofNullable(expires)
        .map(seconds -> Duration.between(now, Instant.ofEpochSecond(seconds)))
        .map(left -> left.isNegative() ? Duration.ZERO : left);
  }
}
