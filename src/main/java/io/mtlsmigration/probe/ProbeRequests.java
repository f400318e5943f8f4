package io.mtlsmigration.probe;

import java.util.List;
import java.util.Optional;

/** Where people ask for probes. */
public interface ProbeRequests {

  /**
   * Starts a round and returns at once.
   *
   * @param pairs what to probe, each once; empty = every pair of the matrix
   * @throws UnknownPairException when a pair names a client or Service port that does not exist
   * @throws TooManyException when they are more probes than a round makes
   * @throws BusyException when as many rounds as may be are under way
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

  /** One request must not hold the places of everybody's probes. */
  final class TooManyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public TooManyException(String detail) {
      super(detail);
    }
  }

  /** Rounds take places that the scheduled ones need; more of them would have to wait. */
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
     * What is wrong with one pair.
     *
     * @param field {@code from} or {@code to}
     */
    public record Unknown(int index, String field, String detail) {}
  }
}
