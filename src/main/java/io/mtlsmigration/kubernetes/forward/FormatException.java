// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.forward;

import java.io.IOException;
import java.io.Serial;

/** Thrown when an answer does not have the page's format. */
public final class FormatException extends IOException {

  @Serial private static final long serialVersionUID = 1L;

  public FormatException(String message) {
    super(message);
  }
}
