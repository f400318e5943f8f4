package io.mtlsmigration.kubernetes.istiod;

import java.io.IOException;
import java.io.Serial;

/** What came is not what istiod's page is. */
final class FormatException extends IOException {

  @Serial private static final long serialVersionUID = 1L;

  FormatException(String message) {
    super(message);
  }
}
