// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes;

/** Thrown when the cluster's address or credentials are missing or wrong; a retry is no help. */
public final class ConnectionException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  ConnectionException(String message) {
    super(message);
  }
}
