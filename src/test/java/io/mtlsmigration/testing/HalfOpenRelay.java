// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.testing;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A load balancer before a server on loopback, which can forget its connections: they stay open on
 * both sides, and nothing comes over them any more. New ones work.
 */
public final class HalfOpenRelay implements AutoCloseable {

  private final NetServer server;
  private final NetClient client = ApiClients.VERTX.createNetClient();
  private final AtomicInteger age = new AtomicInteger();

  public HalfOpenRelay(int port) throws Exception {
    server =
        ApiClients.VERTX
            .createNetServer()
            .connectHandler(near -> connect(near, port))
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .get(10, SECONDS);
  }

  public int port() {
    return server.actualPort();
  }

  /** Forgets all connections of now. */
  public void forget() {
    age.incrementAndGet();
  }

  private void connect(NetSocket near, int port) {
    int made = age.get();
    near.pause();
    client
        .connect(port, "127.0.0.1")
        .onSuccess(
            far -> {
              near.handler(buffer -> pass(buffer, far, made));
              far.handler(buffer -> pass(buffer, near, made));
              near.closeHandler(gone -> far.close());
              far.closeHandler(
                  gone -> {
                    if (made == age.get()) {
                      near.close();
                    }
                  });
              near.resume();
            });
  }

  private void pass(Buffer buffer, NetSocket to, int made) {
    if (made == age.get()) {
      to.write(buffer);
    }
  }

  @Override
  public void close() {
    client.close();
    server.close();
  }
}
