// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;

/**
 * A line of a proxy's access log about a refused connection.
 *
 * @param at when the kubelet took the line
 * @param client the source of the connection
 * @param server a pod behind the proxy, and the port that was called
 */
record RefusalLine(Instant at, Address client, Address server) {

  /** The longest time in characters: to the nanosecond, with an offset. */
  private static final int LONGEST_TIME = 40;

  /** Returns the time that the kubelet puts before a line; empty when there is none. */
  static Optional<Instant> time(String line) {
    int space = line.indexOf(' ');
    try {
      return space < 0 || space > LONGEST_TIME
          ? Optional.empty()
          : Optional.of(Instant.parse(line.substring(0, space)));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
