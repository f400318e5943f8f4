// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.wire;

import java.util.List;
import java.util.Optional;

/** Wire checks on request. */
public interface WireChecks {

  /**
   * Starts a check and returns at once.
   *
   * @throws UnknownTargetException when the request names something that does not exist
   * @throws BusyException when the maximum number of checks is running
   */
  WireCheck start(WireRequest request);

  /** Returns a check by its id, while it is kept. */
  Optional<WireCheck> check(String id);

  /** Returns the kept checks, newest first. */
  List<WireCheck> checks();

  /** The request names a namespace, workload, pod or port that does not exist. */
  final class UnknownTargetException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final String field;

    /**
     * Names what does not exist.
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

  /** Too many checks are running: captures cost resources of the pods that they run in. */
  final class BusyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public BusyException(String detail) {
      super(detail);
    }
  }
}
