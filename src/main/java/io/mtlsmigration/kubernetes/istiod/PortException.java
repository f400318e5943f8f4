package io.mtlsmigration.kubernetes.istiod;

import java.io.IOException;
import java.io.Serial;

/** A port of a pod cannot be reached. */
final class PortException extends IOException {

  @Serial private static final long serialVersionUID = 1L;

  private final int code;

  /**
   * A refusal.
   *
   * @param code HTTP status of the API server's refusal; 0 when it let us through
   */
  PortException(int code, String message) {
    super(message);
    this.code = code;
  }

  int code() {
    return code;
  }
}
