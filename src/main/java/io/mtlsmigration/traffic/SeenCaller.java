// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

import java.time.Instant;

/**
 * A client whose plaintext appears in the access logs of a server's proxies, or in their open
 * connections.
 *
 * @param port container port
 * @param http false for connections on which the proxy sees no requests
 * @param own whether these were the service's own probes, each identified by its port and its time
 * @param count requests (connections when not HTTP) that were read; there may be more
 */
public record SeenCaller(
    Caller client,
    int port,
    boolean http,
    boolean own,
    long count,
    Instant firstSeen,
    Instant lastSeen) {

  /** Returns the sum of two records of the same client, port and kind. */
  public SeenCaller and(SeenCaller other) {
    return new SeenCaller(
        client,
        port,
        http,
        own,
        count + other.count,
        firstSeen.isBefore(other.firstSeen) ? firstSeen : other.firstSeen,
        lastSeen.isAfter(other.lastSeen) ? lastSeen : other.lastSeen);
  }
}
