// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.SidecarScope;

/** TLS that a Sidecar resource terminates in the proxy, which works under DISABLE only. */
final class SidecarIngressTls implements Rule {

  @Override
  public void check(Inspection namespace) {
    if (endsNoTls(namespace.facts()) && endsNoTls(namespace.snapshot().root())) {
      return;
    }
    for (Pod pod : namespace.sidecars()) {
      SidecarScope scope = namespace.mesh().reachability().sidecarOf(pod);
      if (scope != null) {
        for (int port : scope.ingressTlsPorts()) {
          report(namespace, scope, pod, port);
        }
      }
    }
  }

  private static boolean endsNoTls(NamespaceFacts facts) {
    return facts.sidecars().stream().allMatch(scope -> scope.ingressTlsPorts().isEmpty());
  }

  private static void report(Inspection namespace, SidecarScope scope, Pod pod, int port) {
    boolean inForce = namespace.modes().of(pod).of(port) == MtlsMode.DISABLE;
    namespace.report(
        HazardCode.SIDECAR_INGRESS_TLS,
        inForce ? Severity.BLOCKER : Severity.INFO,
        scope.meta().ref(),
        port,
        scope.meta().ref()
            + " ends TLS on port "
            + port
            + " of "
            + pod.workload()
            + (inForce
                ? "; it stops doing so when the port leaves DISABLE."
                : ", which has no effect: the port's mode is not DISABLE."),
        "Move its clients, then remove tls from the listener of port " + port + ".");
  }
}
