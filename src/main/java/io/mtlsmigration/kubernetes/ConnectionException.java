package io.mtlsmigration.kubernetes;

/**
 * Thrown when the cluster's address or the credentials are missing or wrong; retrying does not
 * help.
 */
public final class ConnectionException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  ConnectionException(String message) {
    super(message);
  }
}
