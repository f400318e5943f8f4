// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.Lifecycle.Probe;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.Pod;
import java.util.List;

/** Kubelet probes that call a port of the application directly, bypassing its sidecar. */
final class ProbesNotRewritten implements Rule {

  private static final Hazard HAZARD =
      new Hazard(
          HazardCode.PROBES_NOT_REWRITTEN,
          Severity.BLOCKER,
          "Probes that call the application past its sidecar",
          "The kubelet has no certificate of the mesh. Injection points HTTP and gRPC probes"
              + " at the sidecar, which calls the application; with rewriteAppHTTPProbers off, or"
              + " for a container that another webhook added later, the kubelet calls the"
              + " application itself. STRICT refuses that: pods become unready, liveness probes"
              + " restart them, a rollout hangs.",
          "Let probes be rewritten (annotation sidecar.istio.io/rewriteAppHTTPProbers: true)"
              + " and restart the pods, probe by command, or keep the probed port open by an"
              + " exception.",
          "The probe was rewritten, is a command or merely opens a connection, calls a port"
              + " that bypasses the sidecar or is kept open by a port exception. ztunnel lets the"
              + " kubelet in. Where STRICT is in force already, the finding is a WARNING.",
          List.of(9150, 53786, 40173));

  @Override
  public Hazard hazard() {
    return HAZARD;
  }

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
        HAZARD,
        already ? Severity.WARNING : Severity.BLOCKER,
        pod.workload().ref(),
        probe.port(),
        "The "
            + probe.field()
            + " of container "
            + probe.container()
            + " of "
            + pod.workload()
            + " calls port "
            + probe.port()
            + " past the sidecar: the kubelet sends plaintext, which STRICT refuses.",
        "Let it be rewritten, or name port " + probe.port() + " in an exception.");
  }
}
