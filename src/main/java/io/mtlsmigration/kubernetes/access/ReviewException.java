package io.mtlsmigration.kubernetes.access;

/** A review that brought no answer; the message is fit to be shown to callers. */
final class ReviewException extends Exception {

  private static final long serialVersionUID = 1L;

  ReviewException(String message, Throwable cause) {
    super(message, cause);
  }

  ReviewException(String message) {
    super(message);
  }
}
