package io.mtlsmigration.kubernetes.forward;

import java.io.IOException;
import java.io.Serial;

/** The pod answered, but not with its page. */
public final class StatusException extends IOException {

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

  public int code() {
    return code;
  }
}
