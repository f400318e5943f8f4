// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import io.mtlsmigration.traffic.Caller;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Identifies callers for servers. All pods share one loopback address, so each client registers its
 * local port before it connects; the port plays the role of a pod's IP in a cluster.
 */
final class Sources {

  /** How long a closed port is known, since a server may accept after its client gave up. */
  private static final Duration REMEMBERED = Duration.ofSeconds(10);

  private final Clock clock;
  private final Map<Integer, Entry> byPort = new ConcurrentHashMap<>();

  Sources(Clock clock) {
    this.clock = clock;
  }

  private record Entry(CallSource source, @Nullable Instant closedAt) {}

  /**
   * Returns the address of all pods; looked up at run time, since an address cannot be built into a
   * native image.
   */
  static InetAddress loopback() {
    return InetAddress.getLoopbackAddress();
  }

  /** Returns a socket that is registered and not yet connected. */
  Socket open(CallSource source) throws IOException {
    Socket socket = new Socket();
    try {
      socket.setTcpNoDelay(true);
      socket.bind(new InetSocketAddress(loopback(), 0));
    } catch (IOException e) {
      socket.close();
      throw e;
    }
    byPort.put(socket.getLocalPort(), new Entry(source, null));
    return socket;
  }

  /** Records that a client has closed its socket. */
  void closed(int localPort) {
    byPort.computeIfPresent(localPort, (p, e) -> new Entry(e.source(), clock.instant()));
  }

  /** Returns the caller at a remote address; known by address only if not simulated. */
  CallSource at(InetSocketAddress remote) {
    Entry entry = byPort.get(remote.getPort());
    return entry == null
        ? new CallSource(new Caller(null, remote.getAddress().getHostAddress()), false)
        : entry.source();
  }

  void forgetOld() {
    Instant limit = clock.instant().minus(REMEMBERED);
    byPort.values().removeIf(e -> e.closedAt() != null && e.closedAt().isBefore(limit));
  }
}
