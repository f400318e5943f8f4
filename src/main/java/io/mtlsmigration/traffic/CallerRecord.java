// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

import io.mtlsmigration.mesh.WorkloadRef;
import java.time.Instant;
import java.util.List;

/**
 * Port: plaintext clients of a server, by address, from the access logs of the server's own
 * proxies. It names clients, but proves nothing by silence: a missing client may not have been
 * read.
 */
public interface CallerRecord {

  /**
   * Returns clients that were read from lines, without the service's own probes. From memory, never
   * blocks; logs of the requested server continue to be read.
   *
   * @param from inclusive; to the minute, and rather too late than too early
   * @param to inclusive; {@link Instant#MAX} for all until now, by whatever clock
   */
  List<SeenCaller> plaintext(WorkloadRef server, Instant from, Instant to);

  /** Returns the time of which every line about a server was read. From memory, never blocks. */
  LinesRead lines(WorkloadRef server);

  /**
   * Returns clients whose plaintext connections have been open for long, as the server's proxies
   * list them: their lines are written when they end. From memory, never blocks; connections of the
   * requested server continue to be read.
   *
   * @param since the latest time at which each was first seen open; each is still open, or was
   *     within the last minute
   */
  default List<SeenCaller> open(WorkloadRef server, Instant since) {
    return List.of();
  }
}
