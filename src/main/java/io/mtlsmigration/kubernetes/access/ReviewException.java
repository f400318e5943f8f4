// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.access;

/** Thrown when a review got no answer; the message may be shown to callers. */
final class ReviewException extends Exception {

  private static final long serialVersionUID = 1L;

  ReviewException(String message, Throwable cause) {
    super(message, cause);
  }

  ReviewException(String message) {
    super(message);
  }
}
