package io.mtlsmigration.probe;

import java.time.Duration;

/** What one probe gave. */
public sealed interface ProbeResult {

  /**
   * The client ran to its end.
   *
   * @param httpCode 0 when there was no HTTP response
   * @param exitCode curl's exit code
   * @param body the first bytes of the body, printable
   */
  record Completed(int httpCode, int exitCode, String body, Duration latency)
      implements ProbeResult {}

  /** The probe could not be made; this says nothing of the server. */
  record NotPossible(String reason) implements ProbeResult {}
}
