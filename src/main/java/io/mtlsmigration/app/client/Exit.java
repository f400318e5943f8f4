// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app.client;

/** Exit codes, which scripts rely on ({@code docs/cli.md}). */
final class Exit {

  static final int DONE = 0;

  /** The service refused, or the condition asked about does not hold. */
  static final int REFUSED = 1;

  static final int USAGE = 2;

  /** There was no answer, so nothing is known. */
  static final int NO_ANSWER = 3;

  private Exit() {}
}
