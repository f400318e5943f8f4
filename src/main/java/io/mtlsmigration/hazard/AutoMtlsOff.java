// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.mtls.Backend;
import io.mtlsmigration.mtls.ClientTls;
import io.mtlsmigration.mtls.Prediction;
import io.mtlsmigration.mtls.Reachability;
import org.jspecify.annotations.Nullable;

/** Mesh clients that send plaintext because no configuration says otherwise. */
final class AutoMtlsOff implements Rule {

  @Override
  public void check(Inspection namespace) {
    if (namespace.snapshot().settings().autoMtls()) {
      return;
    }
    for (Service service : namespace.facts().services()) {
      for (ServicePort port : service.ports()) {
        check(namespace, service, port);
      }
    }
  }

  /** Checks a port; one client of one endpoint is enough for a finding. */
  private static void check(Inspection namespace, Service service, ServicePort port) {
    for (Backend backend : namespace.mesh().reachability().backends(service, port)) {
      Pod server = backend.pod();
      if (server == null
          || server.dataPlane() != DataPlane.SIDECAR
          || namespace.modes().mode().mode() == MtlsMode.DISABLE
          || !namespace.wouldClose(server, backend.targetPort())) {
        continue;
      }
      Pod client = plaintextClient(namespace, service, port, backend);
      if (client != null) {
        namespace.report(
            HazardCode.AUTO_MTLS_OFF,
            service.ref(),
            backend.targetPort(),
            ("auto mTLS is off, so clients such as %s send plaintext to %s port %s; STRICT refuses"
                    + " them.")
                .formatted(client.workload(), service.ref(), port.port()),
            "Set meshConfig.enableAutoMtls to true.");
        return;
      }
    }
  }

  private static @Nullable Pod plaintextClient(
      Inspection namespace, Service service, ServicePort port, Backend backend) {
    Reachability reachability = namespace.mesh().reachability();
    for (Pod client : namespace.mesh().made(SidecarClients.class, SidecarClients::of).pods()) {
      Prediction sent = reachability.predict(client, service, port, backend);
      if (sent.clientTls() == ClientTls.PLAINTEXT
          && sent.way() == Prediction.Way.DIRECT
          && sent.decidedBy().stream().noneMatch(ref -> ref.kind().equals("DestinationRule"))) {
        return client;
      }
    }
    return null;
  }
}
