package io.mtlsmigration.kubernetes.forward;

import io.mtlsmigration.mesh.ObjectRef;
import java.io.IOException;
import java.io.InputStream;

/** A way to a port of a pod, as from the pod's own host. */
public interface PodPort {

  /**
   * Connects and sends a request. Reading what comes back ends when its thread is interrupted.
   *
   * @return what comes back; closing it ends the connection
   * @throws PortException when the way is refused, here or while reading
   */
  InputStream send(ObjectRef pod, int port, byte[] request) throws IOException;
}
