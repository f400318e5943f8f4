package io.mtlsmigration.sandbox;

import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.mtls.Backend;
import java.time.Duration;

/**
 * A call to make from a client pod to one endpoint of a Service port.
 *
 * @param path begins with a slash; read only for HTTP
 * @param timeout after which the client gives up, as with {@code curl --max-time}
 * @param ownProbe true for the service's own probes
 * @param direct true when the client knows the pod's address and asks for no Service
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

  /** By way of the Service. */
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

  /** As the client writes it. */
  String host() {
    return direct
        ? backend.ip() + ":" + backend.targetPort()
        : service.name() + "." + service.namespace() + ":" + port.port();
  }
}
