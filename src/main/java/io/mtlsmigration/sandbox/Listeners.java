// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * Loopback listeners of server ports. One is opened when a client first needs it and closed when it
 * has been idle for a while: a mesh of ten thousand namespaces has as many sockets as it has
 * conversations.
 */
final class Listeners implements AutoCloseable {

  private static final Logger LOG = System.getLogger(Listeners.class.getName());

  private static final int BACKLOG = 128;
  private static final long RETRY_NANOS = Duration.ofMillis(50).toNanos();

  private final Clock clock;
  private final Duration idle;
  private final int most;
  private final Handler handler;
  private final Map<ServerPort, Listener> open = new HashMap<>();
  private boolean closed;

  Listeners(Clock clock, Duration idle, int most, Handler handler) {
    this.clock = clock;
    this.idle = idle;
    this.most = most;
    this.handler = handler;
  }

  /** Handles a connection; runs in a virtual thread of its own. */
  interface Handler {
    void serve(Socket socket, ServerPort port) throws IOException;
  }

  /** Keeps a listener open until it is closed. */
  final class Lease implements AutoCloseable {
    private final Listener listener;

    private Lease(Listener listener) {
      this.listener = listener;
    }

    InetSocketAddress address() {
      return (InetSocketAddress) listener.socket.getLocalSocketAddress();
    }

    @Override
    public void close() {
      release(listener);
    }
  }

  /** Returns the listener of a port, opened if needed, and kept open until the lease is closed. */
  Lease lease(ServerPort port) throws IOException {
    synchronized (open) {
      if (closed) {
        throw new IOException("the sandbox is closed");
      }
      Listener listener = open.get(port);
      if (listener == null) {
        makeRoom();
        listener = new Listener(port);
        open.put(port, listener);
        Listener started = listener;
        Thread.ofVirtual().name("listener-" + port).start(started::accept);
      }
      listener.leases++;
      return new Lease(listener);
    }
  }

  private void release(Listener listener) {
    synchronized (open) {
      listener.leases--;
      listener.lastUsed = clock.instant();
    }
  }

  int size() {
    synchronized (open) {
      return open.size();
    }
  }

  /** Returns the number of open connections to a port. */
  int connections(ServerPort port) {
    synchronized (open) {
      Listener listener = open.get(port);
      return listener == null ? 0 : listener.connections.size();
    }
  }

  /** Closes idle listeners. */
  void closeIdle() {
    Instant limit = clock.instant().minus(idle);
    synchronized (open) {
      for (Listener listener : List.copyOf(open.values())) {
        if (listener.unused() && listener.lastUsed.isBefore(limit)) {
          shut(listener);
        }
      }
    }
  }

  private void makeRoom() {
    if (open.size() >= most) {
      open.values().stream()
          .filter(Listener::unused)
          .min(Comparator.comparing(l -> l.lastUsed))
          .ifPresent(this::shut);
    }
  }

  private void shut(Listener listener) {
    open.remove(listener.port);
    listener.close();
  }

  @Override
  public void close() {
    synchronized (open) {
      closed = true;
      List.copyOf(open.values()).forEach(this::shut);
    }
  }

  private final class Listener {
    private final ServerPort port;
    private final ServerSocket socket;
    private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
    private int leases;
    private Instant lastUsed = clock.instant();

    Listener(ServerPort port) throws IOException {
      this.port = port;
      this.socket = new ServerSocket(0, BACKLOG, Sources.loopback());
    }

    boolean unused() {
      return leases == 0 && connections.isEmpty();
    }

    void accept() {
      while (!socket.isClosed()) {
        try {
          Socket connection = socket.accept();
          connections.add(connection);
          Thread.ofVirtual().name("server-" + port).start(() -> serve(connection));
        } catch (IOException e) {
          if (!socket.isClosed()) {
            // Out of file descriptors, most likely: this connection is lost, the next may not be.
            LOG.log(Level.WARNING, "A listener of the sandbox cannot accept", e);
            LockSupport.parkNanos(RETRY_NANOS);
          }
        }
      }
    }

    private void serve(Socket connection) {
      try (connection) {
        connection.setTcpNoDelay(true);
        handler.serve(connection, port);
      } catch (IOException e) {
        // The client closed, or sent garbage: nothing to handle.
      } finally {
        connections.remove(connection);
      }
    }

    void close() {
      try {
        socket.close();
        for (Socket connection : connections) {
          connection.close();
        }
      } catch (IOException e) {
        throw new UncheckedIOException("cannot close a loopback socket", e);
      }
    }
  }
}
