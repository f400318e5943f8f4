// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.forward;

import io.mtlsmigration.mesh.ObjectRef;
import java.io.IOException;
import java.io.InputStream;

/** A way to a port of a pod, as if from the pod's own host. */
public interface PodPort {

  /**
   * Connects and sends a request. Reading the answer ends when its thread is interrupted.
   *
   * @return the answer; closing it ends the connection
   * @throws PortException when the connection is refused, here or while reading
   */
  InputStream send(ObjectRef pod, int port, byte[] request) throws IOException;
}
