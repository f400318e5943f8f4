// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.wire;

import java.util.List;

/** The verdict over all connections of a check; the worst one decides. */
public enum WireVerdict {
  /** Plaintext, and the server did not reset it. */
  PLAINTEXT_SEEN,
  /** TLS, seen from its beginning, that is not Istio's. */
  OTHER_TLS_SEEN,
  /** Some connections cannot be classified, or packets are missing. */
  INCONCLUSIVE,
  /** Plaintext was attempted and reset each time; all other connections are Istio mutual TLS. */
  PLAINTEXT_REFUSED,
  /** There were connections, and each was Istio mutual TLS. */
  ONLY_ISTIO_MTLS,
  /** Nobody sent anything, so the check shows nothing. */
  NO_TRAFFIC;

  /**
   * Returns the verdict over connections.
   *
   * @param lost packets that matched and could not be examined
   */
  static WireVerdict of(List<Connection> connections, int lost) {
    WireVerdict worst = NO_TRAFFIC;
    for (Connection connection : connections) {
      WireVerdict own = alone(connection);
      worst = own.compareTo(worst) < 0 ? own : worst;
    }
    return lost > 0 && worst.compareTo(INCONCLUSIVE) > 0 ? INCONCLUSIVE : worst;
  }

  /** Returns the verdict of one connection alone. */
  static WireVerdict alone(Connection connection) {
    if (connection.basis() == WireBasis.NOTHING_SENT) {
      return NO_TRAFFIC;
    }
    return switch (connection.security()) {
      case PLAINTEXT ->
          connection.answer() == WireAnswer.RESET ? PLAINTEXT_REFUSED : PLAINTEXT_SEEN;
      case TLS -> connection.basis() == WireBasis.BEGINNING ? OTHER_TLS_SEEN : INCONCLUSIVE;
      case ISTIO_MTLS ->
          connection.basis() == WireBasis.PARTIAL_HELLO ? INCONCLUSIVE : ONLY_ISTIO_MTLS;
      case UNKNOWN -> INCONCLUSIVE;
    };
  }
}
