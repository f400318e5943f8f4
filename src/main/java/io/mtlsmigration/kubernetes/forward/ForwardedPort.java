// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.forward;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.PortForward;
import io.mtlsmigration.mesh.ObjectRef;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.channels.Channels;

/**
 * A way to a pod's port by port-forward through the API server. Needs {@code get} and {@code
 * create} on {@code pods/portforward}.
 *
 * <p>It opens no local port: fabric8's {@code portForward(port)} listens on all addresses of this
 * host and would expose what a pod serves to its own host only.
 */
public final class ForwardedPort implements PodPort {

  private final KubernetesClient client;

  public ForwardedPort(KubernetesClient client) {
    this.client = client;
  }

  @Override
  public InputStream send(ObjectRef pod, int port, byte[] request) {
    Arrivals arrivals = new Arrivals();
    PortForward way =
        client
            .pods()
            .inNamespace(pod.namespace())
            .withName(pod.name())
            .portForward(port, Channels.newChannel(new ByteArrayInputStream(request)), arrivals);
    return new ForwardedStream(way, arrivals);
  }
}
