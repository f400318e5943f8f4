// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.mtls.Backend;
import java.util.List;

/** Protocols in which the server speaks first, behind a sidecar that waits for the client. */
final class ServerFirstProtocol implements Rule {

  private static final Hazard HAZARD =
      new Hazard(
          HazardCode.SERVER_FIRST_PROTOCOL,
          Severity.WARNING,
          "A protocol in which the server speaks first",
          "Under PERMISSIVE a sidecar reads the client's first bytes to tell plaintext from mutual"
              + " TLS. In MySQL, SMTP and the like a client waits for the server, so with plaintext"
              + " both wait and the connection hangs. The step from DISABLE to PERMISSIVE, which a"
              + " lockdown has to take, therefore breaks plaintext clients before STRICT does.",
          "Bring the clients into the mesh before the port leaves DISABLE, so that they send mutual"
              + " TLS, in which the client speaks first. Under STRICT nothing waits.",
          "The mode of the port is STRICT, or no sidecar stands before it: ztunnel does not wait."
              + " Where PERMISSIVE is in force already, the finding is INFO.",
          List.of(10062, 35232));

  @Override
  public Hazard hazard() {
    return HAZARD;
  }

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
        HAZARD,
        disabled ? Severity.WARNING : Severity.INFO,
        pod.workload().ref(),
        port,
        "On port "
            + port
            + " of "
            + pod.workload()
            + ", behind "
            + service.ref()
            + ", the server speaks first; "
            + (disabled
                ? "when it leaves DISABLE for PERMISSIVE, plaintext clients hang."
                : "under PERMISSIVE plaintext clients hang there."),
        "Bring its clients into the mesh first.");
  }
}
