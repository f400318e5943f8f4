// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ports of loopback that nobody listens on. They lie below the ports that Linux gives to
 * connections and to port 0 (from 32768 on, ip(7)) and below NodePorts, so that nobody else takes
 * one before its server listens, or while that server is away: a client that goes on asking from
 * ports of that range comes to be connected to itself.
 */
public final class FreePort {

  private static final int FIRST = 20_000;
  private static final int COUNT = 10_000;
  // Test processes that run at once begin in different places, and none gives a port twice.
  private static final AtomicInteger NEXT = new AtomicInteger(new Random().nextInt(COUNT));

  private FreePort() {}

  /** A port that this process has not been given before. */
  public static int next() {
    for (int tries = 0; tries < COUNT; tries++) {
      int port = FIRST + Math.floorMod(NEXT.getAndIncrement(), COUNT);
      try (ServerSocket socket = new ServerSocket()) {
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1);
        return port;
      } catch (BindException e) {
        // Somebody listens there.
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    throw new IllegalStateException("no port is free from " + FIRST);
  }
}
