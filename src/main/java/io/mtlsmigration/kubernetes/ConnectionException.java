package io.mtlsmigration.kubernetes;

/** The cluster's address or the credentials are missing or wrong: nothing that a retry mends. */
public final class ConnectionException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  ConnectionException(String message) {
    super(message);
  }
}
