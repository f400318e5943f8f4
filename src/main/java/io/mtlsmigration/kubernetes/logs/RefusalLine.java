package io.mtlsmigration.kubernetes.logs;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;

/**
 * A line of a proxy's access log that tells of a refused connection.
 *
 * @param at when the kubelet took the line
 * @param client where the connection came from
 * @param server a pod that the proxy stands before, and the port that was called
 */
record RefusalLine(Instant at, Address client, Address server) {

  /** In characters: to the nanosecond, with an offset. */
  private static final int LONGEST_TIME = 40;

  /** The time that the kubelet has put before a line; empty when there is none. */
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
