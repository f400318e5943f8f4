// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.policy;

import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Takes connections and says nothing. */
final class SilentServer implements AutoCloseable {

  private final ServerSocket server;
  private final List<Socket> taken = new CopyOnWriteArrayList<>();
  private final KubernetesClient client;

  private SilentServer(ServerSocket server) {
    this.server = server;
    this.client =
        new KubernetesClientBuilder()
            .withConfig(
                new ConfigBuilder(io.fabric8.kubernetes.client.Config.empty())
                    .withMasterUrl("http://127.0.0.1:" + server.getLocalPort())
                    .build())
            .build();
  }

  static SilentServer start() {
    try {
      SilentServer silent =
          new SilentServer(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
      Thread.ofVirtual().start(silent::take);
      return silent;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void take() {
    try {
      while (!server.isClosed()) {
        taken.add(server.accept());
      }
    } catch (IOException e) {
      // Closed: the test is over.
    }
  }

  KubernetesClient client() {
    return client;
  }

  int connections() {
    return taken.size();
  }

  @Override
  public void close() {
    client.close();
    try {
      server.close();
      for (Socket socket : taken) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
