// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

/** A place in a text; both from 1. */
record Mark(int line, int column) {
  static final Mark UNKNOWN = new Mark(0, 0);

  boolean isAfter(Mark other) {
    return line != other.line ? line > other.line : column > other.column;
  }
}
