// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.mtls.Backend;

/** Protocols in which the server speaks first, behind a sidecar that waits for the client. */
final class ServerFirstProtocol implements Rule {

  @Override
  public void check(Inspection namespace) {
    for (Service service : namespace.facts().services()) {
      for (ServicePort port : service.ports()) {
        if (Protocols.serverFirst(port)) {
          check(namespace, service, port);
        }
      }
    }
  }

  private static void check(Inspection namespace, Service service, ServicePort port) {
    for (Backend backend : namespace.mesh().reachability().backends(service, port)) {
      Pod pod = backend.pod();
      if (pod == null
          || pod.dataPlane() != DataPlane.SIDECAR
          || !pod.governed(backend.targetPort())) {
        continue;
      }
      MtlsMode mode = namespace.modes().of(pod).of(backend.targetPort());
      if (mode != MtlsMode.STRICT) {
        report(namespace, service, pod, backend.targetPort(), mode);
      }
    }
  }

  private static void report(
      Inspection namespace, Service service, Pod pod, int port, MtlsMode mode) {
    boolean disabled = mode == MtlsMode.DISABLE;
    namespace.report(
        HazardCode.SERVER_FIRST_PROTOCOL,
        disabled ? Severity.WARNING : Severity.INFO,
        pod.workload().ref(),
        port,
        "On port %s of %s, behind %s, the server speaks first; %s"
            .formatted(
                port,
                pod.workload(),
                service.ref(),
                disabled
                    ? "when it leaves DISABLE for PERMISSIVE, plaintext clients hang."
                    : "under PERMISSIVE plaintext clients hang there."),
        "Bring its clients into the mesh first.");
  }
}
