// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.probe;

/** The outcome of a probe, classified by HTTP code and curl's exit code. */
public enum ProbeOutcome {
  OK,
  REFUSED,
  UNREACHABLE,
  TIMEOUT,
  SKIPPED;

  /** curl's exit codes that are distinguished; all others mean that nothing was reached. */
  private static final int TIMED_OUT = 28;

  /** The address was found, and did not accept: nobody listens there, or a firewall rejects. */
  public static final int NOT_CONNECTED = 7;

  /** No local port for probes was free. */
  private static final int NOT_BOUND = 45;

  private static final int NOTHING_CAME = 52;
  private static final int SENDING_FAILED = 55;
  private static final int RECEIVING_FAILED = 56;

  private static final String NO_UPSTREAM = "no healthy upstream";

  private static final String ENVOY_RESET = "upstream connect error or disconnect/reset";

  /** Returns the severity: the worst of several outcomes decides. */
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
   * <p>A proxy that requires mutual TLS resets a connection once it has seen first bytes of another
   * kind. At that time HTTP/1.1 is reading (56, or 52), HTTP/2 still writing (55), and TLS 1.3
   * learns of it after its handshake (56). A handshake that fails (35) is less specific:
   * applications that do not agree on TLS look the same.
   *
   * @param httpCode 0 when there was no HTTP response (curl prints {@code 000})
   * @param exitCode curl's exit code; 0 when it got a response
   * @param body first bytes of the body
   * @param meshClient true when the client has a proxy, which may answer without the server
   */
  public static ProbeOutcome classify(int httpCode, int exitCode, String body, boolean meshClient) {
    if (httpCode == 0) {
      return switch (exitCode) {
        // A port that answered, but does not speak HTTP.
        case 0 -> OK;
        case NOTHING_CAME, SENDING_FAILED, RECEIVING_FAILED -> REFUSED;
        case TIMED_OUT -> TIMEOUT;
        case NOT_BOUND -> SKIPPED;
        default -> UNREACHABLE;
      };
    }
    return meshClient ? answered(httpCode, body) : OK;
  }

  /**
   * Classifies an answer that the client's own proxy has made: it could not reach the server, or a
   * route of its own ({@code VirtualService}) answers, which shows nothing of the server. Local
   * replies may have any body ({@code local_reply_config}).
   */
  static ProbeOutcome ofProxy(int httpCode, String body) {
    return switch (httpCode) {
      case 502 -> UNREACHABLE;
      case 503 ->
          body.startsWith(NO_UPSTREAM)
              ? UNREACHABLE
              : body.startsWith("fault filter abort") ? SKIPPED : REFUSED;
      case 504 -> TIMEOUT;
      default -> SKIPPED;
    };
  }

  /** Classifies an answer that the client's own proxy may have made without the server. */
  private static ProbeOutcome answered(int httpCode, String body) {
    return switch (httpCode) {
      // Its route block_all, for destinations that it does not know under REGISTRY_ONLY.
      case 502 -> body.isEmpty() ? UNREACHABLE : OK;
      case 503 ->
          body.startsWith(ENVOY_RESET) ? REFUSED : body.startsWith(NO_UPSTREAM) ? UNREACHABLE : OK;
      case 504 -> body.startsWith("upstream request timeout") ? TIMEOUT : OK;
      default -> OK;
    };
  }
}
