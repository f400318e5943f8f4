// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.forward;

import java.io.IOException;
import java.io.Serial;

/** Thrown when the page is longer than the limit. */
public final class TooLongException extends IOException {

  @Serial private static final long serialVersionUID = 1L;

  TooLongException(long maxBytes) {
    super("more than " + maxBytes + " bytes");
  }
}
