// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

/**
 * {@code PeerAuthentication.spec.mtls.mode}. {@link #UNSET} occurs only in a policy's spec; a
 * resolved mode is never UNSET.
 */
public enum MtlsMode {
  UNSET,
  DISABLE,
  PERMISSIVE,
  STRICT;

  /**
   * Returns true when moving from this resolved mode to {@code next} accepts plaintext that was
   * refused.
   */
  public boolean weakenedBy(MtlsMode next) {
    return this == STRICT && next != STRICT;
  }
}
