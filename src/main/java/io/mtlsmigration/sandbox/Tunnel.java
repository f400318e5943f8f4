// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.Pod;

/** HBONE: mutual TLS in a tunnel, on a port of its own. */
final class Tunnel {

  private Tunnel() {}

  /** Returns whether a pod accepts it: ambient pods do, and others with the label. */
  static boolean isTakenBy(Pod pod) {
    return pod.dataPlane() == DataPlane.AMBIENT
        || "http".equals(pod.labels().get("networking.istio.io/tunnel"));
  }
}
