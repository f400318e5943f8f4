// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.Pod;
import java.util.HashMap;
import java.util.Map;

/** Workload policies that stay open when their namespace becomes STRICT. */
final class WorkloadPolicyWeakerThanTarget implements Rule {

  @Override
  public void check(Inspection namespace) {
    Map<PeerAuthentication, Pod> inForce = new HashMap<>();
    for (Pod pod : namespace.captured()) {
      namespace
          .modes()
          .workloadPolicy(pod.labels())
          .ifPresent(policy -> inForce.putIfAbsent(policy, pod));
    }
    inForce.forEach((policy, pod) -> check(namespace, policy, pod));
  }

  private static void check(Inspection namespace, PeerAuthentication policy, Pod pod) {
    MtlsMode whole = policy.spec().mode();
    if (weak(whole)) {
      report(namespace, policy, 0, whole, "all other ports of " + pod.workload());
    }
    policy
        .spec()
        .portModes()
        .forEach(
            (port, mode) -> {
              if (weak(mode)) {
                report(namespace, policy, port, mode, "port " + port + " of " + pod.workload());
              }
            });
  }

  /** UNSET is not weak: it follows the namespace, or the policy's own mode, which is reported. */
  private static boolean weak(MtlsMode mode) {
    return mode == MtlsMode.PERMISSIVE || mode == MtlsMode.DISABLE;
  }

  private static void report(
      Inspection namespace, PeerAuthentication policy, int port, MtlsMode mode, String what) {
    namespace.report(
        HazardCode.WORKLOAD_POLICY_WEAKER_THAN_TARGET,
        policy.ref(),
        port,
        policy.ref() + " keeps " + what + " at " + mode + " when the namespace becomes STRICT.",
        "Name it in an exception of the plan, or remove the weaker setting.");
  }
}
