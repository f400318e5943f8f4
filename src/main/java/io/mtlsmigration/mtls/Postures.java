// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import io.mtlsmigration.mesh.ContainerPort;
import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.InboundCapture;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.Pod;
import java.util.EnumSet;

/** Summarizes what the captured pods of a namespace, or of one workload, enforce. */
final class Postures {

  private Postures() {}

  static Posture of(NamespaceModes modes) {
    return of(modes, modes.facts().pods());
  }

  /**
   * Returns the posture of some pods of a namespace.
   *
   * @param pods pods of that namespace
   */
  static Posture of(NamespaceModes modes, Iterable<Pod> pods) {
    EnumSet<MtlsMode> seen = EnumSet.noneOf(MtlsMode.class);
    boolean captured = false;
    boolean open = false;
    for (Pod pod : pods) {
      // A gateway is governed by its Gateway servers, not by PeerAuthentication: it does not count.
      if (pod.terminated() || pod.dataPlane() == DataPlane.GATEWAY) {
        continue;
      }
      if (!pod.dataPlane().captured()) {
        open = true;
        continue;
      }
      captured = true;
      open |= collect(pod, modes.of(pod), seen);
    }
    if (!captured) {
      return Posture.UNCAPTURED;
    }
    if (open || seen.size() > 1) {
      return Posture.MIXED;
    }
    return switch (seen.iterator().next()) {
      case STRICT -> Posture.STRICT;
      case DISABLE -> Posture.DISABLED;
      case PERMISSIVE, UNSET -> Posture.PERMISSIVE;
    };
  }

  /** Adds the modes of a pod's ports; returns true when some port bypasses the proxy. */
  private static boolean collect(Pod pod, EffectiveMode mode, EnumSet<MtlsMode> seen) {
    seen.add(mode.mode());
    seen.addAll(mode.ports().values());
    if (pod.dataPlane() != DataPlane.SIDECAR) {
      return false;
    }
    return pod.inbound().includesAll() ? excludesSome(pod) : leavesOutSome(pod);
  }

  /** Assumes a listener on an excluded port; container ports need not be declared. */
  private static boolean excludesSome(Pod pod) {
    for (int port : pod.inbound().excluded()) {
      if (!InboundCapture.ofTheProxy(port)) {
        return true;
      }
    }
    return false;
  }

  private static boolean leavesOutSome(Pod pod) {
    if (pod.inbound().included().isEmpty()) {
      return true;
    }
    for (ContainerPort port : pod.ports()) {
      if (port.protocol().equals("TCP") && pod.inbound().bypasses(port.port())) {
        return true;
      }
    }
    return false;
  }
}
