// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.forward;

import java.io.IOException;
import java.io.Serial;

/** Thrown when the pod answered with an error status instead of its page. */
public final class StatusException extends IOException {

  @Serial private static final long serialVersionUID = 1L;

  private final int code;

  /**
   * Creates an exception for an answer.
   *
   * @param code HTTP status
   */
  StatusException(int code) {
    super("HTTP " + code);
    this.code = code;
  }

  public int code() {
    return code;
  }
}
