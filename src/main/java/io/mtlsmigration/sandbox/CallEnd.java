// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

/**
 * The end of a call for the client's program.
 *
 * @param httpCode 0 when there was no HTTP response
 * @param exitCode that of curl
 * @param body first bytes of the body, printable; may be empty
 */
record CallEnd(int httpCode, int exitCode, String body) {

  static final int OK = 0;
  static final int UNKNOWN_HOST = 6;
  static final int NOT_CONNECTED = 7;
  static final int TIMED_OUT = 28;
  static final int TLS_FAILED = 35;
  static final int EMPTY_REPLY = 52;
  static final int RECEIVE_FAILED = 56;

  private static final String ENVOY = "upstream connect error or disconnect/reset before headers. ";

  static CallEnd exit(int code) {
    return new CallEnd(0, code, "");
  }

  /** Returns Envoy's answer when the server closes before it sends anything. */
  static CallEnd connectionTermination() {
    return new CallEnd(503, OK, ENVOY + "reset reason: connection termination");
  }

  /** Returns Envoy's answer when there is no connection, or no TLS on it. */
  static CallEnd connectionFailure() {
    return new CallEnd(
        503, OK, ENVOY + "retried and the latest reset reason: remote connection failure");
  }

  static CallEnd noHealthyUpstream() {
    return new CallEnd(503, OK, "no healthy upstream");
  }

  /** Returns whether a mesh client's own proxy generated the answer, or none came. */
  boolean failed() {
    return exitCode != OK || httpCode == 503;
  }
}
