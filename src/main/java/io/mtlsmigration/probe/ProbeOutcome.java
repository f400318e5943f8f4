package io.mtlsmigration.probe;

/** The outcome of a probe, judged from the pair (HTTP code, curl's exit code). */
public enum ProbeOutcome {
  OK,
  REFUSED,
  UNREACHABLE,
  TIMEOUT,
  SKIPPED;

  /** curl's exit codes that are read here; the others say that nothing was reached. */
  private static final int TIMED_OUT = 28;

  /** No port that probes come from was free. */
  private static final int NOT_BOUND = 45;

  private static final int NOTHING_CAME = 52;
  private static final int SENDING_FAILED = 55;
  private static final int RECEIVING_FAILED = 56;

  private static final String ENVOY_RESET = "upstream connect error or disconnect/reset";

  /** Judges one finished call. */
  public static ProbeOutcome of(ProbeResult.Completed call, boolean meshClient) {
    return call.taken() ? OK : classify(call.httpCode(), call.exitCode(), call.body(), meshClient);
  }

  /** How bad it is: where several speak for one, the worst does. */
  public int rank() {
    return switch (this) {
      case OK -> 0;
      case SKIPPED -> 1;
      case UNREACHABLE -> 2;
      case TIMEOUT -> 3;
      case REFUSED -> 4;
    };
  }

  /**
   * Classifies a finished probe.
   *
   * <p>A proxy that wants mutual TLS resets a connection once it has seen that the first bytes are
   * none. HTTP/1.1 is then reading (56, or 52), HTTP/2 still writing (55), and TLS 1.3 is told
   * after its handshake (56). A handshake that fails (35) tells less: applications that do not
   * agree on TLS look the same.
   *
   * @param httpCode 0 when there was no HTTP response (curl prints {@code 000})
   * @param exitCode curl's exit code; 0 when it got a response
   * @param body first bytes of the body
   * @param meshClient true when the client has a proxy, whose 503 may stand for a refusal
   */
  public static ProbeOutcome classify(int httpCode, int exitCode, String body, boolean meshClient) {
    if (httpCode == 0) {
      return switch (exitCode) {
        // A port that does not speak HTTP and answered.
        case 0 -> OK;
        case NOTHING_CAME, SENDING_FAILED, RECEIVING_FAILED -> REFUSED;
        case TIMED_OUT -> TIMEOUT;
        case NOT_BOUND -> SKIPPED;
        default -> UNREACHABLE;
      };
    }
    if (httpCode == 503 && meshClient && body.startsWith(ENVOY_RESET)) {
      return REFUSED;
    }
    if (httpCode == 503 && meshClient && body.startsWith("no healthy upstream")) {
      return UNREACHABLE;
    }
    return OK;
  }
}
