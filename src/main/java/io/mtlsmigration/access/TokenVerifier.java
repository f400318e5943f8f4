// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.access;

/** Resolves a bearer token to an identity. May block. */
public interface TokenVerifier {

  Verdict verify(String token);

  /** The result of verifying a token. */
  sealed interface Verdict {}

  /** The token is valid here and now. */
  record Known(Identity identity) implements Verdict {}

  /** The token is not valid here: forged, expired, meant for another audience. */
  record Refused() implements Verdict {}

  /**
   * The token could not be verified.
   *
   * @param reason fit to be shown to the caller
   */
  record Unavailable(String reason) implements Verdict {}
}
