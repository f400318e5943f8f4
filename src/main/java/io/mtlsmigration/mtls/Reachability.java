package io.mtlsmigration.mtls;

import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import java.util.List;

/** Predicts who reaches whom, from facts alone. */
public final class Reachability {

  private Reachability() {}

  public static Reachability of(MeshModes modes) {
    throw new UnsupportedOperationException();
  }

  /** Endpoints of a Service port: from EndpointSlices when there are any, else by selector. */
  public List<Backend> backends(Service service, ServicePort port) {
    throw new UnsupportedOperationException();
  }

  /** A call from {@code client} (any pod, captured or not). */
  public Prediction predict(Pod client, Service service, ServicePort port, Backend backend) {
    throw new UnsupportedOperationException();
  }

  /** A call by a client without a proxy that is not a pod of the snapshot. */
  public Prediction predictPlaintext(Service service, ServicePort port, Backend backend) {
    throw new UnsupportedOperationException();
  }
}
