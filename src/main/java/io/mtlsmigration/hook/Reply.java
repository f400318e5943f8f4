// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hook;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The result of one call. */
sealed interface Reply {

  /** 2xx. */
  record Accepted() implements Reply {}

  /** The receiver refuses. */
  record Refused(String detail) implements Reply {}

  /**
   * The receiver has not decided.
   *
   * @param retryAfter the pause that it asks for; null when it gives none
   */
  record Failed(String detail, @Nullable Duration retryAfter) implements Reply {}

  /** The receiver was not called, because hooks may not call its address. */
  record Closed(String detail) implements Reply {}
}
