// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.login;

import io.quarkus.oidc.common.runtime.OidcCommonUtils;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Reads an access token without asking its issuer. */
final class AccessTokens {

  private AccessTokens() {}

  /** Returns the remaining lifetime; empty when the token is no JWT, or never expires. */
  static Optional<Duration> lifetime(String token, Instant now) {
    JsonObject claims = OidcCommonUtils.decodeJwtContent(token);
    Long expires = claims == null ? null : claims.getLong("exp");
    return Optional.ofNullable(expires)
        .map(seconds -> Duration.between(now, Instant.ofEpochSecond(seconds)))
        .map(left -> left.isNegative() ? Duration.ZERO : left);
  }
}
