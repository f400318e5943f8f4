package io.mtlsmigration.kubernetes.forward;

import java.io.IOException;
import java.io.Serial;

/** The page is longer than it may be. */
public final class TooLongException extends IOException {

  @Serial private static final long serialVersionUID = 1L;

  TooLongException(long maxBytes) {
    super("more than " + maxBytes + " bytes");
  }
}
