// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.access;

import java.util.Optional;

/** The authentication of callers and the authorization of their calls. */
public enum AuthMode {
  /** Bearer tokens of the cluster: TokenReview authenticates, SubjectAccessReview authorizes. */
  KUBERNETES,
  /** Tokens of an OpenID provider: their claims authenticate, configured roles authorize. */
  OIDC,
  /** No authentication. For an address that only this machine reaches. */
  NONE;

  /**
   * Returns the mode to run in: as configured; else by the environment, so that nothing in a
   * cluster is open by omission.
   */
  public static AuthMode resolve(Optional<AuthMode> configured, boolean inCluster) {
    return configured.orElse(inCluster ? KUBERNETES : NONE);
  }
}
