package io.mtlsmigration.sandbox;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.Pod;

/** HBONE: mutual TLS in a tunnel, to a port of its own. */
final class Tunnel {

  private Tunnel() {}

  /** Ambient pods, and others that say so. */
  static boolean isTakenBy(Pod pod) {
    return pod.dataPlane() == DataPlane.AMBIENT
        || "http".equals(pod.labels().get("networking.istio.io/tunnel"));
  }
}
