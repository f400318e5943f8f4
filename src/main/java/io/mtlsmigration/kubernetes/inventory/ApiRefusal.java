// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.inventory;

import java.io.IOException;
import java.io.Serial;

/** Thrown when the API server answered with an error status. */
final class ApiRefusal extends IOException {

  @Serial private static final long serialVersionUID = 1L;

  private final int code;

  /**
   * Creates an exception for an answer.
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

  /** Returns whether the resourceVersion or continue token is too old; only a new list helps. */
  boolean gone() {
    return code == 410;
  }

  /** Returns whether the server does not serve the kind in this version. */
  boolean unknown() {
    return code == 404;
  }

  boolean forbidden() {
    return code == 403 || code == 401;
  }
}
