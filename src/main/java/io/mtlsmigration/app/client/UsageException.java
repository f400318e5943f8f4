// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app.client;

/** Thrown when the command line, or a file in it, is wrong. The message has no secret. */
final class UsageException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  UsageException(String message) {
    super(message);
  }
}
