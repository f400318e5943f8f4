package io.mtlsmigration.traffic;

import io.mtlsmigration.mesh.WorkloadRef;
import java.time.Instant;
import java.util.List;

/**
 * Port: who sends plaintext to a server, by address, as the server's own proxies tell. It names
 * clients and proves nothing by silence: what it does not hold may not have been read.
 */
public interface CallerRecord {

  /**
   * Clients that were read of, the service's own probes apart. From memory, never blocks; who is
   * asked about is read on.
   *
   * @param from inclusive; to the minute, and rather too late than too early
   * @param to inclusive
   */
  List<SeenCaller> plaintext(WorkloadRef server, Instant from, Instant to);

  /** Of which time every line about a server was read. From memory, never blocks. */
  LinesRead lines(WorkloadRef server);

  /**
   * Clients whose plaintext connections have been open for long, as the server's proxies list them:
   * their lines are written when they have ended. From memory, never blocks; who is asked about is
   * read on.
   *
   * @param since by when each was seen to be open; it is still, or was within the last minute
   */
  default List<SeenCaller> open(WorkloadRef server, Instant since) {
    return List.of();
  }
}
