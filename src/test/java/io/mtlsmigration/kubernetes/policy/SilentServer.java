// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.policy;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.mtlsmigration.testing.ApiClients;
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
    this.client = ApiClients.of(server.getLocalPort());
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
