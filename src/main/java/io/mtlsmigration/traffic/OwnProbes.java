package io.mtlsmigration.traffic;

import io.mtlsmigration.mesh.WorkloadRef;
import java.time.Duration;
import java.time.Instant;

/**
 * Port: the service's own probes, which land in the servers' metrics and logs like anybody's. They
 * must neither hold a gate for ever nor hide a real client: each is known by itself.
 */
public interface OwnProbes {

  /**
   * Probes of clients without a proxy come from here to the end of all ports: above what Linux
   * gives to connections by default (net.ipv4.ip_local_port_range, 32768 to 60999), and above node
   * ports. So a log tells them from what the same pod sends for itself.
   */
  int FIRST_PORT = 61_000;

  int LAST_PORT = 65_535;

  /** For how long {@link #madeFrom} knows each probe by itself. */
  Duration TRACED = Duration.ofHours(2);

  /** For a source that tells probes apart by itself. */
  OwnProbes NONE =
      new OwnProbes() {
        @Override
        public SecuredCalls answeredByAll(Instant from, Instant to) {
          return new SecuredCalls(0, 0, 0);
        }

        @Override
        public boolean madeFrom(String address, int port, WorkloadRef server, Instant at) {
          return false;
        }
      };

  /**
   * How many probes of this process all servers with proxies have answered, by how they were sent;
   * to some ten seconds. To be told beside what was counted, and never taken off it.
   *
   * @param from inclusive
   * @param to exclusive
   */
  SecuredCalls answeredByAll(Instant from, Instant to);

  /**
   * True when a probe from this address to this server was under way at this time, so that what the
   * server's log says of it is the service's own doing.
   *
   * @param address IP of the client pod
   * @param port that the client's connection came from
   */
  boolean madeFrom(String address, int port, WorkloadRef server, Instant at);

  /**
   * Whose doing a connection was, with what nobody can tell for certain kept apart. Asked again of
   * the same connection it answers the same.
   */
  default Claim claim(String address, int port, WorkloadRef server, Instant at) {
    return madeFrom(address, port, server, at) ? Claim.OURS : Claim.NOT_OURS;
  }

  /** Whose doing a connection was. */
  enum Claim {
    /** It came from where a probe was under way, to the server that the probe was for. */
    OURS,
    /**
     * It may be a probe of a leader before, or one whose time a clock that was set tells wrongly.
     * Nobody can tell, and there may be many: this says neither that somebody called nor that
     * nobody did.
     */
    PERHAPS,
    /**
     * It came from where probes come from, and is none that is known: one that a leader before
     * began and that a node held up, once, or else a client.
     */
    UNLIKELY,
    NOT_OURS
  }
}
