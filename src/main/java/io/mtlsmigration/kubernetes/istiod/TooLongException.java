package io.mtlsmigration.kubernetes.istiod;

import java.io.IOException;
import java.io.Serial;

/** istiod's page is longer than it may be. */
final class TooLongException extends IOException {

  @Serial private static final long serialVersionUID = 1L;

  TooLongException(long maxBytes) {
    super("more than " + maxBytes + " bytes");
  }
}
