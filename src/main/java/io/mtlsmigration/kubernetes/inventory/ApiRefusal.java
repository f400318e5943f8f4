package io.mtlsmigration.kubernetes.inventory;

import java.io.IOException;
import java.io.Serial;

/** The API server answered, and the answer was no. */
final class ApiRefusal extends IOException {

  @Serial private static final long serialVersionUID = 1L;

  private final int code;

  /**
   * A refusal.
   *
   * @param code the HTTP status, or that of a {@code metav1.Status} in a watch
   */
  ApiRefusal(int code, String message) {
    super(message);
    this.code = code;
  }

  int code() {
    return code;
  }

  /** The resourceVersion or continue token is too old: only a new list helps. */
  boolean gone() {
    return code == 410;
  }

  /** The kind, in this version, is not served. */
  boolean unknown() {
    return code == 404;
  }

  boolean forbidden() {
    return code == 403 || code == 401;
  }
}
