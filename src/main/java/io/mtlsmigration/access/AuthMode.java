package io.mtlsmigration.access;

import java.util.Optional;

/** How callers show who they are, and who decides what they may do. */
public enum AuthMode {
  /** Bearer tokens of the cluster: TokenReview says who, SubjectAccessReview says what. */
  KUBERNETES,
  /** Tokens of an OpenID provider: their claims say who, configured roles say what. */
  OIDC,
  /** Nobody is asked. For an address that only this machine reaches. */
  NONE;

  /**
   * The mode to run in: as configured; else that of the place, so that nothing in a cluster is open
   * by omission.
   */
  public static AuthMode resolve(Optional<AuthMode> configured, boolean inCluster) {
    return configured.orElse(inCluster ? KUBERNETES : NONE);
  }
}
