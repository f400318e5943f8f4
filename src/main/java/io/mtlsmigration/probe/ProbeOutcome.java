package io.mtlsmigration.probe;

/** The outcome of a probe, judged from the pair (HTTP code, curl's exit code). */
public enum ProbeOutcome {
  OK,
  REFUSED,
  UNREACHABLE,
  TIMEOUT,
  SKIPPED;

  private static final String ENVOY_RESET = "upstream connect error or disconnect/reset";

  /**
   * Classifies a finished probe.
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
        case 52, 56 -> REFUSED;
        case 28 -> TIMEOUT;
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
