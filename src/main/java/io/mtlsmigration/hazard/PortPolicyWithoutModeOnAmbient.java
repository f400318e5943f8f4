// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.Pod;
import java.util.List;

/**
 * Workload policies without a mode of their own, for which ztunnel's rules depend on when they were
 * made.
 */
final class PortPolicyWithoutModeOnAmbient implements Rule {

  private static final Hazard HAZARD =
      new Hazard(
          HazardCode.PORT_POLICY_WITHOUT_MODE_ON_AMBIENT,
          Severity.WARNING,
          "A policy of an ambient workload has modes of ports, and is not STRICT itself",
          "istiod before istio/istio#61010 (July 2026) makes the rules of such a policy when the"
              + " policy changes, for the mode that its namespace has then, and not again when the"
              + " namespace or the mesh changes. Under a STRICT that came later every port stays"
              + " open; when STRICT ends, ports may stay refused. Whatever the policies say, what is"
              + " in force is not known until istiod shows it. Of a policy that is PERMISSIVE every"
              + " istiod leaves the STRICT ports open while the mesh is STRICT and the namespace has"
              + " no mode.",
          "Give the policy the mtls.mode STRICT, with the ports that stay open: its rules depend on no"
              + " other then. Or touch it (any annotation does) after each change of the namespace's"
              + " or the mesh's policy; under a STRICT mesh a PERMISSIVE one wants a policy of the"
              + " namespace with a mode. A plan does the first for policies that carry its"
              + " exceptions, once the namespace is STRICT.",
          "No pod that it governs is ambient, another policy counts for them, it is STRICT, or all"
              + " that it says of ports is DISABLE or nothing.",
          List.of(53884));

  @Override
  public Hazard hazard() {
    return HAZARD;
  }

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
        HAZARD,
        Severity.WARNING,
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
