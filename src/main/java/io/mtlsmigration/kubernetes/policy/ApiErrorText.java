// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.policy;

import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Describes exceptions of libraries for people. */
final class ApiErrorText {

  private ApiErrorText() {}

  static String of(@Nullable Throwable error) {
    if (error == null) {
      return "unknown";
    }
    if (error instanceof TimeoutException) {
      return "it took too long";
    }
    String name = error.getClass().getSimpleName();
    return error.getMessage() == null ? name : name + ": " + error.getMessage();
  }
}
