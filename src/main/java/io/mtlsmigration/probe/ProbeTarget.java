package io.mtlsmigration.probe;

import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.mtls.Backend;

/** One probe to make: from a client pod to one endpoint of a Service port. */
public record ProbeTarget(Pod client, Service service, ServicePort port, Backend backend) {

  /** {@code namespace/workload} of the client. */
  public String from() {
    return client.workload().id();
  }

  /** {@code namespace/service:port}. */
  public String to() {
    return service.id() + ":" + port.port();
  }

  /** {@code ip:targetPort}. */
  public String endpoint() {
    return backend.ip() + ":" + backend.targetPort();
  }
}
