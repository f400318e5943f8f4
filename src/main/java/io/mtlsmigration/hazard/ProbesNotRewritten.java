// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.Lifecycle.Probe;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.Pod;

/** Kubelet probes that call a port of the application directly, bypassing its sidecar. */
final class ProbesNotRewritten implements Rule {

  @Override
  public void check(Inspection namespace) {
    for (Pod pod : namespace.sidecars()) {
      for (Probe probe : pod.lifecycle().probes()) {
        if (namespace.wouldClose(pod, probe.port())) {
          report(namespace, pod, probe);
        }
      }
    }
  }

  private static void report(Inspection namespace, Pod pod, Probe probe) {
    boolean already = namespace.modes().of(pod).of(probe.port()) == MtlsMode.STRICT;
    namespace.report(
        HazardCode.PROBES_NOT_REWRITTEN,
        already ? Severity.WARNING : Severity.BLOCKER,
        pod.workload().ref(),
        probe.port(),
        ("The %s of container %s of %s calls port %s past the sidecar: the kubelet sends plaintext,"
                + " which STRICT refuses.")
            .formatted(probe.field(), probe.container(), pod.workload(), probe.port()),
        "Let it be rewritten, or name port " + probe.port() + " in an exception.");
  }
}
