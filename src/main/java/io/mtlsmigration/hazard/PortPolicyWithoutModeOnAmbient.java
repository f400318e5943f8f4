// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.Pod;

/**
 * Workload policies without a mode of their own, for which ztunnel's rules depend on when they were
 * made.
 */
final class PortPolicyWithoutModeOnAmbient implements Rule {

  @Override
  public void check(Inspection namespace) {
    for (Pod pod : namespace.captured()) {
      if (pod.dataPlane() == DataPlane.AMBIENT) {
        namespace
            .modes()
            .workloadPolicy(pod.labels())
            .filter(PortPolicyWithoutModeOnAmbient::depends)
            .ifPresent(policy -> report(namespace, pod, policy));
      }
    }
  }

  private static boolean depends(PeerAuthentication policy) {
    return policy.spec().mode() != MtlsMode.STRICT
        && (policy.spec().portModes().containsValue(MtlsMode.STRICT)
            || (unset(policy) && policy.spec().portModes().containsValue(MtlsMode.PERMISSIVE)));
  }

  private static boolean unset(PeerAuthentication policy) {
    return policy.spec().mode() == MtlsMode.UNSET;
  }

  private static void report(Inspection namespace, Pod pod, PeerAuthentication policy) {
    boolean now = !namespace.modes().otherwise(pod).isEmpty();
    namespace.report(
        HazardCode.PORT_POLICY_WITHOUT_MODE_ON_AMBIENT,
        policy.ref(),
        0,
        policy.ref()
            + " has modes of ports and "
            + (unset(policy) ? "none of its own" : "is not STRICT itself")
            + ": which ports of the ambient pods of "
            + pod.workload()
            + " take plaintext "
            + (now ? "is not known" : "will not be known when the namespace's mode changes")
            + ", for istiod may have made the rules under another mode.",
        unset(policy)
            ? "Give it the mtls.mode STRICT, or touch it after each change of the enclosing policies."
            : "Give it the mtls.mode STRICT, and its open ports as exceptions.");
  }
}
