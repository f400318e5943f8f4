// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

/** The capture of a pod's traffic. PeerAuthentication governs SIDECAR and AMBIENT pods only. */
public enum DataPlane {
  SIDECAR,
  AMBIENT,
  /** An Istio gateway: carries a proxy, but its servers are not governed by PeerAuthentication. */
  GATEWAY,
  NONE;

  /** Returns true when a PeerAuthentication can refuse plaintext on this pod's ports. */
  public boolean captured() {
    return this == SIDECAR || this == AMBIENT;
  }
}
