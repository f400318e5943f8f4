package io.mtlsmigration.kubernetes.forward;

import java.io.IOException;
import java.io.Serial;

/** What came is not what the page is. */
public final class FormatException extends IOException {

  @Serial private static final long serialVersionUID = 1L;

  public FormatException(String message) {
    super(message);
  }
}
