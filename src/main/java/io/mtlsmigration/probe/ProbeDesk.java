package io.mtlsmigration.probe;

import java.util.List;
import java.util.Optional;

/** Where people ask for probes. */
public interface ProbeDesk {

  /**
   * Starts a round and returns at once.
   *
   * @param pairs what to probe; empty = every pair of the matrix
   * @throws UnknownPairException when a pair names a client or Service port that does not exist
   */
  ProbeRun start(List<Pair> pairs);

  /** A run by its id, while it is remembered. */
  Optional<ProbeRun> run(String id);

  /**
   * A client and a Service port.
   *
   * @param from {@code namespace/workload}
   * @param to {@code namespace/service:port}
   */
  record Pair(String from, String to) {}

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
     * What is wrong with one pair.
     *
     * @param field {@code from} or {@code to}
     */
    public record Unknown(int index, String field, String detail) {}
  }
}
