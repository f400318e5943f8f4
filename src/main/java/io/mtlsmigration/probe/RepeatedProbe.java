// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.probe;

import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.mtls.Backend;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.Reachability;
import java.util.List;
import java.util.Optional;

/** Finds the probe that a cell shows the result of. */
public final class RepeatedProbe {

  private RepeatedProbe() {}

  /** The probe that a cell is of, in the mesh as it is; empty when one of its ends is gone. */
  public static Optional<ProbeTarget> of(Cell cell, MeshModes modes) {
    NamespaceFacts clients = modes.snapshot().namespace(cell.clientNamespace());
    NamespaceFacts servers = modes.snapshot().namespace(cell.serverNamespace());
    if (clients == null || servers == null) {
      return Optional.empty();
    }
    return clients.pods().stream()
        .filter(pod -> cell.isFrom(pod) && !pod.terminated())
        .findFirst()
        .flatMap(client -> of(cell, client, servers, Reachability.of(modes)));
  }

  private static Optional<ProbeTarget> of(
      Cell cell, Pod client, NamespaceFacts servers, Reachability reachability) {
    for (Service service : servers.services()) {
      for (ServicePort port : service.ports()) {
        List<Backend> backends =
            port.protocol().equals("TCP") && cell.to().equals(service.id(port))
                ? reachability.backends(service, port)
                : List.of();
        List<Backend> asked =
            cell.endpoint().equals(ProbeTarget.ANY_ENDPOINT)
                ? backends
                : backends.stream().filter(backend -> isOf(cell, backend)).toList();
        if (!asked.isEmpty()) {
          return Optional.of(new ProbeTarget(client, service, port, asked));
        }
      }
    }
    return Optional.empty();
  }

  private static boolean isOf(Cell cell, Backend backend) {
    Pod pod = backend.pod();
    return cell.endpoint().endsWith(":" + backend.targetPort())
        && (pod == null
            ? cell.endpoint().equals(backend.ip() + ":" + backend.targetPort())
            : cell.serverPod().equals(pod.name()));
  }
}
