package io.mtlsmigration.hook;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How one call ended. */
sealed interface Reply {

  /** 2xx. */
  record Accepted() implements Reply {}

  /** The receiver says no. */
  record Refused(String detail) implements Reply {}

  /**
   * The receiver has not decided.
   *
   * @param retryAfter what it asks to wait; null when it says nothing of it
   */
  record Failed(String detail, @Nullable Duration retryAfter) implements Reply {}

  /** It was not called, for hooks may not lead there. */
  record Closed(String detail) implements Reply {}
}
