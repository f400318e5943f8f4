// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.security;

import io.quarkus.security.identity.request.BaseAuthenticationRequest;

/** A bearer token to be authenticated by the cluster. */
final class TokenRequest extends BaseAuthenticationRequest {

  private final String token;

  TokenRequest(String token) {
    this.token = token;
  }

  String token() {
    return token;
  }
}
