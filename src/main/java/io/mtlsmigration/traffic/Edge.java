// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

import io.mtlsmigration.mesh.WorkloadRef;
import java.time.Instant;

/**
 * Traffic from one client to one server port within a window, as the server saw it. The service's
 * own probes are left out of {@code count} and counted in {@code ownProbes}.
 *
 * @param port container port; 0 when the source does not have it
 * @param protocol {@code http}, {@code grpc} or {@code tcp}
 * @param count requests (connections for tcp) in the window
 * @param source the source of the evidence, such as {@code sandbox}, {@code prometheus}, {@code
 *     access-log} or {@code ztunnel}
 * @param open number of open connections, as far as the source has them: servers log those that
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

  /** An edge from a source without open connections. */
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

  /** Returns the edge with other counts. */
  public Edge withCount(long next, long nextOpen) {
    return new Edge(
        client, server, port, protocol, security, next, ownProbes, firstSeen, lastSeen, source,
        nextOpen);
  }

  /** The security of a connection. */
  public enum Security {
    MUTUAL_TLS,
    PLAINTEXT
  }
}
