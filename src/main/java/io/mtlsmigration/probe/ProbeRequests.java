// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.probe;

import java.util.List;
import java.util.Optional;

/** Rounds of probes on request. */
public interface ProbeRequests {

  /**
   * Starts a round and returns at once.
   *
   * @param pairs the pairs to probe, each once; empty = every pair of the matrix
   * @throws UnknownPairException when a pair names a client or Service port that does not exist
   * @throws TooManyException when there are more probes than a round may make
   * @throws BusyException when the maximum number of rounds is running
   */
  ProbeRun start(List<Pair> pairs);

  /** Returns a run by its id, while it is remembered. */
  Optional<ProbeRun> run(String id);

  /**
   * A client and a Service port.
   *
   * @param from {@code namespace/workload}
   * @param to {@code namespace/service:port}
   */
  record Pair(String from, String to) {}

  /** The request has too many probes: it must not take the capacity of all others. */
  final class TooManyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public TooManyException(String detail) {
      super(detail);
    }
  }

  /** Too many rounds are running: they share capacity with the scheduled ones. */
  final class BusyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public BusyException(String detail) {
      super(detail);
    }
  }

  /** Names the pairs that cannot be probed. */
  final class UnknownPairException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient List<Unknown> unknown;

    public UnknownPairException(List<Unknown> unknown) {
      super("some pairs cannot be probed");
      this.unknown = List.copyOf(unknown);
    }

    public List<Unknown> unknown() {
      return unknown;
    }

    /**
     * A problem of one pair.
     *
     * @param field {@code from} or {@code to}
     */
    public record Unknown(int index, String field, String detail) {}
  }
}
