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
 * Tells servers who calls. All pods share one loopback address, so each client registers its local
 * port before it connects; to the server the port is what a pod IP is in a cluster.
 */
final class Sources {

  /** A server may accept a connection after its client gave up; until then the port is known. */
  private static final Duration REMEMBERED = Duration.ofSeconds(10);

  private final Clock clock;
  private final Map<Integer, Entry> byPort = new ConcurrentHashMap<>();

  Sources(Clock clock) {
    this.clock = clock;
  }

  private record Entry(CallSource source, @Nullable Instant closedAt) {}

  /** Where all pods listen and call from; asked for anew, for no address can be built in. */
  static InetAddress loopback() {
    return InetAddress.getLoopbackAddress();
  }

  /** A socket that is registered and not yet connected. */
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

  /** To be told when a client is done with its socket. */
  void closed(int localPort) {
    byPort.computeIfPresent(localPort, (p, e) -> new Entry(e.source(), clock.instant()));
  }

  /** Who calls from there; somebody outside the simulation is known by the address alone. */
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
