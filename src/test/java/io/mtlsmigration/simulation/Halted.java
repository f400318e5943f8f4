package io.mtlsmigration.simulation;

/** The process died here. An Error, so that nothing in the code under test survives it. */
final class Halted extends Error {
  private static final long serialVersionUID = 1L;

  Halted(String where) {
    super(where, null, false, false);
  }
}
