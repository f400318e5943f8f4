package io.mtlsmigration.mesh;

/**
 * {@code PeerAuthentication.spec.mtls.mode}. {@link #UNSET} occurs only in what a policy declares;
 * a resolved mode is never UNSET.
 */
public enum MtlsMode {
  UNSET,
  DISABLE,
  PERMISSIVE,
  STRICT;

  /**
   * True when moving from this resolved mode to {@code next} lets in plaintext that was refused.
   */
  public boolean weakenedBy(MtlsMode next) {
    return this == STRICT && next != STRICT;
  }
}
