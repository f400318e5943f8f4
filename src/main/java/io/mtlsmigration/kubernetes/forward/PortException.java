// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.forward;

import java.io.IOException;
import java.io.Serial;

/** Thrown when a port of a pod cannot be reached. */
public final class PortException extends IOException {

  @Serial private static final long serialVersionUID = 1L;

  private final int code;

  /**
   * Creates an exception for a refusal.
   *
   * @param code HTTP status of the API server's refusal; 0 when the API server allowed the request
   */
  public PortException(int code, String message) {
    super(message);
    this.code = code;
  }

  public int code() {
    return code;
  }
}
