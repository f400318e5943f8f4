package io.mtlsmigration.wire;

import java.util.List;
import java.util.Optional;

/** Where people ask for wire checks. */
public interface WireChecks {

  /**
   * Starts a check and returns at once.
   *
   * @throws UnknownTargetException when the request names what does not exist
   * @throws BusyException when as many checks as may be are under way
   */
  WireCheck start(WireRequest request);

  /** A check by its id, while it is remembered. */
  Optional<WireCheck> check(String id);

  /** Those that are remembered, newest first. */
  List<WireCheck> checks();

  /** The request names a namespace, workload, pod or port that does not exist. */
  final class UnknownTargetException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final String field;

    /**
     * Says what is not there.
     *
     * @param field of the request
     */
    public UnknownTargetException(String field, String detail) {
      super(detail);
      this.field = field;
    }

    public String field() {
      return field;
    }
  }

  /** Captures cost the pods that they run in; more of them would have to wait. */
  final class BusyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public BusyException(String detail) {
      super(detail);
    }
  }
}
