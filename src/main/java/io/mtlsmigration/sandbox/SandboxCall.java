// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.mtls.Backend;
import java.time.Duration;

/**
 * A call from a client pod to one endpoint of a Service port.
 *
 * @param path begins with a slash; used for HTTP only
 * @param timeout after which the client gives up, as with {@code curl --max-time}
 * @param ownProbe true for the service's own probes
 * @param direct true when the client knows the pod's address and uses no Service
 */
record SandboxCall(
    Pod client,
    Service service,
    ServicePort port,
    Backend backend,
    String path,
    Duration timeout,
    boolean ownProbe,
    boolean direct) {

  /** Creates a call through the Service. */
  SandboxCall(
      Pod client,
      Service service,
      ServicePort port,
      Backend backend,
      String path,
      Duration timeout,
      boolean ownProbe) {
    this(client, service, port, backend, path, timeout, ownProbe, false);
  }

  /** Returns the host as the client writes it. */
  String host() {
    return direct
        ? backend.ip() + ":" + backend.targetPort()
        : service.name() + "." + service.namespace() + ":" + port.port();
  }
}
