// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

import io.mtlsmigration.mesh.WorkloadRef;
import java.time.Duration;
import java.time.Instant;

/**
 * Port: the service's own probes, which appear in the servers' metrics and logs like other traffic.
 * They must neither hold a gate for ever nor hide a real client: each is identified individually.
 */
public interface OwnProbes {

  /**
   * The first local port of probes from clients without a proxy; the range extends to the end of
   * all ports: above Linux' default for connections (net.ipv4.ip_local_port_range, 32768 to 60999),
   * and above node ports. A log can therefore tell them from the pod's other traffic.
   */
  int FIRST_PORT = 61_000;

  int LAST_PORT = 65_535;

  /** The time for which {@link #madeFrom} identifies each probe. */
  Duration TRACED = Duration.ofHours(2);

  /**
   * Returns the number of probes of this process that all servers with proxies have answered, by
   * security; to some ten seconds. It is reported beside the counters, and never subtracted from
   * them.
   *
   * @param from inclusive
   * @param to exclusive
   */
  SecuredCalls answeredByAll(Instant from, Instant to);

  /**
   * Returns true when a probe from this address to this server was running at this time, so that
   * the server's log entry is the service's own.
   *
   * @param address IP of the client pod
   * @param port local port of the client's connection
   */
  boolean madeFrom(String address, int port, WorkloadRef server, Instant at);

  /**
   * Attributes a connection, with uncertain cases kept apart. The answer for the same connection is
   * always the same.
   */
  default Claim claim(String address, int port, WorkloadRef server, Instant at) {
    return madeFrom(address, port, server, at) ? Claim.OURS : Claim.NOT_OURS;
  }

  /** The attribution of a connection. */
  enum Claim {
    /** It came from where a probe was running, to the probe's server. */
    OURS,
    /**
     * It may be a probe of a previous leader, or one whose recorded time is wrong because a clock
     * was set. This cannot be decided, and there may be many: it shows neither that a client called
     * nor that none did.
     */
    PERHAPS,
    /**
     * It came from where probes come from, and is no known probe: one that a previous leader began
     * and that a node delayed, once, or else a client.
     */
    UNLIKELY,
    NOT_OURS
  }
}
