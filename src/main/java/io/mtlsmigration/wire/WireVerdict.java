package io.mtlsmigration.wire;

import java.util.List;

/** All connections of a check in one word; the worst speaks for all. */
public enum WireVerdict {
  /** Plaintext, and the server did not reset it. */
  PLAINTEXT_SEEN,
  /** TLS from its beginning that is not Istio's. */
  OTHER_TLS_SEEN,
  /** Some connections cannot be told, or packets are missing. */
  INCONCLUSIVE,
  /** Plaintext was tried and reset each time; all the rest is Istio mutual TLS. */
  PLAINTEXT_REFUSED,
  /** There were connections, and each was Istio mutual TLS. */
  ONLY_ISTIO_MTLS,
  /** Nobody sent anything, so nothing was learned. */
  NO_TRAFFIC;

  /**
   * The verdict over connections.
   *
   * @param lost packets that matched and could not be looked at
   */
  static WireVerdict of(List<Connection> connections, int lost) {
    WireVerdict worst = NO_TRAFFIC;
    for (Connection connection : connections) {
      WireVerdict own = alone(connection);
      worst = own.compareTo(worst) < 0 ? own : worst;
    }
    return lost > 0 && worst.compareTo(INCONCLUSIVE) > 0 ? INCONCLUSIVE : worst;
  }

  /** What one connection alone means. */
  static WireVerdict alone(Connection connection) {
    if (connection.basis() == WireBasis.NOTHING_SENT) {
      return NO_TRAFFIC;
    }
    return switch (connection.security()) {
      case PLAINTEXT ->
          connection.answer() == WireAnswer.RESET ? PLAINTEXT_REFUSED : PLAINTEXT_SEEN;
      case TLS -> connection.basis() == WireBasis.BEGINNING ? OTHER_TLS_SEEN : INCONCLUSIVE;
      case ISTIO_MTLS -> ONLY_ISTIO_MTLS;
      case UNKNOWN -> INCONCLUSIVE;
    };
  }
}
