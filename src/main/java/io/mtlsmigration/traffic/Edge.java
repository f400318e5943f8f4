package io.mtlsmigration.traffic;

import io.mtlsmigration.mesh.WorkloadRef;
import java.time.Instant;

/**
 * Traffic from one client to one server port within a window, as the server saw it. The service's
 * own probes are left out of {@code count} and counted in {@code ownProbes}.
 *
 * @param port container port; 0 when the source does not tell
 * @param protocol {@code http}, {@code grpc} or {@code tcp}
 * @param count requests (connections for tcp) in the window
 * @param source which evidence says so, such as {@code sandbox}, {@code prometheus}, {@code
 *     access-log} or {@code ztunnel}
 * @param open how many connections are open, as far as the source tells: servers log those that
 *     have ended
 */
public record Edge(
    Caller client,
    WorkloadRef server,
    int port,
    String protocol,
    Security security,
    long count,
    long ownProbes,
    Instant firstSeen,
    Instant lastSeen,
    String source,
    long open) {

  /** Of a source that does not tell what is open. */
  public Edge(
      Caller client,
      WorkloadRef server,
      int port,
      String protocol,
      Security security,
      long count,
      long ownProbes,
      Instant firstSeen,
      Instant lastSeen,
      String source) {
    this(
        client, server, port, protocol, security, count, ownProbes, firstSeen, lastSeen, source, 0);
  }

  /** The same with other counts. */
  public Edge withCount(long next, long nextOpen) {
    return new Edge(
        client, server, port, protocol, security, next, ownProbes, firstSeen, lastSeen, source,
        nextOpen);
  }

  /** How the connection was secured. */
  public enum Security {
    MUTUAL_TLS,
    PLAINTEXT
  }
}
