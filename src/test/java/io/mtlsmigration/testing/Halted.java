// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.testing;

/** The process died here. An Error, so that nothing in the code under test survives it. */
public final class Halted extends Error {
  private static final long serialVersionUID = 1L;

  public Halted(String where) {
    super(where, null, false, false);
  }
}
