package io.mtlsmigration.kubernetes.istiod;

import java.io.IOException;
import java.io.Serial;

/** istiod answered, but not with its page. */
final class StatusException extends IOException {

  @Serial private static final long serialVersionUID = 1L;

  private final int code;

  /**
   * An answer.
   *
   * @param code HTTP status
   */
  StatusException(int code) {
    super("HTTP " + code);
    this.code = code;
  }

  int code() {
    return code;
  }
}
